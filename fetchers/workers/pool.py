"""Spread work over the cores, in processes.

As many as there are cores, forked so that they begin at once with all that is known here. Whoever is done gets the
next piece, so that none waits while another has much to do; results are taken in whatever order they are asked for.
"""

from __future__ import annotations

import select
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar, TypeVarTuple, Unpack

from fetchers import system_process
from fetchers.workers.worker import Process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager

# Those that this process may use, which on a cluster are fewer than there are; beyond sixteen the disk is the limit.
COUNT = min(system_process.cores(), 16)
_EACH = 2  # pieces for each process: one that it is at, and the next
AHEAD = 8 * COUNT  # pieces of work under way or waiting, so that nobody waits behind a long one; more takes memory
_Worker = TypeVar("_Worker")
_Result = TypeVar("_Result")
_Result_co = TypeVar("_Result_co", covariant=True)
_P = ParamSpec("_P")
_Piece = TypeVarTuple("_Piece")


class Promised(Protocol[_Result_co]):
    """What will come of one piece of work."""

    def result(self) -> _Result_co:
        """Wait for it; raises what the work raised."""


class Pool(Generic[_Worker]):
    """Processes that take work; `begin` opens in each of them what does it."""

    def __init__(self, begin: Callable[[], AbstractContextManager[_Worker]]) -> None:
        self._begin = begin
        self._all: list[_Busy] = []
        self._waiting: deque[_Pending[Any]] = deque()

    def start(self) -> None:
        """Fork them."""
        while len(self._all) < COUNT:
            self._all.append(_Busy(Process(self._begin, what="a process that checks files")))

    def submit(
        self, work: Callable[Concatenate[_Worker, _P], _Result], /, *args: _P.args, **_: _P.kwargs
    ) -> Promised[_Result]:
        """Hand over one piece of work, a method of the worker's."""
        pending: _Pending[_Result] = _Pending(self._settle, (work, args))
        self._waiting.append(pending)
        for busy in self._all:
            while busy.at and busy.process.ready():
                busy.take()
        self._hand_out()
        return pending

    def end(self, *, at_once: bool) -> None:
        """End them: when they have done what they are at, or at once."""
        for busy in self._all:
            if at_once:
                busy.process.kill()
            else:
                busy.process.end()

    def _settle(self) -> None:
        """Wait until somebody answers, take that, and hand out what waits."""
        ways = {busy.process.fileno(): busy for busy in self._all if busy.at}
        poll = select.poll()
        for number in ways:
            poll.register(number, select.POLLIN)
        for number, _ in poll.poll():
            ways[number].take()
        self._hand_out()

    def _hand_out(self) -> None:
        while self._waiting:
            least = min(self._all, key=lambda busy: len(busy.at))
            if len(least.at) >= _EACH:
                return
            least.give(self._waiting.popleft())


@contextmanager
def processes(begin: Callable[[], AbstractContextManager[_Worker]]) -> Iterator[Pool[_Worker]]:
    """Yield a pool of processes. Raises `StoreError` where one of them is killed, as for want of memory."""
    pool = Pool(begin)
    finished = False
    try:
        pool.start()
        yield pool
        finished = True
    finally:
        pool.end(at_once=not finished)


def in_order(
    submit: Callable[[Unpack[_Piece]], Promised[_Result]], work: Iterable[tuple[*_Piece]], ahead: int = AHEAD
) -> Iterator[_Result]:
    """Hand over `work`, a bounded number of pieces ahead; yield the results in its order."""
    under_way: deque[Promised[_Result]] = deque()
    for piece in work:
        under_way.append(submit(*piece))
        if len(under_way) > ahead:
            yield under_way.popleft().result()
    while under_way:
        yield under_way.popleft().result()


class _Busy:
    """One process, and what it works on."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.at: deque[_Pending[Any]] = deque()

    def give(self, pending: _Pending[Any]) -> None:
        self.process.put(pending.piece)
        self.at.append(pending)

    def take(self) -> None:
        """Take one answer, for whoever waits longest."""
        pending = self.at.popleft()
        pending.value, pending.error = self.process.get()
        pending.done = True


class _Pending(Generic[_Result]):
    def __init__(self, settle: Callable[[], None], piece: object) -> None:
        self._settle = settle
        self.piece = piece
        self.done = False
        self.value: Any = None
        self.error: BaseException | None = None

    def result(self) -> _Result:
        while not self.done:
            self._settle()
        if self.error is not None:
            raise self.error
        value: _Result = self.value
        return value
