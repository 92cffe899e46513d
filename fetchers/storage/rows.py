"""How do the nouns of the record become rows, and rows nouns?

The order of the nouns' fields is the order of the columns in `schema` and of the values in the journal.
"""

from __future__ import annotations

import json
from dataclasses import fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from fetchers.holding import Arrival, Event, Header, HeldFile, TermsSeen, Wanted

if TYPE_CHECKING:
    from collections.abc import Sequence

Row = tuple[Any, ...]


def _names(noun: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(noun))


_FILE, _HEADER = _names(HeldFile)[:-1], _names(Header)  # the last field of a held file is its header
_ARRIVAL, _WANTED, _TERMS = _names(Arrival), _names(Wanted), _names(TermsSeen)
_of_file, _of_header = attrgetter(*_FILE), attrgetter(*_HEADER)
_of_arrival, _of_wanted, _of_terms = attrgetter(*_ARRIVAL), attrgetter(*_WANTED), attrgetter(*_TERMS)
_BESIDE = _FILE.index("beside")
_NO_HEADER = (None,) * len(_HEADER)


def file_row(held: HeldFile) -> Row:
    """Flatten a held file, header included."""
    values = _of_file(held)
    header = _NO_HEADER if held.header is None else _of_header(held.header)
    return (values[0], values[1] or "", *values[2:_BESIDE], int(held.beside), *values[_BESIDE + 1 :], *header)


def held_file(row: Sequence[Any]) -> HeldFile:
    """Build a held file from a row of `files`; one without frames has no header."""
    own = dict(zip(_FILE, row, strict=False))
    own["part"], own["beside"] = own["part"] or None, bool(own["beside"])
    header = Header(**dict(zip(_HEADER, row[len(_FILE) :], strict=True))) if row[-1] is not None else None
    return HeldFile(**own, header=header)


def arrival_row(arrival: Arrival) -> Row:
    """Flatten an arrival."""
    return _flat(_of_arrival(arrival))


def arrival(row: Sequence[Any]) -> Arrival:
    """Build an arrival from a row of `arrivals`."""
    return Arrival(**_named(_ARRIVAL, row))


def wanted_row(one: Wanted) -> Row:
    """Flatten a wanted file."""
    return _flat(_of_wanted(one))


def wanted(row: Sequence[Any]) -> Wanted:
    """Build a wanted file from a row of `wanted`."""
    return Wanted(**_named(_WANTED, row))


def terms_row(seen: TermsSeen) -> Row:
    """Flatten terms as they were seen."""
    return _flat(_of_terms(seen))


def terms_seen(row: Sequence[Any]) -> TermsSeen:
    """Build terms from a row of `terms`."""
    return TermsSeen(**_named(_TERMS, row))


def event_row(event: Event) -> Row:
    """Flatten an event; its data as canonical JSON."""
    what = (event.seq, event.at, event.who, event.what, event.dataset, event.part, event.key, event.on)
    return (*what, canonical(dict(event.data)), event.previous, event.digest)


def event(row: Sequence[Any]) -> Event:
    """Build an event from a row of `events`; data that is no longer JSON is shown as what it is."""
    try:
        data = json.loads(row[8])
    except ValueError:
        data = {"unreadable": str(row[8])}
    return Event(
        seq=row[0],
        at=row[1],
        who=row[2],
        what=row[3],
        dataset=row[4],
        part=row[5],
        key=row[6],
        on=row[7],
        data=data if isinstance(data, dict) else {"unreadable": str(row[8])},
        previous=row[9],
        digest=row[10],
    )


def canonical(value: object) -> str:
    """JSON that is the same for the same value, whoever writes it: sorted keys, no white space."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _flat(values: Row) -> Row:
    return (values[0], values[1] or "", *values[2:])


def _named(names: Sequence[str], row: Sequence[Any]) -> dict[str, Any]:
    values = dict(zip(names, row, strict=True))
    values["part"] = values["part"] or None
    return values
