"""Limit the requests per host: connections, pauses, back-off.

Per origin: how many connections are open to it, when the next start is decent (a source's `pause`), until when it wants
to be left alone (429, 503), and whether anybody is there. A busy host holds back its own files and nobody else's; one
that could not be reached with all the tries of a file, and never answered yet, is not asked for the others. One that
did answer may come back: in a night's run, a minute without a network must not cost the rest of the night.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

Origin = tuple[str, str, int]


@dataclass(slots=True)
class _Host:
    open: int = 0
    not_before: float = 0.0
    answered: bool = False
    gone: bool = False


class HostLimits:
    """What is under way to each origin; `connections` most at once per origin, `pause` seconds between two starts."""

    def __init__(self, connections: int | None, pause: float) -> None:
        self._most = connections or math.inf
        self._pause = pause
        self._hosts: dict[Origin, _Host] = {}
        self._rest_until = 0.0

    def wait(self, key: Origin, now: float) -> float:
        """Return the seconds until `key` may be asked; 0 for now, infinity where a connection must end first."""
        host = self._hosts.get(key)
        if host is None:
            return 0.0
        if host.open >= self._most:
            return math.inf
        return max(0.0, host.not_before - now)

    def start(self, key: Origin, now: float) -> None:
        """Count a request to `key`."""
        host = self._hosts.get(key)
        if host is None:
            host = self._hosts[key] = _Host()
        host.open += 1
        if self._pause:
            host.not_before = max(host.not_before, now + self._pause)

    def end(self, key: Origin) -> None:
        """Count its end."""
        self._hosts[key].open -= 1

    def answered(self, key: Origin) -> None:
        """Note that somebody is there."""
        self._hosts.setdefault(key, _Host()).answered = True

    def give_up(self, key: Origin) -> None:
        """Ask `key` no more, if it never answered."""
        host = self._hosts.setdefault(key, _Host())
        host.gone = not host.answered

    def gone(self, key: Origin) -> bool:
        """Return True if `key` was given up."""
        host = self._hosts.get(key)
        return host is not None and host.gone

    def rest(self, key: Origin, until: float) -> None:
        """Leave `key` alone until then."""
        host = self._hosts.setdefault(key, _Host())
        host.not_before = max(host.not_before, until)
        self._rest_until = max(self._rest_until, until)

    def resting(self, now: float) -> float:
        """Return for how many seconds a host that was busy still wants to be left alone."""
        return max(0.0, self._rest_until - now)


class Concurrency:
    """The number of transfers at once: fixed, or from 4 up to 16 while small files arrive.

    More at once only helps where the way there and back costs more than the bytes do. So the number grows by one per
    eight files that came well, while the files are small, and is halved by 429, 503 and broken connections.
    """

    LEAST, MOST, START = 1, 16, 4
    SMALL = 4 << 20

    def __init__(self, fixed: int | None) -> None:
        self._fixed = fixed
        self._now = float(fixed or self.START)
        self._usual = 0.0

    @property
    def now(self) -> int:
        """The number of transfers that may run now."""
        return int(self._now)

    def came(self, size: int) -> None:
        """Count a file of `size` bytes that came well."""
        if self._fixed is None and self._now < self.MOST:
            self._usual = 0.9 * self._usual + 0.1 * size
            if self._usual < self.SMALL:
                self._now = min(self.MOST, self._now + 0.125)

    def trouble(self) -> None:
        """Slow down: the server is busy, or broke a connection."""
        if self._fixed is None:
            self._now = max(self.LEAST, self._now / 2)
