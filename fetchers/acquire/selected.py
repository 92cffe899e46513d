"""Which of a place's files does a person want, by the flags and by a manifest file?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.checks.dicom.declared import has_body_part, has_modality
from fetchers.errors import CatalogueError, NothingMatched

if TYPE_CHECKING:
    from fetchers.acquire.request import GetRequest
    from fetchers.dataset import Dataset, Selection


def selected(request: GetRequest) -> Selection:
    """Put what a manifest file names beside what the flags say."""
    if request.manifest is None:
        return request.selection
    from fetchers.checks.series_manifests import wishes_of

    try:
        text = request.manifest.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise CatalogueError(f"{request.manifest} cannot be read: {error.strerror}") from error
    found = wishes_of(text, request.manifest.name)
    return request.selection._replace(
        series=(*request.selection.series, *found.series),
        folders=(*request.selection.folders, *found.folders),
    )


def answerable(dataset: Dataset, wanted: Selection) -> None:
    """Raise `NothingMatched` where a list of addresses cannot say which of its files are meant: none, and not all."""
    asked = {"--patient": wanted.patients, "--study": wanted.studies, "--series": wanted.series or wanted.folders}
    for flag, values in asked.items():
        if values:
            raise NothingMatched(
                f"{dataset.address}: its files are a list of addresses, which answers no {flag}",
                hint=f"fetch get {dataset.address} --include GLOB chooses by name",
            )
    if (wanted.modalities and not any(has_modality(dataset, code) for code in wanted.modalities)) or (
        wanted.body_parts and not any(has_body_part(dataset, part) for part in wanted.body_parts)
    ):
        declared = ", ".join((*dataset.modalities, *dataset.body_parts))
        raise NothingMatched(f"{dataset.address} is declared as {declared}", hint=f"fetch show {dataset.name}")
