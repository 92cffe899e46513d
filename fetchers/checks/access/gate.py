"""Decide whether a dataset may be downloaded now.

Decided from the dataset and the events of the record, and from nothing else. Days are UTC days. A lapse that stands in
the record as an event holds until the step is done again or the grant renewed: an expiry once seen does not un-expire
when the clock goes back. A gated dataset that names no steps has one: to ask for access.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from fetchers.checks.access.applications import Application, application, belonging
from fetchers.checks.access.tasks import Task, steps_of, tasks_of
from fetchers.records import Event, Evidence

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from fetchers.dataset import Dataset

__all__ = ["Application", "Evidence", "Gate", "Lapse", "Task", "application", "gate", "lapses", "lapsing"]

AHEAD = 30  # days in which a lapse is announced
_CLOCK = "the clock"  # who brought a lapse about


class Gate(NamedTuple):
    """Whether access is open; if not, the reason (a sentence), what to type, and the task that comes next."""

    open: bool
    state: str
    reason: str
    hint: str | None = None
    task: Task | None = None


class Lapse(NamedTuple):
    """What ends soon: the step `key` on the day `on`, or, without a key, the grant after that day."""

    dataset: str
    part: str | None
    key: str | None
    title: str
    on: date


def gate(dataset: Dataset, events: Sequence[Event], now: datetime) -> Gate:
    """Return whether `dataset` may be fetched now; an open one asks for nothing."""
    if dataset.access == "open":
        return Gate(open=True, state="open", reason="it is open to everybody")
    if dataset.access == "unavailable":
        where = f"; its page: {dataset.link}" if dataset.link else ""
        return Gate(
            open=False,
            state="unavailable",
            reason=f"it is unavailable at present: the archive does not hand it out{where}",
            hint=f"fetch show {dataset.name}",
        )
    found = _counting(dataset, events, now)
    if found is None:
        return _unasked(dataset, now)
    if found.state == "granted":
        until = f" until {found.until}" if found.until else ""
        return Gate(open=True, state="granted", reason=f"access was granted on {found.granted_on}{until}")
    return _shut(dataset, found)


def lapses(dataset: Dataset, events: Sequence[Event], now: datetime) -> list[Event]:
    """Return the lapses that are not recorded yet, to be appended: they stay seen whatever the clock says later."""
    found = application(dataset, events, now)
    if found is None or found.over:
        return []
    _, own = belonging(dataset, events)
    seen = _seen(own)
    new = [
        _lapse(found, now, key=task.key, on=task.lapses_on)
        for task in found.tasks
        if task.lapsed and task.key not in seen and task.lapses_on
    ]
    if found.until is not None and now.date() > found.until and found.was_granted and None not in seen:
        new.append(_lapse(found, now, key=None, on=found.until))
    return new


def lapsing(dataset: Dataset, events: Sequence[Event], now: datetime, days: int = AHEAD) -> tuple[Lapse, ...]:
    """Return what still holds today and ends within `days`, the soonest first; a step counts with the day it lapses."""
    found = application(dataset, events, now)
    if found is None or found.state not in ("granted", "open", "submitted"):
        return ()
    today = now.date()
    last = today + timedelta(days=days)
    soon = [
        Lapse(dataset=found.dataset, part=found.part, key=task.key, title=task.title, on=task.lapses_on)
        for task in found.tasks
        if task.lapses_on is not None and not task.lapsed and today < task.lapses_on <= last
    ]
    if found.state == "granted" and found.until is not None and today <= found.until <= last:
        soon.append(Lapse(dataset=found.dataset, part=found.part, key=None, title="the grant", on=found.until))
    return tuple(sorted(soon, key=lambda lapse: (lapse.on, lapse.key or "")))


def _seen(own: Sequence[Event]) -> set[str | None]:
    """Return what has lapsed in the record and was not done or renewed since; None stands for the grant."""
    seen: set[str | None] = set()
    for event in own:
        if event.what == "lapsed":
            seen.add(event.key)
        elif event.what in ("done", "skipped"):
            seen.discard(event.key)
        elif event.what in ("granted", "renewed"):
            seen.discard(None)
    return seen


def _counting(dataset: Dataset, events: Sequence[Event], now: datetime) -> Application | None:
    """Return the application that counts: one created automatically for a part is ignored if the whole was granted."""
    found = application(dataset, events, now)
    if found is None or found.part is None or found.state == "granted":
        return found
    _, own = belonging(dataset, events)
    if not all(event.data.get("automatic") for event in own):
        return found
    whole = application(dataset._replace(part=None), events, now)
    return whole if whole is not None and whole.state == "granted" else found


def _lapse(found: Application, now: datetime, *, key: str | None, on: date) -> Event:
    return Event(
        seq=0,
        at=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        who=_CLOCK,
        what="lapsed",
        dataset=found.dataset,
        part=found.part,
        key=key,
        on=on.isoformat(),
    )


def _unasked(dataset: Dataset, now: datetime) -> Gate:
    tasks = tasks_of(dataset, dataset.part, (), applied_on=now.date(), owner=None, today=now.date())
    return _step(dataset, dataset.address, tasks, f"access requires {_a(dataset.access)}")


def _shut(dataset: Dataset, found: Application) -> Gate:
    address = found.address
    if found.over:
        said = "access was denied" if found.state == "denied" else "the application is closed"
        return Gate(
            open=False,
            state=found.state,
            reason=said,
            hint=f"fetch apply {address}   (a new application; if it was granted after all: "
            f"fetch grant {address} --evidence FILE)",
        )
    again = next((task for task in found.tasks if task.lapsed), None)
    if again is not None:
        return _step(dataset, address, (again,), f"access lapsed on {again.lapses_on}", state=found.state)
    if found.state == "lapsed":
        return Gate(
            open=False,
            state="lapsed",
            reason=f"access lapsed: it was granted until {found.until}",
            hint=f"when the owner has prolonged it: fetch renew {address} --until DATE --evidence FILE",
        )
    if found.state == "submitted":
        return Gate(
            open=False,
            state="submitted",
            reason=f"the {dataset.access} is submitted, the answer is not recorded yet",
            hint=f"when the answer has come: fetch grant {address} --evidence FILE   (or: fetch deny {address})",
        )
    return _step(dataset, address, found.tasks, f"the {dataset.access} is under way")


def _step(dataset: Dataset, address: str, tasks: Sequence[Task], why: str, *, state: str = "open") -> Gate:
    """Return the first open step with its address, and the command that marks it done."""
    open_tasks = [task for task in tasks if task.open]
    task = next((task for task in open_tasks if task.state != "blocked"), open_tasks[0])
    where = f" ({task.url})" if task.url else ""
    steps = steps_of(dataset)
    hint = f"when it is done: fetch tasks done {address} {task.key} --evidence FILE   (all: fetch tasks {address})"
    if task.waits and task.state != "blocked":
        hint = f"when the answer has come: fetch grant {address} --evidence FILE   (or: fetch deny {address})"
    number = next((index for index, step in enumerate(steps, 1) if step.key == task.key), 1)
    return Gate(
        open=False,
        state=state,
        reason=f"{why}; step {number} of {len(steps)}, {task.key}: {task.title}{where}",
        hint=hint,
        task=task,
    )


def _a(access: str) -> str:
    return f"{'an' if access[0] in 'aeiou' else 'a'} {access}"
