"""Download, check, unpack, record; what is held is left alone."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from fetchers.acquire import result
from fetchers.acquire.request import GetReport, GetRequest, Result
from fetchers.acquire.resolve import targets
from fetchers.acquire.run import Run
from fetchers.errors import INTERRUPTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fetchers.context import Context


def run(context: Context, addresses: Sequence[str], request: GetRequest) -> GetReport:
    """Fetch what `addresses` name. What fails is in the report; only a wrong command raises."""
    results: list[Result] = []
    with ExitStack() as stack:
        fetching = Run(context, request, stack)
        wanted = [target for address in addresses for target in targets(context, address, fetching.client)]
        try:
            results.extend(fetching.one(dataset) for dataset in wanted)
        except KeyboardInterrupt:
            results.append(fetching.interrupted(wanted[len(results)]))
            return GetReport(datasets=tuple(results), exit=INTERRUPTED)
    return GetReport(datasets=tuple(results), exit=result.overall(results))
