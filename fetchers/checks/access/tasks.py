"""Derive from the events the state of each step that a person must do.

The steps of the catalogue and the events of the record go in, tasks come out. A step waits for those that it `needs`
(by default the one before) until they are done or skipped. It is due on the day of applying plus the longest chain of
waiting times that leads to its end. What was done and lapses, lapses on the day `done_on + lapses_after_days`, and is a
task again from that very day on; a lapse that stands in the record stays, whatever the clock says later. What only
`repeats` comes back as a task in the same way, as a reminder: it closes nothing.

A step with `waits` is the wait for an answer. It ends with the outcome of the application, and is due when its waiting
time has passed since the steps before it were really done. Of an application that is over nothing is left to do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from fetchers.dataset import Step
from fetchers.records import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fetchers.dataset import Dataset
    from fetchers.records import Event, TaskState

OPEN_STATES = ("todo", "doing", "blocked")


class Task(NamedTuple):
    """One step of one application, as it stands today. `expects` says what counts as evidence, in words."""

    dataset: str
    part: str | None
    key: str
    title: str
    state: TaskState
    owner: str | None = None
    due: date | None = None
    url: str | None = None
    evidence: tuple[Evidence, ...] = ()
    done_on: date | None = None
    lapses_on: date | None = None
    expects: str | None = None
    waits_for: tuple[str, ...] = ()  # keys of the steps that keep it blocked
    lapsed: bool = False  # it was done once, and must be done again
    note: str | None = None
    waits: bool = False  # it ends with the outcome of the application

    @property
    def open(self) -> bool:
        """True if something is left to do."""
        return self.state in OPEN_STATES


class Ended(NamedTuple):
    """The outcome of an application and its day; `over` where it was not a grant."""

    on: date
    over: bool
    answered: bool  # closed without an answer: nobody granted, nobody denied


@dataclass(slots=True)
class _Course:
    """What the events tell of one step."""

    state: TaskState = "todo"
    owner: str | None = None
    done_on: date | None = None
    settled_on: date | None = None  # done or skipped
    started_on: date | None = None
    counts_from: date | None = None  # the day from which it lapses; reopening a task does not stop that clock
    lapse_seen: bool = False
    evidence: list[Evidence] = field(default_factory=list)
    note: str | None = None


def steps_of(dataset: Dataset) -> tuple[Step, ...]:
    """Return the steps of a gated dataset; one that names none has one step: to ask for access at its address."""
    if dataset.steps or dataset.access == "open":
        return dataset.steps
    return (Step(key="access", title=f"Ask for access to {dataset.title or dataset.name}", url=dataset.link),)


def needs_of(steps: Sequence[Step]) -> Mapping[str, tuple[str, ...]]:
    """Return for each step those that must be done first."""
    before: str | None = None
    needs: dict[str, tuple[str, ...]] = {}
    for step in steps:
        needs[step.key] = step.needs if step.needs is not None else () if before is None else (before,)
        before = step.key
    return needs


def tasks_of(
    dataset: Dataset,
    part: str | None,
    events: Iterable[Event],
    *,
    applied_on: date,
    owner: str | None,
    today: date,
    ended: Ended | None = None,
) -> tuple[Task, ...]:
    """Fold the events of one application into its tasks, in the order of the steps."""
    steps = steps_of(dataset)
    courses = {step.key: _Course() for step in steps}
    for event in events:
        if event.key in courses:
            _turn(courses[event.key], event)
    if ended is not None:
        for step in steps:
            _end(step, courses[step.key], ended)
    needs = needs_of(steps)
    due = _due_days(steps, needs, applied_on)
    over = ended is not None and ended.over
    lapsed = {step.key: not over and _lapsed(step, courses[step.key], today) for step in steps}
    settled = {key for key, course in courses.items() if course.state in ("done", "skipped") and not lapsed[key]}
    address = None if any(step.url for step in steps) else dataset.link
    return tuple(
        _task(
            step,
            courses[step.key],
            waits_for=tuple(need for need in needs[step.key] if need in courses and need not in settled),
            lapsed=lapsed[step.key],
            due=_due(step, courses, needs[step.key], due, today) if step.waits else due[step.key],
        )._replace(
            dataset=dataset.name,
            part=part,
            owner=courses[step.key].owner or owner,
            url=step.url or address,
        )
        for step in steps
    )


def day_of(event: Event) -> date:
    """Return the day that the person named, else the day on which it was recorded (UTC)."""
    return date.fromisoformat((event.on or event.at)[:10])


def evidence_of(event: Event) -> Evidence | None:
    """Return the evidence of an event."""
    path, sha256 = event.data.get("evidence"), event.data.get("sha256")
    return Evidence(path=path, sha256=sha256) if isinstance(path, str) and isinstance(sha256, str) else None


def text_in(event: Event, key: str) -> str | None:
    """Return one text of an event's data; None where there is none."""
    value = event.data.get(key)
    return value if isinstance(value, str) and value else None


def _turn(course: _Course, event: Event) -> None:
    course.owner = text_in(event, "owner") or course.owner
    course.note = text_in(event, "note") or course.note
    if brought := evidence_of(event):
        course.evidence.append(brought)
    if event.what == "done":
        course.state = "done"
        course.done_on = course.counts_from = course.settled_on = day_of(event)
        course.lapse_seen = False
    elif event.what == "skipped":
        course.state, course.done_on, course.counts_from, course.lapse_seen = "skipped", None, None, False
        course.settled_on = day_of(event)
    elif event.what == "started":
        course.state, course.started_on = "doing", day_of(event)
    elif event.what == "reopened":
        course.state, course.done_on, course.settled_on, course.started_on = "todo", None, None, None
    elif event.what == "lapsed":
        course.lapse_seen = True


def _end(step: Step, course: _Course, ended: Ended) -> None:
    """Settle what the outcome settles: the wait for it, and all that is open of an application that is over."""
    if course.state in ("done", "skipped"):
        return
    if step.waits and ended.answered:
        course.state = "done"
        course.done_on = course.counts_from = course.settled_on = ended.on
        course.lapse_seen = False
    elif ended.over:
        course.state, course.settled_on = "skipped", ended.on


def _lapses_on(step: Step, course: _Course) -> date | None:
    days = step.lapses_after_days or step.repeats_after_days
    return None if days is None or course.counts_from is None else course.counts_from + timedelta(days=days)


def _lapsed(step: Step, course: _Course, today: date) -> bool:
    lapses_on = _lapses_on(step, course)
    return lapses_on is not None and (course.lapse_seen or today >= lapses_on)


def _task(step: Step, course: _Course, *, waits_for: tuple[str, ...], lapsed: bool, due: date) -> Task:
    lapses_on = _lapses_on(step, course)
    state: TaskState = "todo" if lapsed and course.state == "done" else course.state
    if waits_for and state in ("todo", "doing"):
        state = "blocked"
    return Task(
        dataset="",
        part=None,
        key=step.key,
        title=step.title,
        state=state,
        due=lapses_on if lapsed else due,
        evidence=tuple(course.evidence),
        done_on=course.done_on,
        lapses_on=lapses_on,
        expects=step.evidence,
        waits_for=waits_for if state == "blocked" else (),
        lapsed=lapsed and step.lapses_after_days is not None,
        note=course.note,
        waits=step.waits,
    )


def _due(
    step: Step, courses: Mapping[str, _Course], needs: Sequence[str], planned: Mapping[str, date], today: date
) -> date:
    """Return the due day of a wait: not before its time has passed since it could really begin."""
    begins = [courses[need].settled_on or max(planned[need], today) for need in needs if need in courses]
    started = courses[step.key].started_on
    begin = max([*begins, *([started] if started else [])], default=planned[step.key])
    return max(planned[step.key], begin + timedelta(days=step.expected_days or 0))


def _due_days(steps: Sequence[Step], needs: Mapping[str, tuple[str, ...]], applied_on: date) -> dict[str, date]:
    """Return the due day of each step; `needs` may point forwards, and a catalogue has been checked for circles."""
    by_key = {step.key: step for step in steps}
    days: dict[str, date] = {}

    def due(key: str, seen: frozenset[str]) -> date:
        if key not in days:
            earlier = [due(need, seen | {key}) for need in needs[key] if need in by_key and need not in seen]
            days[key] = max(earlier, default=applied_on) + timedelta(days=by_key[key].expected_days or 0)
        return days[key]

    for step in steps:
        due(step.key, frozenset({step.key}))
    return days
