"""Detect a response that is too slow.

A connection within `timeout` (libcurl sees to that), an answer within `timeout` of the request, and from then on at
least 1 KiB a second on average over each `timeout`. libcurl's own LOW_SPEED limit looks at the last seconds only: a
server that sends a little now and then would be waited for without end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pycurl

from fetchers.errors import TransferError

if TYPE_CHECKING:
    from fetchers.transport.network_session import NetworkSession

FLOOR = 1024.0  # bytes per second


def floor(line: NetworkSession, at_once: int) -> float:
    """Return the bytes per second that each of `at_once` answers must bring, less where we are the ones who brake."""
    return FLOOR if line.throttle is None else min(FLOOR, line.throttle.rate / (4 * max(at_once, 1)))


class StallTimeout:
    """The clock of one request."""

    __slots__ = ("_begun", "_seen", "_since", "_started")

    def __init__(self, now: float) -> None:
        self._started = self._since = now
        self._begun = False
        self._seen = 0

    def late(
        self, curl: pycurl.Curl, received: int, now: float, *, timeout: float, least: float, shown: str
    ) -> TransferError | None:
        """Return what did not arrive in time; `least` is bytes per second, `received` bytes so far."""
        if not self._begun:
            return self._late_to_begin(curl, received, now, timeout, shown)
        if now - self._since < timeout:
            return None
        came, past = received - self._seen, now - self._since
        if came < least * past:
            return TransferError(f"{shown}: {came} bytes in {past:.0f} s: too slow", hint="try again later")
        self._since, self._seen = now, received
        return None

    def shift(self, away: float) -> None:
        """Do not count the time in which nobody listened."""
        self._since += away
        self._started += away

    def _late_to_begin(
        self, curl: pycurl.Curl, received: int, now: float, timeout: float, shown: str
    ) -> TransferError | None:
        begun = curl.getinfo(pycurl.STARTTRANSFER_TIME)
        if begun or received:
            self._begun = True
            self._since = min(now, self._started + begun)
            return None
        asked = curl.getinfo(pycurl.PRETRANSFER_TIME)
        # Until the request is out, libcurl's limit for connecting holds, plus FTP's dialogue.
        limit = asked + timeout if asked else 2 * timeout + 1
        if now - self._started < limit:
            return None
        return TransferError(f"{shown}: no answer within {timeout:g} s", hint="try again later")
