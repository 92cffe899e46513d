"""Derive from the events which permissions the owners gave, and which of them hold.

For each dataset or part and each use the latest word counts: a later permission replaces an earlier one, a revocation
ends it. What is said of a dataset covers its parts, too. A permission holds through the day of its `until`; one that
was once seen to be past stays past. What rests on no document and no note permits nothing.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

from fetchers.records import Event

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

LAPSE = "permission"  # the key of a `lapsed` event that is about a permission starts with it
WORDS = frozenset(("permitted", "revoked"))
PermissionState = Literal["active", "lapsed", "revoked"]


class Permission(NamedTuple):
    """The latest word on one use of a dataset or part; `on` is the day of that word, `who` recorded it."""

    dataset: str
    part: str | None
    use: str
    until: date | None
    state: PermissionState
    on: str
    who: str
    evidence: str | None
    sha256: str | None
    note: str | None


def permissions(events: Sequence[Event], now: datetime) -> list[Permission]:
    """Return the permissions that were ever given, each as it stands now."""
    asked = {
        (event.dataset, event.part, event.key): None
        for event in events
        if event.what in WORDS and event.dataset and event.key
    }
    past = _past(events)
    return [
        _standing(latest_word(events, dataset, part, use), dataset, part, use, past, now)
        for dataset, part, use in asked
        if dataset and use
    ]


def latest_word(events: Iterable[Event], dataset: str, part: str | None, use: str) -> Event:
    """Return the latest event that speaks of one use; raise `LookupError` where nobody ever spoke of it."""
    said = [event for event in events if event.what in WORDS and event.key == use and _covers(event, dataset, part)]
    return said[-1]


def parts_spoken_of(events: Iterable[Event], dataset: str) -> frozenset[str]:
    """Return the parts of a dataset of which somebody said something of their own."""
    return frozenset(event.part for event in events if event.what in WORDS and event.dataset == dataset and event.part)


def latest_words(dataset: str, part: str | None, events: Iterable[Event]) -> list[Event]:
    """Return the latest event on each use; a permission that was seen to be past is told as `revoked`."""
    mine = [event for event in events if _covers(event, dataset, part)]
    past = _past(mine)
    latest = {event.key: event for event in mine if event.what in WORDS}
    return [event._replace(what="revoked") if lapse_key(event) in past else event for event in latest.values()]


def holds(event: Event, now: datetime) -> bool:
    """Return True if one permission holds today, as far as its own words tell."""
    until = event.data.get("until")
    reached = isinstance(until, str) and now.date().isoformat() > until
    return not reached and bool(event.data.get("evidence") or event.data.get("note"))


def lapsing(events: Sequence[Event], now: datetime, days: int) -> Iterator[Permission]:
    """Yield the permissions that hold today and end within `days`."""
    today = now.date()
    for one in permissions(events, now):
        if one.state == "active" and one.until is not None and today <= one.until <= today + timedelta(days=days):
            yield one


def new_lapses(events: Sequence[Event], now: datetime) -> list[Event]:
    """Return the lapses that nobody has recorded yet, to be appended."""
    past = _past(events)
    return [
        Event(
            seq=0,
            at=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            who="the clock",
            what="lapsed",
            dataset=event.dataset,
            part=event.part,
            key=lapse_key(event),
            on=str(event.data["until"]),
        )
        for event in events
        if event.what == "permitted" and _ended(event, now) and lapse_key(event) not in past
    ]


def lapse_key(permitted: Event) -> str:
    """Return the key of a permission for the event of its lapse: its place in the record, which never changes."""
    return f"{LAPSE}:{permitted.seq}"


def _covers(event: Event, dataset: str, part: str | None) -> bool:
    return event.dataset == dataset and event.part in (None, part)


def _past(events: Iterable[Event]) -> set[str | None]:
    return {event.key for event in events if event.what == "lapsed" and (event.key or "").startswith(f"{LAPSE}:")}


def _ended(event: Event, now: datetime) -> bool:
    until = event.data.get("until")
    return isinstance(until, str) and now.date().isoformat() > until


def _standing(
    said: Event, dataset: str, part: str | None, use: str, past: set[str | None], now: datetime
) -> Permission:
    state: PermissionState = "active"
    if said.what == "revoked":
        state = "revoked"
    elif lapse_key(said) in past or not holds(said, now):
        state = "lapsed"
    until, evidence, sha256, note = (said.data.get(key) for key in ("until", "evidence", "sha256", "note"))
    return Permission(
        dataset=dataset,
        part=part,
        use=use,
        until=date.fromisoformat(until) if isinstance(until, str) else None,
        state=state,
        on=(said.on or said.at)[:10],
        who=said.who,
        evidence=evidence if isinstance(evidence, str) else None,
        sha256=sha256 if isinstance(sha256, str) else None,
        note=note if isinstance(note, str) else None,
    )
