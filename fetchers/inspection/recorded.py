"""What was found out about held files when they came in, told again, as the catalogue reads today.

What the bytes say stands as long as the bytes do. What they were held against may have changed: the declared modalities
and the container are asked anew, of what is recorded, without a look at the file.
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
