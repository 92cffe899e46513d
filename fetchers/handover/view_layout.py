"""Name the files of a training folder: by its layout, and no two alike."""

from __future__ import annotations

from collections import Counter
from string import Formatter
from typing import TYPE_CHECKING

from fetchers.errors import CatalogueError
from fetchers.inspection import splits
from fetchers.reports import datalists

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fetchers.records import FileRow

FIELDS = ("dataset", "part", "patient", "study", "series", "modality", "split", "name", "path")
_OF_DICOM, _OF_OTHERS = "{dataset}/{part}/{patient}/{series}/{name}", "{dataset}/{part}/{path}"
_UNKNOWN = "unknown"


def named_items(rows: Sequence[FileRow], told: Sequence[str], template: str | None) -> Iterator[datalists.Item]:
    """Yield what stands in the folder for each file."""
    taken: Counter[str] = Counter()
    for row, share in zip(rows, told, strict=True):
        yield datalists.Item(
            path=_free(_path(row, share, template), taken),
            split=share,
            dataset=row.dataset,
            part=row.part,
            patient=splits.patient_of(row),
            study=row.study,
            series=row.series,
            modality=row.modality,
            kind=row.kind,
            sha256=row.sha256,
        )


def check_layout(template: str | None) -> None:
    """Raise `CatalogueError` for a layout that cannot be."""
    if template is None:
        return
    try:
        fields = [(name, spec, how) for _, name, spec, how in Formatter().parse(template) if name is not None]
    except ValueError as error:
        raise CatalogueError(f"{template!r} is no layout: {error}", hint="'{dataset}/{patient}/{name}'") from None
    strange = [name for name, spec, how in fields if name not in FIELDS or spec or how]
    if strange:
        raise CatalogueError(f"a layout has no {{{strange[0]}}}", hint=f"it may have {', '.join(FIELDS)}")
    if not {"name", "path"} & {name for name, _, _ in fields}:
        raise CatalogueError("a layout needs {name} or {path}: else all files have one name", hint="add /{name}")
    if template.startswith("/") or ".." in template.split("/"):
        raise CatalogueError(f"{template!r} leads out of the folder", hint="leave out / at the start, and ..")


def _path(row: FileRow, share: str, template: str | None) -> str:
    is_dicom = row.kind == "dicom" and row.series is not None
    template = template or (_OF_DICOM if is_dicom else _OF_OTHERS)
    values = {
        "dataset": row.dataset,
        "part": row.part or "",
        "patient": splits.patient_of(row) or _UNKNOWN,
        "study": row.study or _UNKNOWN,
        "series": row.series or _UNKNOWN,
        "modality": row.modality or _UNKNOWN,
        "split": share,
        "name": row.path.rpartition("/")[2],
    }
    made = template.format(**{name: value.replace("/", "-") for name, value in values.items()}, path=row.path)
    return "/".join(part for part in made.split("/") if part not in ("", ".", ".."))


def _free(path: str, taken: Counter[str]) -> str:
    """Return a path that no other file has, whatever the case."""
    folder, slash, name = path.rpartition("/")
    while taken[path.casefold()]:
        taken[path.casefold()] += 1
        stem, dot, ending = name.partition(".")
        path = f"{folder}{slash}{stem}-{taken[path.casefold()]}{dot}{ending}"
    taken[path.casefold()] += 1
    return path
