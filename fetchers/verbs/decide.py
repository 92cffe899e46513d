"""Record how an application ended: granted, denied, renewed, closed.

A grant opens the gate only with a document or a note that says why. Without `--until` it has no end. A last day that is
past is taken for a mistake, unless `--on` says that the grant, too, is of the past.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from fetchers.checks.access import gate
from fetchers.document import document
from fetchers.errors import CatalogueError
from fetchers.events import log

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from fetchers.checks.access.applications import Application
    from fetchers.context import Context
    from fetchers.records import EventKind, Evidence

Outcome = Literal["grant", "deny", "renew", "close"]
_RECORDED: dict[str, EventKind] = {"grant": "granted", "deny": "denied", "renew": "renewed", "close": "closed"}


class Settled(NamedTuple):
    """An application as it stands after its outcome; `opened` says that this command opened it, too."""

    dataset: str
    part: str | None
    outcome: str
    state: str
    granted_on: date | None
    until: date | None
    evidence: Evidence | None
    note: str | None
    opened: bool
    remark: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the verb's JSON document."""
        return dict(document(self))


def settle(
    context: Context,
    name: str,
    outcome: Outcome,
    *,
    on: date | None = None,
    until: date | None = None,
    evidence: Path | None = None,
    note: str | None = None,
) -> Settled:
    """Record an outcome. Raises `CatalogueError`, and records nothing, where it cannot be."""
    dataset = log.subject(context, name)
    log.refuse_open(context, dataset)
    note = (note or "").strip() or None
    events = log.noticed(context)
    before = log.own(context, dataset, events)
    _check(outcome, name, before, said=evidence is not None or note is not None)
    log.check_day(context, on)
    if outcome in ("grant", "renew"):
        _check_until(context, on, until)
    log.check_evidence(evidence)
    document = log.kept(context, dataset.name, evidence)
    new = [] if before else [log.automatic(context, dataset)]
    last = until.isoformat() if until and outcome in ("grant", "renew") else None
    new.append(log.event(context, _RECORDED[outcome], dataset, on=on, evidence=document, note=note, until=last))
    after = gate.application(dataset, events + log.append(context, new), context.now)
    if after is None:  # pragma: no cover - its outcome has just been recorded
        raise CatalogueError(f"{dataset.address}: the outcome was not recorded", hint="fetch doctor")
    return Settled(
        dataset=after.dataset,
        part=after.part,
        outcome=_RECORDED[outcome],
        state=after.state,
        granted_on=after.granted_on,
        until=after.until,
        evidence=document,
        note=note,
        opened=before is None,
        remark=_remark(outcome, until),
    )


def _check(outcome: Outcome, name: str, before: Application | None, *, said: bool) -> None:
    if outcome in ("grant", "renew") and not said:
        raise CatalogueError(
            f"recording that access to {name} was {_RECORDED[outcome]} requires a document or a note",
            hint=f"fetch {outcome} {name} --evidence FILE   (the letter or message; or --note TEXT)",
        )
    if outcome == "close" and before is None:
        raise CatalogueError(f"there is no application for {name} that could be closed", hint=f"fetch apply {name}")
    if before is not None and before.state == _RECORDED[outcome] and outcome in ("deny", "close"):
        raise CatalogueError(
            f"the application for {name} is {before.state} already", hint=f"fetch apply {name}   (opens a new one)"
        )
    if outcome != "renew":
        return
    if before is None or not before.was_granted:
        raise CatalogueError(
            f"access to {name} was never granted: there is nothing to renew",
            hint=f"fetch grant {name} --evidence FILE",
        )
    if before.state in ("denied", "closed"):
        raise CatalogueError(
            f"the application for {name} was {before.state}: a new grant is required",
            hint=f"fetch grant {name} --evidence FILE",
        )


def _check_until(context: Context, on: date | None, until: date | None) -> None:
    if until is None:
        return
    if on is not None and until < on:
        raise CatalogueError(f"--until {until} is before --on {on}", hint="a grant ends on the day it begins, or later")
    today = context.now.date()
    if until < today and on is None:
        raise CatalogueError(
            f"--until {until} is past: today is {today} (UTC)",
            hint=f"a grant in the past needs its day, too: --on DATE --until {until}",
        )


def _remark(outcome: Outcome, until: date | None) -> str | None:
    """Return a remark if a last day was given where there can be none."""
    if until is None or outcome in ("grant", "renew"):
        return None
    return f"--until {until} was left out: only a grant has a last day"
