"""Decide whether this process may be forked, and flush what a fork could write twice."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fetchers import system

if TYPE_CHECKING:
    from collections.abc import Iterator

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def may_fork() -> bool:
    """Return True if this process has one thread: among several, a fork may copy a lock that nobody will release."""
    return threading.active_count() == 1 and bool(system.fork())


@contextmanager
def undisturbed() -> Iterator[None]:
    """Delay Ctrl-C and other signals: in the middle of a fork, Python may lose them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
