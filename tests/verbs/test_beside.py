"""The helper process works, and its end or its parent's is handled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from fetchers.errors import ContentError, StoreError
from fetchers.workers import worker
from fetchers.workers.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager


class _Worker:
    def __init__(self) -> None:
        self.done: list[int] = []

    def add(self, number: int) -> list[int]:
        self.done.append(number)
        return self.done

    def where(self, _: int) -> tuple[int, str]:
        return os.getpid(), threading.current_thread().name

    def large(self, count: int) -> bytes:
        return b"x" * count

    def measure(self, data: bytes) -> int:
        return len(data)

    def refuse(self, number: int) -> int:
        raise ContentError(f"{number} is wrong", hint="try another")

    def fault(self, number: int) -> int:
        return number // 0

    def sleep(self, tenths: int) -> int:
        time.sleep(tenths / 10)
        return tenths


@contextmanager
def _begin() -> Iterator[_Worker]:
    yield _Worker()


@pytest.fixture(params=["process", "thread"])
def beside_us(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker[_Worker, object]]:
    """Yield both ways to do work over there."""
    monkeypatch.setattr(worker, "may_fork", lambda: request.param == "process")
    it: Worker[_Worker, object] = Worker(_begin, "the process over there")
    yield it
    it.end()


def test_answers_come_in_the_order_of_the_work(beside_us: Worker[_Worker, object]) -> None:
    """One object over there does all of it."""
    for number in range(50):
        beside_us.hand(_Worker.add, number)
    assert [beside_us.answer() for _ in range(50)][-1] == list(range(50))
    assert not beside_us.ready()


def test_an_error_comes_back_whole_and_the_work_goes_on(beside_us: Worker[_Worker, object]) -> None:
    """With its hint; one of ours with the place where it was raised."""
    beside_us.hand(_Worker.refuse, 7)
    beside_us.hand(_Worker.fault, 7)
    beside_us.hand(_Worker.add, 7)
    with pytest.raises(ContentError, match="7 is wrong") as refused:
        beside_us.answer()
    assert refused.value.hint == "try another"
    with pytest.raises(ZeroDivisionError) as fault:
        beside_us.answer()
    assert "in fault" in "".join(fault.value.__notes__)
    assert beside_us.answer() == [7]


def test_neither_waits_for_the_other_to_read(beside_us: Worker[_Worker, object]) -> None:
    """More in both directions than a pipe holds, before the first answer is taken."""
    for _ in range(8):
        beside_us.hand(_Worker.large, 1 << 20)
        beside_us.hand(_Worker.measure, b"y" * (1 << 20))
    for _ in range(8):
        assert len(beside_us.answer()) == 1 << 20  # type: ignore[arg-type]
        assert beside_us.answer() == 1 << 20


def test_what_cannot_begin_says_why_and_is_not_waited_for(
    beside_us: Worker[_Worker, object],
) -> None:
    """A record that cannot be opened over there, say."""
    del beside_us  # its way is the one that is tried here, too

    def broken() -> AbstractContextManager[_Worker]:
        raise StoreError("no room", hint="make some")

    it: Worker[_Worker, object] = Worker(broken, "the process over there")
    it.hand(_Worker.add, 1)
    it.hand(_Worker.add, 2)
    with pytest.raises(StoreError, match="no room"):
        it.answer()
    it.end()


def test_where_other_threads_run_nothing_is_forked() -> None:
    """A notebook has threads: a fork might find a lock of theirs."""
    release = threading.Event()
    other = threading.Thread(target=release.wait)
    other.start()
    try:
        it: Worker[_Worker, object] = Worker(_begin, "the process over there")
        it.hand(_Worker.where, 0)
        assert it.answer() == (os.getpid(), "beside")
        it.end()
    finally:
        release.set()
        other.join()


@pytest.fixture
def forked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fork, whatever threads an earlier test has left here."""
    monkeypatch.setattr(worker, "may_fork", lambda: True)


def _over_there() -> tuple[Worker[_Worker, object], int]:
    """Return a process, and its number."""
    it: Worker[_Worker, object] = Worker(_begin, "the process over there")
    it.hand(_Worker.where, 0)
    answer = it.answer()
    assert isinstance(answer, tuple)
    assert answer[0] != os.getpid()
    return it, int(answer[0])


@pytest.mark.usefixtures("forked")
def test_a_killed_process_is_named_and_not_waited_for() -> None:
    """For want of memory, say; who asks next is told, too."""
    it, pid = _over_there()
    it.hand(_Worker.sleep, 100)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(StoreError, match="was killed") as caught:
        it.answer()
    assert "same command" in str(caught.value.hint)
    it.end()


@pytest.mark.usefixtures("forked")
@pytest.mark.parametrize("how", ["fails", "is interrupted"])
def test_an_interrupted_message_ends_the_peer(how: str) -> None:
    """Neither who says it nor, later, who ends."""
    it, pid = _over_there()
    os.kill(pid, signal.SIGSTOP)  # so that the pipe fills
    if how == "fails":
        way = it._way
        assert isinstance(way, worker.Process)
        os.set_blocking(way._give.fileno(), False)
        with pytest.raises(StoreError):
            it.hand(_Worker.measure, bytes(1 << 20))
    else:
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            it.hand(_Worker.measure, bytes(1 << 20))
    with pytest.raises(StoreError, match="was killed"):
        it.hand(_Worker.add, 1)
    with pytest.raises(StoreError, match="was killed"):
        it.answer()
    it.end()
    assert _gone(pid)


@pytest.mark.usefixtures("forked")
def test_answers_that_nobody_took_hold_up_no_end() -> None:
    """What was handed over is done all the same."""
    it, _ = _over_there()
    for _ in range(4):
        it.hand(_Worker.large, 1 << 20)
    it.hand(_Worker.sleep, 2)
    start = time.monotonic()
    it.end()
    assert time.monotonic() - start > 0.2


_PARENT = """
import os, sys, time
from tests.verbs.test_beside import _Worker, _begin
from fetchers.workers.worker import Worker
it = Worker(_begin, "the process over there")
it.hand(_Worker.where, 0)
print(it.answer()[0], flush=True)
it.hand(_Worker.sleep, 600)
time.sleep(60)
"""


def _gone(pid: int) -> bool:
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_does_not_outlive_its_parent(number: signal.Signals) -> None:
    """After SIGKILL of the one nobody writes to the store any more."""
    with subprocess.Popen([sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.send_signal(number)
        parent.wait()
    assert _gone(pid)


@pytest.mark.usefixtures("forked")
def test_ctrl_c_is_the_parents() -> None:
    """A terminal sends it to both; the one over there ends what it is at."""
    it, pid = _over_there()
    it.hand(_Worker.sleep, 3)
    os.kill(pid, signal.SIGINT)
    assert it.answer() == 3
    it.end()
