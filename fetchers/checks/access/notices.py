"""Collect what somebody should be told today: due, about to lapse, lapsed, changed.

Each notice has a key that stays the same as long as it speaks of the same thing, so that nobody is told twice.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

from fetchers.checks.access import gate, permissions
from fetchers.dataset import address_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from fetchers.checks.access.applications import Application
    from fetchers.dataset import Dataset
    from fetchers.records import Event

Kind = Literal["due", "lapsing", "lapsed", "changed"]
KINDS: tuple[Kind, ...] = ("due", "lapsing", "lapsed", "changed")
_NEWS = timedelta(days=30)  # an older outcome is no news to an address that is told for the first time


class Notice(NamedTuple):
    """One thing that somebody should be told; `hint` is what to type."""

    kind: Kind
    dataset: str
    part: str | None
    key: str
    message: str
    hint: str | None
    on: date | None = None


def notices(datasets: Sequence[Dataset], events: Sequence[Event], now: datetime) -> list[Notice]:
    """Return what is to be told of the applications for `datasets` and of all permissions."""
    found: list[Notice] = []
    for dataset in datasets:
        application = gate.application(dataset, events, now)
        if application is not None:
            found += _due(application, now.date())
            found += _ending(dataset, events, now)
            found += _outcome(application, now.date())
    found += _permissions(events, now)
    return sorted(found, key=lambda one: (KINDS.index(one.kind), str(one.on), one.dataset, one.key))


def _due(application: Application, today: date) -> Iterator[Notice]:
    for task in application.tasks:
        if not task.open or task.state == "blocked" or task.due is None or task.due > today:
            continue
        hint = f"fetch tasks done {application.address} {task.key} --evidence FILE"
        if task.waits:
            hint = f"fetch grant {application.address} --evidence FILE"
        late = "" if task.due == today else f", {(today - task.due).days} days late"
        yield Notice(
            kind="lapsed" if task.lapsed else "due",
            dataset=application.dataset,
            part=application.part,
            key=f"{'lapsed' if task.lapsed else 'due'} {application.address} {task.key} {task.due}",
            message=f"{task.title}: lapsed on {task.due}" if task.lapsed else f"{task.title} (due {task.due}{late})",
            hint=hint,
            on=task.due,
        )


def _ending(dataset: Dataset, events: Sequence[Event], now: datetime) -> Iterator[Notice]:
    for lapse in gate.lapsing(dataset, events, now):
        address = dataset.address
        hint = f"fetch renew {address} --until DATE --evidence FILE"
        if lapse.key is not None:
            hint = f"fetch tasks done {address} {lapse.key} --evidence FILE"
        yield Notice(
            kind="lapsing",
            dataset=lapse.dataset,
            part=lapse.part,
            key=f"lapsing {address} {lapse.key or 'grant'} {lapse.on}",
            message=f"{lapse.title} ends on {lapse.on}",
            hint=hint,
            on=lapse.on,
        )


def _outcome(application: Application, today: date) -> Iterator[Notice]:
    address, until = application.address, application.until
    if application.state == "lapsed" and until is not None and until < today:
        yield Notice(
            kind="lapsed",
            dataset=application.dataset,
            part=application.part,
            key=f"lapsed {address} grant {until}",
            message=f"the grant ended on {until}, and access with it",
            hint=f"fetch renew {address} --until DATE --evidence FILE",
            on=until,
        )
    decided = application.decided_on
    if decided is not None and today - decided <= _NEWS:
        yield Notice(
            kind="changed",
            dataset=application.dataset,
            part=application.part,
            key=f"changed {address} {application.word} {decided} {until}",
            message=f"access was {application.word} on {decided}" + (f", until {until}" if until else ""),
            hint=f"fetch status {address}",
            on=decided,
        )


def _permissions(events: Sequence[Event], now: datetime) -> Iterator[Notice]:
    soon = {(one.dataset, one.part, one.use) for one in permissions.lapsing(events, now, gate.AHEAD)}
    for one in permissions.permissions(events, now):
        address = address_of(one.dataset, one.part)
        lapsing = (one.dataset, one.part, one.use) in soon
        if not (lapsing or (one.state == "lapsed" and one.until is not None)):
            continue
        yield Notice(
            kind="lapsing" if lapsing else "lapsed",
            dataset=one.dataset,
            part=one.part,
            key=f"{'lapsing' if lapsing else 'lapsed'} {address} permission {one.use} {one.until}",
            message=f"the permission for {one.use} {'ends' if lapsing else 'ended'} on {one.until}",
            hint=f"fetch permit {address} {one.use} --until DATE --evidence FILE",
            on=one.until,
        )
