"""Rows are laid out in columns at every width."""

from __future__ import annotations

import pytest

from fetchers.cli.style import Style
from fetchers.cli.table import Cell, Column, table

_COLUMNS = (Column("NAME"), Column("FILES", right=True), Column("WHAT", wrap=True))
_ROWS: list[tuple[str | Cell, ...]] = [
    ("shenzhen", "1,327", "chest radiographs of two clinics"),
    (Cell("集合", "head"), "2", "a\nb"),
]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_lines_fit_and_names_stay_whole(width: int) -> None:
    """Prose gives way; nothing else is shortened."""
    lines = list(table(_COLUMNS, _ROWS, Style(width=width)))
    assert max(map(len, lines)) <= width
    assert lines[0].startswith("NAME      FILES  WHAT")
    assert "shenzhen  1,327  chest" in lines[1]
    assert " ".join(" ".join(lines).split()).count("clinics") == 1


def test_wide_signs_take_two_columns() -> None:
    """A title in Chinese does not push its neighbours out of line."""
    lines = list(table(_COLUMNS, _ROWS, Style(width=80)))
    assert lines[2] == "集合          2  a"
    assert lines[3] == "                 b"


def test_colour_takes_no_room() -> None:
    """The same columns with colour as without."""
    import re

    plain = list(table(_COLUMNS, _ROWS, Style(width=80)))
    painted = list(table(_COLUMNS, _ROWS, Style(width=80, colour=True)))
    assert [re.sub(r"\x1b\[[0-9;]*m", "", line).rstrip() for line in painted] == plain
    assert painted != plain


def test_no_rows_no_table() -> None:
    """A heading above nothing says nothing."""
    assert list(table(_COLUMNS, [], Style(width=80))) == []
