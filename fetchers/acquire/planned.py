"""What would be fetched? Counted by an index that is here, else by the place's listing; and whether there is room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.acquire.request import Plan, PlannedFile
from fetchers.checks.formats.archive_names import archive_kind
from fetchers.errors import FetchError, NothingMatched
from fetchers.storage import disk_space
from fetchers.transport.redaction import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from fetchers.acquire.request import GetRequest
    from fetchers.dataset import Dataset, RemoteFile, Selection
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
) -> Plan | None:
    """Return the plan as an index counts it; None where only the listing can tell."""
    if request.include or request.exclude or request.list_files or request.shard is not None:
        return None
    source.held = held
    counted = source.counted(dataset, selection, request.limit)
    if counted is None:
        return None
    if not counted.series and not source.skipped:
        raise NothingMatched(
            "nothing matches: the selection leaves no series",
            hint=f"loosen --modality, --body-part, --licence ...; fetch list {dataset.name} --parts names all",
        )
    return Plan(files=counted.files, bytes=counted.bytes, unknown_sizes=0, series=counted.series, on_disk=counted.bytes)


def by_listing(files: Iterable[RemoteFile], line: Callable[[], NetworkSession] | None) -> Plan:
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
    return Plan(
        files=count,
        bytes=known if unknown < count or not count else None,
        unknown_sizes=unknown,
        listed=tuple(named) if line is not None else None,
        on_disk=on_disk,
    )


def check_room(plan: Plan, budget: Budget, store: Path, *, force: bool) -> None:
    """Raise `StoreError` for a plan that `--max-size` or the disk has no room for."""
    if budget.left is not None and (plan.bytes or 0) > budget.left:
        raise disk_space.too_much(plan.bytes or 0, budget.left)
    if not force and plan.on_disk:
        disk_space.check(store, plan.on_disk)


def _asked(url: str, line: NetworkSession) -> int | None:
    """Ask a place for the size of a file without its content; what does not tell it leaves it unknown."""
    from fetchers.transport.http_client import converse

    if line.offline or not url.lower().startswith(("https://", "http://")):
        return None
    with converse(line) as client:
        try:
            length = client.head(url).headers.get("content-length", "")
        except FetchError:  # presigned addresses refuse the question, and some places do not know it
            return None
    return int(length) if length.isascii() and length.isdecimal() else None


def footprint(wanted: Iterable[RemoteFile]) -> int:
    """Return the bytes that known files take at once: an archive lies beside what comes out of it until all is held."""
    return sum(
        remote.size * (1 + (remote.unpacks and archive_kind(remote.path) is not None))
        for remote in wanted
        if remote.size
    )
