"""How is work spread over the cores, in processes?

Forked, so that they begin at once with all that is known here; where other threads run beside (a notebook's), a fork
might find a lock that nobody will ever release, and there is one process only.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from typing import TYPE_CHECKING, TypeVar

from fetchers.errors import StoreError
from fetchers.verbs.forking import ENDING, undisturbed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Executor, Future
    from types import FrameType

# Those that this process may use, which on a cluster are fewer than there are; beyond sixteen the disk is the limit.
COUNT = min(len(os.sched_getaffinity(0)), 16)
AHEAD = 2 * COUNT  # pieces of work under way or waiting: more would only take memory
_working = False  # in a process of the pool: whether it is at a piece of work
_Result = TypeVar("_Result")


class Pool:
    """Processes that take work."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def submit(self, work: Callable[..., _Result], *arguments: object) -> Future[_Result]:
        """Hand over one piece of work."""
        return self._executor.submit(_at_work, work, *arguments)


@contextmanager
def processes(begin: Callable[[], object]) -> Iterator[Pool]:
    """Give a pool of forked processes, each of which calls `begin` first.

    Raises `StoreError` where one of them is killed, as for want of memory.
    """
    context = get_context("fork")
    pool = ProcessPoolExecutor(max_workers=COUNT, mp_context=context, initializer=partial(_started, begin))
    try:
        with undisturbed():
            pool.submit(os.getpid)  # all of them start with the first piece of work
        yield Pool(pool)
    except BrokenProcessPool as error:
        raise StoreError(
            "a process that checked files was killed, perhaps for want of memory",
            hint="end other programs and type the same command again",
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def in_order(submit: Callable[[str, str], Future[_Result]], work: Iterable[tuple[str, str]]) -> Iterator[_Result]:
    """Hand over `work`, a bounded number of pieces ahead; yield the results in its order."""
    under_way: deque[Future[_Result]] = deque()
    for piece in work:
        under_way.append(submit(*piece))
        if len(under_way) > AHEAD:
            yield under_way.popleft().result()
    while under_way:
        yield under_way.popleft().result()


def _started(begin: Callable[[], object]) -> None:
    for number in ENDING:
        signal.signal(number, _ended)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    begin()


def _at_work(work: Callable[..., _Result], *arguments: object) -> _Result:
    global _working  # noqa: PLW0603 - a signal has nothing else to look at
    _working = True
    try:
        return work(*arguments)
    finally:
        _working = False


def _ended(number: int, _frame: FrameType | None) -> None:
    """End the work without a word; the parent has one to say.

    Never while a result is under way: half of one would keep the parent waiting for the other half for ever.
    """
    if _working:
        raise KeyboardInterrupt
    if number != signal.SIGINT:
        signal.alarm(1)  # long enough for a result; who waits for work needs none of it
