"""`fetch doctor` checks folder, network and credentials."""

from __future__ import annotations

import os
import shlex
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import certifi
import pytest

from fetchers.storage import fs_probe
from fetchers.storage.record.manifest import Manifest
from fetchers.verbs import doctor
from fetchers.workspace.workspace import catalogue_of
from tests.faultd import Answer, Faultd
from tests.storage.record import arrival, event, held
from tests.verbs.contexts import NOW, context

if TYPE_CHECKING:
    from pathlib import Path

    from fetchers.verbs.doctor import Doctor


@pytest.fixture(name="home")
def _home(tmp_path: Path) -> Path:
    with Manifest.open(tmp_path / "home" / "cache", write=True) as manifest:
        manifest.record([arrival(0)], [held(number) for number in range(10)])
        manifest.append([event("applied"), event("granted")])
    return tmp_path / "home"


def _of(found: Doctor, rule: str) -> list[tuple[str, str]]:
    return [(one.severity, one.message) for one in found.findings if one.rule == rule]


def _edit(home: Path, *statements: str) -> None:
    with closing(sqlite3.connect(home / "cache" / "manifest.sqlite")) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def test_where_all_is_well_each_check_says_what_is_so(home: Path) -> None:
    """No error, status 0, and nothing is left of the probes."""
    before = sorted(home.rglob("*"))
    found = doctor.run(context(home))
    assert found.exit == 0, [one for one in found.findings if one.severity == "error"]
    assert _of(found, "record") == [("info", "10 files, the journal says the same")]
    assert _of(found, "events") == [("info", "2 events, the chain is whole")]
    assert "SQLite 3" in _of(found, "software")[0][1]
    assert "pydicom 3" in _of(found, "software")[0][1]
    assert "locks that exclude" in _of(found, "file-system")[-1][1]
    assert {rule for rule in ("home", "store", "sources") if _of(found, rule)} == {"home", "store", "sources"}
    assert sorted(home.rglob("*")) == before


def test_a_fresh_workspace_is_looked_at_and_not_made(tmp_path: Path) -> None:
    """It says that the store is not there yet; nothing appears."""
    found = doctor.run(context(tmp_path / "home"))
    assert found.exit == 0
    assert "made when it is first needed" in _of(found, "store")[0][1]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET who = 'eve' WHERE seq = 1",
        "DELETE FROM events WHERE seq = 1",
        "DELETE FROM events WHERE seq = 2",
    ],
)
def test_an_edited_and_a_missing_event_are_found(home: Path, statement: str) -> None:
    """The contract's status is 4."""
    _edit(home, "DROP TRIGGER events_stay", "DROP TRIGGER events_remain", statement)
    found = doctor.run(context(home))
    assert found.exit == 4
    assert _of(found, "events")[0][0] == "error"


def test_a_changed_row_is_found(home: Path) -> None:
    """The journal remembers what SQLite's own check cannot know; a record that can be read is never moved away."""
    _edit(home, "UPDATE files SET licence = 'CC0-1.0' WHERE path = 'series/0003.dcm'")
    found = doctor.run(context(home))
    assert found.exit == 4
    (wrong,) = (one for one in found.findings if one.rule == "record" and "0003" in one.message)
    command, _, _ = str(wrong.hint).partition("   ")
    assert command == f"cp -p BACKUP/manifest.* {home}/cache/"
    assert "mv " not in str(found)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE files SET licence = 'CC0-1.0' WHERE path = 'series/0003.dcm'",
        "UPDATE events SET who = 'eve' WHERE seq = 1",
    ],
)
def test_what_is_advised_for_an_edited_record_mends_it(home: Path, tmp_path: Path, statement: str) -> None:
    """A backup of the store's record is put back by the very command of the hint."""
    backup = tmp_path / "a backup"
    backup.mkdir()
    for name in ("manifest.sqlite", "manifest.journal"):
        shutil.copy2(home / "cache" / name, backup)
    _edit(home, "DROP TRIGGER events_stay", statement)
    found = doctor.run(context(home))
    assert found.exit == 4
    hint = next(str(one.hint) for one in found.findings if one.severity == "error")
    command = hint[hint.index("cp -p") :].partition("   ")[0].replace("BACKUP", shlex.quote(str(backup)))
    subprocess.run(command, shell=True, check=True)
    assert doctor.run(context(home)).exit == 0


@pytest.mark.parametrize("harm", ["truncated", "garbage", "empty", "gone"])
def test_a_broken_database_is_found(home: Path, harm: str) -> None:
    """One sentence says what is so: a file that is there is not said to be gone."""
    path = home / "cache" / "manifest.sqlite"
    if harm == "truncated":
        os.truncate(path, 9000)
    elif harm == "gone":
        path.unlink()
    else:
        path.write_bytes(b"" if harm == "empty" else b"no database " * 1000)
    found = doctor.run(context(home))
    (said,) = (message for severity, message in _of(found, "record") if severity == "error")
    expected = {"empty": "holds no record", "gone": "is not there"}.get(harm, "is broken")
    assert (found.exit, said.startswith(f"{path} {expected}")) == (4, True), said


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """Where a file stands in the way, no command can hold anything."""
    here = context(tmp_path / "home")
    (tmp_path / "home").write_bytes(b"a file")
    found = doctor.run(here)
    assert found.exit == 7
    assert _of(found, "store")[0][0] == "error"


def test_a_file_system_that_cannot_is_described(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing is a warning that says what follows, and no reason to stop."""
    trials = (
        ("locks that exclude", lambda folder: False, "some bytes come twice"),
        ("hard links", lambda folder: bool((folder / "no").read_bytes()), "copy instead"),
        ("symbolic links", lambda folder: False, ""),
    )
    monkeypatch.setattr(fs_probe, "_TRIALS", trials)
    found = doctor.run(context(home))
    assert found.exit == 0
    assert [message for severity, message in _of(found, "file-system") if severity == "warning"] == [
        "no locks that exclude here: some bytes come twice",
        "no hard links here: copy instead",
    ]


@pytest.mark.parametrize(("days", "warned"), [(-1, False), (-3, True), (400, False)])
def test_a_clock_before_the_newest_record(home: Path, days: int, *, warned: bool) -> None:
    """What lapses is decided by it, so it is said."""
    found = doctor.run(context(home, now=NOW + timedelta(days=days)))
    assert bool(_of(found, "clock")) == warned
    assert found.exit == 0


@pytest.mark.parametrize(
    ("text", "mode", "severity"),
    [
        ('["https://data.example.org/"]\ntoken = "SECRET-CANARY"\n', 0o600, "info"),
        ('["https://data.example.org/"]\ntoken = "SECRET-CANARY"\n', 0o644, "error"),
        ('["https://data.example.org/"]\ntoken = SECRET-CANARY\n', 0o600, "error"),
    ],
    ids=["private", "readable", "not-toml"],
)
def test_credentials_are_looked_at_and_never_shown(home: Path, text: str, mode: int, severity: str) -> None:
    """Which addresses they are for may be said; a file that others can read is a fault (2)."""
    path = home / "credentials.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    found = doctor.run(context(home))
    assert _of(found, "credentials")[0][0] == severity
    assert found.exit == (0 if severity == "info" else 2)
    assert "CANARY" not in repr(found)


def test_the_environment_of_the_network(home: Path, tmp_path: Path) -> None:
    """Proxies by name only (their addresses may hold passwords); SSL_CERT_FILE must parse."""
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("-----BEGIN CERTIFICATE-----\nrubbish\n-----END CERTIFICATE-----\n", encoding="ascii")
    for file, severity in ((certifi.where(), "info"), (str(wrong), "error"), (str(tmp_path / "none.pem"), "error")):
        environ = {"SSL_CERT_FILE": file, "https_proxy": "http://ada:CANARY@proxy.example.org:3128"}
        found = doctor.run(context(home, environ=environ))
        assert _of(found, "certificates")[0][0] == severity
        assert _of(found, "proxy") == [("info", "HTTPS_PROXY set")]
        assert "CANARY" not in repr(found)


def test_a_source_that_nobody_brings_is_an_error(home: Path) -> None:
    """It is named, with what is there."""
    found = doctor.run(
        context(home, catalogue='[datasets.lungs]\ntitle = "Lungs"\naccess = "open"\nsource = "nowhere"\n')
    )
    assert found.exit == 2
    assert any("nowhere" in message for _, message in _of(found, "source"))


def test_offline_asks_nobody(home: Path) -> None:
    """Also with --network."""
    found = doctor.run(context(home, offline=True), network=True)
    assert _of(found, "place") == [("info", "offline: no archive was asked")]


def test_each_place_is_asked_whether_it_answers(home: Path) -> None:
    """Any status is an answer, a wish for a password is one; a place that hangs up is none. Each host is asked once."""
    with Faultd() as well, Faultd() as gone, Faultd() as gated, Faultd() as mute:
        well.on("/a", Answer(b""))
        gone.on("/", Answer(status=404))
        gated.on("/", Answer(status=401))
        mute.on("/", Answer(raw=b"", end="rst"))
        links = [well.url("/a"), well.url("/b"), gone.url("/"), gated.url("/"), mute.url("/")]
        datasets = {f"set{number}": {"title": "A set", "link": link} for number, link in enumerate(links)}
        here = context(home)
        here = here._replace(workspace=here.workspace._replace(catalogue=catalogue_of({"datasets": datasets})))
        found = doctor.run(here, network=True)
        severities = {link: one[0] for link in links for one in _of(found, "place") if link in one[1]}
        assert severities == {links[0]: "info", links[2]: "info", links[3]: "info", links[4]: "warning"}
        assert [asked.method for asked in well.asked] == ["HEAD"]
    assert found.exit == 0
