"""Check a million held files on all cores.

The record is cut into spans of paths. Each span goes to a thread, or, where there are many, to a process, which reads
the rows of it by itself and hands back sums and what is wrong: rows that travelled cost more than the check.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fetchers.checks.dicom.header_process import HeaderProcess
from fetchers.inspection.file_check import Check, check_one
from fetchers.records import Problem
from fetchers.storage import layout
from fetchers.storage.record.manifest import Manifest
from fetchers.workers import pool as cores
from fetchers.workers.fork_safety import may_fork

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path
    from typing import Self

    from fetchers.records import Expected, Finding
    from fetchers.storage.safe_folder import SafeFolder
    from fetchers.workers.cluster_executor import ClusterExecutor

_SPAN = 500  # files per piece of work: large enough that handing it over costs little
_MANY = 2000  # files from which on processes pay for their start
_UNPROVEN = Problem(
    rule="unproven", severity="info", message="nothing proved its end when it came: no length, no checksum"
)


@dataclass(slots=True)
class CheckTotals:
    """What came of some files: each is counted once, by its modality, as unverifiable, as beside, or by an error.

    `modalities` counts by DICOM code, `counted` the images by the remote file that they came in, where the place counts
    them, too; `wrong` is in order of the paths.
    """

    files: int = 0
    bytes: int = 0
    unverifiable: int = 0
    beside: int = 0
    modalities: Counter[str] = field(default_factory=Counter)
    images: int = 0
    counted: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[Expected, Problem]] = field(default_factory=list)
    first_unverifiable: str | None = None

    def add(self, other: CheckTotals) -> None:
        """Take what came of the files that follow."""
        self.files += other.files
        self.bytes += other.bytes
        self.unverifiable += other.unverifiable
        self.beside += other.beside
        self.modalities.update(other.modalities)
        self.images += other.images
        self.counted.update(other.counted)
        self.wrong += other.wrong
        self.first_unverifiable = self.first_unverifiable or other.first_unverifiable


class ParallelCheck:
    """One dataset or part of one record, and what checks it. A context manager.

    `beside` is done once, by whoever has time, and its findings stand in `also` when all is checked.
    """

    def __init__(
        self, store: Path, dataset: str, part: str | None, check: Check, beside: Callable[[Manifest], Iterable[Finding]]
    ) -> None:
        self.also: list[Finding] = []
        self._store, self._dataset, self._part = store, dataset, part
        self._check = check
        self._beside = beside
        self._manifest = Manifest.open(store, write=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._manifest.__exit__(*exception)

    def over(self, count: int, executor: ClusterExecutor | None = None) -> Iterator[CheckTotals]:
        """Check all of it, `count` files; yields the sums of one span after the other, in the order of the paths.

        With an `executor` its workers check; the rows travel with the work, so that only this process reads the record.
        """
        if executor is not None:
            return self._in_cluster(executor)
        many = count >= _MANY and may_fork()
        size = _SPAN if many else max(1, count // (4 * cores.COUNT))
        spans = self._manifest.spans(self._dataset, self._part, size)
        return self._in_processes(spans) if many else self._in_threads(spans)

    def _in_processes(self, spans: Iterable[tuple[str, str]]) -> Iterator[CheckTotals]:
        with cores.processes(self._another) as pool:
            also = pool.submit(ParallelCheck.beside)
            yield from cores.in_order(lambda first, last: pool.submit(ParallelCheck.span, first, last), spans)
            self.also = also.result()

    def _in_threads(self, spans: Iterable[tuple[str, str]]) -> Iterator[CheckTotals]:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(max_workers=cores.COUNT) as threads:
            yield from cores.in_order(lambda first, last: threads.submit(self.span, first, last), spans)
        self.also = self.beside()

    def _in_cluster(self, executor: ClusterExecutor) -> Iterator[CheckTotals]:
        spans = self._manifest.spans(self._dataset, self._part, _SPAN)
        yield from cores.in_order(
            lambda first, last: executor.submit(
                check_rows, self._store, self._check, self._manifest.span(self._dataset, self._part, first, last)
            ),
            spans,
            executor.ahead,
        )
        self.also = self.beside()

    def beside(self) -> list[Finding]:
        """Do what is to be done once."""
        return list(self._beside(self._manifest))

    def span(self, first: str, last: str) -> CheckTotals:
        """Check the files from `first` to `last`, both included."""
        return check_rows(self._store, self._check, self._manifest.span(self._dataset, self._part, first, last))

    def _another(self) -> ParallelCheck:
        """Open the same in a process of its own: a connection to the record cannot be shared."""
        return ParallelCheck(self._store, self._dataset, self._part, self._check, self._beside)


def check_rows(store: Path, check: Check, rows: Sequence[Expected]) -> CheckTotals:
    """Check the files of some rows of the record, in their order."""
    sums = CheckTotals()
    with HeaderProcess() as guard, layout.opened(store) as opened:
        for row in rows:
            _count(sums, opened, row, check, guard)
    return sums


def _count(sums: CheckTotals, store: SafeFolder, row: Expected, check: Check, guard: HeaderProcess) -> None:
    modality, unverifiable, beside, problems = check_one(store, check, row, guard)
    sums.files += 1
    sums.bytes += row.size
    if row.proof == "unproven" and not problems:
        problems = (_UNPROVEN,)
    if problems:
        sums.wrong += [(row, problem) for problem in problems]
    if beside:
        sums.beside += 1
    elif modality:
        sums.modalities[modality] += 1
    elif unverifiable:
        sums.unverifiable += 1
        sums.first_unverifiable = sums.first_unverifiable or row.path
    # An image that changed is still one of those that were promised, a missing one is not.
    if modality or unverifiable or (row.has_header and not _gone(problems)):
        sums.images += 1
        if check.counted and row.remote in check.counted:
            sums.counted[row.remote] += 1


def _gone(problems: Iterable[Problem]) -> bool:
    return any(problem.rule == "file-missing" for problem in problems)
