"""Report again what was found out about held files when they came in, by the catalogue of today.

Facts about the bytes hold as long as the bytes do. The catalogue may have changed since: the declared modalities and
the container are compared again with what is recorded; the file is not read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.checks.dicom.modality import verdict
from fetchers.checks.formats.kinds import IMAGES, mismatch
from fetchers.records import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fetchers.dataset import Dataset
    from fetchers.records import Expected, Problem
    from fetchers.storage.record.manifest import Manifest

_VERDICTS = frozenset(("modality-wrong", "modality-missing", "modality-nonstandard", "sop-contradiction"))
_KINDS = frozenset(("container-wrong", "not-dicom"))


def today(row: Expected, noted: tuple[Problem, ...], container: str, modalities: tuple[str, ...]) -> list[Problem]:
    """Return what is to be said of one file; `noted` is what was recorded."""
    known = row.kind == "dicom" or row.kind in IMAGES
    found = [
        one for one in noted if not (row.has_header and one.rule in _VERDICTS) and not (known and one.rule in _KINDS)
    ]
    wrong = mismatch(row.kind, container)
    if wrong is not None:
        found.insert(0, wrong)
    if row.has_header:
        found += verdict(row, modalities, row.declared)
    return found


def findings(manifest: Manifest, dataset: Dataset) -> Iterator[Finding]:
    """Yield what is recorded of the held files of one dataset or part."""
    for row, noted in manifest.told(dataset.name, dataset.part):
        for one in today(row, noted, dataset.container, dataset.modalities):
            yield Finding(
                rule=one.rule,
                severity=one.severity,
                dataset=dataset.name,
                part=dataset.part,
                path=row.path,
                message=one.message,
                hint=one.hint,
            )
