"""Say what one archive may cost: bytes on the disk, entries, memory.

A ratio alone is no measure: an honest label mask packs a thousandfold. What counts is what comes out of it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from fetchers.errors import StoreError
from fetchers.storage.archive.refusal import refuse

UNASKED = 4 << 30  # bytes that any archive may become
_RATIO = 200  # times its own size, where that is more
_BLOCK = 4096  # bytes that an entry costs on the disk, however small it is
_ENTRY = 1 << 10  # bytes of memory that an entry takes while it is unpacked
_COUNT = 20_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one archive may become. `free` is room on the disk, `budget` what `--max-size` leaves, both in bytes.

    `unpacked` is what a person allowed with `--max-unpacked`, in place of what is allowed unasked.
    """

    free: int | None = None
    budget: int | None = None
    unpacked: int | None = None

    def allowed(self, packed: int) -> int:
        """Return how many bytes may come out of an archive of `packed` ones."""
        return self.unpacked if self.unpacked is not None else max(UNASKED, _RATIO * packed)

    def longest(self, packed: int) -> int:
        """Return how long a tar's stream may be, its headers included."""
        most = self.allowed(packed)
        return most + most // 4

    def check(self, total: int, count: int, packed: int) -> None:
        """Raise `RefusedError` for what costs too much, `StoreError` where there is no room for it."""
        allowed = self.allowed(packed)
        cost = max(total, count * _BLOCK)
        if cost > allowed or count > _COUNT:
            what = f"{total:,} bytes" if total > allowed else f"{count:,} entries"
            raise refuse(f"{packed:,} bytes would become {what}; up to {allowed:,} bytes are unpacked", "cost", cost)
        if self.budget is not None and total > self.budget:
            raise StoreError(
                f"{total:,} bytes come out of the archive, --max-size allows {self.budget:,} more",
                hint="allow more with --max-size, and type the same command again",
            )
        if self.free is not None and total > self.free:
            raise StoreError(
                f"{total:,} bytes come out of the archive, there is room for {self.free:,}",
                hint="free some, or move the store with --cache DIR, and type the same command again",
            )


def check_memory(count: int) -> None:
    """Raise `RefusedError` where so many entries of a zip do not fit into half of the memory that is free."""
    if count * _ENTRY > 64 << 20 and count * _ENTRY > _available() // 2:
        raise refuse(f"{count:,} entries need more memory than this machine has free", "unsupported")


def _available() -> int:
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 2 << 30
