"""What is there to be had, and what is known of it?

The catalogue's rows. What is held is looked up only where a record exists: a fresh workspace pays for no database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fetchers.dataset import USES
from fetchers.verbs.declared import has_body_part, has_modality

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from fetchers.dataset import Citation, Dataset, Erratum, Licence, Listed, Step
    from fetchers.holding import Event
    from fetchers.verbs.place import Place


class Row(NamedTuple):
    """One line of the catalogue. `errata` counts where the original list is wrong."""

    dataset: str
    title: str
    aliases: tuple[str, ...]
    modalities: tuple[str, ...]
    body_parts: tuple[str, ...]
    images: int | None
    patients: int | None
    access: str
    licence: str | None
    link: str | None
    parts: tuple[str, ...]
    held_files: int
    errata: int


class Use(NamedTuple):
    """What the terms say of one use."""

    verdict: str
    reason: str
    duties: tuple[str, ...]


class Code(NamedTuple):
    """One term of the Data Use Ontology."""

    id: str
    label: str | None


class PartRow(NamedTuple):
    """One part, as far as it differs."""

    part: str
    title: str
    access: str
    licence: str | None


class Show(NamedTuple):
    """All that is known of one dataset or part. `listed_uses` is what the original list's words alone would mean."""

    dataset: str
    part: str | None
    title: str
    aliases: tuple[str, ...]
    modalities: tuple[str, ...]
    body_parts: tuple[str, ...]
    images: int | None
    patients: int | None
    access: str
    licence: str | None
    link: str | None
    parts: tuple[str, ...]
    held_files: int
    listed: Listed | None
    errata: tuple[Erratum, ...]
    uses: Mapping[str, Use]
    listed_uses: Mapping[str, Use]
    steps: tuple[Step, ...]
    citation: tuple[Citation, ...]
    duo: tuple[Code, ...]
    duo_release: str
    part_rows: tuple[PartRow, ...]
    notes: str | None
    checked_on: date | None


def listing(
    place: Place,
    *,
    access: str | None = None,
    modality: str | None = None,
    body_part: str | None = None,
    licence: str | None = None,
    held: bool = False,
) -> tuple[Row, ...]:
    """Give the datasets of the catalogue that fit, by name. A dataset fits by any of its parts."""
    here = _held(place)
    rows = []
    for dataset in place.workspace.catalogue.all():
        whole = (dataset, *dataset.parts)
        files = _files(here, dataset)
        if (
            (access is None or any(one.access == access for one in whole))
            and (modality is None or any(has_modality(one, modality) for one in whole))
            and (body_part is None or any(has_body_part(one, body_part) for one in whole))
            and (licence is None or any(_has_licence(one, licence) for one in whole))
            and (files or not held)
        ):
            rows.append(_row(dataset, files))
    return tuple(rows)


def show(place: Place, name: str) -> Show:
    """Give all that is known of `name`; raises `CatalogueError` where it is unknown or means several parts."""
    from fetchers.checks import duo, terms  # noqa: PLC0415 - `list` judges nothing
    from fetchers.checks.phrases import phrase  # noqa: PLC0415 - the same
    from fetchers.checks.tasks import steps_of  # noqa: PLC0415 - the same
    from fetchers.errors import CatalogueError  # noqa: PLC0415 - the same
    from fetchers.verbs import history  # noqa: PLC0415 - the same

    found = place.workspace.catalogue.find(name)
    if len(found) != 1:
        names = ", ".join(one.address for one in found)
        raise CatalogueError(f"{name} means {len(found)} parts: {names}", hint="name one of them")
    (dataset,) = found
    listed = phrase(dataset.listed.licence) if dataset.listed else None
    given = terms.permissions_for(dataset.name, dataset.part, history.read(place) if _recorded(place) else ())
    row = _row(dataset, _files(_held(place), dataset))
    return Show(
        dataset=row.dataset,
        part=dataset.part,
        title=row.title,
        aliases=row.aliases,
        modalities=row.modalities,
        body_parts=row.body_parts,
        images=row.images,
        patients=row.patients,
        access=row.access,
        licence=row.licence,
        link=row.link,
        parts=row.parts,
        held_files=row.held_files,
        listed=dataset.listed,
        errata=dataset.errata,
        uses=_uses(dataset.licence, place.workspace.catalogue.licences, given, place.now),
        listed_uses=_uses(listed.id, {listed.id: listed}, (), place.now) if listed else {},
        steps=steps_of(dataset),
        citation=dataset.citations,
        duo=_codes(place, dataset),
        duo_release=duo.RELEASE,
        part_rows=tuple(
            PartRow(part=part.part or "", title=part.title, access=part.access, licence=part.licence)
            for part in dataset.parts
        ),
        notes=dataset.notes,
        checked_on=dataset.checked_on,
    )


def _uses(
    licence: str | None, licences: Mapping[str, Licence], given: Sequence[Event], now: datetime
) -> Mapping[str, Use]:
    from fetchers.checks import terms  # noqa: PLC0415 - `list` judges nothing

    judged = {use: terms.judge(licence, use, licences, given, now) for use in USES}
    return {use: Use(verdict=one.verdict, reason=one.reason, duties=one.duties) for use, one in judged.items()}


def _codes(place: Place, dataset: Dataset) -> tuple[Code, ...]:
    from fetchers.checks import duo, terms  # noqa: PLC0415 - `list` shows none

    licences = place.workspace.catalogue.licences
    known = [terms.lookup(identifier, licences) for identifier in terms.licences_in(dataset.licence)]
    codes = dict.fromkeys(code for one in known if one is not None for code in one.duo)
    return tuple(Code(id=code, label=duo.label(code)) for code in codes)


def _files(here: Mapping[tuple[str, str | None], int], dataset: Dataset) -> int:
    """Count what is held: of a dataset with all its parts, of a part its own."""
    return sum(count for (name, part), count in here.items() if name == dataset.name and dataset.part in (None, part))


def _row(dataset: Dataset, files: int) -> Row:
    return Row(
        dataset=dataset.name,
        title=dataset.title,
        aliases=dataset.aliases,
        modalities=dataset.modalities,
        body_parts=dataset.body_parts,
        images=dataset.images,
        patients=dataset.patients,
        access=dataset.access,
        licence=dataset.licence,
        link=dataset.link,
        parts=_parts(dataset),
        held_files=files,
        errata=len(dataset.errata),
    )


def _parts(dataset: Dataset) -> tuple[str, ...]:
    return tuple(part.part or "" for part in dataset.parts)


def _recorded(place: Place) -> bool:
    """Whether there is a record; without one, no database is loaded."""
    return (place.store / "manifest.sqlite").exists() or (place.store / "manifest.journal").exists()


def _held(place: Place) -> Mapping[tuple[str, str | None], int]:
    if not _recorded(place):
        return {}
    from fetchers.storage.manifest import Manifest  # noqa: PLC0415 - a fresh workspace has no record

    counts: dict[tuple[str, str | None], int] = {}
    with Manifest.open(place.store, write=False) as manifest:
        for row in manifest.holdings():
            counts[row.dataset, row.part] = counts.get((row.dataset, row.part), 0) + row.files
    return counts


def _has_licence(dataset: Dataset, wanted: str) -> bool:
    if dataset.licence is None:
        return wanted.casefold() in ("unknown", "none")
    if dataset.licence.casefold() == wanted.casefold():
        return True
    from fetchers.checks.expression import licences_in  # noqa: PLC0415 - only an expression has to be read

    return wanted.casefold() in {identifier.casefold() for identifier in licences_in(dataset.licence)}
