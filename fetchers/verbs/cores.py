"""How is work spread over the cores, in processes?

As many as there are cores, forked so that they begin at once with all that is known here. Each piece goes to the one
that has least to do; results are taken in whatever order they are asked for.
"""

from __future__ import annotations

import os
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar

from fetchers.verbs.beside import Beside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager

# Those that this process may use, which on a cluster are fewer than there are; beyond sixteen the disk is the limit.
COUNT = min(len(os.sched_getaffinity(0)), 16)
AHEAD = 8 * COUNT  # pieces of work under way or waiting, so that nobody waits behind a long one; more takes memory
_Worker = TypeVar("_Worker")
_Result = TypeVar("_Result")
_Result_co = TypeVar("_Result_co", covariant=True)
_P = ParamSpec("_P")


class Promised(Protocol[_Result_co]):
    """What will come of one piece of work."""

    def result(self) -> _Result_co:
        """Wait for it; raises what the work raised."""


class Pool(Generic[_Worker]):
    """Processes that take work; `begin` opens in each of them what does it."""

    def __init__(self, begin: Callable[[], AbstractContextManager[_Worker]]) -> None:
        self._all: list[_Process[_Worker]] = []
        self._begin = begin

    def start(self) -> None:
        """Fork them."""
        while len(self._all) < COUNT:
            self._all.append(_Process(self._begin))

    def submit(
        self, work: Callable[Concatenate[_Worker, _P], _Result], /, *args: _P.args, **_: _P.kwargs
    ) -> Promised[_Result]:
        """Hand over one piece of work, a method of the worker's."""
        for process in self._all:
            process.take_ready()
        return min(self._all, key=lambda one: len(one.waiting)).submit(work, args)

    def end(self, *, at_once: bool) -> None:
        """End them: when they have done what they were given, or at once."""
        for process in self._all:
            process.beside.end(at_once=at_once)


@contextmanager
def processes(begin: Callable[[], AbstractContextManager[_Worker]]) -> Iterator[Pool[_Worker]]:
    """Give a pool of processes. Raises `StoreError` where one of them is killed, as for want of memory."""
    pool = Pool(begin)
    finished = False
    try:
        pool.start()
        yield pool
        finished = True
    finally:
        pool.end(at_once=not finished)


def in_order(submit: Callable[[str, str], Promised[_Result]], work: Iterable[tuple[str, str]]) -> Iterator[_Result]:
    """Hand over `work`, a bounded number of pieces ahead; yield the results in its order."""
    under_way: deque[Promised[_Result]] = deque()
    for piece in work:
        under_way.append(submit(*piece))
        if len(under_way) > AHEAD:
            yield under_way.popleft().result()
    while under_way:
        yield under_way.popleft().result()


class _Process(Generic[_Worker]):
    def __init__(self, begin: Callable[[], AbstractContextManager[_Worker]]) -> None:
        self.beside: Beside[_Worker, Any] = Beside(begin, what="a process that checks files")
        self.waiting: deque[_Pending[Any]] = deque()

    def submit(self, work: Callable[..., _Result], args: tuple[Any, ...]) -> _Pending[_Result]:
        pending: _Pending[_Result] = _Pending(self)
        self.beside.hand(work, *args)
        self.waiting.append(pending)
        return pending

    def take_ready(self) -> None:
        """Take the answers that are there."""
        while self.waiting and self.beside.ready():
            self.take()

    def take(self) -> None:
        """Take one answer, for whoever waits longest."""
        pending = self.waiting.popleft()
        try:
            pending.value = self.beside.answer()
        except Exception as error:  # noqa: BLE001 - it is raised where its result is asked for
            pending.error = error
        pending.done = True


class _Pending(Generic[_Result]):
    def __init__(self, process: _Process[Any]) -> None:
        self._process = process
        self.done = False
        self.value: Any = None
        self.error: Exception | None = None

    def result(self) -> _Result:
        while not self.done:
            self._process.take()
        if self.error is not None:
            raise self.error
        value: _Result = self.value
        return value
