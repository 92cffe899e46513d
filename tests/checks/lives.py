"""Tell the life of an application in a few words: what happened, on which day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import cast

from fetchers.records import Event, EventKind


def at(day: str) -> datetime:
    """Return noon (UTC) of a day."""
    return datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC)


def happened(
    what: EventKind, on: str, key: str | None = None, *, dataset: str = "demo", part: str | None = None, **data: object
) -> Event:
    """Make an event of the day `on`."""
    date.fromisoformat(on)
    return Event(
        seq=0, at=f"{on}T09:00:00Z", who="reader", what=what, dataset=dataset, part=part, key=key, on=on, data=data
    )


def life(text: str, *, part: str | None = None) -> list[Event]:
    """Read a life: `applied 01-02; done account 01-03; granted 01-10 until 12-31`, of 2026 unless a year is said."""
    events = []
    for number, sentence in enumerate(filter(None, map(str.strip, text.split(";"))), 1):
        words = sentence.split()
        data: dict[str, object] = {}
        if "until" in words:
            data["until"] = _day(words.pop(words.index("until") + 1))
            words.remove("until")
        one = happened(cast("EventKind", words[0]), _day(words[-1]), words[1] if len(words) == 3 else None, part=part)
        events.append(one._replace(seq=number, data=data))
    return events


def _day(written: str) -> str:
    return written if written.count("-") == 2 else f"2026-{written}"
