"""Convert the record's types to rows and back.

The order of the nouns' fields is the order of the columns in `schema` and of the values in the journal. Columns that a
later schema added to `files` stand behind all others, in the order in which they were added: a row of an older journal
is a beginning of today's.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from fetchers.records import Arrival, Event, Header, HeldFile, Problem, TermsSeen, Wanted

if TYPE_CHECKING:
    from collections.abc import Sequence

Row = tuple[Any, ...]


_OWN = HeldFile._fields.index("header")  # a held file's own fields; those of its header follow
_BESIDE = HeldFile._fields.index("beside")
_FIRST_OF_HEADER = Header._fields.index("frames") + 1  # fields of a header that the first schema had
_NO_HEADER = (None,) * _FIRST_OF_HEADER
_LATER = _OWN + len(_NO_HEADER)  # where the columns begin that later schemas added
_FRAMES = _LATER - 1
_SPACING = 3  # row_spacing, column_spacing, thickness
_NO_SPACING = (None,) * _SPACING
# columns of `files`: ctime_ns, inode, findings; patient, row_spacing, column_spacing, thickness; came_in
WIDTH = _LATER + 8
CLEAN = "[]"  # judged, and nothing found


def file_row(held: HeldFile) -> Row:
    """Flatten a held file, header included."""
    header: Row = _NO_HEADER
    spacing: Row = _NO_SPACING
    if held.header is not None:
        header = held.header[:_FIRST_OF_HEADER]
        spacing = held.header[_FIRST_OF_HEADER : _FIRST_OF_HEADER + _SPACING]
    own = (held[0], held[1] or "", *held[2:_BESIDE], int(held.beside), *held[_BESIDE + 1 : _OWN])
    return (*own, *header, held.ctime_ns, held.inode, _noted(held.findings), held.patient, *spacing, held.came_in)


def held_file(row: Sequence[Any]) -> HeldFile:
    """Build a held file from a row of `files`; one without frames has no header."""
    ctime_ns, inode, noted, patient, *spacing, came_in = row[_LATER:WIDTH]
    header = Header(*row[_OWN:_LATER], *spacing) if row[_FRAMES] is not None else None
    own = (row[0], row[1] or None, *row[2:_BESIDE], bool(row[_BESIDE]), *row[_BESIDE + 1 : _OWN])
    return HeldFile._make((*own, header, ctime_ns, inode, problems(noted), patient, came_in))


def widened(row: Sequence[Any]) -> Sequence[Any]:
    """Return a row of `files` from an older journal with NULL for the columns that were added since."""
    return row if len(row) >= WIDTH else (*row, *(None,) * (WIDTH - len(row)))


def problems(noted: str | None) -> tuple[Problem, ...] | None:
    """Read the column `findings`; None where nobody judged the file, or where it can be read no longer."""
    if noted is None or noted == CLEAN:
        return None if noted is None else ()
    try:
        found = [Problem(*one) for one in json.loads(noted)]
    except (ValueError, TypeError, RecursionError):
        return None
    return tuple(one for one in found if one.severity in ("error", "warning", "info") and isinstance(one.rule, str))


def _noted(found: tuple[Problem, ...] | None) -> str | None:
    return CLEAN if found == () else None if found is None else canonical([list(one) for one in found])


def flat(noun: Arrival | Wanted | TermsSeen) -> Row:
    """Flatten what has only plain fields."""
    return (noun[0], noun[1] or "", *noun[2:])


def arrival(row: Sequence[Any]) -> Arrival:
    """Build an arrival from a row of `arrivals`."""
    return Arrival._make((row[0], row[1] or None, *row[2:]))


def wanted(row: Sequence[Any]) -> Wanted:
    """Build a wanted file from a row of `wanted`."""
    return Wanted._make((row[0], row[1] or None, *row[2:]))


def terms_seen(row: Sequence[Any]) -> TermsSeen:
    """Build terms from a row of `terms`."""
    return TermsSeen._make((row[0], row[1] or None, *row[2:]))


def event_row(event: Event) -> Row:
    """Flatten an event; its data as canonical JSON."""
    what = (event.seq, event.at, event.who, event.what, event.dataset, event.part, event.key, event.on)
    return (*what, canonical(dict(event.data)), event.previous, event.digest)


def event(row: Sequence[Any]) -> Event:
    """Build an event from a row of `events`; data that is no longer JSON is shown as what it is."""
    try:
        data = json.loads(row[8])
    except (ValueError, RecursionError):
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
