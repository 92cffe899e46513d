"""Make the rows of the catalogue, and all that is known of one dataset. Without a record, no database is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.dataset import Part
from fetchers.document import document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from fetchers.context import Context
    from fetchers.dataset import Citation, Dataset, Erratum, Listed, Step
    from fetchers.inspection.uses import Use
    from fetchers.records import Event

_YEAR = 365  # days after which facts are said to be old


class Row(NamedTuple):
    """One line of the catalogue. `original`: it stands in the original list; `errata` counts where that is wrong."""

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
    original: bool


class PartListing(NamedTuple):
    """One part of a dataset, as its place counts it; `line` says it for a person."""

    dataset: str
    part: str | None
    title: str
    line: str
    patients: int | None = None
    series: int | None = None
    files: int | None = None
    bytes: int | None = None
    modalities: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()


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
    aged: bool  # what is known of it was checked more than a year ago
    acknowledge: tuple[str, ...]
    made_from: tuple[str, ...]
    version: str | None = None  # the place's own, as it was recorded
    licence_words: str | None = None  # what the place itself says of the licence
    origin: str | None = None  # the address that it was fetched by

    def to_dict(self) -> dict[str, Any]:
        """Return the verb's JSON document."""
        return dict(document(self))


def part_row(dataset: Dataset, part: tuple[str, str] | Part) -> PartListing:
    """Return the row of one part, as the catalogue or its place names it."""
    if isinstance(part, Part):
        return PartListing(
            dataset=dataset.name, part=part.name, title=part.title or part.name, line=part.line, patients=part.patients,
            series=part.series, files=part.files, bytes=part.bytes, modalities=part.modalities, licences=part.licences,
        )  # fmt: skip
    return PartListing(dataset=dataset.name, part=part[0], title=part[1] or part[0], line=part[1])


def shown(context: Context, dataset: Dataset, events: Sequence[Event]) -> Show:
    """Return all that is known of a dataset or part."""
    from fetchers.checks.access.tasks import steps_of
    from fetchers.checks.terms import duo
    from fetchers.checks.terms.list_phrases import phrase
    from fetchers.inspection.uses import judged_uses

    listed = phrase(dataset.listed.licence) if dataset.listed else None
    row = dataset_row(dataset, held_files(held_counts(context), dataset))
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
        uses=judged_uses(dataset, context.workspace.catalogue.licences, events, context.now),
        listed_uses=judged_uses(dataset._replace(licence=listed.id, parts=()), {listed.id: listed}, (), context.now)
        if listed
        else {},
        steps=steps_of(dataset),
        citation=dataset.citations,
        duo=_codes(context, dataset),
        duo_release=duo.RELEASE,
        part_rows=tuple(
            PartRow(part=part.part or "", title=part.title, access=part.access, licence=part.licence)
            for part in dataset.parts
        ),
        notes=dataset.notes,
        checked_on=dataset.checked_on,
        version=dataset.version,
        licence_words=dataset.licence_words,
        origin=dataset.origin,
        aged=_aged(dataset.checked_on, context.now),
        acknowledge=dataset.acknowledge,
        made_from=dataset.made_from,
    )


def _aged(checked_on: date | None, now: datetime) -> bool:
    return checked_on is not None and (now.date() - checked_on).days > _YEAR


def _codes(context: Context, dataset: Dataset) -> tuple[Code, ...]:
    from fetchers.checks.terms import duo
    from fetchers.checks.terms import verdict as terms

    licences = context.workspace.catalogue.licences
    known = [terms.lookup(identifier, licences) for identifier in terms.licences_in(dataset.licence)]
    codes = dict.fromkeys(code for one in known if one is not None for code in one.duo)
    return tuple(Code(id=code, label=duo.label(code)) for code in codes)


def held_files(here: Mapping[tuple[str, str | None], int], dataset: Dataset) -> int:
    """Count what is held: of a dataset with all its parts, of a part its own."""
    return sum(count for (name, part), count in here.items() if name == dataset.name and dataset.part in (None, part))


def dataset_row(dataset: Dataset, files: int) -> Row:
    """Return the row of one dataset."""
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
        original=dataset.listed is not None,
    )


def _parts(dataset: Dataset) -> tuple[str, ...]:
    return tuple(part.part or "" for part in dataset.parts)


def is_recorded(context: Context) -> bool:
    """Return True if there is a record; without one, no database is loaded."""
    return (context.store / "manifest.sqlite").exists() or (context.store / "manifest.journal").exists()


def held_counts(context: Context) -> Mapping[tuple[str, str | None], int]:
    """Count the held files of each dataset and part."""
    if not is_recorded(context):
        return {}
    from fetchers.storage.record.manifest import Manifest

    counts: dict[tuple[str, str | None], int] = {}
    with Manifest.open(context.store, write=False) as manifest:
        for row in manifest.holdings():
            counts[row.dataset, row.part] = counts.get((row.dataset, row.part), 0) + row.files
    return counts


def has_licence(dataset: Dataset, wanted: str) -> bool:
    """Return True if the dataset has that licence, whatever the case."""
    if dataset.licence is None:
        return wanted.casefold() in ("unknown", "none")
    if dataset.licence.casefold() == wanted.casefold():
        return True
    from fetchers.checks.terms.expression import licences_in

    return wanted.casefold() in {identifier.casefold() for identifier in licences_in(dataset.licence)}
