"""Gather all that is known of each dataset of the account: what the other verbs know, put together by dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from fetchers.checks.access import gate, permissions
from fetchers.checks.access.tasks import evidence_of
from fetchers.checks.terms import verdict
from fetchers.checks.terms.duties import WORDS
from fetchers.dataset import address_of
from fetchers.events import log, people
from fetchers.events.task_rows import TaskRow, task_rows
from fetchers.inspection.scope import known
from fetchers.reports import html
from fetchers.storage.sharing import group_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fetchers.context import Context
    from fetchers.dataset import Dataset
    from fetchers.inspection.verdicts import VerdictRow
    from fetchers.records import Event, Finding, Holding

Address = tuple[str, str | None]
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Chapters:
    """Everything that the chapters share; each is made when it is asked for."""

    def __init__(
        self,
        context: Context,
        held: Sequence[Holding],
        verdicts: Sequence[VerdictRow],
        findings: Sequence[Finding],
        pictures: Sequence[html.Picture],
    ) -> None:
        self._context = context
        self._events = log.read(context)
        self._held = _by(((row.dataset, row.part), row) for row in held)
        self._verdicts = _by(((row.dataset, row.part), row) for row in verdicts)
        self._findings = _by(((one.dataset or "", one.part), one) for one in findings)
        self._pictures = _by((one.address, one) for one in pictures)
        self._people = people.brought(self._events)
        self._tasks = _by(((row.dataset, row.part), row) for row in task_rows(context))
        self._permitted = _by(
            ((one.dataset, one.part), one) for one in permissions.permissions(self._events, context.now)
        )
        self._proofs = _by(((event.dataset, event.part), event) for event in self._events if evidence_of(event))
        self._asked = {(one.name, one.part): one for one in log.subjects(context, self._events)}

    def all(self) -> Iterator[html.Chapter]:
        """Yield the chapters: what is held first, then what was asked for or permitted and is not held."""
        found = dict.fromkeys((*self._held, *self._asked, *self._permitted))
        for name, part in found:
            yield self._chapter((name, part), known(self._context, name, part))

    def _chapter(self, at: Address, dataset: Dataset) -> html.Chapter:
        held = self._held.get(at, [])
        licences = tuple(dict.fromkeys([row.licence for row in held] or [dataset.licence]))
        return html.Chapter(
            address=address_of(*at),
            title=dataset.title,
            access=dataset.access,
            link=dataset.link,
            copies=tuple(self._copy(dataset, row) for row in held),
            terms=tuple(self._terms(licences)),
            cells=tuple(_cell(row) for row in self._verdicts.get(at, ())),
            requests=tuple(self._requests(at)),
            due=tuple(_due(row) for row in self._tasks.get(at, ())),
            permitted=tuple(_permitted(one) for one in self._permitted.get(at, ())),
            proofs=tuple(_proof(event) for event in self._proofs.get(at, ())),
            errata=tuple(
                html.Listing(one.field, one.listed, one.found, str(one.on), one.evidence) for one in dataset.errata
            ),
            findings=tuple(self._findings.get(at, ())),
            pictures=tuple(self._pictures.get(address_of(*at), ())),
        )

    def _copy(self, dataset: Dataset, row: Holding) -> html.Copy:
        who = self._people.get((row.dataset, row.part), people.Brought())
        gid = self._context.readers_of(row.dataset, row.part)
        return html.Copy(
            address=address_of(row.dataset, row.part),
            title=dataset.title,
            files=row.files,
            bytes=row.bytes,
            acquired_on=row.acquired_on[:10],
            licence=row.licence,
            access=dataset.access,
            fetched_by=who.fetched_by,
            adopted_by=who.adopted_by,
            readers=None if gid is None else group_name(gid),
        )

    def _terms(self, licences: Iterable[str | None]) -> Iterator[html.Terms]:
        for name in dict.fromkeys(one for licence in licences for one in verdict.licences_in(licence)):
            licence = verdict.lookup(name, self._context.workspace.catalogue.licences)
            yield html.Terms(name, licence.name if licence else name, licence.url if licence else None)

    def _requests(self, at: Address) -> Iterator[html.Request]:
        dataset = self._asked.get(at)
        found = gate.application(dataset, self._events, self._context.now) if dataset is not None else None
        if found is not None:
            yield html.Request(
                dataset=found.address,
                state=found.state,
                granted_on=None if found.granted_on is None else str(found.granted_on),
                until=None if found.until is None else str(found.until),
                next_task=next((task.title for task in found.tasks if task.state in ("todo", "doing")), None),
                owner=found.owner,
                purpose=found.purpose,
                granted_by=found.granted_by,
            )


def acceptances(events: Iterable[Event]) -> Iterator[html.Accepted]:
    """Yield who agreed to which text."""
    for one in people.acceptances(events):
        yield html.Accepted(one.licence, one.name, one.on, one.sha256, one.url)


def certificates(events: Iterable[Event]) -> Iterator[html.Proof]:
    """Yield the destructions that were certified."""
    for event in events:
        path, sha256 = event.data.get("certificate"), event.data.get("certificate_sha256")
        if event.what == "released" and event.dataset:
            yield html.Proof(
                dataset=address_of(event.dataset, event.part),
                what=f"{event.data.get('files', '?')} files"
                + (f": {note}" if (note := event.data.get("note")) else ""),
                on=(event.on or event.at)[:10],
                who=event.who,
                path=str(path),
                sha256=str(sha256),
            )


def _by(pairs: Iterable[tuple[_Key, _Value]]) -> dict[_Key, list[_Value]]:
    found: dict[_Key, list[_Value]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found


def _cell(row: VerdictRow) -> html.Cell:
    return html.Cell(
        address=address_of(row.dataset, row.part),
        licence=row.licence,
        use=row.use,
        verdict=row.verdict,
        reason=row.reason,
        duties=tuple(f"{duty} ({WORDS[duty]})" for duty in row.duties),
        evidence=row.evidence,
    )


def _due(row: TaskRow) -> html.Due:
    return html.Due(
        dataset=row.address,
        key=row.key,
        title=row.title,
        state=row.state,
        owner=row.owner,
        due=row.due,
        url=row.url,
        overdue=row.overdue,
    )


def _permitted(one: permissions.Permission) -> html.Permitted:
    said = f"{one.evidence} {one.sha256 or ''}" if one.evidence else one.note
    return html.Permitted(
        dataset=address_of(one.dataset, one.part),
        use=one.use,
        state=one.state,
        on=one.on,
        until=None if one.until is None else str(one.until),
        who=one.who,
        said=said,
    )


def _proof(event: Event) -> html.Proof:
    evidence = evidence_of(event)
    return html.Proof(
        dataset=address_of(event.dataset or "", event.part),
        what=f"{event.what}{f' {event.key}' if event.key else ''}",
        on=(event.on or event.at)[:10],
        who=event.who,
        path=evidence.path if evidence else "",
        sha256=evidence.sha256 if evidence else "",
    )
