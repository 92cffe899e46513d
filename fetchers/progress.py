"""Say how far a command has come in lines, for a log: of a batch job, of cron, of a cluster."""

from __future__ import annotations

import errno
import os
from time import monotonic
from typing import TYPE_CHECKING

from fetchers.context import Progress
from fetchers.errors import StoreError
from fetchers.reports.escape import terminal
from fetchers.values import size_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import TextIO

EVERY = 30.0  # seconds


class LogLines(Progress):
    """Shows progress as `shown` does, and writes a line to `stream` at most every `every` seconds."""

    def __init__(
        self, shown: Progress, stream: TextIO, every: float = EVERY, clock: Callable[[], float] = monotonic
    ) -> None:
        self._shown, self._stream, self._every, self._clock = shown, stream, every, clock
        self._label = ""
        self._files: int | None = None
        self._total: int | None = None
        self._last = (clock(), 0, 0)
        self._done_files = self._done_bytes = 0

    def begin(self, label: str, *, files: int | None = None, total: int | None = None) -> None:
        """Start a stage."""
        self._label, self._files, self._total = terminal(label), files, total
        self._done_files = self._done_bytes = 0
        self._last = (self._clock(), 0, 0)
        self._shown.begin(label, files=files, total=total)

    def measure(self, total: int) -> None:
        """Say the rest and the time that it will take from now on."""
        self._total = total
        self._shown.measure(total)

    def advance(self, bytes_: int = 0, files: int = 0) -> None:
        """Count what was done, and write a line where the last one is long enough ago."""
        self._done_files += files
        self._done_bytes += bytes_
        now = self._clock()
        if now - self._last[0] >= self._every:
            self._write(now)
        self._shown.advance(bytes_, files)

    def say(self, message: str) -> None:
        """Hand a sentence on."""
        self._shown.say(message)

    def end(self) -> None:
        """End the stage."""
        self._shown.end()

    def _write(self, now: float) -> None:
        before, files, bytes_ = self._last
        seconds = now - before
        words = [f"{self._label}: {self._done_files:,}{_of(self._files)} files"]
        if self._done_bytes or self._total:
            rate = (self._done_bytes - bytes_) / seconds
            words += [f"{size_text(self._done_bytes)}{'' if self._total is None else f' of {size_text(self._total)}'}"]
            words += [f"{size_text(rate)}/s", *_left(self._total, self._done_bytes, rate)]
        else:
            words += _left(self._files, self._done_files, (self._done_files - files) / seconds)
        self._last = (now, self._done_files, self._done_bytes)
        self._stream.write(f"{', '.join(words)}\n")
        self._stream.flush()


def log_file(path: Path) -> TextIO:
    """Open a log to be appended to. Raise `StoreError` where that is not possible, and where a link lies there."""
    try:
        opened = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    except OSError as error:
        why = "a symbolic link is not followed" if error.errno == errno.ELOOP else error.strerror
        raise StoreError(f"{path} cannot be written: {why}", hint="name another file with --log-file FILE") from error
    return os.fdopen(opened, "a", encoding="utf-8", buffering=1)


def _of(count: int | None) -> str:
    return "" if count is None else f" of {count:,}"


def _left(total: int | None, done: int, rate: float) -> list[str]:
    if total is None or rate <= 0:
        return []
    seconds = int(max(total - done, 0) / rate)
    return [f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02} left"]
