"""Make a selection of the flags and of a manifest file."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from fetchers.acquire.request import Failure
from fetchers.checks.dicom.declared import has_body_part, has_modality
from fetchers.errors import PARTLY_DONE, CatalogueError, ContentError, NothingMatched

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from fetchers.acquire.request import GetRequest, Result
    from fetchers.dataset import Dataset, RemoteFile, Selection
    from fetchers.source import Refused


def selected(request: GetRequest) -> tuple[Selection, tuple[Failure, ...]]:
    """Join the selections of a manifest file and of the flags; return a failure for each line not understood."""
    if request.manifest is None:
        return request.selection, ()
    from fetchers.checks.series_manifests import decoded, wishes_of

    try:
        text = decoded(request.manifest.read_bytes())
    except OSError as error:
        raise CatalogueError(f"{request.manifest} cannot be read: {error.strerror}") from error
    name = request.manifest.name
    found = wishes_of(text, name)
    selection = request.selection._replace(
        series=(*request.selection.series, *found.series),
        folders=(*request.selection.folders, *found.folders),
        urls=(*request.selection.urls, *found.urls),
    )
    unread = tuple(
        Failure(
            path=f"{name}:{number}",
            error=f"line {number} is not understood: {line[:200]!r}",
            hint="mend the line, or put # before it; a UID, an s3:// folder or an address is wanted",
            exit=ContentError.exit_status,
        )
        for number, line in found.unread
    )
    return selection, unread


def with_unread(results: Sequence[Result], unread: tuple[Failure, ...]) -> list[Result]:
    """Add the lines that are not understood to the result of the first dataset."""
    if not unread or not results:
        return list(results)
    first, *others = results
    came = first.files or (first.plan is not None and first.plan.files)
    status = PARTLY_DONE if came else first.exit or ContentError.exit_status
    failures = (*first.failures, *unread)
    return [first._replace(failures=failures, failed=first.failed + len(unread), exit=status), *others]


def with_list(files: Iterator[RemoteFile], dataset: Dataset, home: Path, refused: Refused) -> Iterator[RemoteFile]:
    """Yield the files of a source and behind them those of the list beside the catalogue, as a stream."""
    if dataset.files_from is None:
        return files
    from fetchers.workspace.listed_files import rows

    return chain(files, rows(home, dataset.files_from, refused.add))


def answerable(dataset: Dataset, wanted: Selection) -> None:
    """Raise `NothingMatched` where a list of addresses cannot say which of its files are meant: none, and not all."""
    asked = {
        "--patient": wanted.patients,
        "--study": wanted.studies,
        "--series": wanted.series or wanted.folders or wanted.urls,
    }
    for flag, values in asked.items():
        if values:
            raise NothingMatched(
                f"{dataset.address}: its files are a list of addresses, which answers no {flag}",
                hint=f"fetch get {dataset.address} --include GLOB   (chooses by name)",
            )
    if (wanted.modalities and not any(has_modality(dataset, code) for code in wanted.modalities)) or (
        wanted.body_parts and not any(has_body_part(dataset, part) for part in wanted.body_parts)
    ):
        declared = ", ".join((*dataset.modalities, *dataset.body_parts))
        raise NothingMatched(f"{dataset.address} is declared as {declared}", hint=f"fetch show {dataset.name}")
