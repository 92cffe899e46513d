"""Show progress: bars on a terminal, lines elsewhere, nothing with `--quiet`.

A bar that is drawn before the first byte garbles the error that comes instead, so a bar appears with the first
progress and is taken off before anything else is printed.
"""

from __future__ import annotations

from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any, TextIO

from fetchers.cli.terminal import escaped
from fetchers.context import Progress

if TYPE_CHECKING:
    from pathlib import Path

    from tqdm import tqdm


_WIDEST = 100  # columns


class Sentences(Progress):
    """Says what there is to say, and draws nothing."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def say(self, message: str) -> None:
        """Print one line on stderr."""
        self._stream.write(f"{escaped(message)}\n")
        self._stream.flush()


class Bars(Progress):
    """One bar for the stage under way: of bytes, or of files where a stage moves no bytes."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._bar: tqdm[Any] | None = None
        self._label = ""
        self._files: int | None = None
        self._total: int | None = None
        self._done = 0
        self._counts_files = False

    def begin(self, label: str, *, files: int | None = None, total: int | None = None) -> None:
        """Start a stage; its bar appears when something has moved."""
        self.end()
        self._label, self._files, self._total, self._done = escaped(label), files, total, 0

    def measure(self, total: int) -> None:
        """Show the rest and the time that it will take from now on."""
        self._total = total
        if self._bar is not None and not self._counts_files:
            self._bar.total = total

    def advance(self, bytes_: int = 0, files: int = 0) -> None:
        """Move the bar."""
        if self._bar is None:
            self._counts_files = not bytes_ and self._total is None
            self._bar = self._draw()
        self._done += files
        if not self._counts_files and (self._files or 0) > 1:
            self._bar.set_postfix_str(f"{self._done:,}/{self._files:,} files", refresh=False)
        self._bar.update(files if self._counts_files else bytes_)

    def say(self, message: str) -> None:
        """Print one line above the bar."""
        if self._bar is None:
            Sentences(self._stream).say(message)
        else:
            self._bar.write(escaped(message), file=self._stream)

    def end(self) -> None:
        """Take the bar off the screen."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _draw(self) -> tqdm[Any]:
        from tqdm import tqdm as bar

        bar.monitor_interval = 0  # its thread would keep the next dataset from a process of its own
        counts = self._counts_files
        return bar(
            desc=self._label,
            total=self._files if counts else self._total,
            unit="file" if counts else "B",
            unit_scale=not counts,
            unit_divisor=1024,
            file=self._stream,
            leave=False,
            # a whole line less what Ctrl-C writes: a bar that wrapped could not be taken off
            ncols=min(get_terminal_size().columns - 4, _WIDEST),
            mininterval=0.2,
        )


def progress_for(
    stream: TextIO, *, quiet: bool, json: bool, every: float | None = None, file: Path | None = None
) -> Progress:
    """Choose how progress is shown on a stream: where nobody watches, as a line every `every` seconds.

    With `file`, the lines are appended to it. Raises `StoreError` where it cannot be written.
    """
    watched = stream.isatty() and not json
    shown = Progress() if quiet else Bars(stream) if watched else Sentences(stream)
    if file is None and (quiet or watched):
        return shown
    from fetchers.progress import EVERY, LogLines, log_file

    return LogLines(shown, stream if file is None else log_file(file), every or EVERY)
