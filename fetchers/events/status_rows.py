"""Make the rows of the status: what is held and who brought it, what was applied for, what is about to lapse."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fetchers.checks.access import gate, permissions
from fetchers.dataset import address_of
from fetchers.events import people
from fetchers.events.described import versions
from fetchers.storage.record.manifest import Manifest
from fetchers.storage.sharing import group_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from fetchers.context import Context
    from fetchers.dataset import Dataset
    from fetchers.records import Event, Holding


class Held(NamedTuple):
    """What is held of one dataset or part, under one licence expression, and who brought it."""

    dataset: str
    part: str | None
    files: int
    bytes: int
    acquired_on: str
    licence: str | None
    fetched_by: tuple[str, ...] = ()
    adopted_by: tuple[str, ...] = ()
    version: str | None = None
    readers: str | None = None  # the group of `[readers]`
    store: str = ""


class Applied(NamedTuple):
    """One application, with the key of the task that is next."""

    dataset: str
    part: str | None
    state: str
    owner: str | None
    granted_on: date | None
    until: date | None
    next_task: str | None
    due: date | None
    granted_by: str | None


class Lapsing(NamedTuple):
    """What ends within 30 days. `key` is a step's; `use` is that of a permission; without both it is the grant."""

    dataset: str
    part: str | None
    key: str | None
    title: str
    on: date
    hint: str
    use: str | None = None


def held_rows(context: Context, rows: Sequence[Holding], events: Sequence[Event]) -> Iterator[Held]:
    """Yield what is held, with who brought it."""
    by, said = people.brought(events), versions(events)
    for row in rows:
        who = by.get((row.dataset, row.part), people.Brought())
        gid = context.readers_of(row.dataset, row.part)
        yield Held(
            *row,
            fetched_by=who.fetched_by,
            adopted_by=who.adopted_by,
            version=said.get((row.dataset, row.part)),
            readers=None if gid is None else group_name(gid),
            store=str(context.store),
        )


def held_above(context: Context, asked: Callable[[str, str | None], bool]) -> Iterator[Held]:
    """Yield what the stores hold that are only read."""
    for store in context.also:
        with Manifest.open(store, write=False) as manifest:
            rows = [row for row in manifest.holdings() if asked(row.dataset, row.part)]
            yield from held_rows(context.of_store(store), rows, manifest.events())


def applied_rows(context: Context, chosen: Sequence[Dataset], events: Sequence[Event]) -> Iterator[Applied]:
    """Yield the applications of the chosen datasets."""
    for dataset in chosen:
        found = gate.application(dataset, events, context.now)
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
                granted_by=found.granted_by,
            )


def lapsing_rows(context: Context, chosen: Sequence[Dataset], events: Sequence[Event]) -> Iterator[Lapsing]:
    """Yield the grants and steps that end within 30 days."""
    for dataset in chosen:
        for lapse in gate.lapsing(dataset, events, context.now):
            if lapse.key is None:
                hint = f"fetch renew {dataset.address} --until DATE --evidence FILE"
            else:
                hint = f"fetch tasks done {dataset.address} {lapse.key} --evidence FILE"
            yield Lapsing(
                dataset=lapse.dataset, part=lapse.part, key=lapse.key, title=lapse.title, on=lapse.on, hint=hint
            )


def lapsing_permissions(
    context: Context, asked: Callable[[str, str | None], bool], events: Sequence[Event]
) -> Iterator[Lapsing]:
    """Yield the permissions that end within 30 days."""
    for one in permissions.lapsing(events, context.now, gate.AHEAD):
        if asked(one.dataset, one.part) and one.until is not None:
            address = address_of(one.dataset, one.part)
            yield Lapsing(
                dataset=one.dataset,
                part=one.part,
                key=None,
                use=one.use,
                title=f"the permission for {one.use}",
                on=one.until,
                hint=f"when the owner has prolonged it: fetch permit {address} {one.use} --until DATE --evidence FILE",
            )
