"""Refuse an archive that hides a bomb in a zip within it.

A zip in an archive is held as it is and never unpacked here; who unpacks it later would not be warned. What it says
that it becomes is added up, with the zips within it, and compared with the same measure as any archive.
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from fetchers.errors import ContentError
from fetchers.storage.archive.concat import Pieces
from fetchers.storage.archive.decompress import inflated
from fetchers.storage.archive.limits import Limits
from fetchers.storage.archive.refusal import refuse
from fetchers.storage.archive.zip_entries import entries

if TYPE_CHECKING:
    from fetchers.storage.archive.zip_entries import Entry

_SMALL = 8 << 20  # bytes of a zip within a zip that is looked into
_LOOKED_AT = 64  # of them in one zip; bombs repeat themselves
_DEEPEST = 6


def is_zip(name: str, head: bytes) -> bool:
    """Return True for a member that is a zip by its name and by its first bytes."""
    return head[:4] == b"PK\3\4" and name.lower().endswith(".zip")


def check(name: str, body: IO[bytes]) -> None:
    """Raise `RefusedError` where the zip `body`, with all that is in it, becomes far too much."""
    with Pieces([body]) as archive:
        cost = _cost(archive, {}, 0)
        if cost > Limits().allowed(archive.size):
            raise refuse(f"a bomb is nested in it: {name!r} of {archive.size:,} bytes would become {cost:,}")


def _cost(archive: Pieces, known: dict[tuple[int, int], int], depth: int) -> int:
    """Add up what comes out of a zip; one that is none, or broken, costs nothing. `known` are costs by CRC and size."""
    try:
        found = entries(archive)
    except ContentError:
        return 0
    total = sum(entry.size for entry in found)
    inner = [entry for entry in found if entry.size <= _SMALL and entry.name.lower().endswith(".zip")]
    if depth < _DEEPEST and inner:
        costs = [_inner(archive, entry, known, depth) for entry in inner[:_LOOKED_AT]]
        total += sum(costs) * len(inner) // len(costs)
    return total


def _inner(archive: Pieces, entry: Entry, known: dict[tuple[int, int], int], depth: int) -> int:
    key = (entry.crc, entry.size)
    if key not in known:
        known[key] = 0  # one that holds itself
        try:
            body = b"".join(inflated(archive, entry))
        except ContentError:
            return 0
        with Pieces([body]) as within:
            known[key] = _cost(within, known, depth + 1)
    return known[key]
