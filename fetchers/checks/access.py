"""May it be fetched now?

A fold over the events of the record, and nothing else. Decisions:

* Days are UTC days. A grant holds through the day of its `until` and is past from the next one on.
* Registration is open when every step is done or skipped; then its application counts as granted. An explicit grant,
  recorded with evidence or a note, opens it as well. A gated dataset that names no steps wants one: to be asked for.
* Application and subscription are open when granted. All steps done make them `submitted`, and no more.
* A lapsed step shuts the gate as a lapsed grant does. A lapse that stands in the record as an event holds until the step
  is done again, or the grant renewed: an expiry once seen does not un-expire when the clock goes back.
* The application of a dataset covers those of its parts that have no application of their own.
* An application that a refused download opened by itself becomes the person's with the first `apply`: the waiting times
  count from that day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from fetchers.checks.tasks import Task, day_of, steps_of, tasks_of, text_in
from fetchers.holding import Event, Evidence

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from fetchers.dataset import Dataset
    from fetchers.holding import ApplicationState

__all__ = ["Application", "Evidence", "Gate", "Lapse", "Task", "application", "gate", "lapses", "lapsing"]

CHANGES = frozenset(
    ("applied", "started", "done", "skipped", "reopened", "assigned", "granted", "denied", "renewed", "closed", "lapsed")
)
AHEAD = 30  # days in which a lapse is announced
_CLOCK = "the clock"  # who brought a lapse about


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """One application for access. `part` is None where it is for the dataset as a whole."""

    dataset: str
    part: str | None
    state: ApplicationState
    owner: str | None
    purpose: str | None
    applied_on: date
    granted_on: date | None
    until: date | None
    tasks: tuple[Task, ...]
    was_granted: bool = False

    @property
    def address(self) -> str:
        """`NAME` or `NAME/PART`, as a person types it."""
        return self.dataset if self.part is None else f"{self.dataset}/{self.part}"

    @property
    def next_task(self) -> Task | None:
        """The first task that can be done now, else the first that is open at all."""
        ready = [task for task in self.tasks if task.state in ("todo", "doing")]
        return (ready or [task for task in self.tasks if task.open] or [None])[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Whether the way is open; if not, why (a sentence), what to type, and the task that stands in the way."""

    open: bool
    state: str
    reason: str
    hint: str | None = None
    task: Task | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapse:
    """What ends soon. `key` is the step's, None for the grant; `on` is the last good day of a grant, the day a step lapses."""

    dataset: str
    part: str | None
    key: str | None
    title: str
    on: date


def application(dataset: Dataset, events: Sequence[Event], now: datetime) -> Application | None:
    """Fold `events` into the application for `dataset`; None where nobody applied."""
    part, own = _belonging(dataset, events)
    if not own:
        return None
    today = now.date()
    applied = [event for event in own if event.what == "applied"]
    asked = [event for event in applied if not event.data.get("automatic")]
    applied_on = day_of((asked or applied or own)[0])
    owner = next((text for event in applied if (text := text_in(event, "owner"))), None)
    purpose = next((text for event in applied if (text := text_in(event, "purpose"))), None)
    tasks = tasks_of(dataset, part, own, applied_on=applied_on, owner=owner, today=today)
    course = _Outcome()
    for event in own:
        if event.key is None:
            course.turn(event)
    state, granted_on = _state(dataset, course, tasks, today)
    return Application(
        dataset=dataset.name,
        part=part,
        state=state,
        owner=owner,
        purpose=purpose,
        applied_on=applied_on,
        granted_on=granted_on,
        until=course.until,
        tasks=tasks,
        was_granted=course.granted_on is not None,
    )


def gate(dataset: Dataset, events: Sequence[Event], now: datetime) -> Gate:
    """Say whether `dataset` may be fetched now; an open one asks for nothing."""
    if dataset.access == "open":
        return Gate(open=True, state="open", reason="it is open to everybody")
    if dataset.access == "unavailable":
        where = f"; its page: {dataset.link}" if dataset.link else ""
        return Gate(
            open=False,
            state="unavailable",
            reason=f"it is unavailable at present: the place hands it out to nobody{where}",
            hint=f"fetch show {dataset.name}",
        )
    found = application(dataset, events, now)
    if found is None:
        return _unasked(dataset, now)
    if found.state == "granted":
        until = f" until {found.until}" if found.until else ""
        return Gate(open=True, state="granted", reason=f"access was granted on {found.granted_on}{until}")
    return _shut(dataset, found)


def lapses(dataset: Dataset, events: Sequence[Event], now: datetime) -> list[Event]:
    """Give the lapses that nobody has recorded yet, to be appended: so they stay seen whatever the clock says later."""
    found = application(dataset, events, now)
    if found is None:
        return []
    _, own = _belonging(dataset, events)
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
    """Give what still holds today and ends within `days`, the soonest first; a step counts with the day it lapses."""
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
        soon.append(Lapse(dataset=found.dataset, part=found.part, key=None, title="the grant of access", on=found.until))
    return tuple(sorted(soon, key=lambda lapse: (lapse.on, lapse.key or "")))


class _Outcome:
    """What the events say of the application as a whole."""

    def __init__(self) -> None:
        self.word: ApplicationState = "open"
        self.granted_on: date | None = None
        self.until: date | None = None
        self.lapse_seen = False

    def turn(self, event: Event) -> None:
        if event.what in ("granted", "renewed"):
            self.word = "granted"
            self.lapse_seen = False
            if event.what == "granted" or self.granted_on is None:
                self.granted_on = day_of(event)
            until = text_in(event, "until")
            self.until = date.fromisoformat(until) if until else None
        elif event.what == "denied":
            self.word = "denied"
        elif event.what == "closed":
            self.word = "closed"
        elif event.what == "lapsed":
            self.lapse_seen = True


def _state(
    dataset: Dataset, course: _Outcome, tasks: Sequence[Task], today: date
) -> tuple[ApplicationState, date | None]:
    """Give the application's state, and since when access was there."""
    if course.word in ("denied", "closed"):
        return course.word, course.granted_on
    settled = all(not task.open for task in tasks)
    if course.word == "granted":
        past = course.lapse_seen or (course.until is not None and today > course.until)
        return ("lapsed" if past or any(task.lapsed for task in tasks) else "granted"), course.granted_on
    if dataset.access == "registration":
        days = [task.done_on for task in tasks if task.done_on]
        if any(task.lapsed for task in tasks) and all(task.lapsed or not task.open for task in tasks):
            return "lapsed", max(days, default=None)
        if settled:
            return "granted", max(days, default=today)
    return ("submitted" if settled else "open"), None


def _belonging(dataset: Dataset, events: Sequence[Event]) -> tuple[str | None, list[Event]]:
    """Give the events of the part's own application; without one, those of the dataset's."""
    mine = [event for event in events if event.dataset == dataset.name and event.what in CHANGES]
    if dataset.part is not None:
        own = [event for event in mine if event.part == dataset.part]
        if own:
            return dataset.part, own
    return None, [event for event in mine if event.part is None]


def _seen(own: Sequence[Event]) -> set[str | None]:
    """Give what has lapsed in the record and was not done or renewed since; None stands for the grant."""
    seen: set[str | None] = set()
    for event in own:
        if event.what == "lapsed":
            seen.add(event.key)
        elif event.what in ("done", "skipped"):
            seen.discard(event.key)
        elif event.what in ("granted", "renewed"):
            seen.discard(None)
    return seen


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
    return _step(dataset, dataset.address, tasks, f"it wants {_a(dataset.access)} first")


def _shut(dataset: Dataset, found: Application) -> Gate:
    address = found.address
    if found.state == "denied":
        return Gate(
            open=False,
            state="denied",
            reason="access was denied",
            hint=f"if that has changed: fetch grant {address} --evidence FILE",
        )
    if found.state == "closed":
        return Gate(
            open=False,
            state="closed",
            reason="the application is closed",
            hint=f"after a new grant: fetch grant {address} --evidence FILE",
        )
    again = next((task for task in found.tasks if task.lapsed), None)
    if again is not None:
        return _step(dataset, address, (again,), f"access has lapsed on {again.lapses_on}", state=found.state)
    if found.state == "lapsed":
        return Gate(
            open=False,
            state="lapsed",
            reason=f"access has lapsed: it was granted until {found.until}",
            hint=f"once it is prolonged: fetch renew {address} --until DATE --evidence FILE",
        )
    if found.state == "submitted":
        return Gate(
            open=False,
            state="submitted",
            reason=f"the {dataset.access} is submitted, the answer is not recorded yet",
            hint=f"when it is there: fetch grant {address} --evidence FILE   (or: fetch deny {address})",
        )
    return _step(dataset, address, found.tasks, f"its {dataset.access} is under way")


def _step(dataset: Dataset, address: str, tasks: Sequence[Task], why: str, *, state: str = "open") -> Gate:
    """Name the first open step with its address, and the command that marks it done."""
    open_tasks = [task for task in tasks if task.open]
    task = next((task for task in open_tasks if task.state != "blocked"), open_tasks[0])
    where = f" ({task.url})" if task.url else ""
    steps = steps_of(dataset)
    number = next((index for index, step in enumerate(steps, 1) if step.key == task.key), 1)
    return Gate(
        open=False,
        state=state,
        reason=f"{why}; step {number} of {len(steps)}, {task.key}: {task.title}{where}",
        hint=f"when it is done: fetch tasks done {address} {task.key} --evidence FILE   (all steps: fetch tasks {address})",
        task=task,
    )


def _a(access: str) -> str:
    return f"{'an' if access[0] in 'aeiou' else 'a'} {access}"
