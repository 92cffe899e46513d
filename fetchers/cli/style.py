"""The style of terminal output: width, colour, and the few words that every view shares."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, NamedTuple, TextIO

import click

from fetchers.values import size_text

if TYPE_CHECKING:
    from collections.abc import Mapping

_PIPE_WIDTH = 100  # columns where nobody's screen says
_STYLES: dict[str, dict[str, object]] = {
    "good": {"fg": "green"},
    "bad": {"fg": "red", "bold": True},
    "warn": {"fg": "yellow"},
    "info": {"fg": "cyan"},
    "head": {"bold": True},
    "dim": {"dim": True},
}


class Style(NamedTuple):
    """What the stream bears. `width` is columns."""

    width: int
    colour: bool = False
    quiet: bool = False

    def paint(self, text: str, style: str) -> str:
        """Colour a piece of text, where colour is wanted."""
        return click.style(text, **_STYLES[style]) if self.colour and text else text  # type: ignore[arg-type]  # one table


def look_of(stream: TextIO, environ: Mapping[str, str], *, quiet: bool = False) -> Style:
    """Find out what a stream bears: no colour in a pipe or under NO_COLOR (https://no-color.org)."""
    screen = stream.isatty()
    colour = screen and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
    columns = environ.get("COLUMNS", "")
    width = shutil.get_terminal_size((_PIPE_WIDTH, 24)).columns if screen or columns.isdigit() else _PIPE_WIDTH
    return Style(width=max(width, 40), colour=colour, quiet=quiet)


def size(count: int | None) -> str:
    """Return a number of bytes as a person reads it, or `unknown`."""
    return "unknown size" if count is None else size_text(count)


def number(count: int | None) -> str:
    """Return a count with thousands separated; a dash if it is unknown."""
    return "-" if count is None else f"{count:,}"


def count(amount: int, word: str) -> str:
    """Return `1 file`, `2 files`, `3 series`."""
    plural = word if word.endswith("s") else f"{word}s"
    return f"{amount:,} {word if amount == 1 else plural}"
