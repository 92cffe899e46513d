"""Check that the held bytes and headers are still as recorded.

    checking   one file: size, SHA-256, header
    sweep      many of them, on all cores
    here       what the record does not know, what is fewer than promised, one exit status

Every held file is counted once: under its modality, as unverifiable, as standing beside, or by an error that names it.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.document import document
from fetchers.errors import CatalogueError, ContentError, NothingMatched
from fetchers.inspection import counts as count_of_images
from fetchers.inspection.file_check import Check
from fetchers.inspection.parallel_check import CheckTotals, ParallelCheck
from fetchers.inspection.private_copies import private_to_another
from fetchers.inspection.scope import Subject, kept_texts, subjects
from fetchers.inspection.walk import walk
from fetchers.records import Finding
from fetchers.storage import layout
from fetchers.storage.record.manifest import Manifest

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from fetchers.context import Context
    from fetchers.dataset import Dataset
    from fetchers.records import Expected, Problem
    from fetchers.workers.cluster_executor import ClusterExecutor


class Verified(NamedTuple):
    """What was looked at, and what was found. `modalities` counts files by DICOM code."""

    checked_files: int
    checked_bytes: int
    modalities: Mapping[str, int]
    unverifiable: int
    beside: int
    findings: tuple[Finding, ...]
    exit: int

    def to_dict(self) -> dict[str, Any]:
        """Return the verb's JSON document."""
        return dict(document(self))


def run(
    context: Context,
    names: Sequence[str],
    *,
    quick: bool = False,
    headers: bool = False,
    phi: bool = False,
    on: str | None = None,
) -> Verified:
    """Check what is held of `names`, or all of it; `on` names a cluster whose workers do it.

    Raises `NothingMatched` where nothing is held of them, `CatalogueError` for `quick` with `phi`.
    """
    if quick and phi:
        raise CatalogueError(
            "--quick compares sizes only, and --phi reads the files: they exclude each other",
            hint="fetch verify --phi   (without hashing: fetch verify --headers --phi)",
        )
    if context.also:
        return _everywhere(context, names, quick=quick, headers=headers, phi=phi, on=on)
    sums, found = CheckTotals(), list[Finding]()
    with Manifest.open(context.store, write=False) as manifest:
        asked = [one for one in subjects(context, manifest, names) if one.held]
        if not asked:
            what = ", ".join(names) or "this workspace"
            raise NothingMatched(f"nothing is held of {what}", hint=f"fetch {names[0] if names else 'list'}")
        files = sum(row.files for one in asked for row in one.holdings)
        total = sum(row.bytes for one in asked for row in one.holdings)
        context.progress.begin("verifying", files=files, total=None if quick or headers else total)
        try:
            with context.executor(on) as executor:
                for one in asked:
                    count = sum(row.files for row in one.holdings)
                    if (private := private_to_another(context.store, one.dataset, count)) is not None:
                        found.append(private)
                        continue
                    layout.refuse_link(context.store, one.dataset.name, one.dataset.part)
                    check = Check(
                        root=layout.below(one.dataset.name, one.dataset.part),
                        container=one.dataset.container,
                        modalities=one.dataset.modalities,
                        quick=quick,
                        headers=headers,
                        phi=phi,
                    )
                    sums.add(_dataset(context, manifest, one, check, found, executor))
        finally:
            context.progress.end()
    return Verified(
        checked_files=sums.files,
        checked_bytes=sums.bytes,
        modalities=dict(sorted(sums.modalities.items())),
        unverifiable=sums.unverifiable,
        beside=sums.beside,
        findings=tuple(found),
        exit=ContentError.exit_status if any(finding.severity == "error" for finding in found) else 0,
    )


def _everywhere(context: Context, names: Sequence[str], *, on: str | None, **flags: bool) -> Verified:
    """Answer for one's own store and for those that are only read, together."""
    found: list[Verified] = []
    nothing: NothingMatched | None = None
    for store in (context.store, *context.also):
        try:
            found.append(run(context.of_store(store), names, on=on, **flags))
        except NothingMatched as error:
            nothing = nothing or error
    if not found:
        raise nothing or NothingMatched("nothing is held")
    modalities: Counter[str] = Counter()
    for one in found:
        modalities.update(one.modalities)
    return Verified(
        checked_files=sum(one.checked_files for one in found),
        checked_bytes=sum(one.checked_bytes for one in found),
        modalities=dict(sorted(modalities.items())),
        unverifiable=sum(one.unverifiable for one in found),
        beside=sum(one.beside for one in found),
        findings=tuple(finding for one in found for finding in one.findings),
        exit=max(one.exit for one in found),
    )


def _dataset(
    context: Context,
    manifest: Manifest,
    one: Subject,
    check: Check,
    found: list[Finding],
    executor: ClusterExecutor | None,
) -> CheckTotals:
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
