"""Return the text that a person agrees to, and its hash.

The text that the catalogue holds, word for word. Where it holds only an address, the text is a page that states what is
known of the terms: identifier, name, address, duties, and each use with its answer and reason. Its SHA-256 changes when
any of these changes, so that an old consent does not pass for one to new terms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.dataset import USES

if TYPE_CHECKING:
    from fetchers.dataset import Licence


def text_of(licence: Licence) -> str:
    """Return the text that is shown, agreed to, and kept with the data."""
    if licence.text:
        return licence.text.strip() + "\n"
    lines = [
        f"{licence.name or licence.id} ({licence.id})",
        f"The text that binds is at {licence.url}" if licence.url else "The address of the text is not known.",
        f"Duties: {', '.join(licence.duties) or 'none known'}",
        "Uses, as the catalogue reads the text:",
    ]
    for use in USES:
        answer = licence.uses.get(use, "unknown")
        reason = licence.reasons.get(use)
        lines.append(f"  {use}: {answer}{f' ({reason})' if reason else ''}")
    return "\n".join(lines) + "\n"


def text_sha256(licence: Licence) -> str:
    """SHA-256 of that text in UTF-8, hexadecimal."""
    from hashlib import sha256

    return sha256(text_of(licence).encode()).hexdigest()
