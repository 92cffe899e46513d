"""Run work in one helper process (or thread), in order, and return its results.

In one process, forked before the first byte comes: two busy threads would take turns at one interpreter. Where other
threads run already (a notebook's), a fork might find a lock that nobody will ever release; there it is a thread.

What is handed over is done in its order, one piece after the other, by an object that lives over there. The process
passes Ctrl-C over, since its parent has the word, and is killed with its parent: after a SIGKILL nobody goes on.
"""

from __future__ import annotations

import os
import select
import signal
import threading
from contextlib import contextmanager
from multiprocessing import get_context
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar

from fetchers import system_process
from fetchers.errors import FetchError, StoreError
from fetchers.workers.fork_safety import ENDING, may_fork, undisturbed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from multiprocessing.connection import Connection

_Worker = TypeVar("_Worker")
_Answer = TypeVar("_Answer")
_P = ParamSpec("_P")
_END = None
_CHUNK = 1 << 16


class _Way(Protocol):
    """The two ways between the processes: work there, results back."""

    def put(self, piece: object, /) -> None: ...
    def get(self) -> tuple[Any, BaseException | None]: ...
    def ready(self) -> bool: ...
    def end(self) -> None: ...
    def kill(self) -> None: ...


class Worker(Generic[_Worker, _Answer]):
    """Runs work in a helper process that `begin` sets up; errors call it `what`."""

    def __init__(self, begin: Callable[[], AbstractContextManager[_Worker]], what: str) -> None:
        self._way: _Way = Process(begin, what) if may_fork() else _Thread(begin, what)

    def hand(self, work: Callable[Concatenate[_Worker, _P], _Answer], /, *args: _P.args, **_: _P.kwargs) -> None:
        """Hand over one piece of work, a method of the worker's; raise `StoreError` where nobody takes it."""
        self._way.put((work, args))

    def ready(self) -> bool:
        """Return True if `answer` would come at once."""
        return self._way.ready()

    def answer(self) -> _Answer:
        """Wait for what came of the oldest piece that was handed over, and raise what it raised."""
        answer: _Answer
        answer, error = self._way.get()
        if error is not None:
            raise error
        return answer

    def end(self, *, at_once: bool = False) -> None:
        """Wait until what was handed over is done, or do not, and end it; what came of that is not told any more."""
        if at_once:
            self._way.kill()
        else:
            self._way.end()


class Process:
    """The way to one that is forked here."""

    def __init__(self, begin: Callable[[], AbstractContextManager[Any]], what: str) -> None:
        self._what = what
        context = get_context("fork")
        theirs, self._give = context.Pipe(duplex=False)
        self._take, answers = context.Pipe(duplex=False)
        mine = (self._give, self._take)
        self._process = context.Process(target=_apart, args=(begin, theirs, answers, mine, os.getpid()), daemon=True)
        with undisturbed():
            self._process.start()
        theirs.close()
        answers.close()
        # Asked after each small file: Connection.poll() would build all of this each time.
        self._poll = select.poll()
        self._poll.register(self._take, select.POLLIN)

    def put(self, piece: object, /) -> None:
        """Hand over one piece: a method and its arguments. Raises `StoreError` where nobody takes it."""
        with self._whole():
            self._give.send(piece)

    def get(self) -> tuple[Any, BaseException | None]:
        """Wait for what came of the oldest piece: its value, or what it raised."""
        if not self._take.closed:
            self._poll.poll()  # Ctrl-C may end this wait
        with self._whole():
            found: tuple[Any, BaseException | None] = self._take.recv()
        return found

    def ready(self) -> bool:
        """Return True if `get` would not wait."""
        return bool(self._poll.poll(0))

    def fileno(self) -> int:
        """Return what can be polled for an answer."""
        return self._take.fileno()

    def end(self) -> None:
        """Wait until all is done that was put, and end it."""
        try:
            self.put(_END)
            while os.read(self._take.fileno(), _CHUNK):
                pass  # it closes its end when all is done
        except StoreError:  # it is dead already
            return
        except BaseException:
            self.kill()
            raise
        self._process.join()
        self._close()

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.join()
        self._close()

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """Send or receive a whole message; if it is interrupted, end the peer, because both would block."""
        try:
            yield
        except BaseException as error:
            self.kill()
            if isinstance(error, (EOFError, OSError)):
                raise _gone(self._what) from error
            raise

    def _close(self) -> None:
        self._give.close()
        self._take.close()


class _Thread:
    def __init__(self, begin: Callable[[], AbstractContextManager[Any]], what: str) -> None:
        self._what = what
        self._give: SimpleQueue[Any] = SimpleQueue()
        self._take: SimpleQueue[tuple[Any, BaseException | None]] = SimpleQueue()
        self._thread = threading.Thread(
            target=_serve, args=(begin, self._give.get, self._take.put), name="beside", daemon=True
        )
        self._thread.start()

    def put(self, piece: object, /) -> None:
        self._give.put(piece)

    def get(self) -> tuple[Any, BaseException | None]:
        while True:
            try:
                return self._take.get(timeout=1)
            except Empty:
                if not self._thread.is_alive() and self._take.empty():
                    raise _gone(self._what) from None

    def ready(self) -> bool:
        return not self._take.empty()

    def end(self) -> None:
        self._give.put(_END)
        self._thread.join()

    def kill(self) -> None:
        self._give.put(_END)  # a thread cannot be killed; it ends with what it is at


def _gone(what: str) -> StoreError:
    return StoreError(
        f"{what} was killed, perhaps for lack of memory", hint="end other programs and type the same command again"
    )


def _apart(
    begin: Callable[[], AbstractContextManager[Any]],
    requests: Connection,
    answers: Connection,
    others: tuple[Connection, Connection],
    parent: int,
) -> None:
    """Serve in a process of one's own."""
    system_process.die_with_parent(parent)
    if os.getppid() != parent:
        return
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    for connection in others:
        connection.close()
    # The requests are taken out of the pipe as they come: parent and child could wait for each other's reading else.
    waiting: SimpleQueue[Any] = SimpleQueue()
    threading.Thread(target=_taken, args=(requests, waiting), daemon=True).start()
    _serve(begin, waiting.get, answers.send)


def _taken(requests: Connection, waiting: SimpleQueue[Any]) -> None:
    piece: object = ()
    while piece is not _END:
        try:
            piece = requests.recv()
        except EOFError:
            piece = _END
        waiting.put(piece)


def _serve(
    begin: Callable[[], AbstractContextManager[Any]],
    take: Callable[[], Any],
    give: Callable[[tuple[Any, BaseException | None]], object],
) -> None:
    try:
        with begin() as worker:
            while (piece := take()) is not _END:
                work, args = piece
                give(_done(work, worker, args))
    except BaseException as error:  # noqa: BLE001 - it has to be told over there
        give((None, _told(error)))


def _done(work: Callable[..., Any], worker: object, args: tuple[Any, ...]) -> tuple[Any, BaseException | None]:
    try:
        return work(worker, *args), None
    except BaseException as error:  # noqa: BLE001 - the same
        return None, _told(error)


def _told(error: BaseException) -> BaseException:
    """Keep where a fault of ours was raised: a traceback does not travel."""
    if not isinstance(error, FetchError):
        import traceback

        error.add_note("".join(traceback.format_exception(error)))
    return error
