"""Remove secrets from texts of the catalogue."""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s<>\"'{}|\\^`]+")


def showable(text: str) -> str:
    """Leave the secrets out of the addresses in a text; everything else stays to the letter."""
    if "://" not in text or "=" not in text:
        return text
    return _ADDRESS.sub(_without_secrets, text)


def _without_secrets(found: re.Match[str]) -> str:
    from fetchers.transport.redaction import redact_written

    return redact_written(found[0])
