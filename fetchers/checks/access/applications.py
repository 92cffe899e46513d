"""Derive the state of an application for access from the events.

A fold over the events of the record. Decisions:

* Registration counts as granted when every step is done or skipped, or when a grant was recorded.
* Application and subscription are granted by a grant alone. All steps done make them `submitted`, and no more.
* A grant holds through the day of its `until`, and is lapsed from the next one on; a lapsed step lapses it likewise.
* The application of a dataset covers those of its parts that have no application of their own.
* An application that a refused download opened by itself becomes the person's with the first `apply`: the waiting times
  count from that day.
* One that was denied or closed is over. Who applies again opens a new one, which begins with nothing done.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from fetchers.checks.access.permissions import LAPSE
from fetchers.checks.access.tasks import Ended, Task, day_of, tasks_of, text_in
from fetchers.dataset import address_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from fetchers.dataset import Dataset
    from fetchers.records import ApplicationState, Event

CHANGES = frozenset(
    (
        *("applied", "started", "done", "skipped", "reopened", "assigned"),
        *("granted", "denied", "renewed", "closed", "lapsed"),
    )
)
OVER = ("denied", "closed")


class Application(NamedTuple):
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
    ever_granted: bool = False  # this one, or an earlier one that is over
    granted_by: str | None = None
    word: str | None = None  # the latest outcome, and its day
    decided_on: date | None = None

    @property
    def over(self) -> bool:
        """True if it ended without access: only a new application, or a grant after all, goes on from here."""
        return self.state in OVER

    @property
    def address(self) -> str:
        """`NAME` or `NAME/PART`, as a person types it."""
        return address_of(self.dataset, self.part)

    @property
    def next_task(self) -> Task | None:
        """The first task that can be done now, else the first that is open at all."""
        left = [task for task in self.tasks if task.open]
        return next((task for task in left if task.state != "blocked"), left[0] if left else None)


def application(dataset: Dataset, events: Sequence[Event], now: datetime) -> Application | None:
    """Fold `events` into the application for `dataset`; None where nobody applied."""
    part, own = belonging(dataset, events)
    if not own:
        return None
    today = now.date()
    applied = [event for event in own if event.what == "applied"]
    asked = [event for event in applied if not event.data.get("automatic")]
    applied_on = day_of((asked or applied or own)[0])
    owner = next((text for event in applied if (text := text_in(event, "owner"))), None)
    purpose = next((text for event in applied if (text := text_in(event, "purpose"))), None)
    course = _Outcome()
    for event in own:
        if event.key is None:
            course.turn(event)
    tasks = tasks_of(dataset, part, own, applied_on=applied_on, owner=owner, today=today, ended=course.ended)
    state, granted_on = _state(dataset, course, tasks, today)
    return Application(
        dataset=dataset.name,
        part=part,
        state=state,
        owner=owner,
        purpose=purpose,
        applied_on=applied_on,
        granted_on=granted_on,
        until=None if state in OVER else course.until,
        tasks=tasks,
        was_granted=course.granted_on is not None,
        ever_granted=any(event.what == "granted" for event in _all_of(dataset, events)[1]),
        granted_by=course.granted_by,
        word=course.said,
        decided_on=course.ended.on if course.ended is not None else None,
    )


def belonging(dataset: Dataset, events: Sequence[Event]) -> tuple[str | None, list[Event]]:
    """Return the events of the part's own application, without one those of the dataset's; of the latest one alone."""
    part, mine = _all_of(dataset, events)
    begin, over = 0, False
    for number, event in enumerate(mine):
        if event.key is None and event.what in ("denied", "closed"):
            over = True
        elif event.what in ("granted", "renewed"):
            over = False
        elif over and event.what == "applied" and not event.data.get("automatic"):
            begin, over = number, False
    return part, mine[begin:]


def _all_of(dataset: Dataset, events: Sequence[Event]) -> tuple[str | None, list[Event]]:
    """Return all events of the part's applications; without one, those of the dataset's."""
    mine = [event for event in events if event.dataset == dataset.name and concerns_application(event)]
    if dataset.part is not None:
        own = [event for event in mine if event.part == dataset.part]
        if own:
            return dataset.part, own
    return None, [event for event in mine if event.part is None]


def concerns_application(event: Event) -> bool:
    """Return True if an event belongs to an application; that a permission has lapsed does not."""
    return event.what in CHANGES and not (event.key or "").startswith(f"{LAPSE}:")


class _Outcome:
    """What the events say of the application as a whole."""

    def __init__(self) -> None:
        self.word: ApplicationState = "open"
        self.granted_on: date | None = None
        self.until: date | None = None
        self.lapse_seen = False
        self.ended: Ended | None = None
        self.granted_by: str | None = None
        self.said: str | None = None

    def turn(self, event: Event) -> None:
        if event.what in ("granted", "renewed", "denied", "closed"):
            self.said = event.what
        if event.what in ("granted", "renewed"):
            self.word = "granted"
            self.lapse_seen = False
            self.ended = Ended(day_of(event), over=False, answered=True)
            self.granted_by = event.who
            if event.what == "granted" or self.granted_on is None:
                self.granted_on = day_of(event)
            until = text_in(event, "until")
            self.until = date.fromisoformat(until) if until else None
        elif event.what == "denied":
            self.word = "denied"
            self.ended = Ended(day_of(event), over=True, answered=True)
        elif event.what == "closed":
            self.word = "closed"
            self.ended = Ended(day_of(event), over=True, answered=False)
        elif event.what == "lapsed":
            self.lapse_seen = True


def _state(
    dataset: Dataset, course: _Outcome, tasks: Sequence[Task], today: date
) -> tuple[ApplicationState, date | None]:
    """Return the application's state, and since when access was there."""
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
