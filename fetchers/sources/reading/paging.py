"""When does a listing in pages go in a circle?

A page's token that was seen before, or three pages in a row that bring nothing new, end the listing as a fault: a
circle would otherwise fill the disk with names and never end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.sources import json_answers

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST = 1_000_000  # pages of one listing
_BARREN = 3


class Paging:
    """Watches the pages of one listing; a page costs a few bytes, whatever stands in it."""

    def __init__(self) -> None:
        self._pages: set[int] = set()
        self._tokens: set[str] = set()
        self._barren = 0
        self._count = 0

    def turn(self, asked: str, names: Sequence[str], following: str | None = None) -> bool:
        """Return True where the page that `asked` brought is new; `names` are its rows, `following` the next token.

        Raises `SourceError` for a circle.
        """
        self._count += 1
        if following is not None:
            if following in self._tokens:
                raise json_answers.faulty(asked, "the page after it was listed before: the listing goes in a circle")
            self._tokens.add(following)
        digest = hash(tuple(names))
        new = bool(names) and digest not in self._pages
        self._pages.add(digest)
        self._barren = 0 if new else self._barren + 1
        if (self._barren >= _BARREN and following is not None) or self._barren > _BARREN or self._count > MOST:
            raise json_answers.faulty(asked, f"{self._barren} pages in a row bring nothing new: the listing has no end")
        return new
