"""How does a text reach a screen and do no harm there?"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterable


def escaped(text: str) -> str:
    """Make one line harmless for a terminal."""
    if text.isascii() and text.isprintable():
        return text
    from fetchers.reports.escape import terminal  # noqa: PLC0415 - most texts are plain

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
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
