"""Commands work whatever their three streams are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

CATALOGUE = """\
[datasets.mine]
title = "Herz \u00fc\u4e2d\U0001f600 \\u001b[31mred"
access = "application"
[[datasets.mine.steps]]
key = "form"
title = "Send the form"
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a workspace with one gated dataset, whose title no old locale can write."""
    (tmp_path / "catalogue.toml").write_text(CATALOGUE, encoding="utf-8")
    return tmp_path


def _run(home: Path, line: str, **environ: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FETCH_")}
    return subprocess.run(
        ["sh", "-c", f'exec "$0" -m fetchers {line}', sys.executable],
        env={**kept, "FETCH_HOME": str(home), **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("list <&-", 0),
        ("list >&-", 0),
        ("list 2>&-", 0),
        ("list <&- >&- 2>&-", 0),
        ("show zz >&-", 2),
        ("show zz 2>/dev/full", 2),
        ("show zz --json >/dev/full", 2),
        ("get mine 2>&-", 6),
        ("apply mine >&-", 0),
        ("status <&-", 0),
        ("list >/dev/full", 7),
        ("list --json >/dev/full", 7),
    ],
)
def test_a_stream_that_is_closed_or_full_changes_no_status(home: Path, line: str, status: int) -> None:
    """As under cron, where there may be none; an answer that nobody can take is the disk's fault."""
    ran = _run(home, line)
    assert (ran.returncode, "Traceback" in ran.stderr, "unforeseen" in ran.stderr) == (status, False, False), ran.stderr


@pytest.mark.parametrize("stderr", ["2>&-", "2>/dev/full"])
def test_a_failed_command_still_prints_its_document(home: Path, stderr: str) -> None:
    """What went wrong stands in it, whether or not anybody hears it on stderr."""
    ran = _run(home, f"show zz --json {stderr}")
    assert json.loads(ran.stdout)["exit"] == 2


def test_no_file_of_ours_takes_the_place_of_a_closed_stream(home: Path) -> None:
    """The record would be written over by the first sentence."""
    assert _run(home, "apply mine >&- 2>&- <&-").returncode == 0
    (application,) = json.loads(_run(home, "status --json").stdout)["applications"]
    assert application["dataset"] == "mine"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_a_document_is_json_in_every_locale(home: Path, encoding: str) -> None:
    """Its title comes back as it was written."""
    ran = _run(home, "show mine --json", PYTHONIOENCODING=encoding)
    assert json.loads(ran.stdout)["title"] == "Herz \u00fc\u4e2d\U0001f600 \x1b[31mred"


@pytest.mark.parametrize("words", ["show mine", "get mine", "list", "apply mine", "tasks mine"])
def test_a_title_moves_no_cursor(home: Path, words: str) -> None:
    """The catalogue may be a stranger's."""
    assert "\x1b" not in _run(home, words).stdout


@pytest.mark.parametrize(("words", "status"), [("-h", 0), ("--help", 0), ("", 2)])
def test_who_does_not_know_what_to_type_is_shown_the_menu(home: Path, words: str, status: int) -> None:
    """And no error."""
    ran = _run(home, words)
    assert ran.returncode == status
    assert (ran.stdout + ran.stderr).startswith("Usage: fetch [OPTIONS] VERB")


def test_a_folder_that_was_removed_is_no_reason_to_fail(home: Path, tmp_path: Path) -> None:
    """What is named from the root can be worked with from anywhere."""
    gone = tmp_path / "gone"
    gone.mkdir()
    ran = subprocess.run(
        ["sh", "-c", f'cd {gone} && rmdir {gone} && exec "$0" -m fetchers --home {home} list --json', sys.executable],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
