"""Detect a paged listing that goes in a circle.

A page's token that was seen before, or three pages in a row that bring nothing new, end the listing as a fault: a
circle would otherwise fill the disk with names and never end. So do very many pages with next to nothing on each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.sources import json_answers

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST = 1_000_000  # pages of one listing
_BARREN = 3
_MARKS = 1 << 24  # bits, 2 MiB, in which names leave their mark: up to ten million, new and old are told apart
_FEW, _THIN = 1000, 10  # pages from which on there must be so many rows on each, as an average
_LONGEST = 64 << 10  # characters of a token


class Paging:
    """Watches the pages of one listing; it takes the same memory for a hundred names and for a hundred million."""

    def __init__(self) -> None:
        self._seen = bytearray(_MARKS >> 3)
        self._tokens: set[int] = set()
        self._barren = 0
        self._count = 0
        self._rows = 0

    def turn(self, asked: str, names: Sequence[str], following: str | None = None) -> bool:
        """Return True where the page that `asked` brought is new; `names` are its rows, `following` the next token.

        Raises `SourceError` for a circle, and for a listing that goes on without bringing anything.
        """
        self._count += 1
        self._rows += len(names)
        if following is not None:
            if hash(following) in self._tokens:
                raise json_answers.faulty(asked, "the page after it was listed before: the listing goes in a circle")
            if len(following) > _LONGEST:
                raise json_answers.faulty(asked, f"the next page's token has {len(following):,} characters")
            self._tokens.add(hash(following))
        new = self._mark(names)
        self._barren = 0 if new else self._barren + 1
        if (self._barren >= _BARREN and following is not None) or self._barren > _BARREN or self._count > MOST:
            raise json_answers.faulty(asked, f"{self._barren} pages in a row bring nothing new: the listing has no end")
        if self._count > _FEW and self._rows < self._count * _THIN:
            raise json_answers.faulty(asked, f"{self._count:,} pages brought {self._rows:,} rows: it has no end")
        return new

    def _mark(self, names: Sequence[str]) -> bool:
        """Mark the names; return whether one of them had no mark."""
        new = False
        for name in names:
            at = hash(name) % _MARKS
            bit = 1 << (at & 7)
            if not self._seen[at >> 3] & bit:
                new = True
                self._seen[at >> 3] |= bit
        return new
