"""Where are we? Held, under way, applied for, about to lapse."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fetchers.checks import access
from fetchers.holding import Holding
from fetchers.storage.manifest import Manifest
from fetchers.verbs import history

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from fetchers.dataset import Dataset
    from fetchers.holding import Event, Wanted
    from fetchers.verbs.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderWay:
    """What was wanted of a dataset or part and is not here; `message` is the last failure's."""

    dataset: str
    part: str | None
    queued: int
    failed: int
    bytes: int | None
    message: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """One application, with the key of the task that is next."""

    dataset: str
    part: str | None
    state: str
    owner: str | None
    granted_on: date | None
    until: date | None
    next_task: str | None
    due: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapsing:
    """What ends within 30 days, or has ended. `key` is a step's, or None for the grant."""

    dataset: str
    part: str | None
    key: str | None
    title: str
    on: date
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """All of it."""

    held: tuple[Holding, ...]
    under_way: tuple[UnderWay, ...]
    applications: tuple[Applied, ...]
    lapsing: tuple[Lapsing, ...]


def run(place: Place, names: Sequence[str]) -> Status:
    """Say where we are with `names`, or with everything. A lapse that is seen for the first time is recorded."""
    with Manifest.open(place.store, write=False) as manifest:
        held, wanted = manifest.holdings(), manifest.wanted()
    events = history.noticed(place)
    asked = {one.name for name in names for one in place.workspace.catalogue.find(name)}
    chosen = [one for one in history.subjects(place, events) if not asked or one.name in asked]
    return Status(
        held=tuple(row for row in held if not asked or row.dataset in asked),
        under_way=tuple(_under_way(row for row in wanted if not asked or row.dataset in asked)),
        applications=tuple(_applications(place, chosen, events)),
        lapsing=tuple(_lapsing(place, chosen, events)),
    )


def _applications(place: Place, chosen: Sequence[Dataset], events: Sequence[Event]) -> Iterator[Applied]:
    for dataset in chosen:
        found = access.application(dataset, events, place.now)
        if found is not None:
            task = found.next_task
            yield Applied(
                dataset=found.dataset,
                part=found.part,
                state=found.state,
                owner=found.owner,
                granted_on=found.granted_on,
                until=found.until,
                next_task=task.key if task else None,
                due=task.due if task else None,
            )


def _lapsing(place: Place, chosen: Sequence[Dataset], events: Sequence[Event]) -> Iterator[Lapsing]:
    for dataset in chosen:
        for lapse in access.lapsing(dataset, events, place.now):
            if lapse.key is None:
                hint = f"fetch renew {dataset.address} --until DATE --evidence FILE"
            else:
                hint = f"fetch tasks done {dataset.address} {lapse.key} --evidence FILE"
            yield Lapsing(
                dataset=lapse.dataset, part=lapse.part, key=lapse.key, title=lapse.title, on=lapse.on, hint=hint
            )


def _under_way(wanted: Iterator[Wanted]) -> Iterator[UnderWay]:
    rows = list(wanted)
    states = Counter((row.dataset, row.part, row.state) for row in rows)
    for name, part in dict.fromkeys((row.dataset, row.part) for row in rows):
        mine = [row for row in rows if (row.dataset, row.part) == (name, part)]
        sizes = [row.size for row in mine if row.size is not None]
        yield UnderWay(
            dataset=name,
            part=part,
            queued=states[name, part, "queued"],
            failed=states[name, part, "failed"],
            bytes=sum(sizes) if len(sizes) == len(mine) else None,
            message=next((row.message for row in reversed(mine) if row.message), None),
        )
