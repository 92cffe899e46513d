"""Check that the held bytes and headers are still as recorded.

    file_check      one file: size, SHA-256, header
    parallel_check  many of them, on all cores
    dataset_check   all of one dataset: also what the record does not know, what is fewer than promised
    here            all datasets, one exit status

Every held file is counted once: under its modality, as unverifiable, as standing beside, or by an error that names it.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.document import document
from fetchers.errors import CatalogueError, ContentError, NothingMatched
from fetchers.inspection.dataset_check import check_dataset
from fetchers.inspection.file_check import Check
from fetchers.inspection.parallel_check import CheckTotals
from fetchers.inspection.private_copies import private_to_another
from fetchers.inspection.scope import subjects
from fetchers.records import Finding
from fetchers.storage import layout
from fetchers.storage.record.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fetchers.context import Context


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
                    sums.add(check_dataset(context, manifest, one, check, found, executor))
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
