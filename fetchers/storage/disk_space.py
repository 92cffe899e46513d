"""Check the room on the disk, before the first byte and while bytes of unknown size arrive."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from fetchers.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

_RESERVE = 1.05  # reliability of an estimate: archives do not shrink to the byte


def free(store: Path) -> int:
    """Bytes that this user may still write on the volume of `store`, whether or not the folder exists yet."""
    place = store
    while not place.exists():
        place = place.parent
    volume = os.statvfs(place)
    return volume.f_bavail * volume.f_frsize


def check(store: Path, needed: int) -> None:
    """Raise `StoreError` where `needed` bytes, and a little, do not fit."""
    available = free(store)
    if needed * _RESERVE > available:
        raise StoreError(
            f"{int(needed * _RESERVE):,} bytes are needed on the disk of {store}, {available:,} are free",
            hint="free some, move the store with --cache DIR, or go on regardless with --force",
        )


def too_much(wanted: int, allowed: int) -> StoreError:
    """Return the error for a plan that exceeds `--max-size`; both in bytes."""
    return StoreError(
        f"{wanted:,} bytes are wanted, --max-size allows {allowed:,}; nothing was asked for",
        hint="allow more with --max-size, or choose less with --limit or --include",
    )


class Budget:
    """Bytes that this command may still bring: `left`, None for any. What nobody promised is counted as it arrives."""

    def __init__(self, limit: int | None, store: Path, *, slack: int = 64 << 20) -> None:
        self.left = self.room = limit  # of what arrives, and of what comes out of archives
        self._store = store
        self._slack = slack
        self._unseen = 0

    def take_room(self, count: int) -> None:
        """Count bytes that came out of archives."""
        if self.room is not None:
            self.room = max(0, self.room - count)

    def promise(self, total: int, here: int) -> None:
        """Raise `StoreError` where a file of `total` bytes, of which some are `here`, passes what is left."""
        if self.left is not None and total - here > self.left:
            raise StoreError(
                f"{total:,} bytes are offered, --max-size allows {self.left + here:,} more",
                hint="allow more with --max-size, or choose less with --limit or --include",
            )
        if total - here > self._slack and total - here > free(self._store):
            raise StoreError(
                f"{total:,} bytes are offered, {free(self._store):,} are free on the disk of {self._store}",
                hint="free some, or move the store with --cache DIR, and type the same command again",
            )

    def spend(self, count: int) -> None:
        """Count bytes that arrived, or negative ones that were thrown away.

        Raises `StoreError` where they pass `--max-size`, or the disk is nearly full.
        """
        if self.left is not None:
            self.left -= count
            if self.left < 0:
                raise StoreError(
                    "more bytes arrive than --max-size allows",
                    hint="allow more with --max-size, or choose less with --limit or --include",
                )
        self._unseen += count
        if self._unseen >= self._slack:
            self._unseen = 0
            if free(self._store) < self._slack:
                raise StoreError(
                    f"the disk of {self._store} is nearly full: {free(self._store):,} bytes are free",
                    hint="free some, or move the store with --cache DIR, and type the same command again",
                )
