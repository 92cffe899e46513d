"""Connect to a database that a stranger may have written: its schema calls nothing, and no question has no end."""

from __future__ import annotations

import sqlite3
import time
from typing import TYPE_CHECKING

from fetchers.errors import StoreError

if TYPE_CHECKING:
    from typing import Any

LONGEST = 60.0  # seconds of one query
BUSY = 50.0  # seconds that a lock is waited for; a writer holds it for milliseconds
_A_LOOK = 0.5  # seconds that SQLite waits by itself, deaf to Ctrl-C
_STEPS = 200_000  # of SQLite's machine between two looks at the clock: a few milliseconds


class Connection(sqlite3.Connection):
    """A connection whose questions end: after a minute, or by Ctrl-C."""

    started = 0.0

    def guard(self) -> None:
        """Switch on what holds for a database that is not believed yet."""
        self.set_progress_handler(self._is_late, _STEPS)
        self.execute("PRAGMA trusted_schema=OFF")
        self.execute("PRAGMA cell_size_check=ON")

    def execute(self, *question: Any) -> sqlite3.Cursor:  # noqa: ANN401 - handed on as it is
        """Run a query; wait for another program's lock, ready for Ctrl-C."""
        begun = time.monotonic()
        while True:
            self.started = time.monotonic()
            try:
                return super().execute(*question)
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() - begun > BUSY:
                    raise

    def executemany(self, *question: Any) -> sqlite3.Cursor:  # noqa: ANN401 - the same
        """Ask for each of many values."""
        self.started = time.monotonic()
        return super().executemany(*question)

    def go_on(self) -> None:
        """Count from now: an answer is taken row by row, and this one has come."""
        self.started = time.monotonic()

    def interrupted(self, what: str) -> Exception:
        """Return why a query was broken off: a person's Ctrl-C, or the clock."""
        if time.monotonic() - self.started <= LONGEST:
            return KeyboardInterrupt()  # type: ignore[return-value]  # it was raised in the handler, which SQLite hides
        return StoreError(f"{what} had no answer after {LONGEST:.0f} s: it may be none of ours", hint="fetch doctor")

    def _is_late(self) -> bool:
        return time.monotonic() - self.started > LONGEST


def connect(address: str) -> Connection:
    """Connect to a `file:` address; raises what sqlite3 raises."""
    connection = sqlite3.connect(
        address, uri=True, timeout=_A_LOOK, isolation_level=None, check_same_thread=False, factory=Connection
    )
    try:
        connection.guard()
    except BaseException:
        connection.close()
        raise
    return connection
