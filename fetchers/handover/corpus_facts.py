"""Gather what is to be told of a corpus: counts, versions, days, terms, approvals, references, all from the record."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from fetchers.checks.access import gate
from fetchers.checks.terms import verdict as terms
from fetchers.checks.terms.licence_text import text_of, text_sha256
from fetchers.events import log
from fetchers.handover.held_files import Files, held_of
from fetchers.inspection.stores import Stores

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fetchers.context import Context
    from fetchers.dataset import Dataset
    from fetchers.inspection.scope import Subject
    from fetchers.records import Event


class Term(NamedTuple):
    """One licence of a dataset; `text_sha256` is of the text as it reads today, `accepted_on` the day of a person."""

    id: str
    name: str
    url: str | None
    text: str
    text_sha256: str
    duo: tuple[str, ...]
    uses: Mapping[str, str]
    accepted_on: str | None


class Approval(NamedTuple):
    """The access that an owner granted."""

    granted_on: str | None
    until: str | None


class Numbers(NamedTuple):
    """What is held of one dataset or part, counted in the record; `images` are the files that are no readmes."""

    dataset: str
    part: str | None
    files: int
    bytes: int
    images: int
    patients: int
    studies: int
    series: int
    modalities: Mapping[str, int]
    first_acquired_on: str
    last_acquired_on: str


class Facts(NamedTuple):
    """All that is told of one dataset or part."""

    dataset: Dataset
    licence: str | None
    numbers: Numbers
    terms: tuple[Term, ...]
    approval: Approval | None
    held: Subject


def facts(context: Context, names: Sequence[str]) -> list[Facts]:
    """Return what is told of each held dataset of `names`; raise `NothingMatched` where nothing is held."""
    held, events = held_of(context, names), log.noticed(context)
    with Stores(context) as stores:
        said = [events, *(manifest.events() for manifest in stores.manifests[1:])]
        return [
            Facts(
                dataset=one.dataset,
                licence=_together(one),
                numbers=_numbers(context, stores, one),
                terms=tuple(_terms(context, one, said)),
                approval=next(filter(None, (_approval(context, one.dataset, events) for events in said)), None),
                held=one,
            )
            for one in held
        ]


def _together(one: Subject) -> str | None:
    said = sorted({licence for licence in one.licences if licence})
    if len(said) < 2:  # noqa: PLR2004 - one, or none
        return said[0] if said else None
    return " AND ".join(f"({licence})" if " OR " in licence else licence for licence in said)


def _numbers(context: Context, stores: Stores, one: Subject) -> Numbers:
    dataset, there = one.dataset, stores.holding(one)
    if len(there) > 1:
        return _counted(context, one)
    (_, manifest), *_ = there
    counts = manifest.summed(dataset.name, dataset.part)
    return Numbers(
        dataset.name, dataset.part, *counts[:6], manifest.modalities(dataset.name, dataset.part), *counts[6:]
    )


def _counted(context: Context, one: Subject) -> Numbers:
    """Count row by row what lies in several stores: files, patients and series that two of them hold count once."""
    files = size = images = 0
    groups: tuple[set[str | None], ...] = (set(), set(), set())
    modalities: Counter[str] = Counter()
    days: set[str] = set()
    for row in Files(context, [one]):
        files, size, images = files + 1, size + row.size, images + (not row.beside)
        for group, value in zip(groups, (row.patient, row.study, row.series), strict=True):
            group.add(value)
        if row.modality is not None:
            modalities[row.modality] += 1
        days.add(row.acquired_at[:10])
    patients, studies, series = (len(group - {None}) for group in groups)
    return Numbers(
        dataset=one.dataset.name,
        part=one.dataset.part,
        files=files,
        bytes=size,
        images=images,
        patients=patients,
        studies=studies,
        series=series,
        modalities=dict(sorted(modalities.items())),
        first_acquired_on=min(days),
        last_acquired_on=max(days),
    )


def _terms(context: Context, one: Subject, said: Sequence[Sequence[Event]]) -> Iterator[Term]:
    licences = context.workspace.catalogue.licences
    for identifier in dict.fromkeys(name for said in one.licences for name in terms.licences_in(said)):
        licence = terms.lookup(identifier, licences)
        if licence is None:
            yield Term(identifier, identifier, None, "", "", (), {}, None)
            continue
        # One's own word counts before that of a store that is only read.
        agreed = [event for events in reversed(said) for event in events if _accepts(event, licence.id)]
        yield Term(
            id=licence.id,
            name=licence.name or licence.id,
            url=licence.url,
            text=text_of(licence),
            text_sha256=text_sha256(licence),
            duo=licence.duo,
            uses=licence.uses,
            accepted_on=(agreed[-1].on or agreed[-1].at)[:10] if agreed else None,
        )


def _accepts(event: Event, licence: str) -> bool:
    return event.what == "accepted" and event.key == licence


def _approval(context: Context, dataset: Dataset, events: Sequence[Event]) -> Approval | None:
    found = gate.application(dataset, events, context.now)
    if found is None or found.state != "granted":
        return None
    granted = found.granted_on
    return Approval(str(granted) if granted else None, str(found.until) if found.until else None)
