"""Take in what a person fetched by hand: the same hashing, unpacking, checks and record as a download.

Every file of a folder comes in, whatever it is. What is turned away (a broken archive, a page, an empty file where data
were promised) is named with its reason and left where it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.acquire import preflight
from fetchers.acquire import result as account
from fetchers.acquire.import_files import Import, Mode
from fetchers.acquire.request import GetReport
from fetchers.errors import CatalogueError, NothingMatched
from fetchers.inspection import counts
from fetchers.storage import layout
from fetchers.storage.record.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from fetchers.context import Context
    from fetchers.dataset import Dataset


def run(
    context: Context,
    address: str,
    paths: Sequence[Path],
    mode: Mode = "copy",
    *,
    follow: bool = False,
    max_unpacked: int | None = None,
) -> GetReport:
    """Take `paths` in as `address`; with `follow`, copies of what links lead to, too.

    Raises `CatalogueError` for a path that is not there.
    """
    for path in paths:
        if not (path.exists() or path.is_symlink()):
            raise CatalogueError(
                f"{path}: there is no such file or folder",
                hint="ls shows what is there; leave wildcards unquoted, or the shell does not expand them",
            )
    dataset = _target(context, address)
    layout.prepare(context.store)
    adopting = Import(context, dataset, mode, follow=follow, max_unpacked=max_unpacked)
    with Manifest.open(context.store, write=True) as manifest:
        found = [item for path in paths for item in adopting.walk(path)]
        if not found and not adopting.turn_away():
            raise NothingMatched(f"{', '.join(map(str, paths))}: no file in it", hint="name the files or their folder")
        context.progress.begin(f"adopting {dataset.address}", files=len(found), total=sum(item.size for item in found))
        try:
            done = adopting.take_in(manifest, found)
            preflight.record_terms(context, manifest, dataset)
        finally:
            context.progress.end()
        done.totals.findings += counts.short(context, manifest, dataset)
        result = account.result(context, dataset, manifest, done=done)
    return GetReport(datasets=(result,), exit=account.overall([result]))


def _target(context: Context, address: str) -> Dataset:
    found = context.workspace.catalogue.find(address)
    if len(found) != 1:
        raise CatalogueError(
            f"{address}: adopt takes one dataset or part at a time, this names {len(found)}",
            hint="fetch adopt NAME/PART PATH...",
        )
    if refused := preflight.at_fault(found[0]):
        raise refused
    return found[0]
