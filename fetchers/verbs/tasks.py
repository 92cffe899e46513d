"""List the tasks, and move one of them.

The overdue tasks stand first, then what is due first. A move that cannot be (an unknown step, a day that has not come,
a document that is not there, a step that waits for another) is refused before anything is recorded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.checks.access import gate
from fetchers.checks.access.tasks import steps_of
from fetchers.errors import CatalogueError
from fetchers.events import log
from fetchers.events.task_moves import Action, refuse_move, refuse_over
from fetchers.events.task_rows import TaskRow, task_row, task_rows
from fetchers.handover.output_path import refuse_own

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from fetchers.context import Context
    from fetchers.document import Rows
    from fetchers.records import EventKind

_RECORDED: dict[str, EventKind] = {
    "start": "started",
    "done": "done",
    "skip": "skipped",
    "reopen": "reopened",
    "assign": "assigned",
}


def listing(
    context: Context,
    name: str | None = None,
    *,
    overdue: bool = False,
    owner: str | None = None,
    all_: bool = False,
) -> Rows[TaskRow]:
    """Return the open tasks of all applications that are not over, or of those for `name`; with `all_` every one."""
    return task_rows(context, name, overdue=overdue, owner=owner, all_=all_)


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
    refuse_over(found, name)
    refuse_move(task, found.address, action, owner, ended=found.was_granted)
    log.check_day(context, on)
    log.check_evidence(evidence)
    document = log.kept(context, dataset.name, evidence)
    new.append(
        log.event(context, _RECORDED[action], dataset, key=key, on=on, evidence=document, note=note, owner=owner)
    )
    after = gate.application(dataset, events + log.append(context, new), context.now)
    moved = next(task for task in after.tasks if task.key == key) if after else task
    return task_row(moved, context.now.date())


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
        for one in task_rows(context, all_=True)
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
