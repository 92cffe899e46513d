"""Compare what is held with what lies in a bucket, by the store's own checksums; nothing is downloaded."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING

from fetchers.handover.push import AT_ONCE, Outgoing, compare
from fetchers.records import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fetchers.transport.object_store import ObjectStore

_GROUP = 16 * AT_ONCE


def check(files: Iterable[Outgoing], store: ObjectStore) -> Iterator[tuple[Outgoing, Problem | None]]:
    """Yield each file with what is wrong with its object, in the order of `files`."""
    waiting = iter(files)
    with ThreadPoolExecutor(max_workers=AT_ONCE) as threads:
        while group := list(islice(waiting, _GROUP)):
            yield from zip(group, threads.map(lambda one: _problem(one, store), group), strict=True)


def _problem(one: Outgoing, store: ObjectStore) -> Problem | None:
    found = store.head(one.key)
    if found is None:
        return Problem(rule="file-missing", severity="error", message=f"there is no object {one.key}")
    if found.size != one.size:
        message = f"{found.size} bytes lie under {one.key}, {one.size} are recorded"
        return Problem(rule="size-mismatch", severity="error", message=message)
    try:
        same = compare(one, found)
    except OSError as error:
        return Problem(rule="file-missing", severity="error", message=f"the held file cannot be read: {error.strerror}")
    if same is None:
        message = f"the store keeps no checksum of {one.key}: only its size was compared"
        return Problem(rule="unproven", severity="info", message=message)
    if not same:
        return Problem(rule="hash-mismatch", severity="error", message=f"other bytes lie under {one.key}")
    return None
