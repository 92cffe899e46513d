"""Bring a home to the state that a lock names: the same bytes, or a refusal that says which are not to be had."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.acquire import result
from fetchers.acquire.lock_file import read
from fetchers.acquire.locked_state import SyncedDataset, beside, bring, described, synced
from fetchers.acquire.request import GetRequest
from fetchers.acquire.run import Run
from fetchers.document import document
from fetchers.errors import INTERRUPTED, CatalogueError

if TYPE_CHECKING:
    from pathlib import Path

    from fetchers.context import Context


class Synced(NamedTuple):
    """What became of all of them."""

    datasets: tuple[SyncedDataset, ...]
    exit: int

    def to_dict(self) -> dict[str, Any]:
        """Return the verb's JSON document."""
        return dict(document(self))


def run(context: Context, file: Path, request: GetRequest | None = None) -> Synced:
    """Download what `file` locks and what is not held; what fails is in the record.

    `request` has the flags that say how: `dry_run`, `accept`, `jobs`, `limit_rate`, `max_size`. Raise `CatalogueError`
    for a lock that cannot be read.
    """
    request = request or GetRequest()
    try:
        with file.open("rb") as opened:
            wanted = read(opened, file.name)
    except OSError as error:
        raise CatalogueError(
            f"{file} cannot be read: {error.strerror}", hint="fetch lock -o FILE   (writes one)"
        ) from error
    kept = any(remote.path == member.path and remote.unpack for one in wanted for remote, member in beside(one))
    found: list[SyncedDataset] = []
    with ExitStack() as stack:
        fetching = Run(context, request._replace(keep_archives=kept), stack)
        for one in wanted:
            dataset = described(context, one, write=not request.dry_run)
            try:
                found.append(bring(context, fetching, dataset, one))
            except KeyboardInterrupt:
                found.append(synced(fetching.interrupted(dataset), ()))
                return Synced(tuple(found), INTERRUPTED)
    return Synced(tuple(found), result.overall(found))
