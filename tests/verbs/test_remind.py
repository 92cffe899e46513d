"""Reminders reach real servers on loopback, once for each thing and address, and again after a delivery that failed."""

from __future__ import annotations

import email
import email.policy
import json
import socket
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from aiosmtpd.controller import Controller
from icalendar import Calendar

from fetchers.errors import CatalogueError, TransferError
from fetchers.events import log
from fetchers.verbs import apply, decide, permit, remind, tasks
from tests.cli.run import fetch
from tests.faultd import Answer, Faultd
from tests.verbs.contexts import context

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fetchers.context import Context

CATALOGUE = """
[datasets.gated]
title = "Gated"
access = "application"
licence = "LicenseRef-Gated"
[[datasets.gated.steps]]
key = "account"
title = "Make an account"
url = "https://gated.example/account"
expected_days = 2
[[datasets.gated.steps]]
key = "wait"
title = "Wait for the board"
expected_days = 10
waits = true
[licences.LicenseRef-Gated]
name = "Terms"
[licences.LicenseRef-Gated.uses]
commercial = "ask"
"""


class _Mailbox:
    """Takes every mail, and refuses while `full`."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.full = False

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: N802, ANN401 - aiosmtpd's
        if self.full:
            return "452 no room"
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 taken"


@pytest.fixture(name="mailbox")
def _mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[_Mailbox, str]]:
    monkeypatch.setattr(socket, "getfqdn", lambda name="": "lab.example")  # no test asks the network for a name
    box = _Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    yield box, f"mailto://127.0.0.1:{port}?from=fetch@lab.example&to=ada@lab.example"
    server.stop()


@pytest.fixture(name="here")
def _here(tmp_path: Path) -> Context:
    return context(tmp_path / "home", catalogue=CATALOGUE)


def _on(here: Context, day: str) -> Context:
    return here._replace(now=datetime.fromisoformat(f"{day}T08:00:00").replace(tzinfo=UTC))


def _kinds(told: remind.Reminded) -> list[list[str]]:
    return [[one.kind for one in address.notices] for address in told.told]


def test_each_thing_is_told_once_for_each_address(here: Context, mailbox: tuple[_Mailbox, str]) -> None:
    """A task when it is due, a grant before and after its end, a permission likewise, an answer when it came."""
    box, to = mailbox
    apply.run(here, "gated")
    assert _kinds(remind.run(here, [to])) == [[]]
    late = _on(here, "2026-11-29")
    assert _kinds(remind.run(late, [to])) == [["due"]]
    assert _kinds(remind.run(late, [to])) == _kinds(remind.run(_on(here, "2026-12-01"), [to])) == [[]]
    tasks.move(late, "gated", "account", "done")
    decide.settle(late, "gated", "grant", until=date(2027, 1, 31), note="by mail")
    permit.run(late, "gated", "commercial", until=date(2027, 2, 10), note="by mail")
    assert _kinds(remind.run(late, [to])) == [["changed"]]
    assert _kinds(remind.run(_on(here, "2027-01-20"), [to])) == [["lapsing", "lapsing"]]
    assert _kinds(remind.run(_on(here, "2027-02-11"), [to])) == [["lapsed", "lapsed"]]
    assert _kinds(remind.run(_on(here, "2027-02-12"), [to])) == [[]]
    assert [mail["Subject"] for mail in box.mails] == [
        "fetch: 1 due", "fetch: 1 changed", "fetch: 2 lapsing", "fetch: 2 lapsed",
    ]  # fmt: skip
    first = box.mails[0].get_content()
    assert "gated: Make an account (due 2026-11-27, 2 days late)" in first
    assert "fetch tasks done gated account --evidence FILE" in first


def test_what_was_not_taken_is_sent_again(here: Context, mailbox: tuple[_Mailbox, str]) -> None:
    """The other address has it, and is not told twice; the status says that one did not."""
    box, to = mailbox
    apply.run(here, "gated")
    late = _on(here, "2026-11-29")
    with Faultd() as hook:
        hook.on("/hook", Answer(b"ok"))
        box.full = True
        told = remind.run(late, [to, hook.url("/hook")])
        assert ([one.delivered for one in told.told], told.exit) == ([False, True], 5)
        box.full = False
        told = remind.run(late, [to, hook.url("/hook")])
        assert ([one.delivered for one in told.told], told.exit) == ([True, None], 0)
        (asked,) = [one for one in hook.asked if one.path == "/hook"]
    assert asked.method == "POST"
    assert len(box.mails) == 1


def test_a_dry_run_sends_and_writes_nothing(here: Context, mailbox: tuple[_Mailbox, str]) -> None:
    """It shows what would be told, and the next run tells it."""
    box, to = mailbox
    apply.run(here, "gated")
    late, before = _on(here, "2026-11-29"), log.read(here)
    told = remind.run(late, [to], dry_run=True)
    assert (_kinds(told), box.mails, log.read(here)) == ([["due"]], [], before)


def test_no_secret_of_an_address_is_kept_or_shown(here: Context) -> None:
    """A chat's address is its password."""
    apply.run(here, "gated")
    with Faultd() as hook:
        hook.on("/T0PSECRET", Answer(b"ok"))
        told = remind.run(_on(here, "2026-11-29"), [hook.url("/T0PSECRET").replace("http://", "json://u:P4SS@")])
    assert told.told[0].delivered
    kept = "".join(file.read_text(errors="replace") for file in here.store.rglob("*") if file.is_file())
    assert "T0PSECRET" not in kept + str(told)
    assert "P4SS" not in kept + str(told)


def test_an_address_that_is_none_is_refused_before_anything_is_sent(
    here: Context, mailbox: tuple[_Mailbox, str]
) -> None:
    """Nobody else is told either; offline nobody is."""
    box, to = mailbox
    apply.run(here, "gated")
    late = _on(here, "2026-11-29")
    for wrong in ("nowhere", "smoke://signal", ""):
        with pytest.raises(CatalogueError):
            remind.run(late, [to, wrong])
    with pytest.raises(TransferError):
        remind.run(late._replace(offline=True), [to])
    assert box.mails == []


def test_cron_hears_nothing_where_there_is_nothing_new(tmp_path: Path, mailbox: tuple[_Mailbox, str]) -> None:
    """Silent and 0; then one line; a server that is gone is 5."""
    home = tmp_path / "home"
    context(home, catalogue=CATALOGUE)
    assert fetch("remind", "--to", mailbox[1], home=home) == (0, "", "")
    decide.settle(context(home, now=datetime.now(UTC)), "gated", "deny", note="x")
    assert fetch("remind", "--to", mailbox[1], home=home).out == "mailto://127.0.0.1  was sent 1 thing\n"
    gone = fetch("remind", "--to", "http://127.0.0.1:9/hook", "--json", home=home)
    assert (gone.status, json.loads(gone.out)["exit"]) == (5, 5)


def test_the_calendar_has_all_day_events_if_wished(here: Context, tmp_path: Path) -> None:
    """One beside each to-do, on its due day, with a UID that stays."""
    apply.run(here, "gated")
    tasks.calendar(here, tasks.listing(here), tmp_path / "a.ics", events=True)
    book = Calendar.from_ical((tmp_path / "a.ics").read_text(encoding="utf-8"))
    days = [(str(one["SUMMARY"]), one.decoded("DTSTART"), one.decoded("DTEND")) for one in book.walk("VEVENT")]
    assert days[0] == ("gated: Make an account", date(2026, 11, 27), date(2026, 11, 28))
    assert (len(days), len(list(book.walk("VTODO")))) == (2, 2)
