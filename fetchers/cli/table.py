"""Lay out rows in columns.

Names and states stay whole; prose takes the width that is left and breaks. Drawn here: rich, whose tables narrow all
columns alike, costs more at the start than all of `fetch list` may.
"""

from __future__ import annotations

import unicodedata
from textwrap import wrap
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fetchers.cli.style import Style

_GAP = "  "
_NARROWEST = 12  # columns that prose keeps on the narrowest screen


class Cell(NamedTuple):
    """A text that is more than plain."""

    text: str
    style: str


class Column(NamedTuple):
    """A column: what it is called, on which side it stands, and whether it is prose that may be broken."""

    title: str
    right: bool = False
    wrap: bool = False


def table(
    columns: Sequence[Column],
    rows: Iterable[Sequence[str | Cell]],
    look: Style,
    *,
    below: Sequence[str | None] = (),
) -> Iterator[str]:
    """Yield the lines of a table that fits the look's width; without rows, none.

    `below` has a line for each row that is to stand under it unbroken, such as an address, or None.
    """
    cells = [[cell if isinstance(cell, Cell) else Cell(cell, "") for cell in row] for row in rows]
    if not cells:
        return
    widths = _widths(columns, cells, look.width)
    yield _line(columns, [Cell(column.title, "head") for column in columns], widths, look)
    for number, row in enumerate(cells):
        broken = [_broken(cell, column, width) for cell, column, width in zip(row, columns, widths, strict=True)]
        for index in range(max(map(len, broken))):
            pieces = [lines[index] if index < len(lines) else Cell("", "") for lines in broken]
            yield _line(columns, pieces, widths, look)
        if below and (line := below[number]):
            yield f"  {look.paint(line, 'info')}"


def _widths(columns: Sequence[Column], cells: Sequence[Sequence[Cell]], width: int) -> list[int]:
    """Return the widths of the columns: that of the longest text, and for prose an equal share of what is left."""
    wanted = [
        max(_measure(line) for text in (column.title, *(row[index].text for row in cells)) for line in text.split("\n"))
        for index, column in enumerate(columns)
    ]
    left = width - len(_GAP) * (len(columns) - 1) - sum(w for w, c in zip(wanted, columns, strict=True) if not c.wrap)
    prose = sorted((wanted[index], index) for index, column in enumerate(columns) if column.wrap)
    for place, (want, index) in enumerate(prose):
        wanted[index] = min(want, max(_NARROWEST, left // (len(prose) - place)))
        left -= wanted[index]
    return wanted


def _broken(cell: Cell, column: Column, width: int) -> list[Cell]:
    if not column.wrap:
        return [cell]
    lines = [line for text in cell.text.split("\n") for line in wrap(text, width, break_on_hyphens=False) or [""]]
    return [Cell(line, cell.style) for line in lines]


def _line(columns: Sequence[Column], cells: Sequence[Cell], widths: Sequence[int], look: Style) -> str:
    pieces = []
    for column, cell, width in zip(columns, cells, widths, strict=True):
        space = " " * (width - _measure(cell.text))
        text = look.paint(cell.text, cell.style) if cell.style else cell.text
        pieces.append(space + text if column.right else text + space)
    return _GAP.join(pieces).rstrip()


def _measure(text: str) -> int:
    """Count the columns that a text takes on a screen: wide signs take two, marks on others none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text
    )
