"""List the tasks of all applications: the overdue ones first, then what is due first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.checks.access import gate
from fetchers.dataset import address_of
from fetchers.document import Rows, document
from fetchers.events import log

if TYPE_CHECKING:
    from datetime import date

    from fetchers.checks.access.tasks import Task
    from fetchers.context import Context
    from fetchers.records import Evidence


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


def task_rows(
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
        rows.extend(task_row(task, today) for task in found.tasks if all_ or task.open)
    chosen = [one for one in rows if (not overdue or one.overdue) and (owner is None or one.owner == owner)]
    return Rows(sorted(chosen, key=_urgency))


def task_row(task: Task, today: date) -> TaskRow:
    """Make a task's task_row."""
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
