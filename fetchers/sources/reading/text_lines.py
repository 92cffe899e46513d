"""Read a remote text line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.sources.json_answers import faulty, without_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

_LONGEST = 1 << 16  # bytes of a line


def lines(client: httpx.Client, address: str) -> Iterator[str]:
    """Ask for a text and yield its lines as they arrive, without blank ones; a page in its place is a fault."""
    with client.stream("GET", address) as response:
        asked = str(response.request.url)
        rest, begun = b"", False
        for chunk in response.iter_bytes():
            rest += chunk
            if not begun and rest.strip():
                begun = bool(without_page(asked, rest))
            *whole, rest = rest.split(b"\n")
            if len(rest) > _LONGEST:
                raise faulty(asked, f"a line of more than {_LONGEST} bytes")
            yield from filter(None, (line.decode("utf-8", "replace").rstrip("\r").strip() for line in whole))
        if rest.strip():
            yield rest.decode("utf-8", "replace").strip()
        if not begun:
            raise faulty(asked, "the answer is empty")
