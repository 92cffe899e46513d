"""Work is spread over processes, answered in any order, and given up when they die."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from fetchers.errors import ContentError, StoreError
from fetchers.workers import pool as cores
from fetchers.workers import worker

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Worker:
    def square(self, number: int) -> int:
        return number * number

    def where(self) -> int:
        return os.getpid()

    def where_after(self, start: int) -> int:
        os.read(start, 1)
        return os.getpid()

    def refuse(self) -> None:
        raise ContentError("no")

    def sleep(self, seconds: float) -> float:
        time.sleep(seconds)
        return seconds


@contextmanager
def _begin() -> Iterator[_Worker]:
    yield _Worker()


@pytest.fixture(autouse=True)
def _forked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "may_fork", lambda: True)
    monkeypatch.setattr(cores, "COUNT", 3)


def test_results_may_be_asked_for_in_any_order() -> None:
    """Each has its own, whoever did it."""
    with cores.processes(_begin) as pool:
        promised = [pool.submit(_Worker.square, number) for number in range(30)]
        assert [one.result() for one in reversed(promised)] == [number * number for number in reversed(range(30))]


def test_work_goes_to_who_has_least_of_it() -> None:
    """While nobody has answered, each process gets as much as any other."""
    start, go = os.pipe()
    with cores.processes(_begin) as pool:
        where = [pool.submit(_Worker.where_after, start) for _ in range(6)]
        os.write(go, bytes(6))
        assert sorted(Counter(one.result() for one in where).values()) == [2, 2, 2]
    os.close(start)
    os.close(go)


def test_nothing_waits_behind_a_long_piece_but_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is done gets what is left, so that all end together."""
    monkeypatch.setattr(cores, "COUNT", 2)
    start, go = os.pipe()
    with cores.processes(_begin) as pool:
        long = pool.submit(_Worker.where_after, start)
        others = [pool.submit(_Worker.where) for _ in range(20)]
        others[-1].result()
        os.write(go, b"x")
        assert [one.result() for one in others].count(long.result()) <= 1
    os.close(start)
    os.close(go)


def test_in_order_and_not_too_far_ahead() -> None:
    """A million pieces must not wait in memory."""
    handed: list[int] = []
    with cores.processes(_begin) as pool:

        def submit(first: str, last: str) -> cores.Promised[int]:
            handed.append(int(last))
            return pool.submit(_Worker.square, int(first))

        for number, result in enumerate(cores.in_order(submit, ((str(n), str(n)) for n in range(50)))):
            assert result == number * number
            assert len(handed) <= number + 1 + cores.AHEAD + 1


def test_an_error_is_raised_where_its_result_is_asked_for() -> None:
    """And nowhere else."""
    with cores.processes(_begin) as pool:
        wrong = [pool.submit(_Worker.refuse) for _ in range(3)]
        right = pool.submit(_Worker.square, 5)
        assert right.result() == 25
        for one in wrong:
            with pytest.raises(ContentError, match="no"):
                one.result()


def test_a_killed_process_is_named() -> None:
    """In the middle of its work, or with nothing to do: who waits for it is told."""

    def work() -> None:
        with cores.processes(_begin) as pool:
            asked = [pool.submit(_Worker.where) for _ in range(3)]
            for pid in [one.result() for one in asked]:
                os.kill(pid, signal.SIGKILL)
            pool.submit(_Worker.square, 2).result()

    with pytest.raises(StoreError, match="a process that checks files was killed"):
        work()


def test_who_leaves_with_an_error_waits_for_nobody() -> None:
    """Ctrl-C must not wait for what the others are at."""

    def work() -> None:
        with cores.processes(_begin) as pool:
            for _ in range(6):
                pool.submit(_Worker.sleep, 30)
            raise KeyboardInterrupt

    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        work()
    assert time.monotonic() - start < 10
