"""Make texts harmless for a terminal, and write them."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, TextIO

from fetchers.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fetchers.cli.style import Style


def open_streams() -> None:
    """Open closed streams on /dev/null, or the next file that is opened would be written to as stdout."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free, which is this one
            os.set_inheritable(number, True)  # noqa: FBT003 - the standard library's signature
            setattr(sys, name, os.fdopen(number, "w" if number else "r", encoding="utf-8"))


def escaped(text: str) -> str:
    """Make one line harmless for a terminal."""
    if text.isascii() and text.isprintable():
        return text
    from fetchers.reports.escape import terminal

    return terminal(text)


def say(stream: TextIO, lines: Iterable[str]) -> None:
    """Print lines that are harmless already, at once; no lines print nothing."""
    text = "\n".join(lines)
    if text:
        write(stream, text)


def write(stream: TextIO, text: str) -> None:
    """Write a text and see it off; a reader who has left (`fetch list | head`) is no error of the command's."""
    try:
        stream.write(f"{text}\n")
        stream.flush()
    except UnicodeEncodeError:
        write(stream, text.encode("ascii", "backslashreplace").decode("ascii"))
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # what is left in the buffer goes there, too
        if stream is not sys.stderr and not isinstance(error, BrokenPipeError):
            hint = "free some, or let it be written elsewhere"
            raise StoreError(f"the answer cannot be written: {error.strerror}", hint=hint) from error


def sentence(label: str, style: str, text: str, look: Style) -> str:
    """Write for stderr what a person should read: broken at words on a screen, whole in a pipe."""
    lines = [escaped(line) for line in text.splitlines()] or [""]
    if sys.stderr.isatty():
        from textwrap import wrap

        width = look.width - 2
        first = wrap(f"{label} {lines[0]}", width, break_long_words=False, break_on_hyphens=False)
        rest = [piece for line in lines[1:] for piece in wrap(line, width, break_long_words=False)]
        lines = [first[0].removeprefix(label).lstrip(), *first[1:], *rest]
    return f"{look.paint(label, style)} " + "\n  ".join(lines)
