"""How do the nouns of the record become rows, and rows nouns?

The order of the fields here is the order of the columns in `schema` and of the values in the journal.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from fetchers.holding import Arrival, Event, Header, HeldFile, TermsSeen, Wanted

if TYPE_CHECKING:
    from collections.abc import Sequence

Row = tuple[Any, ...]
_HEADER = 14  # where the header's columns begin


def file_row(held: HeldFile) -> Row:
    """Flatten a held file, header included."""
    header = held.header or Header()
    return (
        held.dataset,
        held.part or "",
        held.path,
        held.size,
        held.sha256,
        held.mtime_ns,
        held.kind,
        held.origin,
        held.remote,
        held.acquired_at,
        held.proof,
        int(held.beside),
        held.licence,
        held.declared,
        header.sop_class,
        header.sop_instance,
        header.study,
        header.series,
        header.modality,
        header.body_part,
        header.transfer_syntax,
        header.rows,
        header.columns,
        header.frames if held.header else None,
    )


def held_file(row: Sequence[Any]) -> HeldFile:
    """Build a held file from a row of `files`."""
    header = None
    if row[23] is not None:
        names = ("sop_class", "sop_instance", "study", "series", "modality", "body_part", "transfer_syntax")
        header = Header(**dict(zip(names, row[_HEADER:21], strict=True)), rows=row[21], columns=row[22], frames=row[23])
    return HeldFile(
        dataset=row[0],
        part=row[1] or None,
        path=row[2],
        size=row[3],
        sha256=row[4],
        mtime_ns=row[5],
        kind=row[6],
        origin=row[7],
        remote=row[8],
        acquired_at=row[9],
        proof=row[10],
        beside=bool(row[11]),
        licence=row[12],
        declared=row[13],
        header=header,
    )


def arrival_row(arrival: Arrival) -> Row:
    """Flatten an arrival."""
    return (
        arrival.dataset,
        arrival.part or "",
        arrival.path,
        arrival.url,
        arrival.size,
        arrival.sha256,
        arrival.checksum,
        arrival.files,
        arrival.images,
        arrival.series,
        arrival.licence,
        arrival.arrived_at,
        arrival.validator,
    )


def arrival(row: Sequence[Any]) -> Arrival:
    """Build an arrival from a row of `arrivals`."""
    return Arrival(
        dataset=row[0],
        part=row[1] or None,
        path=row[2],
        url=row[3],
        size=row[4],
        sha256=row[5],
        checksum=row[6],
        files=row[7],
        images=row[8],
        series=row[9],
        licence=row[10],
        arrived_at=row[11],
        validator=row[12],
    )


def wanted_row(one: Wanted) -> Row:
    """Flatten a wanted file."""
    place = (one.dataset, one.part or "", one.path, one.url)
    return (*place, one.size, one.checksum, one.state, one.message, one.at)


def wanted(row: Sequence[Any]) -> Wanted:
    """Build a wanted file from a row of `wanted`."""
    return Wanted(
        dataset=row[0],
        part=row[1] or None,
        path=row[2],
        url=row[3],
        size=row[4],
        checksum=row[5],
        state=row[6],
        message=row[7],
        at=row[8],
    )


def terms_row(seen: TermsSeen) -> Row:
    """Flatten terms as they were seen."""
    what = (seen.licence, seen.url, seen.text_sha256, seen.text_path)
    return (seen.dataset, seen.part or "", *what, seen.seen_at)


def terms_seen(row: Sequence[Any]) -> TermsSeen:
    """Build terms from a row of `terms`."""
    return TermsSeen(
        dataset=row[0],
        part=row[1] or None,
        licence=row[2],
        url=row[3],
        text_sha256=row[4],
        text_path=row[5],
        seen_at=row[6],
    )


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
