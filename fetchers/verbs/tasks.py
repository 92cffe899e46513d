"""List the tasks, and move one of them.

The overdue tasks stand first, then what is due first. A move that cannot be (an unknown step, a day that has not come,
a document that is not there, a step that waits for another) is refused before anything is recorded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from fetchers.checks.access import gate
from fetchers.checks.access.tasks import steps_of
from fetchers.dataset import address_of
from fetchers.document import Rows, document
from fetchers.errors import CatalogueError
from fetchers.events import log
from fetchers.handover.output_path import refuse_own

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from fetchers.checks.access.applications import Application
    from fetchers.checks.access.tasks import Task
    from fetchers.context import Context
    from fetchers.records import EventKind, Evidence

Action = Literal["start", "done", "skip", "reopen", "assign"]
_RECORDED: dict[str, EventKind] = {
    "start": "started",
    "done": "done",
    "skip": "skipped",
    "reopen": "reopened",
    "assign": "assigned",
}


class TaskRow(NamedTuple):
    """One task as it is shown. `dataset` and `part` name its application; days are UTC."""

    dataset: str
    part: str | None
    key: str
    title: str
    state: str
    owner: str | None
    due: date | None
    url: str | None
    evidence: tuple[Evidence, ...]
    done_on: date | None
    lapses_on: date | None
    overdue: bool
    waits_for: tuple[str, ...]
    expects: str | None
    note: str | None

    @property
    def address(self) -> str:
        """`NAME` or `NAME/PART`, as a person types it."""
        return address_of(self.dataset, self.part)

    def to_dict(self) -> dict[str, Any]:
        """Return the verb's JSON document."""
        return dict(document(self))


def listing(
    context: Context,
    name: str | None = None,
    *,
    overdue: bool = False,
    owner: str | None = None,
    all_: bool = False,
) -> Rows[TaskRow]:
    """Return the open tasks of all applications that are not over, or of those for `name`; with `all_` every one."""
    wanted = None if name is None else context.workspace.catalogue.find(name)
    scope = None if wanted is None or name is None else {(one.name, one.part) for one in wanted}
    if scope is not None and name is not None and len(scope) == 1:
        one = log.subject(context, name)
        scope.add((one.name, one.part))
    events = log.noticed(context)
    today = context.now.date()
    rows: list[TaskRow] = []
    for dataset in log.subjects(context, events):
        found = gate.application(dataset, events, context.now)
        within = scope is None or (dataset.name, dataset.part) in scope or (dataset.name, None) in scope
        if found is None or not within:
            continue
        rows.extend(row(task, today) for task in found.tasks if all_ or task.open)
    chosen = [one for one in rows if (not overdue or one.overdue) and (owner is None or one.owner == owner)]
    return Rows(sorted(chosen, key=_urgency))


def move(
    context: Context,
    name: str,
    key: str,
    action: Action,
    *,
    on: date | None = None,
    evidence: Path | None = None,
    note: str | None = None,
    owner: str | None = None,
) -> TaskRow:
    """Move one task and give it as it is now. Raises `CatalogueError`, and records nothing, where that cannot be."""
    dataset = log.subject(context, name)
    log.refuse_open(context, dataset)
    events = log.noticed(context)
    found = log.own(context, dataset, events)
    new = [] if found else [log.automatic(context, dataset)]
    found = found or gate.application(dataset, new, context.now)
    task = next((task for task in found.tasks if task.key == key), None) if found else None
    if task is None or found is None:
        keys = ", ".join(step.key for step in steps_of(dataset))
        raise CatalogueError(f"{dataset.address} has no step {key!r}; its steps are {keys}", hint=f"fetch tasks {name}")
    _refuse_over(found, name)
    _check(task, found.address, action, owner, ended=found.was_granted)
    log.check_day(context, on)
    log.check_evidence(evidence)
    document = log.kept(context, dataset.name, evidence)
    new.append(
        log.event(context, _RECORDED[action], dataset, key=key, on=on, evidence=document, note=note, owner=owner)
    )
    after = gate.application(dataset, events + log.append(context, new), context.now)
    moved = next(task for task in after.tasks if task.key == key) if after else task
    return row(moved, context.now.date())


def calendar(context: Context, rows: Sequence[TaskRow], file: Path, *, events: bool = False) -> None:
    """Write the open ones of `rows` and what is about to lapse to a calendar file; an existing one is renewed.

    With `events` each due day is an all-day event, too: many calendars show no to-dos.
    """
    from fetchers.reports import ics
    from fetchers.storage.publish.atomic_text import write_text

    refuse_own(context, file)
    recorded = log.read(context)
    today = context.now.date()
    shown = {(one.dataset, one.part) for one in rows}
    ends = [
        ics.End(address=found.address, key=None, title=f"Access to {found.address} ends", on=found.until)
        for dataset in log.subjects(context, recorded)
        if (found := gate.application(dataset, recorded, context.now)) is not None
        and found.state == "granted"
        and found.until is not None
        and (not shown or (found.dataset, found.part) in shown)
    ]
    ends += [
        ics.End(address=one.address, key=one.key, title=f"Has to be done again: {one.title}", on=one.lapses_on)
        for one in listing(context, all_=True)
        if one.lapses_on is not None and one.lapses_on > today and (not shown or (one.dataset, one.part) in shown)
    ]
    todos = [
        ics.Todo(
            address=one.address,
            key=one.key,
            title=one.title,
            state=one.state,
            owner=one.owner,
            due=one.due,
            url=one.url,
            note=f"fetch tasks done {one.address} {one.key} --evidence FILE",
        )
        for one in rows
        if one.state in ("todo", "doing", "blocked")
    ]
    write_text(file, ics.calendar(todos, ends, now=context.now, events=events))


def row(task: Task, today: date) -> TaskRow:
    """Make a task's row."""
    return TaskRow(
        dataset=task.dataset,
        part=task.part,
        key=task.key,
        title=task.title,
        state=task.state,
        owner=task.owner,
        due=task.due,
        url=task.url,
        evidence=task.evidence,
        done_on=task.done_on,
        lapses_on=task.lapses_on,
        overdue=task.open and task.due is not None and task.due < today,
        waits_for=task.waits_for,
        expects=task.expects,
        note=task.note,
    )


def _urgency(one: TaskRow) -> tuple[object, ...]:
    settled = one.state in ("done", "skipped")
    return (settled, not one.overdue, one.due is None, str(one.due), one.state == "blocked", one.address)


def _refuse_over(found: Application, name: str) -> None:
    if found.over:
        raise CatalogueError(
            f"the application for {found.address} is {found.state}: nothing of it is left to do",
            hint=f"fetch apply {name}   (opens a new one)",
        )


def _check(task: Task, address: str, action: Action, owner: str | None, *, ended: bool) -> None:
    if action == "assign" and not (owner or "").strip():
        raise CatalogueError("whom is it given to?", hint=f"fetch tasks assign {address} {task.key} --owner PERSON")
    if action in ("done", "start") and task.state == "blocked":
        needs = ", ".join(task.waits_for)
        raise CatalogueError(
            f"{address} {task.key} waits for {needs}: that has to be done (or skipped) first",
            hint=f"fetch tasks done {address} {task.waits_for[0]}",
        )
    if action == "start" and task.state in ("done", "skipped"):
        raise CatalogueError(
            f"{address} {task.key} is {task.state} already", hint=f"fetch tasks reopen {address} {task.key}"
        )
    if action == "reopen" and task.waits and ended:
        raise CatalogueError(
            f"{address} {task.key} ended with the answer, which is recorded", hint=f"fetch status {address}"
        )
    if action == "reopen" and task.state in ("todo", "blocked"):
        raise CatalogueError(f"{address} {task.key} is {task.state}: it is open already", hint=f"fetch tasks {address}")
