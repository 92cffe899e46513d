"""May this process be forked, and how does nothing get lost while it is?"""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def may_fork() -> bool:
    """Whether this process is alone with itself: among threads, a fork may find a lock that nobody will release."""
    return threading.active_count() == 1


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let Ctrl-C and its like wait: in the middle of a fork, Python may lose them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
