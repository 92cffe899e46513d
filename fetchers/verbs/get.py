"""Download, check, unpack, record; what is held is left alone."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from fetchers.acquire import result
from fetchers.acquire.request import GetReport, GetRequest, Result
from fetchers.acquire.resolve import targets
from fetchers.acquire.run import Run
from fetchers.acquire.selected import with_unread
from fetchers.errors import INTERRUPTED
from fetchers.storage.record.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fetchers.context import Context

Matched = dict[tuple[str, str | None], frozenset[str]]  # by dataset and part: the remote files that were selected


def run(
    context: Context, addresses: Sequence[str], request: GetRequest, *, matched: Matched | None = None
) -> GetReport:
    """Fetch what `addresses` name. What fails is in the report; only a wrong command raises.

    `matched` is told which remote files were selected, whether they were held already or not.
    """
    results: list[Result] = []
    chosen: set[str] | None = None if matched is None else set()
    with ExitStack() as stack:
        fetching = Run(context, request, stack, chosen)
        wanted = [target for address in addresses for target in targets(context, address, fetching.client)]
        try:
            for dataset in wanted:
                results.append(fetching.one(dataset))
                if matched is not None and chosen is not None:
                    matched[dataset.name, dataset.part] = frozenset(chosen)
                    chosen.clear()
        except KeyboardInterrupt:
            results.append(fetching.interrupted(wanted[len(results)]))
            return GetReport(datasets=tuple(results), exit=INTERRUPTED)
    results = with_unread(results, fetching.unread)
    return GetReport(datasets=tuple(results), exit=result.overall(results))


def paths(context: Context, report: GetReport, matched: Matched) -> Iterator[Path]:
    """Yield the held files that came in the selected remote files, in order."""
    with Manifest.open(context.store, write=False) as manifest:
        for one in report.datasets:
            remotes = matched.get((one.dataset, one.part), frozenset())
            for path, remote in manifest.came_in(one.dataset, one.part):
                if remote in remotes:
                    yield Path(one.root, path)
