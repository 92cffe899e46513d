"""Do the bytes and the headers still hold? From the record and the disk alone.

    checking   one file: size, SHA-256, header; side by side on all cores
    here       what the record does not know, what is fewer than promised, one exit status

Every held file is counted once: under its modality, as unverifiable, as standing beside, or by an error that names it.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fetchers.checks.modality import Problem
from fetchers.errors import NothingMatched
from fetchers.holding import Finding
from fetchers.storage import layout
from fetchers.storage.manifest import Manifest
from fetchers.verbs.checking import Check, Checked, checked
from fetchers.verbs.subjects import subjects

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from fetchers.dataset import Dataset
    from fetchers.holding import HeldFile
    from fetchers.verbs.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was looked at, and what was found. `modalities` counts files by DICOM code."""

    checked_files: int
    checked_bytes: int
    modalities: Mapping[str, int]
    unverifiable: int
    beside: int
    findings: tuple[Finding, ...]
    exit: int


_UNPROVEN = Problem(
    rule="unproven", severity="info", message="nothing proved its end when it came: no length, no checksum"
)


class _Count:
    """The sums of one run."""

    def __init__(self) -> None:
        self.files = 0
        self.bytes = 0
        self.unverifiable = 0
        self.beside = 0
        self.modalities: Counter[str] = Counter()
        self.findings: list[Finding] = []

    def add(self, one: Checked) -> None:
        """Take one file into account."""
        self.files += 1
        self.bytes += one.row.size
        self.findings.extend(_said(one.row, problem) for problem in one.problems)
        if one.row.proof == "unproven" and not one.problems:
            self.findings.append(_said(one.row, _UNPROVEN))
        if one.beside:
            self.beside += 1
        elif one.modality:
            self.modalities[one.modality] += 1
        elif one.unverifiable:
            self.unverifiable += 1


def run(
    place: Place, names: Sequence[str], *, quick: bool = False, headers: bool = False, phi: bool = False
) -> Verified:
    """Check what is held of `names`, or all of it; raises `NothingMatched` where nothing is held of them."""
    count = _Count()
    with Manifest.open(place.store, write=False) as manifest:
        asked = [one for one in subjects(place, manifest, names) if one.held]
        if not asked:
            what = ", ".join(names) or "this workspace"
            raise NothingMatched(f"nothing is held of {what}", hint=f"fetch {names[0] if names else 'NAME'}")
        files = sum(row.files for one in asked for row in one.holdings)
        total = sum(row.bytes for one in asked for row in one.holdings)
        place.progress.begin("verifying", files=files, total=None if quick or headers else total)
        try:
            for one in asked:
                _dataset(place, manifest, one.dataset, count, quick=quick, headers=headers, phi=phi)
        finally:
            place.progress.end()
    found = tuple(count.findings)
    return Verified(
        checked_files=count.files,
        checked_bytes=count.bytes,
        modalities=dict(sorted(count.modalities.items())),
        unverifiable=count.unverifiable,
        beside=count.beside,
        findings=found,
        exit=4 if any(finding.severity == "error" for finding in found) else 0,
    )


def _dataset(
    place: Place, manifest: Manifest, dataset: Dataset, count: _Count, *, quick: bool, headers: bool, phi: bool
) -> None:
    known: set[int] = set()  # hashes of paths: a million paths are not kept
    images: Counter[str] = Counter()
    plain, first = 0, None
    before = count.unverifiable
    rows = manifest.files(dataset.name, dataset.part)
    check = Check(
        root=os.fspath(layout.root(place.store, dataset.name, dataset.part)),
        container=dataset.container,
        modalities=dataset.modalities,
        quick=quick,
        headers=headers,
        phi=phi,
    )
    for one in checked(check, rows):
        known.add(hash(one.row.path))
        count.add(one)
        if _is_image(one):
            images[one.row.remote] += 1
            plain += 1
        if one.unverifiable and first is None:
            first = one.row.path
        place.progress.advance(0 if quick or headers else one.row.size, files=1)
    if first is not None:
        number = count.unverifiable - before
        carry = "file carries" if number == 1 else "files carry"
        message = f"{number:,} {carry} no modality that could be held against the catalogue"
        count.findings.append(_finding(dataset, "unverifiable", "info", first, message))
    held = [row.part for row in manifest.holdings() if row.dataset == dataset.name]
    count.findings.extend(_unknown(place, dataset, known, held))
    count.findings.extend(_short(manifest, dataset, images, plain))


def _is_image(one: Checked) -> bool:
    """Whether it counts against what was promised; an image that changed is still one, a missing one is not."""
    gone = any(problem.rule == "file-missing" for problem in one.problems)
    return bool(one.modality or one.unverifiable or (one.row.header is not None and not gone))


def _unknown(place: Place, dataset: Dataset, known: set[int], held: Iterable[str | None]) -> Iterator[Finding]:
    """Yield the files below the dataset's root that the record does not know; its parts (`held`) lie there, too."""
    root = layout.root(place.store, dataset.name, dataset.part)
    parts = {*held, *(part.part for part in dataset.parts)} - {dataset.part, None}
    others = {layout.root(place.store, dataset.name, part) for part in parts}
    for folder, names, files in os.walk(root):
        here = root.__class__(folder)
        names[:] = sorted(
            name
            for name in names
            if not name.startswith(".") and here / name not in others and (here != root or name != layout.TERMS)
        )
        for name in sorted(files):
            path = (here / name).relative_to(root).as_posix()
            if hash(path) not in known and not name.startswith("."):
                hint = f"move it away, or take it in: fetch adopt {dataset.address} PATH"
                yield _finding(dataset, "file-unknown", "warning", path, "the record does not know this file", hint)


def _short(manifest: Manifest, dataset: Dataset, images: Mapping[str, int], plain: int) -> Iterator[Finding]:
    """Compare with the place's own counts, and with the catalogue's where the whole was fetched."""
    arrivals = manifest.arrivals(dataset.name, dataset.part)
    for arrival in arrivals.values():
        here = images.get(arrival.path, 0)
        if arrival.images is not None and here < arrival.images:
            message = f"{here} images are held, the place counts {arrival.images}"
            hint = f"fetch get {dataset.address} --force brings it again"
            yield _finding(dataset, "count-short", "error", arrival.series or arrival.path, message, hint)
    complete = dataset.files and all(remote.path in arrivals for remote in dataset.files)
    if complete and dataset.images is not None and plain < dataset.images:
        message = f"{plain} images are held, the catalogue counts {dataset.images}"
        yield _finding(dataset, "count-short", "warning", None, message, dataset.link)


def _said(row: HeldFile, problem: Problem) -> Finding:
    address = row.dataset if row.part is None else f"{row.dataset}/{row.part}"
    hints = {
        "file-missing": f"fetch {address} brings it again" if row.origin == "downloaded" else "adopt it again",
        "size-mismatch": f"the bytes changed after they came: fetch get {address} --force brings them again",
        "hash-mismatch": f"the bytes changed after they came: fetch get {address} --force brings them again",
    }
    return Finding(
        rule=problem.rule,
        severity=problem.severity,
        dataset=row.dataset,
        part=row.part,
        path=row.path,
        message=problem.message,
        hint=problem.hint or hints.get(problem.rule),
    )


def _finding(
    dataset: Dataset, rule: str, severity: str, path: str | None, message: str, hint: str | None = None
) -> Finding:
    return Finding(
        rule=rule,
        severity="error" if severity == "error" else "warning" if severity == "warning" else "info",
        dataset=dataset.name,
        part=dataset.part,
        path=path,
        message=message,
        hint=hint,
    )
