"""Count what was wanted of a dataset or part and is not here."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fetchers.storage.partial import inventory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fetchers.context import Context
    from fetchers.storage.record.manifest import Manifest

_LOOKED_UP = 50_000  # files wanted of one part; each costs some microseconds, and status promises 2 s


class UnderWay(NamedTuple):
    """What was wanted of a dataset or part and is not here; `message` is the last failure's.

    `bytes` are those still wanted, None where a size is unknown; `arrived_bytes` those that are here of files that
    were broken off, None where too many files are wanted to look each of them up.
    """

    dataset: str
    part: str | None
    queued: int
    failed: int
    bytes: int | None
    arrived_bytes: int | None
    message: str | None


def under_way_rows(
    context: Context, manifest: Manifest, asked: Callable[[str, str | None], bool]
) -> Iterator[UnderWay]:
    """Yield one row for each dataset or part of which files are still wanted."""
    begun = inventory.begun(context.store)
    for row in manifest.waiting():
        if asked(row.dataset, row.part):
            counted = bool(begun) and row.queued + row.failed <= _LOOKED_UP
            paths = manifest.wanted_paths(row.dataset, row.part) if counted else ()
            yield UnderWay(
                dataset=row.dataset,
                part=row.part,
                queued=row.queued,
                failed=row.failed,
                bytes=row.bytes,
                arrived_bytes=inventory.arrived(begun, row.dataset, row.part, paths) if counted or not begun else None,
                message=row.message,
            )
