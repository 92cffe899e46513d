"""Command lines end with the right output and exit status."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from fetchers.cli.registry import VERBS
from tests.cli.run import fetch

if TYPE_CHECKING:
    from pathlib import Path

CATALOGUE = """\
[datasets.mine]
title = "Mine \\u001b[31mred"
access = "open"
[[datasets.mine.files]]
url = "http://127.0.0.1:9/x.zip"
"""
# The contract's table: what each verb must take.
FLAGS = {
    "get": "--dry-run --include --exclude --patient --study --modality --body-part --series --limit --manifest --accept"
    " --jobs --limit-rate --max-size --keep-archives --no-unpack --all --force --via"
    " --on --shard --log-every --log-file"
    " --licence --list",
    "list": "--access --modality --body-part --licence --held --parts",
    "add": "--name",
    "search": "",
    "show": "",
    "apply": "--owner --purpose",
    "tasks": "--overdue --owner --all --ics",
    "grant": "--on --until --evidence --note",
    "deny": "--on --until --evidence --note",
    "renew": "--on --until --evidence --note",
    "close": "--on --until --evidence --note",
    "adopt": "--copy --move --link",
    "status": "",
    "verify": "--quick --headers --phi --on --at --endpoint --log-every --log-file",
    "audit": "--use --scan --strict",
    "licence": "--url --id",
    "accept": "--name --on",
    "permit": "--evidence --until --note --revoke",
    "release": "--yes --reason",
    "cite": "",
    "files": "--csv --jsonl --parquet",
    "lock": "--output",
    "sync": "--dry-run --accept --jobs --limit-rate --max-size",
    "outdated": "",
    "view": "--to --link --layout --datalist --split --by --seed --use",
    "overlap": "--no-pixels",
    "statement": "--md --tex",
    "export": "--croissant --ro-crate --bagit --spdx",
    "push": "--endpoint --jobs",
    "report": "--html",
    "demo": "--keep",
    "doctor": "--network --share",
    "login": "--user --header --keyring",
    "logout": "",
    "logins": "",
    "remind": "--to --dry-run",
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a workspace with one dataset, whose address answers nobody."""
    (tmp_path / "catalogue.toml").write_text(CATALOGUE, encoding="utf-8")
    return tmp_path


def test_the_table_of_the_contract_is_complete() -> None:
    """Each verb of the contract is there."""
    assert set(FLAGS) <= set(VERBS)


@pytest.mark.parametrize("verb", FLAGS)
def test_every_verb_has_its_flags_and_its_help(verb: str, home: Path) -> None:
    """The contract's flags are there, each with the environment variable that it must have."""
    shown = fetch(verb, "--help", home=home)
    assert shown.status == 0, shown.err
    assert shown.out.startswith(f"Usage: fetch {verb}")
    for flag in FLAGS[verb].split():
        assert any(f"{flag}{after}" in shown.out for after in (" ", "\n", ",")), flag


@pytest.mark.parametrize("move", ["done", "start", "skip", "reopen", "assign"])
def test_every_move_of_a_task_has_its_help(move: str, home: Path) -> None:
    """A task is moved by `fetch tasks MOVE NAME KEY`."""
    shown = fetch("tasks", move, "--help", home=home)
    assert shown.status == 0
    for flag in ("--on", "--evidence", "--note", "--owner"):
        assert flag in shown.out


@pytest.mark.parametrize(
    "words",
    [
        ("get",),
        ("get", "mine", "--frobnicate"),
        ("--frobnicate", "mine"),
        ("get", "mine", "--limit", "none"),
        ("get", "mine", "--max-size", "much"),
        ("show",),
        ("tasks", "done", "mine"),
        ("tasks", "done", "adni", "account", "--on", "tomorrow"),
        ("list", "--access", "secret"),
        ("--mirror", "x", "get", "mine"),
        ("adopt", "mine", "/nowhere/at/all"),
        ("no-such-dataset",),
        ("get", "no-such-dataset"),
        ("show", "no-such-dataset"),
    ],
    ids=" ".join,
)
def test_a_wrong_command_exits_2_and_says_what_to_type(words: tuple[str, ...], home: Path) -> None:
    """One sentence, one hint, no traceback, nothing on stdout; with --json one document that says the same."""
    told = fetch(*words, home=home)
    assert told.status == 2, told.err
    assert told.out == ""
    assert told.err.startswith("error: ")
    assert "\ntry: " in told.err
    assert "Traceback" not in told.err
    scripted = fetch(*words, "--json", home=home)
    assert scripted.status == 2
    document = scripted.document
    assert document["exit"] == 2
    assert document["error"]
    assert document["hint"]


def test_a_failing_verb_keeps_the_shape_of_its_document(home: Path) -> None:
    """A script that reads `datasets` or `findings` finds them, empty, also after a usage error."""
    assert fetch("get", "--json", home=home).document["datasets"] == []
    assert fetch("verify", "--json", "no-such-dataset", home=home).document["findings"] == []


@pytest.mark.parametrize(
    "words",
    [("--json", "list"), ("list", "--json"), ("--quiet", "--json", "list", "-q"), ("list", "--access=open", "--json")],
    ids=" ".join,
)
def test_global_options_stand_before_or_after_the_verb(words: tuple[str, ...], home: Path) -> None:
    """`fetch --json list` is `fetch list --json`."""
    told = fetch(*words, home=home)
    assert told.status == 0, told.err
    assert "mine" in {row["dataset"] for row in told.document}


@pytest.mark.parametrize(
    "words",
    [("mine", "--dry-run"), ("--dry-run", "mine"), ("--json", "mine", "--dry-run"), ("get", "mine", "--dry-run")],
    ids=" ".join,
)
def test_a_name_alone_is_get(words: tuple[str, ...], home: Path) -> None:
    """`fetch NAME` is `fetch get NAME`, wherever the options stand."""
    told = fetch(*words, home=home, FETCH_JSON="1")
    assert told.status == 0, told.err
    assert told.document["datasets"][0]["plan"]["files"] == 1


def names_of(*words: str, home: Path, **environ: str) -> list[str]:
    """Name the datasets that `fetch list` shows."""
    return [row["dataset"] for row in fetch("list", "--json", *words, home=home, **environ).document]


def test_command_line_wins_over_environment_and_configuration(home: Path) -> None:
    """Command line before environment before config.toml before default."""
    asked = {access: names_of("--access", access, home=home) for access in ("open", "application", "subscription")}
    everything = names_of(home=home)
    assert len({tuple(names) for names in (*asked.values(), everything)}) == 4
    (home / "config.toml").write_text('access = "open"\n', encoding="utf-8")
    assert names_of(home=home) == asked["open"]
    assert names_of(home=home, FETCH_ACCESS="application") == asked["application"]
    by_command = names_of("--access", "subscription", home=home, FETCH_ACCESS="application")
    assert by_command == asked["subscription"]


def test_home_of_the_command_line_decides_which_configuration_counts(home: Path, tmp_path: Path) -> None:
    """--home after the verb is known before the verb's defaults are looked up."""
    other = tmp_path / "other"
    other.mkdir()
    asked = names_of("--access", "subscription", home=home)
    (other / "config.toml").write_text('access = "subscription"\n', encoding="utf-8")
    assert names_of("--home", str(other), home=home) == asked


@pytest.mark.parametrize(("word", "near"), [("lst", "fetch list"), ("shenzen", "shenzhen"), ("verfy", "fetch verify")])
def test_near_names_and_near_verbs_are_suggested(word: str, near: str, home: Path) -> None:
    """A word that is nearly a verb or nearly a name gets both kinds of help."""
    told = fetch(word, home=home)
    assert told.status == 2
    assert near in told.err


def test_strangers_do_not_reach_the_terminal(home: Path) -> None:
    """A title with an escape sequence is shown, not obeyed."""
    told = fetch("show", "mine", home=home)
    assert told.status == 0, told.err
    assert "\x1b" not in told.out
    assert "red" in told.out


def test_json_is_one_document_with_the_text_as_it_is(home: Path) -> None:
    """JSON escapes for itself; nothing is lost."""
    rows = json.loads(fetch("list", "--json", home=home).out)
    assert next(row for row in rows if row["dataset"] == "mine")["title"] == "Mine \x1b[31mred"


def test_a_reader_who_leaves_is_no_error(home: Path) -> None:
    """`fetch list | head -1` says nothing of broken pipes."""
    with subprocess.Popen(
        [sys.executable, "-m", "fetchers", "--home", str(home), "list"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert running.stderr.read() == ""
        assert running.wait(30) == 0


def test_version_is_one_line(home: Path) -> None:
    """One line that a bug report can quote."""
    told = fetch("--version", home=home)
    assert told.status == 0
    assert told.out.startswith("fetch ")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_is_130(number: signal.Signals, home: Path) -> None:
    """Ctrl-C and a batch system's TERM end alike: one line, status 130, and the document if one was asked for."""
    program = (
        "import os, signal, sys\nimport fetchers.workspace\nfrom fetchers.cli import app\n"
        f"fetchers.workspace.open_workspace = lambda **_: os.kill(os.getpid(), {int(number)})\n"
        "sys.exit(app.run(['list', '--json']))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 130
    assert json.loads(done.stdout)["exit"] == 130
    assert "Traceback" not in done.stderr


def test_the_unforeseen_is_one_line(home: Path) -> None:
    """A fault of ours exits 1 with one sentence; --verbose shows where."""
    program = (
        "import sys\nimport fetchers.workspace\nfrom fetchers.cli import app\n"
        "def broken(**_): raise RuntimeError('a fault of ours')\n"
        "fetchers.workspace.open_workspace = broken\nsys.exit(app.run(sys.argv[1:]))"
    )
    for words, traced in ((["list"], False), (["list", "--verbose"], True)):
        done = subprocess.run(
            [sys.executable, "-c", program, *words], capture_output=True, text=True, check=False, timeout=30
        )
        assert done.returncode == 1
        assert "a fault of ours" in done.stderr
        assert ("Traceback" in done.stderr) is traced


def test_completion_knows_verbs_and_names(home: Path) -> None:
    """What the shell asks for while one types."""
    told = fetch(home=home, _FETCH_COMPLETE="bash_complete", COMP_WORDS="fetch show shen", COMP_CWORD="2")
    assert "shenzhen" in told.out
    told = fetch(home=home, _FETCH_COMPLETE="bash_complete", COMP_WORDS="fetch ver", COMP_CWORD="1")
    assert "verify" in told.out


def test_login_keeps_a_secret_out_of_sight(home: Path) -> None:
    """The secret comes by standard input, the file is private, and no output has it."""
    told = fetch("login", "https://data.example.org/", home=home, stdin="s3cret\n")
    assert told.status == 0, told.err
    assert "s3cret" not in told.out + told.err
    file = home / "credentials.toml"
    assert file.stat().st_mode & 0o777 == 0o600
    assert "s3cret" in file.read_text(encoding="utf-8")
    assert fetch("logout", "https://data.example.org/", home=home).status == 0
    assert fetch("logout", "https://data.example.org/", home=home).status == 2


def test_consent_wants_a_person(home: Path) -> None:
    """Without a terminal nobody agreed, whatever name the command gives."""
    for words in ((), ("--name", "Ada Lovelace")):
        refused = fetch("accept", "LicenseRef-OASIS-DUA", *words, home=home)
        assert refused.status == 6
        assert refused.err.startswith("error: ")


@pytest.mark.parametrize(("said", "status"), [("y", 0), ("n", 6)])
def test_a_person_at_a_terminal_decides(home: Path, said: str, status: int) -> None:
    """The text is shown, and the answer that was typed is the answer."""
    master, terminal = os.openpty()
    try:
        os.write(master, f"{said}\n".encode())
        done = subprocess.run(
            [sys.executable, "-m", "fetchers", "accept", "LicenseRef-OASIS-DUA", "--name", "Ada Lovelace", "--json"],
            env={**os.environ, "FETCH_HOME": str(home)},
            stdin=terminal,
            stderr=terminal,
            stdout=subprocess.PIPE,
            timeout=30,
            check=False,
        )
    finally:
        os.close(terminal)
        os.close(master)
    assert done.returncode == status
    if not status:
        document = json.loads(done.stdout)
        assert (document["name"], len(document["sha256"])) == ("Ada Lovelace", 64)


@pytest.mark.parametrize(
    "words",
    [
        ("apply", "adni", "--owner", "A. \udcff"),
        ("apply", "adni", "--purpose", "\udcff"),
        ("tasks", "skip", "adni", "account", "--note", "\udcff"),
        ("accept", "LicenseRef-OASIS-DUA", "--name", "\udcff"),
        ("release", "mine", "--yes", "--reason", "\udcff"),
        ("get", "min\udcff"),
    ],
    ids=lambda words: " ".join(words).encode("ascii", "backslashreplace").decode(),
)
def test_bytes_that_are_no_text_are_usage(words: tuple[str, ...], home: Path) -> None:
    """The record is UTF-8: what is none is refused before anything is recorded."""
    told = fetch(*words, home=home)
    assert (told.status, "UTF-8" in told.err, (home / "cache").exists()) == (2, True, False), told.err


def test_a_store_may_have_any_name(home: Path, tmp_path: Path) -> None:
    """A folder's name is bytes, and need not be a text."""
    store, page = tmp_path / "store \udcff#?%41", tmp_path / "page.html"
    page.write_text("<!DOCTYPE html>", encoding="utf-8")
    taken = fetch("adopt", "mine", str(page), "--cache", str(store), "--json", home=home)
    assert (taken.status, (store / "manifest.sqlite").is_file()) == (0, True), taken.err
    checked = fetch("verify", "--cache", str(store), "--json", home=home)
    assert checked.document["checked_files"] == 1, checked.err
