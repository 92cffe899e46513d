"""Deliver a message to a person's address: mail, chat, webhook. Apprise knows some hundred services by their addresses.

Besides Apprise's own forms, `mailto:ada@lab.example` goes through this machine's mail server (port 25), and a bare
`https://host/path` is posted to as JSON. An address may hold a secret: it is shown by its service and host alone.
"""

from __future__ import annotations

import logging
import os
import warnings
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from fetchers.errors import CatalogueError

if TYPE_CHECKING:
    from collections.abc import Mapping


class Address:
    """One address that was understood. `shown` holds no secret."""

    def __init__(self, written: str, *, sender: str) -> None:
        import apprise

        logging.getLogger("apprise").setLevel(logging.CRITICAL)  # it would tell the whole address
        self.written = written
        self.shown = shown(written)
        self._service = apprise.Apprise()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its services are loaded by the first address, with what these deprecate
            understood = self._service.add(written) or self._service.add(_plain(written, sender))
        if not understood:
            raise CatalogueError(
                f"--to {self.shown}: no address that a message can be sent to",
                hint="such as mailto:ada@lab.example, https://host/hook, slack://... (all: github.com/caronc/apprise)",
            )

    def deliver(self, title: str, body: str, environ: Mapping[str, str]) -> bool:
        """Send one message; say whether it was taken."""
        if authorities := environ.get("SSL_CERT_FILE"):
            os.environ.setdefault("REQUESTS_CA_BUNDLE", authorities)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return bool(self._service.notify(body=body, title=title, body_format="text"))


def shown(written: str) -> str:
    """Return the service and the host of an address: the rest may be a secret."""
    scheme, colon, rest = written.partition(":")
    if not colon:
        return "(an address without a service)"
    if not rest.startswith("//"):
        return f"{scheme}:{rest}" if scheme == "mailto" else f"{scheme}:..."
    try:
        host = urlsplit(written).hostname or ""
    except ValueError:
        host = ""
    # Only of what is asked by its host is the host no secret: slack://TOKEN/... has none.
    named = scheme in ("mailto", "mailtos", "http", "https", "json", "jsons", "form", "forms", "xml", "xmls")
    return f"{scheme}://{host}" if named else f"{scheme}://..."


def _plain(written: str, sender: str) -> str:
    """Return Apprise's form of a plain mail or web address."""
    scheme, _, rest = written.partition(":")
    if scheme == "mailto" and not rest.startswith("//") and "@" in rest:
        return f"mailto://127.0.0.1:25?from={quote(sender)}&to={quote(rest)}"
    if scheme in ("http", "https") and rest.startswith("//"):
        return f"json{'s' if scheme == 'https' else ''}:{rest}"
    return written
