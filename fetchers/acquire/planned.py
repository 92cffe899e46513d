"""Count what would be downloaded, by a local index or by the listing, and check that there is room for it."""

from __future__ import annotations

from itertools import chain
from time import monotonic
from typing import TYPE_CHECKING

from fetchers.acquire.request import Failure, Foreseen, Plan, PlannedFile
from fetchers.checks.formats.archive_names import archive_kind
from fetchers.errors import FetchError, NothingMatched
from fetchers.storage import disk_space
from fetchers.transport.redaction import redact

_FEW, _SOON = 20_000, 2.0  # files, and seconds, of a listing that are waited for before the first byte

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from fetchers.acquire.request import GetRequest, Result
    from fetchers.dataset import Count, Dataset, RemoteFile, Selection
    from fetchers.source import Source
    from fetchers.storage.disk_space import Budget
    from fetchers.transport.network_session import NetworkSession


def with_limit(selection: Selection, request: GetRequest) -> Selection:
    """Return the selection with the limit of series, where nothing else of it is decided by the files' names."""
    if request.include or request.exclude:
        return selection
    return selection._replace(limit=request.limit)


def by_index(
    source: Source, dataset: Dataset, selection: Selection, request: GetRequest, held: Mapping[str, int]
) -> Foreseen | None:
    """Return the plan as an index counts it; None where only the listing can tell."""
    if request.list_files:
        return None
    source.held = held
    counted = _counted(source, dataset, selection, request)
    if counted is None:
        return None
    if not counted.series and not source.skipped:
        raise NothingMatched(
            "nothing matches: the selection leaves no series",
            hint=f"loosen --modality, --body-part, --licence ...; fetch list {dataset.name} --parts names all",
        )
    source.remarks.append(f"{counted.series:,} series")
    return Foreseen(Plan(files=counted.files, bytes=counted.bytes, unknown_sizes=0), on_disk=counted.bytes)


def _counted(source: Source, dataset: Dataset, selection: Selection, request: GetRequest) -> Count | None:
    if request.include or request.exclude or request.shard is not None or request.pins is not None:
        return None
    return source.counted(dataset, selection, request.limit)


def ahead(
    wanted: Iterable[RemoteFile], source: Source, dataset: Dataset, selection: Selection, request: GetRequest
) -> Foreseen | None:
    """Return what is known before the first byte: of a list that is whole, or as an index that is here counts it."""
    if isinstance(wanted, list):
        sizes = [remote.size for remote in wanted]
        plan = Plan(files=len(wanted), bytes=sum(filter(None, sizes)), unknown_sizes=sizes.count(None))
        return Foreseen(plan, on_disk=_footprint(wanted))
    counted = _counted(source, dataset, selection, request) if source.local else None
    if counted is None or not counted.series:
        return None
    return Foreseen(Plan(files=counted.files, bytes=counted.bytes, unknown_sizes=0), on_disk=counted.bytes)


def by_listing(files: Iterable[RemoteFile], line: Callable[[], NetworkSession] | None) -> Foreseen:
    """Return the plan of a listing; with `line` each file is named, and a size that is not known is asked for."""
    count, known, unknown, on_disk = 0, 0, 0, 0
    named: list[PlannedFile] = []
    for remote in files:
        size = remote.size
        if line is not None:
            size = size if size is not None else _asked(remote.url, line())
            named.append(PlannedFile(path=remote.path, url=redact(remote.url), size=size))
        count += 1
        known += size or 0
        unknown += size is None
        on_disk += (size or 0) * (1 + (remote.unpacks and archive_kind(remote.path) is not None))
    plan = Plan(files=count, bytes=known if unknown < count or not count else None, unknown_sizes=unknown)
    return Foreseen(plan, on_disk=on_disk, listed=tuple(named) if line is not None else None)


def foreseen(listing: Iterable[RemoteFile], source: Source) -> Iterable[RemoteFile]:
    """Return a listing as a list, where it ends soon: then its total is known, and whether there is room for it.

    A place that is asked case by case, or whose series are, is not kept waiting for that.
    """
    if source.pause or source.local:
        return listing
    files, end = iter(listing), monotonic() + _SOON
    head: list[RemoteFile] = []
    for remote in files:
        head.append(remote)
        if len(head) >= _FEW or monotonic() > end:
            return chain(head, files)
    return head


def fitting(known: Foreseen, found: Result, budget: Budget, store: Path, *, force: bool) -> Result:
    """Return the result of a dry run; a plan that `--max-size` or the disk has no room for is a failure of it."""
    size = known.plan.bytes or 0
    try:
        if budget.left is not None and size > budget.left:
            raise disk_space.too_much(size, budget.left)
        if not force and known.on_disk:
            disk_space.check(store, known.on_disk)
    except FetchError as error:
        failure = Failure(path=None, error=error.what, hint=error.hint, exit=error.exit_status)
        return found._replace(failures=(*found.failures, failure), failed=found.failed + 1, exit=error.exit_status)
    return found


def _asked(url: str, line: NetworkSession) -> int | None:
    """Ask a place for the size of a file without its content; what does not tell it leaves it unknown."""
    from fetchers.transport.http_client import converse

    if line.offline or not url.lower().startswith(("https://", "http://")):
        return None
    with converse(line) as client:
        try:
            length = client.head(url).headers.get("content-length", "")
        except FetchError:  # presigned addresses refuse the request, and some places do not know it
            return None
    return int(length) if length.isascii() and length.isdecimal() else None


def _footprint(wanted: Iterable[RemoteFile]) -> int:
    """Return the bytes that known files take at once: an archive lies beside what comes out of it until all is held."""
    return sum(
        remote.size * (1 + (remote.unpacks and archive_kind(remote.path) is not None))
        for remote in wanted
        if remote.size
    )
