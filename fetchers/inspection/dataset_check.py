"""Check all held files of one dataset: what each is, what the record does not know, what is fewer than promised."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from fetchers.inspection import counts as count_of_images
from fetchers.inspection.parallel_check import CheckTotals, ParallelCheck
from fetchers.inspection.scope import Subject, kept_texts
from fetchers.inspection.walk import walk
from fetchers.storage import layout

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator

    from fetchers.context import Context
    from fetchers.dataset import Dataset
    from fetchers.inspection.file_check import Check
    from fetchers.records import Expected, Finding, Problem
    from fetchers.storage.record.manifest import Manifest
    from fetchers.workers.cluster_executor import ClusterExecutor


def check_dataset(
    context: Context,
    manifest: Manifest,
    one: Subject,
    check: Check,
    found: list[Finding],
    executor: ClusterExecutor | None,
) -> CheckTotals:
    """Check the files of one dataset or part; add what is wrong to `found`, and return the totals."""
    dataset, count = one.dataset, sum(row.files for row in one.holdings)
    counts = manifest.counts(dataset.name, dataset.part)
    check = check._replace(counted=frozenset(path for path, _, _ in counts))
    sums = CheckTotals()
    held = [row.part for row in manifest.holdings() if row.dataset == dataset.name]
    with ParallelCheck(
        context.store, dataset.name, dataset.part, check, partial(_unknown, context, dataset, held)
    ) as sweep:
        for some in sweep.over(count, executor):
            sums.add(some)
            context.progress.advance(0 if check.quick or check.headers else some.bytes, files=some.files)
    found.extend(_said(dataset, row, problem) for row, problem in sums.wrong)
    if sums.first_unverifiable is not None:
        carry = "file carries" if sums.unverifiable == 1 else "files carry"
        message = f"{sums.unverifiable:,} {carry} no modality that could be compared with the catalogue"
        found.append(dataset.finding("unverifiable", "info", sums.first_unverifiable, message))
    found.extend(sweep.also)
    found.extend(_short(dataset, counts, sums))
    found.extend(count_of_images.short(context, manifest, dataset, sums.images))
    return sums


def _unknown(context: Context, dataset: Dataset, held: Iterable[str | None], manifest: Manifest) -> Iterator[Finding]:
    """Yield the files below the dataset's root that the record does not know; its parts (`held`) lie there, too."""
    root = layout.below(dataset.name, dataset.part)
    parts = {*held, *(part.part for part in dataset.parts)} - {dataset.part, None}
    others = {f"{layout.below(dataset.name, part)}/" for part in parts}
    texts = kept_texts(manifest, dataset)
    recorded = manifest.paths(dataset.name, dataset.part)
    known = next(recorded, None)

    def enter(entry: os.DirEntry[str], path: str) -> bool:
        return not entry.name.startswith(".") and f"{root}/{path}" not in others

    with layout.opened(context.store) as store:
        for path, entry in walk(store, root, enter):
            while known is not None and known < path:
                known = next(recorded, None)
            if known != path and not entry.name.startswith(".") and path not in texts:
                hint = f"move it away, or take it in: fetch adopt {dataset.address} PATH"
                yield dataset.finding("file-unknown", "warning", path, "the file is not in the record", hint)


def _short(dataset: Dataset, counts: Iterable[tuple[str, str | None, int]], sums: CheckTotals) -> Iterator[Finding]:
    """Compare with the place's own `counts`: of an archive, or of a series whose files come one by one."""
    promised: dict[str, int] = {}
    here: Counter[str] = Counter()
    for path, series, counted in counts:
        name = series or path
        promised[name] = max(counted, promised.get(name, 0))
        here[name] += sums.counted[path]
    for name, counted in promised.items():
        if here[name] < counted:
            message = f"{here[name]} images are held, the place counts {counted}"
            hint = f"fetch get {dataset.address} --force"
            yield dataset.finding("count-short", "error", name, message, hint)


def _said(dataset: Dataset, row: Expected, problem: Problem) -> Finding:
    address = dataset.address
    hints = {
        "file-missing": f"fetch {address}" if row.origin == "downloaded" else "adopt it again",
        "size-mismatch": f"fetch get {address} --force   (the bytes changed after they came)",
        "hash-mismatch": f"fetch get {address} --force   (the bytes changed after they came)",
    }
    return dataset.finding(
        problem.rule, problem.severity, row.path, problem.message, problem.hint or hints.get(problem.rule)
    )
