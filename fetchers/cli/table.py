"""How do rows stand in columns? Drawn by rich, which is loaded only here."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING, NamedTuple

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fetchers.cli.look import Look

_STYLES = {"good": "green", "bad": "bold red", "warn": "yellow", "info": "cyan", "head": "bold", "dim": "dim"}


class Cell(NamedTuple):
    """A text that is more than plain."""

    text: str
    style: str


class Column(NamedTuple):
    """A column: what it is called, and what may happen to it where the screen is narrow."""

    title: str
    right: bool = False
    wrap: bool = False
    widest: int | None = None


def table(columns: Sequence[Column], rows: Iterable[Sequence[str | Cell]], look: Look) -> Iterator[str]:
    """Yield the lines of a table that fits the look's width; without rows, none."""
    drawn = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold" if look.colour else "")
    for column in columns:
        drawn.add_column(
            column.title,
            justify="right" if column.right else "left",
            no_wrap=not column.wrap,
            overflow="fold" if column.wrap else "ellipsis",
            max_width=column.widest,
        )
    for row in rows:
        drawn.add_row(*(_text(cell) for cell in row))
    if not drawn.row_count:
        return
    out = StringIO()
    console = Console(
        file=out,
        width=look.width,
        force_terminal=look.colour,
        color_system="standard" if look.colour else None,
        highlight=False,
        emoji=False,
        markup=False,
        legacy_windows=False,
        _environ={},
    )
    console.print(drawn)
    yield from (line.rstrip() for line in out.getvalue().splitlines())


def _text(cell: str | Cell) -> Text:
    return Text(cell) if isinstance(cell, str) else Text(cell.text, style=_STYLES[cell.style])
