"""Applications through their verbs: what changes, what is refused and changes nothing, what is kept as evidence."""

from __future__ import annotations

import hashlib
import stat
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from icalendar import Calendar

from fetchers.checks.access import gate
from fetchers.errors import AccessError, CatalogueError
from fetchers.events import consent, log
from fetchers.storage.record.manifest import Manifest
from fetchers.verbs import accept, apply, decide, permit, status, tasks
from fetchers.verbs import audit as auditing
from tests.verbs.contexts import NOW, context

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fetchers.context import Context

CATALOGUE = """
[datasets.gated]
title = "Gated"
access = "application"
licence = "LicenseRef-Gated"
link = "https://gated.example/"
[[datasets.gated.steps]]
key = "account"
title = "Make an account"
url = "https://gated.example/account"
expected_days = 2
[[datasets.gated.steps]]
key = "dua"
title = "Sign"
expected_days = 5
lapses_after_days = 365
evidence = "the signed form"
[datasets.gated.parts.same]
title = "the same gate"
[datasets.gated.parts.other]
title = "another gate"
access = "registration"
[[datasets.gated.parts.other.steps]]
key = "account"
title = "Another account"
[datasets.free]
title = "Free"
access = "open"
[[datasets.free.files]]
url = "https://free.example/x.zip"
[datasets.mixed]
title = "Mixed"
access = "open"
[datasets.mixed.parts.gated]
access = "registration"
link = "https://mixed.example/ask"
[licences.LicenseRef-Gated]
name = "Terms"
text = "Do not share."
requires_acceptance = true
[licences.LicenseRef-Gated.uses]
research = "yes"
commercial = "ask"
"""


@pytest.fixture(name="here")
def _here(tmp_path: Path) -> Context:
    return context(tmp_path / "home", catalogue=CATALOGUE)


@pytest.fixture(name="letter")
def _letter(tmp_path: Path) -> Path:
    file = tmp_path / "signed form.pdf"
    file.write_bytes(b"%PDF-1.4 signed")
    return file


def _on(here: Context, day: str) -> Context:
    return here._replace(now=datetime.fromisoformat(f"{day}T08:00:00").replace(tzinfo=UTC))


def _open(here: Context, name: str = "gated") -> bool:
    (dataset,) = here.workspace.catalogue.find(name)
    return gate.gate(dataset, log.noticed(here), here.now).open


def test_a_whole_life(here: Context, letter: Path) -> None:
    """Applied, done, granted, lapsed, renewed, closed: the gate follows, and every change is in the chain."""
    told = apply.run(here, "gated", owner="A. Reader", purpose="a study")
    assert (told.state, told.owner, told.purpose, told.new) == ("open", "A. Reader", "a study", True)
    assert [task.state for task in told.tasks] == ["todo", "blocked"]
    assert [task.due for task in told.tasks] == [date(2026, 11, 27), date(2026, 12, 2)]
    tasks.move(here, "gated", "account", "done", on=date(2026, 11, 1))
    moved = tasks.move(here, "gated", "dua", "done", on=date(2026, 11, 2), evidence=letter)
    assert (moved.state, moved.done_on, moved.lapses_on) == ("done", date(2026, 11, 2), date(2027, 11, 2))
    assert not _open(here)
    settled = decide.settle(here, "gated", "grant", until=date(2027, 6, 30), note="mail of the committee")
    assert (settled.state, settled.until, settled.opened) == ("granted", date(2027, 6, 30), False)
    assert _open(here)
    assert _open(_on(here, "2027-06-30"))
    assert not _open(_on(here, "2027-07-01"))
    assert not _open(here), "an expiry once seen does not un-expire when the clock goes back"
    renewed = decide.settle(_on(here, "2027-07-02"), "gated", "renew", until=date(2028, 6, 30), evidence=letter)
    assert renewed.state == "granted"
    assert _open(_on(here, "2027-07-02"))
    assert not _open(_on(here, "2027-11-02")), "the yearly form has lapsed"
    (due,) = tasks.listing(_on(here, "2027-11-03"), "gated")
    assert (due.key, due.state, due.overdue) == ("dua", "todo", True)
    tasks.move(_on(here, "2027-11-03"), "gated", "dua", "done", evidence=letter)
    assert _open(_on(here, "2027-11-03"))
    decide.settle(_on(here, "2027-12-01"), "gated", "close")
    assert not _open(_on(here, "2027-12-01"))
    with Manifest.open(here.store, write=False) as manifest:
        assert manifest.chain_faults() == []
        assert [event.what for event in manifest.events()] == [
            "applied", "done", "done", "granted", "lapsed", "renewed", "lapsed", "done", "closed",
        ]  # fmt: skip
        assert {event.who for event in manifest.events()} == {"ada", "the clock"}


def test_applying_again_changes_nothing(here: Context) -> None:
    """Owner, purpose and states stay; nothing is even recorded."""
    apply.run(here, "gated", owner="A. Reader")
    tasks.move(here, "gated", "account", "done")
    before = log.read(here)
    told = apply.run(here, "gated", owner="B. Writer")
    assert (told.owner, told.new) == ("A. Reader", False)
    assert [task.state for task in told.tasks] == ["done", "todo"]
    assert log.read(here) == before
    assert apply.run(here, "gated", purpose="a study").purpose == "a study"


def test_a_refused_download_leaves_its_tasks(here: Context) -> None:
    """The tasks are there with the application's address; the person's own apply adds the owner."""
    (dataset,) = here.workspace.catalogue.find("gated")
    consent.open_for(here, dataset)
    consent.open_for(here, dataset)
    assert len(log.read(here)) == 1
    assert "https://gated.example/account" in [row.url for row in tasks.listing(here, "gated")]
    later = _on(here, "2026-12-01")
    told = apply.run(later, "gated", owner="A. Reader")
    assert told.owner == "A. Reader"
    assert told.applied_on == date(2026, 12, 1)


REFUSED: dict[str, Callable[[Context, Path], object]] = {
    "unknown dataset": lambda here, file: tasks.move(here, "gatd", "account", "done"),
    "unknown step": lambda here, file: tasks.move(here, "gated", "acount", "done"),
    "a day to come": lambda here, file: tasks.move(here, "gated", "account", "done", on=date(2026, 11, 26)),
    "no such document": lambda here, file: tasks.move(here, "gated", "account", "done", evidence=file / "not"),
    "a folder as document": lambda here, file: tasks.move(here, "gated", "account", "done", evidence=file.parent),
    "a step that waits": lambda here, file: tasks.move(here, "gated", "dua", "done"),
    "begun while it waits": lambda here, file: tasks.move(here, "gated", "dua", "start"),
    "nobody to assign to": lambda here, file: tasks.move(here, "gated", "dua", "assign", owner=" "),
    "open already": lambda here, file: tasks.move(here, "gated", "account", "reopen"),
    "grant without a word": lambda here, file: decide.settle(here, "gated", "grant"),
    "grant with an empty word": lambda here, file: decide.settle(here, "gated", "grant", note="  "),
    "grant without the document": lambda here, file: decide.settle(here, "gated", "grant", evidence=file / "not"),
    "grant to come": lambda here, file: decide.settle(here, "gated", "grant", on=date(2027, 1, 1), note="x"),
    "ends before it begins": lambda here, file: decide.settle(
        here, "gated", "grant", on=date(2026, 11, 2), until=date(2026, 11, 1), note="x"
    ),
    "renew of what was never granted": lambda here, file: decide.settle(here, "gated", "renew", note="x"),
    "renew without a word": lambda here, file: decide.settle(here, "gated", "renew"),
    "close of nothing": lambda here, file: decide.settle(here, "gated/other", "close"),
    "apply for what is open": lambda here, file: apply.run(here, "free"),
    "apply for the open whole": lambda here, file: apply.run(here, "mixed"),
    "grant of what is open": lambda here, file: decide.settle(here, "free", "grant", note="x"),
    "permit without the document": lambda here, file: permit.run(here, "gated", "commercial", evidence=file / "not"),
    "permit of no use": lambda here, file: permit.run(here, "gated", "world-domination"),
    "accept of no licence": lambda here, file: accept.run(here, "LicenseRef-Gatd", confirm=lambda _: True),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_change_changes_nothing(here: Context, letter: Path, name: str) -> None:
    """It is the command's fault (2), it says what to do, and neither the record nor the evidence grows."""
    apply.run(here, "gated")
    before = log.read(here)
    with pytest.raises(CatalogueError) as caught:
        REFUSED[name](here, letter)
    assert caught.value.exit_status == 2
    assert log.read(here) == before
    assert not (here.workspace.home / "evidence").exists()


def test_evidence_is_kept_for_the_person_alone(here: Context, letter: Path) -> None:
    """A copy below the home, byte for byte, 0600 in 0700, hashed; the same document twice is one file."""
    for _ in range(2):
        moved = tasks.move(here, "gated", "account", "done", evidence=letter)
    kept = moved.evidence[-1]
    file = here.workspace.home / kept.path
    assert file.read_bytes() == letter.read_bytes()
    assert kept.sha256 == hashlib.sha256(letter.read_bytes()).hexdigest()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in (file.parent, file.parent.parent)} == {0o700}
    assert [one.name for one in file.parent.iterdir()] == [f"{kept.sha256[:12]}-signed form.pdf"]
    letter.unlink()
    assert file.exists()


@pytest.mark.parametrize("name", ["a\x1b[31m.pdf", "..", "x" * 250 + ".pdf", "Ünterschrift\u202e.pdf", "-rf"])
def test_a_document_may_be_called_anything(here: Context, tmp_path: Path, name: str) -> None:
    """Whatever the name, the copy lies in its folder under a printable name that ends as the document's does."""
    file = tmp_path / (name if name != ".." else "..pdf")
    file.write_bytes(b"x")
    kept = tasks.move(here, "gated", "account", "done", evidence=file).evidence[0]
    copy = here.workspace.home / kept.path
    assert copy.parent == here.workspace.home / "evidence" / "gated"
    assert copy.name.isprintable()
    assert copy.read_bytes() == b"x"


def test_a_part_with_its_own_gate_has_its_own_application(here: Context) -> None:
    """What asks for the same is covered by the whole; another gate is another application."""
    assert apply.run(here, "gated/same").part is None
    told = apply.run(here, "gated/other")
    assert (told.part, [task.title for task in told.tasks]) == ("other", ["Another account"])
    tasks.move(here, "gated/other", "account", "done")
    assert _open(here, "gated/other")
    assert not _open(here)
    decide.settle(here, "gated", "grant", note="x")
    assert _open(here, "gated/same")
    asked = apply.run(here, "mixed/gated")
    assert [task.url for task in asked.tasks] == ["https://mixed.example/ask"]


def test_a_grant_without_an_application_opens_one(here: Context) -> None:
    """A person who has access already records just that, and is told that an application was opened with it."""
    settled = decide.settle(here, "gated", "grant", note="by mail, years ago")
    assert (settled.opened, settled.state) == (True, "granted")
    with pytest.raises(CatalogueError, match="is past"):
        decide.settle(here, "gated", "grant", until=date(2020, 1, 1), note="over long since")
    past = decide.settle(here, "gated", "grant", on=date(2019, 1, 1), until=date(2020, 1, 1), note="over long since")
    assert (past.state, past.until) == ("lapsed", date(2020, 1, 1))


def test_overdue_tasks_stand_first(here: Context) -> None:
    """Overdue, then due; settled ones only on request; by owner."""
    apply.run(here, "gated", owner="A. Reader")
    apply.run(_on(here, "2026-11-28"), "gated/other")
    later = _on(here, "2026-11-29")
    assert [(row.address, row.key, row.overdue) for row in tasks.listing(later)] == [
        ("gated", "account", True),
        ("gated/other", "account", True),
        ("gated", "dua", False),
    ]
    assert [row.key for row in tasks.listing(later, overdue=True)] == ["account", "account"]
    assert [row.part for row in tasks.listing(later, "gated/other")] == ["other"]
    assert [row.key for row in tasks.listing(later, owner="A. Reader")] == ["account", "dua"]
    tasks.move(later, "gated", "account", "skip", note="has one")
    assert [row.state for row in tasks.listing(later, "gated", all_=True)][-1] == "skipped"
    assert "skipped" not in [row.state for row in tasks.listing(later)]
    assert tasks.move(later, "gated", "dua", "assign", owner="B. Writer").owner == "B. Writer"
    decide.settle(later, "gated", "deny")
    assert [row.part for row in tasks.listing(later)] == ["other"]
    with pytest.raises(CatalogueError):
        tasks.listing(later, "gatd")


def test_the_calendar_is_one(here: Context, letter: Path, tmp_path: Path) -> None:
    """A calendar library reads it: one VTODO for each open task, one alarm 30 days before each lapse, stable UIDs."""
    apply.run(here, "gated", owner="A; Reader,\nSUMMARY:evil")
    tasks.move(here, "gated", "account", "done")
    tasks.move(here, "gated", "dua", "done", evidence=letter)
    apply.run(here, "gated/other")
    decide.settle(here, "gated", "grant", until=date(2027, 6, 30), note="x")
    file = tmp_path / "due.ics"
    uids = []
    for _ in range(2):
        tasks.calendar(here, tasks.listing(here), file)
        book = Calendar.from_ical(file.read_bytes())
        todos, ends = book.walk("VTODO"), book.walk("VEVENT")
        uids.append([str(one["UID"]) for one in (*todos, *ends)])
    assert uids[0] == uids[1]
    assert [(str(one["SUMMARY"]), one.decoded("DUE")) for one in todos] == [
        ("gated/other: Another account", date(2026, 11, 25))
    ]
    assert ends == [], "only the listed applications' lapses are in it"
    tasks.calendar(here, tasks.listing(here, all_=True), file)
    book = Calendar.from_ical(file.read_bytes())
    assert len(book.walk("VTODO")) == 1
    assert {one.decoded("DTSTART") for one in book.walk("VEVENT")} == {date(2027, 6, 30), date(2027, 11, 25)}
    assert {one.decoded("TRIGGER") for one in book.walk("VALARM")} == {timedelta(days=-30)}


def test_a_calendar_obeys_no_stranger(here: Context, tmp_path: Path) -> None:
    """Line ends and separators in a person's or a catalogue's words stay within their value."""
    apply.run(here, "gated", owner="A; Reader,\r\nBEGIN:VALARM\x1b")
    file = tmp_path / "due.ics"
    tasks.calendar(here, tasks.listing(here), file)
    book = Calendar.from_ical(file.read_bytes())
    assert [one.name for one in book.walk()] == ["VCALENDAR", "VTODO", "VTODO"]
    assert str(book.walk("VTODO")[0]["CONTACT"]).startswith("A; Reader,")
    assert b"\x1b" not in file.read_bytes()


def test_a_grant_of_one_gate_opens_no_other(here: Context) -> None:
    """The whole's application and a part's own are kept apart; the whole's grant covers what nobody asked for."""
    apply.run(here, "gated")
    (other,) = here.workspace.catalogue.find("gated/other")
    consent.open_for(here, other)
    assert [task.address for task in tasks.listing(here, "gated/other")] == ["gated/other"]
    decide.settle(here, "gated", "grant", note="x")
    assert _open(here, "gated/other")
    tasks.move(here, "gated/other", "account", "start")
    assert not _open(here, "gated/other"), "now it is an application of its own"
    decide.settle(here, "gated/other", "grant", note="x")
    decide.settle(here, "gated", "close")
    assert (_open(here), _open(here, "gated/other")) == (False, True)


def test_no_terminal_no_consent(here: Context) -> None:
    """Without a person nothing is accepted, whatever is said; with one, the text itself is what is asked about."""
    with pytest.raises(AccessError) as caught:
        accept.run(here, "LicenseRef-Gated", name="A. Reader", confirm=None)
    assert caught.value.exit_status == 6
    with pytest.raises(AccessError):
        accept.run(here, "LicenseRef-Gated", confirm=lambda _: False)
    assert log.read(here) == []
    asked: list[str] = []

    def yes(question: str) -> bool:
        asked.append(question)
        return True

    told = accept.run(here, "LicenseRef-Gated", name="A. Reader", confirm=yes)
    assert "Do not share." in asked[0]
    assert (told.name, told.on, told.sha256) == (
        "A. Reader",
        date(2026, 11, 25),
        hashlib.sha256(b"Do not share.\n").hexdigest(),
    )
    (event,) = log.read(here)
    assert (event.what, event.key, event.who, event.data["name"]) == (
        "accepted", "LicenseRef-Gated", "ada", "A. Reader",
    )  # fmt: skip


def test_a_permission_ends(here: Context, letter: Path) -> None:
    """`permit` opens an `ask` with its evidence, until its last day; once past, it stays past."""
    told = permit.run(here, "gated", "commercial", evidence=letter, until=date(2026, 12, 31))
    assert told.state == "active"
    answers = [
        auditing.run(_on(here, day), ["gated"], uses=["commercial"]).verdicts[0]
        for day in ("2026-12-31", "2027-01-01", "2026-12-01")
    ]
    assert [answer.verdict for answer in answers] == ["allowed", "forbidden", "forbidden"]
    assert answers[0].evidence is not None
    assert told.evidence is not None
    assert told.evidence.path in answers[0].evidence
    assert told.evidence.sha256 in answers[0].evidence
    assert permit.run(here, "gated", "commercial", until=date(2020, 1, 1), note="late").state == "lapsed"


def test_a_permission_rests_on_something_and_can_be_taken_back(here: Context) -> None:
    """Nothing is recorded without a document or a note; a revocation ends it, once."""
    for refused in ({}, {"note": " "}, {"revoke": True}):
        with pytest.raises(CatalogueError):
            permit.run(here, "gated", "commercial", **refused)
    assert log.read(here) == []
    permit.run(here, "gated", "commercial", note="by mail", until=date(2026, 12, 1))
    found = status.run(here, ())
    assert [(one.dataset, one.use, one.until, one.state) for one in found.permissions] == [
        ("gated", "commercial", date(2026, 12, 1), "active")
    ]
    assert [(one.dataset, one.use) for one in found.lapsing] == [("gated", "commercial")]
    assert found.applications == ()
    late = status.run(_on(here, "2026-12-02"), ())
    assert ([one.state for one in late.permissions], late.applications, late.lapsing) == (["lapsed"], (), ())
    assert permit.run(here, "gated", "commercial", revoke=True, note="by phone").state == "revoked"
    assert status.run(here, ()).permissions[0].state == "revoked"
    with pytest.raises(CatalogueError, match="revoked already"):
        permit.run(here, "gated", "commercial", revoke=True)


def test_the_record_may_be_read_only(here: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lapse that cannot be written down counts all the same."""
    decide.settle(here, "gated", "grant", until=NOW.date(), note="x")
    for file in (here.store, *here.store.iterdir()):
        file.chmod(file.stat().st_mode & ~0o222)
    try:
        assert not _open(_on(here, "2027-01-01"))
    finally:
        for file in (here.store, *here.store.iterdir()):
            file.chmod(file.stat().st_mode | 0o200)


@pytest.mark.parametrize("word", ["deny", "close"])
def test_what_is_over_leaves_nothing_to_do_until_it_is_applied_for_anew(here: Context, word: decide.Outcome) -> None:
    """A new application begins with nothing done, and knows nothing of the last day of the old one."""
    apply.run(here, "gated", owner="A. Reader")
    tasks.move(here, "gated", "account", "done")
    decide.settle(here, "gated", "grant", until=date(2027, 1, 31), note="x")
    decide.settle(here, "gated", word, until=date(2027, 1, 31), note="mail of the committee")
    (found,) = status.run(here, ()).applications
    assert (found.state, found.until, found.next_task) == ({"deny": "denied", "close": "closed"}[word], None, None)
    assert (tasks.listing(here, "gated"), tasks.listing(here)) == ((), ())
    with pytest.raises(CatalogueError, match="nothing of it is left to do"):
        tasks.move(here, "gated", "dua", "done")
    with pytest.raises(CatalogueError, match="already"):
        decide.settle(here, "gated", word)
    anew = apply.run(_on(here, "2026-12-01"), "gated")
    assert (anew.new, anew.state, anew.owner, anew.applied_on) == (True, "open", None, date(2026, 12, 1))
    assert [row.state for row in anew.tasks] == ["todo", "blocked"]
    assert not apply.run(_on(here, "2026-12-02"), "gated").new
