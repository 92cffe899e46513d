"""Limit the bytes per second of the whole command."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_BURST = 0.25  # seconds' worth that may come at once after a silence


class RateLimit:
    """A bucket of `rate` bytes per second that everything on one line shares.

    A chunk that has arrived is taken whole, on credit; nothing more is taken until the debt is paid. So the average
    holds whatever the size of the chunks is.
    """

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate = rate
        self._clock = clock
        self._paid = 0.0
        self._at = clock()

    def wait(self) -> float:
        """Return the seconds until something may come; 0 for now."""
        now = self._clock()
        self._paid = min(self._paid + (now - self._at) * self.rate, self.rate * _BURST)
        self._at = now
        return 0.0 if self._paid >= 0 else -self._paid / self.rate

    def spend(self, count: int) -> None:
        """Take `count` bytes."""
        self._paid -= count
