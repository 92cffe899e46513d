"""The journal: what a crash tears off is no line, what rots in the middle is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fetchers.storage.record import journal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TEXT = "ä\n\u2028"


def _row(number: int) -> list[object]:
    """Make a row of an event that holds such signs as a line may be cut at."""
    return [number, "", "", "applied", None, None, None, None, _TEXT, "", ""]


LINES = [journal.line("events", [_row(number)]) for number in range(3)]
WHOLE = b"".join(LINES)


def _kinds(path: Path, start: int = 0) -> list[int]:
    return [rows[0][0] for _, rows, _ in journal.read(path, start)]


def test_what_is_appended_is_read(tmp_path: Path) -> None:
    """Each line comes back with the place where it ends, whatever it holds."""
    path = tmp_path / "j"
    end = journal.append(path, LINES[0], 0)
    end = journal.append(path, LINES[1], end)
    assert end == path.stat().st_size == len(LINES[0] + LINES[1])
    assert list(journal.read(path)) == [
        ("events", [_row(0)], len(LINES[0])),
        ("events", [_row(1)], end),
    ]
    assert _kinds(path, len(LINES[0])) == [1]
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("kept", range(len(LINES[2])))
def test_a_torn_last_line_is_no_line(tmp_path: Path, kept: int) -> None:
    """Wherever the last line is cut, the ones before it are read, and nothing is said to be damaged."""
    path = tmp_path / "j"
    path.write_bytes(LINES[0] + LINES[1] + LINES[2][:kept])
    damaged: list[int] = []
    assert [rows[0][0] for _, rows, _ in journal.read(path, damaged=damaged)] == [0, 1]
    assert not damaged


def test_what_no_transaction_committed_is_overwritten(tmp_path: Path) -> None:
    """A torn tail never stands between two good lines."""
    path = tmp_path / "j"
    path.write_bytes(LINES[0] + b"torn, and longer than the line that comes" * 9)
    journal.append(path, LINES[1], len(LINES[0]))
    assert path.read_bytes() == LINES[0] + LINES[1]


@pytest.mark.parametrize("at", range(len(LINES[0]), len(LINES[0]) + len(LINES[1])))
def test_damage_in_the_middle_is_said_and_loses_no_other_line(tmp_path: Path, at: int) -> None:
    """A flipped bit anywhere in a line takes that line and, at its end, at most the next."""
    path = tmp_path / "j"
    body = bytearray(WHOLE)
    body[at] ^= 1
    path.write_bytes(body + LINES[0])
    damaged: list[int] = []
    found = [rows[0][0] for _, rows, _ in journal.read(path, damaged=damaged)]
    assert found in ([0, 2, 0], [0, 0])
    assert damaged


def test_only_one_kind_is_parsed(tmp_path: Path) -> None:
    """Asking for events skips the files."""
    path = tmp_path / "j"
    path.write_bytes(WHOLE + journal.line("forget", ["a", ""]))
    assert [rows for _, rows, _ in journal.read(path, only="forget")] == [["a", ""]]


def test_replacing_is_whole_or_not_at_all(tmp_path: Path) -> None:
    """A journal that is written anew keeps its old text until the new one is durable."""
    path = tmp_path / "j"
    path.write_bytes(LINES[0])

    def broken() -> Iterator[bytes]:
        yield LINES[1]
        raise OSError("no space is left")

    with pytest.raises(OSError, match="no space"):
        journal.replace(path, broken())
    assert path.read_bytes() == LINES[0]
    assert journal.replace(path, [LINES[1], LINES[2]]) == path.stat().st_size


def test_none_is_empty(tmp_path: Path) -> None:
    """A store without a journal has no lines."""
    assert journal.size(tmp_path / "j") == 0
    assert not list(journal.read(tmp_path / "j"))
