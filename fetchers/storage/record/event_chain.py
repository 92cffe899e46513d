"""Check the hash chain of events.

Each event's digest covers the event and the digest of the one before; the head and the count stand apart from the chain
(in `meta`, and as lines of the journal), so that an edited, a missing and a missing last event all show.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from fetchers.errors import StoreError
from fetchers.storage.record.rows import canonical, event_row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fetchers.records import Event
    from fetchers.storage.record.transaction import Transaction

EMPTY = "0" * 64  # what the first event follows


def digest(event: Event) -> str:
    """SHA-256 of all that the event says, hexadecimal."""
    said = [
        event.seq,
        event.at,
        event.who,
        event.what,
        event.dataset,
        event.part,
        event.key,
        event.on,
        dict(event.data),
        event.previous,
    ]
    return hashlib.sha256(canonical(said).encode()).hexdigest()


def chained(events: Sequence[Event], *, count: int, head: str) -> Iterator[Event]:
    """Yield `events` with their places after the `count` earlier ones, the last of which has the digest `head`."""
    for event in events:
        count += 1
        linked = event._replace(seq=count, previous=head, digest="")
        linked = linked._replace(digest=digest(linked))
        head = linked.digest
        yield linked


def add(transaction: Transaction, events: Sequence[Event], count: int, head: str) -> list[Event]:
    """Add events to the chain of which `count` and `head` were noted; return them with their places and digests.

    Raises `StoreError` where the chain does not end as was noted.
    """
    if not events:
        return []
    last = transaction.execute("SELECT seq, digest FROM events ORDER BY seq DESC LIMIT 1")
    if (tuple(last[0]) if last else (0, EMPTY)) != (count, head):
        raise StoreError(
            f"the chain of events is broken: {last[0][0] if last else 0} are in the record, {count} were written",
            hint="fetch doctor says where; nothing was added to it",
        )
    linked = list(chained(events, count=count, head=head))
    transaction.note("events", [event_row(event) for event in linked])
    return linked


def faults(events: Sequence[Event], *, count: int, head: str) -> list[str]:
    """Yield where the chain is broken; `count` and `head` are what was noted apart from it."""
    found = []
    previous, number = EMPTY, 0
    for event in events:
        number += 1
        if event.seq != number:
            found.append(f"event {number} is missing: event {event.seq} ({event.what}) is in its place")
            number = event.seq
        elif event.previous != previous:
            found.append(f"event {event.seq} ({event.what}) does not follow the one before it")
        if digest(event) != event.digest:
            found.append(f"event {event.seq} ({event.what}) was edited: its digest is of another text")
        previous = event.digest
    if number != count:
        found.append(f"{number} events are in the record, {count} were written: the last ones are missing")
    elif previous != head:
        found.append("the last event is not the one that was written last")
    return found
