"""Keep cookies, and choose those that go with a request.

A cookie goes back to the very origin that set it: same scheme, host and port, whatever its Domain says. Browsers are
laxer; the places that data come from need no more, and a cookie that stays at home cannot leak. Kept for one run.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fetchers.transport.range_requests import http_date
from fetchers.transport.url_policy import origin

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_AGE = re.compile(r"-?[0-9]+")
_MOST = 180  # cookies per origin, RFC 6265 asks for 50 at least
_LONGEST = 4096


class CookieJar:
    """The cookies of one command."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._kept: dict[tuple[str, str, int], dict[tuple[str, str], str]] = {}

    def __repr__(self) -> str:
        return f"Jar({len(self._kept)} origins)"

    def take(self, url: str, values: Sequence[str]) -> None:
        """Keep what an answer from `url` says in Set-Cookie."""
        for value in values:
            first, *attributes = value.split(";")
            name, _, content = first.partition("=")
            name, content = name.strip(), content.strip()
            if not name or len(first) > _LONGEST or not ((name + content).isprintable() and first.isascii()):
                continue
            said = {key.strip().lower(): text.strip() for key, _, text in (part.partition("=") for part in attributes)}
            path = said.get("path", "")
            path = path if path.startswith("/") else (urlsplit(url).path.rpartition("/")[0] or "/")
            kept = self._kept.setdefault(origin(url), {})
            if self._gone(said):
                kept.pop((name, path), None)
            elif len(kept) < _MOST:
                kept[name, path] = content

    def header(self, url: str) -> str | None:
        """Return the value of Cookie for `url`, the longest paths first; None: there is none."""
        if not self._kept:
            return None
        kept = self._kept.get(origin(url))
        if not kept:
            return None
        path = urlsplit(url).path or "/"
        fitting = [(scope, name, content) for (name, scope), content in kept.items() if _below(path, scope)]
        fitting.sort(key=lambda cookie: -len(cookie[0]))
        return "; ".join(f"{name}={content}" for _, name, content in fitting) or None

    def _gone(self, said: dict[str, str]) -> bool:
        age = said.get("max-age", "")
        if _AGE.fullmatch(age):
            return age.startswith("-") or not age.strip("0")
        until = http_date(said["expires"]) if "expires" in said else None
        return until is not None and until.timestamp() <= self._now()


def _below(path: str, scope: str) -> bool:
    return path == scope or path.startswith(scope if scope.endswith("/") else scope + "/")
