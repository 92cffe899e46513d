"""Collect what is held, under way, applied for, and about to lapse."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.checks.access import gate, permissions
from fetchers.dataset import address_of
from fetchers.document import document
from fetchers.events import log, people
from fetchers.events.described import versions
from fetchers.inspection import recorded
from fetchers.inspection.scope import known
from fetchers.storage.partial import inventory
from fetchers.storage.record.manifest import Manifest
from fetchers.storage.sharing import group_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from fetchers.context import Context
    from fetchers.dataset import Dataset
    from fetchers.records import Event, Finding, Holding

_LOOKED_UP = 50_000  # files wanted of one part; each costs some microseconds, and status promises 2 s


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


class UnderWay(NamedTuple):
    """What was wanted of a dataset or part and is not here; `message` is the last failure's.

    `bytes` are those still wanted, None where a size is unknown; `arrived_bytes` those that are here of files that
    were broken off, None where too many files are wanted to look each of them up.
    """

    dataset: str
    part: str | None
    queued: int
    failed: int
    bytes: int | None
    arrived_bytes: int | None
    message: str | None


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


class Status(NamedTuple):
    """All of it."""

    held: tuple[Held, ...]
    under_way: tuple[UnderWay, ...]
    applications: tuple[Applied, ...]
    permissions: tuple[permissions.Permission, ...]
    lapsing: tuple[Lapsing, ...]
    acceptances: tuple[people.Acceptance, ...]
    findings: tuple[Finding, ...] = ()  # of what is held, as they were recorded when it came in

    def to_dict(self) -> dict[str, Any]:
        """Return the verb's JSON document."""
        return dict(document(self))


def run(context: Context, names: Sequence[str]) -> Status:
    """Return the status of `names`, or of everything. A lapse that is seen for the first time is recorded.

    Raises `CatalogueError` for an unknown name.
    """
    asked = _asked(context, names)
    with Manifest.open(context.store, write=False) as manifest:
        held = [row for row in manifest.holdings() if asked(row.dataset, row.part)]
        under_way = list(_under_way(context, manifest, asked))
        parts = dict.fromkeys((row.dataset, row.part) for row in held)
        found = [one for name, part in parts for one in recorded.findings(manifest, known(context, name, part))]
    events = log.noticed(context)
    chosen = [one for one in log.subjects(context, events) if asked(one.name, one.part)]
    return Status(
        held=(*_held(context, held, events), *_held_above(context, asked)),
        under_way=tuple(under_way),
        applications=tuple(_applications(context, chosen, events)),
        permissions=tuple(one for one in permissions.permissions(events, context.now) if asked(one.dataset, one.part)),
        lapsing=tuple(
            sorted(
                [*_lapsing(context, chosen, events), *_permissions_lapsing(context, asked, events)],
                key=lambda one: (one.on, one.dataset, one.part or ""),
            )
        ),
        acceptances=people.acceptances(events),
        findings=tuple(found),
    )


def _held(context: Context, rows: Sequence[Holding], events: Sequence[Event]) -> Iterator[Held]:
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


def _held_above(context: Context, asked: Callable[[str, str | None], bool]) -> Iterator[Held]:
    """Yield what the stores hold that are only read."""
    for store in context.also:
        with Manifest.open(store, write=False) as manifest:
            rows = [row for row in manifest.holdings() if asked(row.dataset, row.part)]
            yield from _held(context.of_store(store), rows, manifest.events())


def _asked(context: Context, names: Sequence[str]) -> Callable[[str, str | None], bool]:
    """Return the test whether a dataset or part was named: a dataset means its parts, a glob those that match."""
    wanted = [(one.name, one.part) for name in names for one in context.workspace.catalogue.find(name)]

    def asked(dataset: str, part: str | None) -> bool:
        return not wanted or any(
            dataset == name and (glob is None or fnmatchcase(part or "", glob)) for name, glob in wanted
        )

    return asked


def _applications(context: Context, chosen: Sequence[Dataset], events: Sequence[Event]) -> Iterator[Applied]:
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


def _lapsing(context: Context, chosen: Sequence[Dataset], events: Sequence[Event]) -> Iterator[Lapsing]:
    for dataset in chosen:
        for lapse in gate.lapsing(dataset, events, context.now):
            if lapse.key is None:
                hint = f"fetch renew {dataset.address} --until DATE --evidence FILE"
            else:
                hint = f"fetch tasks done {dataset.address} {lapse.key} --evidence FILE"
            yield Lapsing(
                dataset=lapse.dataset, part=lapse.part, key=lapse.key, title=lapse.title, on=lapse.on, hint=hint
            )


def _permissions_lapsing(
    context: Context, asked: Callable[[str, str | None], bool], events: Sequence[Event]
) -> Iterator[Lapsing]:
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
                hint=f"once it is prolonged: fetch permit {address} {one.use} --until DATE --evidence FILE",
            )


def _under_way(context: Context, manifest: Manifest, asked: Callable[[str, str | None], bool]) -> Iterator[UnderWay]:
    begun = inventory.begun(context.store)
    for row in manifest.waiting():
        if asked(row.dataset, row.part):
            counted = bool(begun) and row.queued + row.failed <= _LOOKED_UP
            paths = manifest.wanted_paths(row.dataset, row.part) if counted else ()
            yield UnderWay(
                dataset=row.dataset,
                part=row.part,
                queued=row.queued,
                failed=row.failed,
                bytes=row.bytes,
                arrived_bytes=inventory.arrived(begun, row.dataset, row.part, paths) if counted or not begun else None,
                message=row.message,
            )
