"""A record that a stranger wrote: nothing of it is believed, nothing outside the store is reached, no verb hangs."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import zlib
from contextlib import closing
from pathlib import Path

import pytest

CATALOGUE = """
[datasets.mine]
title = "Mine"
access = "open"
container = "mixed"
licence = "CC0-1.0"
"""
VERBS = [
    ("status",), ("status", "--json"), ("verify",), ("audit",), ("doctor",), ("list", "--held"), ("show", "mine"),
    ("release", "mine", "--yes"), ("report", "--html", "page.html"), ("tasks",), ("adopt", "mine", "extra.txt"),
]  # fmt: skip


def fetch(*words: str, home: Path, timeout: float = 100) -> subprocess.CompletedProcess[str]:
    """Run the command as a person would."""
    return subprocess.run(
        [sys.executable, "-m", "fetchers", *words, "--home", str(home)],
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
    )


@pytest.fixture(name="home")
def _home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    (home / "brought").mkdir(parents=True)
    (home / "catalogue.toml").write_text(CATALOGUE)
    (home / "brought" / "a.txt").write_text("a text of mine")
    (home / "extra.txt").write_text("another text")
    (tmp_path / "precious.txt").write_text("theirs")
    assert fetch("adopt", "mine", "brought", home=home).returncode == 0
    return home


def _change(home: Path, *statements: str) -> None:
    with closing(sqlite3.connect(home / "cache" / "manifest.sqlite", isolation_level=None)) as database:
        for statement in statements:
            database.execute(statement)


FOREIGN = {
    "a table": "CREATE TABLE loot (x)",
    "a view": "CREATE VIEW loot AS SELECT 1",
    "a trigger": "CREATE TRIGGER loot AFTER INSERT ON files BEGIN DELETE FROM arrivals; END",
    "an index": "CREATE INDEX loot ON files (size)",
    "another view of ours": "DROP VIEW holdings; CREATE VIEW holdings AS SELECT * FROM sums",
    "a view without end": "DROP VIEW holdings; CREATE VIEW holdings AS WITH RECURSIVE n(x) AS"
    " (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT 'mine' AS dataset, NULL AS part, NULL AS licence, x AS files,"
    " x AS bytes, '' AS acquired_at FROM n",
}


@pytest.mark.parametrize("words", VERBS, ids=" ".join)
@pytest.mark.parametrize("what", ["a view without end", "a trigger"])
def test_a_foreign_record_is_refused_by_every_verb(home: Path, words: tuple[str, ...], what: str) -> None:
    """7, in no time, and nothing is changed."""
    _change(home, *FOREIGN[what].split("; ") if "view" in what else [FOREIGN[what]])
    start = time.monotonic()
    told = fetch(*words, home=home)
    assert (told.returncode, "none of this program's" in told.stderr + told.stdout) == (7, True), told.stderr
    assert time.monotonic() - start < 30
    assert (home / "cache" / "mine" / "a.txt").exists()


@pytest.mark.parametrize("what", FOREIGN)
def test_whatever_is_not_ours_is_refused(home: Path, what: str) -> None:
    """Tables, views, triggers, indexes: more of them, or others under our names."""
    _change(home, *(FOREIGN[what].split("; ") if "view" in what else [FOREIGN[what]]))
    assert fetch("status", home=home).returncode == 7


ROWS = {
    "a path upwards": "UPDATE files SET path = '../../../precious.txt'",
    "a path from the root": "UPDATE files SET path = '/etc/passwd'",
    "a path with a dot": "UPDATE files SET path = './a.txt'",
    "a path that is a number": "UPDATE files SET path = x'2e2e2f61'",
    "a dataset upwards": "UPDATE files SET dataset = '../..'",
    "a hidden dataset": "UPDATE files SET dataset = '.partial'",
    "a part upwards": "UPDATE files SET part = '..'",
    "a negative size": "UPDATE files SET size = -1",
    "a size that is a text": "UPDATE files SET size = 'large'",
    "a size that is a fraction": "UPDATE files SET size = 1.5",
    "an unknown origin": "UPDATE files SET origin = 'stolen'",
    "an unknown proof": "UPDATE files SET proof = 'my word'",
    "a kind that is SQL": "UPDATE files SET kind = 'x; DROP TABLE files'",
}


@pytest.mark.parametrize("verb", ["release mine --yes", "verify mine", "report --html x.html"])
@pytest.mark.parametrize("what", ROWS)
def test_a_row_that_we_never_wrote_is_not_believed(home: Path, what: str, verb: str) -> None:
    """Nothing outside is read, destroyed or certified; what is refused is named."""
    _change(home, ROWS[what])
    told = fetch(*verb.split(), home=home)
    elsewhere = "dataset" in what or "part" in what  # then it is none of the rows of `mine`
    unread = verb.startswith("report") and what.startswith(("an unknown", "a kind"))  # it asks for no such column
    assert told.returncode in ((0, 3, 7) if elsewhere or unread else (7,)), told.stderr
    assert "Traceback" not in told.stderr
    assert "unforeseen" not in told.stderr
    assert (home.parent / "precious.txt").read_text() == "theirs"
    if verb.startswith("release") and not elsewhere:
        assert not (home / "certificates").exists()


@pytest.mark.parametrize("path", ["/etc/hostname", "../../precious.txt", "mine/a.txt", "mine/LICENCE/../a.txt"])
def test_terms_are_dropped_only_where_terms_are_kept(home: Path, path: str) -> None:
    """A path in the terms' row leads nowhere else, with `yes` in the configuration either."""
    _change(home, f"UPDATE terms SET text_path = '{path}'")
    fetch("release", "mine", "--yes", home=home)
    assert (home.parent / "precious.txt").exists()
    assert Path("/etc/hostname").exists() or not path.startswith("/etc")


def _line(said: object) -> bytes:
    text = json.dumps(said).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


LINES = {
    "SQL": ["files; DROP TABLE events; --", [["mine", "", "x", 1]]],
    "a table": ["sqlite_master", [["x"]]],
    "no rows": ["files", 3],
    "a short row": ["files", [["mine"]]],
    "a path upwards": ["files", [["mine", "", "../../precious.txt", 6, "00", 1, "text", "adopted", "x", "t", "size"]]],
    "a list in a row": ["events", [[1, "", "", "applied", [], None, None, None, "{}", "", ""]]],
    "a number of 30 digits": ["events", [[10**30, "", "", "applied", None, None, None, None, "{}", "", ""]]],
    "an object": {"kind": "files"},
    "a forgotten part": ["forget", ["mine", "../.."]],
    "text": "files",
}


@pytest.mark.parametrize("what", LINES)
@pytest.mark.parametrize("lost", [True, False], ids=["rebuilt", "behind"])
def test_a_line_of_the_journal_that_we_never_wrote(home: Path, what: str, *, lost: bool) -> None:
    """Each is refused by name, 7, whether the record is built from it or goes on from it."""
    with (home / "cache" / "manifest.journal").open("ab") as file:
        file.write(_line(LINES[what]))
    if lost:
        (home / "cache" / "manifest.sqlite").unlink()
    for words in (("status",), ("adopt", "mine", "extra.txt")):
        told = fetch(*words, home=home)
        assert told.returncode == (0 if words == ("status",) and not lost else 7), told.stderr
        assert "unforeseen" not in told.stderr
    assert (home.parent / "precious.txt").read_text() == "theirs"


def test_nesting_without_end_in_a_line(home: Path) -> None:
    """It is no line; the reader does not recurse to death."""
    text = b'["files",' + b"[" * 100_000 + b"]" * 100_000 + b"]"
    with (home / "cache" / "manifest.journal").open("ab") as file:
        file.write(b"%08x %s\n" % (zlib.crc32(text), text))
    assert fetch("adopt", "mine", "extra.txt", home=home).returncode == 7


def test_a_question_without_end_yields_to_ctrl_c(home: Path) -> None:
    """Were a schema ever believed that has none: one second, and 130."""
    program = (
        "import sys\nfrom pathlib import Path\nfrom fetchers.storage.record.database import Database\n"
        "database = Database(Path(sys.argv[1]), write=False)\nprint('asking', flush=True)\n"
        "sql = 'WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT MAX(x) FROM n'\n"
        "try:\n    database.rows(sql)\n"
        "except KeyboardInterrupt:\n    sys.exit(130)\n"
    )
    asking = subprocess.Popen([sys.executable, "-c", program, str(home / "cache")], stdout=subprocess.PIPE)
    assert asking.stdout is not None
    asking.stdout.readline()
    time.sleep(0.5)
    asking.send_signal(signal.SIGINT)
    assert asking.wait(20) == 130
    asking.stdout.close()


@pytest.mark.parametrize(
    "name", ["manifest.sqlite", "manifest.sqlite-journal", "manifest.sqlite-wal", "manifest.journal", "CACHEDIR.TAG"]
)
@pytest.mark.parametrize("dangling", [True, False])
def test_a_link_beside_the_record_is_named_and_stays(home: Path, tmp_path: Path, name: str, *, dangling: bool) -> None:
    """What it leads to is neither read nor written."""
    target = tmp_path / "target"
    link = home / "cache" / name
    if not dangling:
        target.write_bytes(link.read_bytes() if link.exists() else b"")
    link.unlink(missing_ok=True)
    link.symlink_to(target)
    before = target.read_bytes() if target.exists() else None
    told = fetch("adopt", "mine", "extra.txt", home=home)
    assert (told.returncode, str(link) in told.stderr, link.is_symlink()) == (7, True, True), told.stderr
    assert (target.read_bytes() if target.exists() else None) == before


def test_a_pipe_in_place_of_the_record_blocks_nobody(home: Path) -> None:
    """It is no file."""
    (home / "cache" / "manifest.sqlite").unlink()
    os.mkfifo(home / "cache" / "manifest.sqlite")
    assert fetch("status", home=home, timeout=30).returncode == 7
