"""Show a program's user how far a function has come: a bar of tqdm, or calls of the program's own function."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from fetchers.context import Progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from tqdm import tqdm

Showing: TypeAlias = "bool | Callable[[ProgressUpdate], object] | None"


class ProgressUpdate(NamedTuple):
    """The progress of one stage. `files` and `bytes` are None if their total is unknown."""

    label: str
    done_files: int
    files: int | None
    done_bytes: int
    bytes: int | None
    message: str | None = None
    ended: bool = False


class Called(Progress):
    """Tells a function of the program's own; what that raises ends the call."""

    def __init__(self, tell: Callable[[ProgressUpdate], object]) -> None:
        self._tell = tell
        self._lock = Lock()
        self._now: ProgressUpdate | None = None

    def begin(self, label: str, *, files: int | None = None, total: int | None = None) -> None:
        """Report that a stage begins."""
        self._say(ProgressUpdate(label, 0, files, 0, total))

    def measure(self, total: int) -> None:
        """Report the total where it becomes known."""
        now = self._now or ProgressUpdate("", 0, None, 0, None)
        self._say(now._replace(bytes=total))

    def advance(self, bytes_: int = 0, files: int = 0) -> None:
        """Report the progress."""
        with self._lock:
            now = self._now or ProgressUpdate("", 0, None, 0, None)
            now = now._replace(done_files=now.done_files + files, done_bytes=now.done_bytes + bytes_)
            self._now = now
        self._tell(now)

    def say(self, message: str) -> None:
        """Report a message for a person."""
        now = self._now or ProgressUpdate("", 0, None, 0, None)
        self._tell(now._replace(message=message))

    def end(self) -> None:
        """Report the end of the stage, once."""
        with self._lock:
            now, self._now = self._now, None
        if now is not None:
            self._tell(now._replace(ended=True))

    def _say(self, update: ProgressUpdate) -> None:
        with self._lock:
            self._now = update
        self._tell(update)


class Bar(Progress):
    """A bar of tqdm, in a terminal and in a notebook."""

    def __init__(self) -> None:
        self._bar: tqdm[Any] | None = None
        self._begun: tuple[str, int | None, int | None] = ("", None, None)
        self._lock = Lock()
        self._counts_files = False

    def begin(self, label: str, *, files: int | None = None, total: int | None = None) -> None:
        """Start a stage; its bar appears when something has moved."""
        self.end()
        self._begun = (label, files, total)

    def measure(self, total: int) -> None:
        """Show the rest and the time that it will take from now on."""
        with self._lock:
            self._begun = (*self._begun[:2], total)
            if self._bar is not None and not self._counts_files:
                self._bar.total = total

    def advance(self, bytes_: int = 0, files: int = 0) -> None:
        """Move the bar."""
        with self._lock:
            if self._bar is None:
                self._counts_files = not bytes_ and self._begun[2] is None
                self._bar = self._drawn()
            self._bar.update(files if self._counts_files else bytes_)

    def say(self, message: str) -> None:
        """Print one line above the bar."""
        from tqdm.auto import tqdm as bar

        bar.write(message)

    def end(self) -> None:
        """Leave the bar where it is."""
        with self._lock:
            if self._bar is not None:
                self._bar.close()
                self._bar = None

    def _drawn(self) -> tqdm[Any]:
        from tqdm.auto import tqdm as bar

        bar.monitor_interval = 0  # its thread would keep the next dataset from a process of its own
        label, files, total = self._begun
        counts = self._counts_files
        return bar(
            desc=label,
            total=files if counts else total,
            unit="file" if counts else "B",
            unit_scale=not counts,
            unit_divisor=1024,
            mininterval=0.2,
        )


def shown(wanted: Showing) -> Progress:
    """Return what shows progress: nothing for None and False, a bar for True, else calls of the function."""
    if wanted is None or wanted is False:
        return Progress()
    return Bar() if wanted is True else Called(wanted)
