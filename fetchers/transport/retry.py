"""Decide when to retry and when to give up.

Tries without fruit count, not tries: one that brought 1 MiB that was not here before, or the rest, is fruitful and
sets the count back. So a long file on a bad line arrives, and a server that always breaks at one place is left.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from fetchers.transport.range_requests import http_date

if TYPE_CHECKING:
    from collections.abc import Callable

    from fetchers.errors import FetchError

FRUIT = 1 << 20
LONGEST = 60.0  # seconds of Retry-After that are waited for
_ABSURD = 36525 * 86400.0  # a century
_FIRST, _MOST = 0.25, 30.0


class RetryPolicy:
    """The waits of one command; `random` gives a float in [0, 1)."""

    def __init__(self, retries: int, random: Callable[[], float]) -> None:
        self._random = random
        self._stop = stop_after_attempt(retries + 1)
        self._wait = wait_exponential(multiplier=_FIRST, max=_MOST)

    def over(self, fruitless: int) -> bool:
        """Return True if so many failed tries are enough."""
        return self._stop(_state(fruitless))

    def delay(self, fruitless: int, asked_for: float | None = None) -> float:
        """Return the seconds until the next try; never fewer than the server asked for, and never the same for all."""
        least = self._wait(_state(max(1, fruitless))) if asked_for is None else asked_for
        return least + self._random() * min(least, 1.0) + 0.05 * self._random()

    def attempts(self, sleep: Callable[[float], None]) -> Retrying:
        """Return the tries of a client: every `RetryableError` but the last one is waited out by `sleep`."""
        return Retrying(
            sleep=sleep,
            stop=self._stop,
            wait=self._wait_for,
            retry=retry_if_exception_type(RetryableError),
            reraise=True,
        )

    def _wait_for(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        return self.delay(state.attempt_number, error.wait if isinstance(error, RetryableError) else None)


class RetryableError(Exception):
    """A fault that may heal. `error` is what is raised when it does not; `wait` what the server asked for, seconds."""

    def __init__(self, error: FetchError, wait: float | None = None) -> None:
        super().__init__(error.what)
        self.error = error
        self.wait = wait


def retry_after(value: str | None, now: float) -> float | None:
    """Read Retry-After, seconds or a date, against `now` (seconds since 1970): seconds to wait, or None.

    What is negative, absurdly far (over a century) or no value at all is as good as none.
    """
    text = (value or "").strip()
    if text.isascii() and text.isdecimal():
        seconds = float(text) if len(text) < 12 else math.inf  # noqa: PLR2004 - beyond every clock
    else:
        date = http_date(text) if text else None
        if date is None:
            return None
        seconds = date.timestamp() - now
    return seconds if 0 <= seconds <= _ABSURD else None


def moment(seconds: float, now: float) -> str:
    """Return the time `seconds` from `now`, UTC, rounded up so that it is not too early."""
    return datetime.fromtimestamp(math.ceil(now + seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _state(attempt: int) -> RetryCallState:
    state = RetryCallState(Retrying(), fn=None, args=(), kwargs={})
    state.attempt_number = attempt
    return state
