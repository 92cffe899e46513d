"""The chain of events: what is edited, missing or missing at its end is found."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from fetchers.errors import StoreError
from fetchers.storage.record import event_chain
from fetchers.storage.record.manifest import Manifest
from tests.storage.record import event

if TYPE_CHECKING:
    from pathlib import Path

    from fetchers.records import Event

CHAIN = tuple(
    event_chain.chained(
        [event(what, note=what) for what in ("applied", "done", "granted")], count=0, head=event_chain.EMPTY
    )
)


def _faults(events: tuple[Event, ...]) -> list[str]:
    return event_chain.faults(events, count=3, head=CHAIN[-1].digest)


def test_a_whole_chain_has_no_fault() -> None:
    """Places count from 1, each event follows the digest of the one before."""
    assert [one.seq for one in CHAIN] == [1, 2, 3]
    assert [one.previous for one in CHAIN] == [event_chain.EMPTY, CHAIN[0].digest, CHAIN[1].digest]
    assert not _faults(CHAIN)


@pytest.mark.parametrize(
    "edit",
    [
        {"at": "2025-11-25T08:00:00Z"},
        {"who": "eve"},
        {"what": "denied"},
        {"dataset": "oasis"},
        {"part": "2"},
        {"key": "account"},
        {"on": None},
        {"data": {"note": "other"}},
        {"previous": "1" * 64},
        {"digest": "1" * 64},
    ],
    ids=lambda edit: next(iter(edit)),
)
@pytest.mark.parametrize("number", range(3))
def test_every_edit_is_found(number: int, edit: dict[str, object]) -> None:
    """No field of no event can be changed."""
    edited = CHAIN[number]._replace(**edit)  # type: ignore[arg-type]
    assert _faults((*CHAIN[:number], edited, *CHAIN[number + 1 :]))


@pytest.mark.parametrize("number", range(3))
def test_every_missing_event_is_found(number: int) -> None:
    """The first, one in the middle, and the last one too, each with its number."""
    said = " ".join(_faults(CHAIN[:number] + CHAIN[number + 1 :]))
    assert (f"event {number + 1} is missing" if number < 2 else "2 events are in the record, 3 were written") in said


def test_an_edit_with_a_new_digest_is_found() -> None:
    """Whoever makes the digest anew breaks the next link; for the last event, the head that stands apart."""
    for number in range(3):
        forged = CHAIN[number]._replace(who="eve")
        forged = forged._replace(digest=event_chain.digest(forged))
        assert _faults((*CHAIN[:number], forged, *CHAIN[number + 1 :]))


def _record(store: Path) -> list[Event]:
    with Manifest.open(store, write=True) as manifest:
        manifest.append([event("applied", purpose="a study")])
        return manifest.append([event("done"), event("granted", until="2027-11-25")])


def _by_hand(store: Path, *statements: str) -> None:
    with closing(sqlite3.connect(store / "manifest.sqlite")) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def _chain_faults(store: Path) -> list[str]:
    with Manifest.open(store, write=False) as manifest:
        return manifest.chain_faults()


def test_appended_events_come_back_with_their_places(tmp_path: Path) -> None:
    """What `append` gives is what the record holds."""
    linked = _record(tmp_path / "cache")
    with Manifest.open(tmp_path / "cache", write=False) as manifest:
        assert manifest.events()[1:] == linked
        assert [one.seq for one in manifest.events("adni")] == [1, 2, 3]
        assert not manifest.events("oasis")
        assert not manifest.chain_faults()


@pytest.mark.parametrize("statement", ["UPDATE events SET who = 'eve'", "DELETE FROM events"])
def test_the_record_itself_refuses_changes(tmp_path: Path, statement: str) -> None:
    """A program that only wants to be helpful is stopped by the trigger."""
    _record(tmp_path / "cache")
    with pytest.raises(sqlite3.IntegrityError, match="only added"):
        _by_hand(tmp_path / "cache", statement)


@pytest.mark.parametrize(
    "statements",
    [
        ("UPDATE events SET who = 'eve' WHERE seq = 2",),
        ("UPDATE events SET data = 'not JSON' WHERE seq = 2",),
        ("DELETE FROM events WHERE seq = 1",),
        ("DELETE FROM events WHERE seq = 2",),
        ("DELETE FROM events WHERE seq = 3",),
        ("DELETE FROM events",),
        ("DELETE FROM events", "DELETE FROM meta WHERE key IN ('events', 'head')"),
        (
            "DELETE FROM events WHERE seq = 3",
            "UPDATE meta SET value = '2' WHERE key = 'events'",
            "UPDATE meta SET value = (SELECT digest FROM events WHERE seq = 2) WHERE key = 'head'",
        ),
    ],
    ids=lambda statements: statements[0][-40:] + f" +{len(statements) - 1}",
)
def test_a_person_who_drops_the_triggers_is_found_out(tmp_path: Path, statements: tuple[str, ...]) -> None:
    """Edited, missing, and missing with the count set back: the journal remembers."""
    _record(tmp_path / "cache")
    _by_hand(tmp_path / "cache", "DROP TRIGGER events_stay", "DROP TRIGGER events_remain", *statements)
    assert _chain_faults(tmp_path / "cache")


def test_nothing_is_added_to_a_chain_that_lost_its_end(tmp_path: Path) -> None:
    """A new event would hide the gap; so it is refused, with the next thing to do."""
    _record(tmp_path / "cache")
    _by_hand(tmp_path / "cache", "DROP TRIGGER events_remain", "DELETE FROM events WHERE seq = 3")
    with Manifest.open(tmp_path / "cache", write=True) as manifest, pytest.raises(StoreError, match="broken") as caught:
        manifest.append([event("closed")])
    assert "doctor" in str(caught.value.hint)
    assert _chain_faults(tmp_path / "cache")


def test_a_lost_database_gets_its_chain_back(tmp_path: Path) -> None:
    """From the journal, with the same digests; the next event follows."""
    store = tmp_path / "cache"
    linked = _record(store)
    (store / "manifest.sqlite").unlink()
    with Manifest.open(store, write=True) as manifest:
        assert manifest.events()[1:] == linked
        (added,) = manifest.append([event("closed")])
        assert (added.seq, added.previous) == (4, linked[-1].digest)
        assert not manifest.chain_faults()
