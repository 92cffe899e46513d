"""SIGKILL at every file-changing system call, one after the other: the idea of curl's torture tests.

It takes the process that makes the call: the one that brings the bytes, and the other with it, or the one that writes
to the store, which the first one survives.
After each: no wrong byte under a final name, no row that claims more than the disk has, and the next run completes
without hand work and leaves nothing under way. The short form takes every few points; `make faults` takes them all.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.faults import bench

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
_STRIDE = 1 if bench.FULL else 9
_ONE_LEFT = 7  # it was the process that writes to the store, and the other one says so
_SHORT = ("write", "renameat2", "fsync", "unlink", "mkdir", "pwrite64")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[bench.World]:
    """Serve a small world: plain files, a larger one, a zip."""
    yield from bench.world(tmp_path_factory.mktemp("world"), small=18, large=3 << 20, members=18)


def _killed_at(world: bench.World, home: Path, words: list[str], call: str, count: int) -> bool:
    tracer = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}"]
    tracer += ["-e", f"inject={call}:signal=KILL:when={count}"]
    status = bench.run(world, home, words, tracer)
    assert status in (0, -signal.SIGKILL, 128 + signal.SIGKILL, _ONE_LEFT), status
    return status != 0


@pytest.mark.slow
@pytest.mark.parametrize("call", bench.CHANGING if bench.FULL else _SHORT)
def test_killed_at_every_call_of_a_download(world: bench.World, tmp_path: Path, call: str) -> None:
    """Download, unpack, publish, commit: whichever call is the last, nothing lies."""
    points = 0
    count = 1 if bench.FULL else 2
    while True:
        home = tmp_path / str(count)
        world.prepare(home)
        if not _killed_at(world, home, ["get", "world"], call, count):
            break
        points += 1
        assert bench.faults(home, world.truth) == [], f"{call} number {count}"
        assert bench.run(world, home, ["get", "world"]) == 0, f"after {call} number {count}"
        assert bench.faults(home, world.truth, whole=True) == [], f"after {call} number {count}"
        shutil.rmtree(home)
        count += _STRIDE
        if not bench.FULL and points >= 3:
            break
    if call in ("write", "renameat2", "fsync"):
        assert points, f"no {call} was met: the bench has no teeth"


@pytest.fixture(scope="module")
def broken_off(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[bench.World, Path]]:
    """Serve one large file; return a home in which a run was killed when half of it had come."""
    folder = tmp_path_factory.mktemp("broken-off")
    for world in bench.world(folder, small=0, large=12 << 20, members=0):
        for count in range(14, 60):  # of half a MiB each; those of the record are counted, too
            home = folder / str(count)
            world.prepare(home)
            _killed_at(world, home, ["get", "world"], "pwrite64", count)
            if sum(body.stat().st_size for body in home.glob("cache/.partial/*/body")) > 6 << 20:
                yield world, home
                return
        pytest.fail("nothing was left to go on with")


@pytest.mark.slow
@pytest.mark.parametrize("call", bench.CHANGING if bench.FULL else ("pwrite64", "write", "renameat2", "rename"))
def test_killed_at_every_call_of_a_resume(broken_off: tuple[bench.World, Path], tmp_path: Path, call: str) -> None:
    """Taking over what a dead run left, reading it again, going on: killed anywhere, it can be taken over once more."""
    world, left = broken_off
    points = 0
    count = 1
    while True:
        home = tmp_path / str(count)
        shutil.copytree(left, home)
        if not _killed_at(world, home, ["get", "world"], call, count):
            break
        points += 1
        assert bench.faults(home, world.truth) == [], f"{call} number {count}"
        asked = len(world.internet.asked)
        assert bench.run(world, home, ["get", "world"]) == 0, f"after {call} number {count}"
        assert bench.faults(home, world.truth, whole=True) == [], f"after {call} number {count}"
        again = sum(one.sent for one in world.internet.asked[asked:])
        assert again <= (12 << 20) - (4 << 20), f"{again} bytes again, after {call} number {count}"
        shutil.rmtree(home)
        count += 1 if bench.FULL else 11
        if not bench.FULL and points >= 2:
            break
    if call in ("pwrite64", "write"):
        assert points, f"no {call} was met: the bench has no teeth"


@pytest.mark.slow
@pytest.mark.parametrize("call", bench.CHANGING if bench.FULL else ("renameat2", "fsync"))
def test_killed_at_every_call_of_an_adoption(world: bench.World, tmp_path: Path, call: str) -> None:
    """What a person brought is moved only when it is held durably: killed anywhere, no byte is lost."""
    count = 1
    while True:
        home, brought = tmp_path / f"h{count}", tmp_path / f"b{count}"
        world.prepare(home)
        for name, body in world.bodies.items():
            (brought / name).parent.mkdir(parents=True, exist_ok=True)
            (brought / name).write_bytes(body)
        words = ["adopt", "world", str(brought), "--move"]
        if not _killed_at(world, home, words, call, count):
            break
        assert bench.faults(home, world.truth) == [], f"{call} number {count}"
        status = bench.run(world, home, words)
        assert status in (0, 3), f"after {call} number {count}"  # 3: all had been moved already
        assert bench.faults(home, world.truth, whole=True) == [], f"after {call} number {count}"
        count += 1 if bench.FULL else 6
        if not bench.FULL and count > 14:
            break


@pytest.mark.slow
@pytest.mark.parametrize("call", bench.CHANGING if bench.FULL else ("write", "fsync"))
def test_killed_at_every_call_of_a_task_change(world: bench.World, tmp_path: Path, call: str) -> None:
    """An application's chain of events is whole, with the event or without it."""
    count = 1
    while True:
        home = tmp_path / str(count)
        world.prepare(home)
        assert bench.run(world, home, ["apply", "adni", "--owner", "A. Reader"]) == 0
        if not _killed_at(world, home, ["tasks", "done", "adni", "account"], call, count):
            break
        assert bench.run(world, home, ["doctor"]) == 0, f"{call} number {count}"
        assert bench.run(world, home, ["tasks", "done", "adni", "account"]) in (0, 2)
        assert bench.run(world, home, ["doctor"]) == 0
        count += 1 if bench.FULL else 4
        if not bench.FULL and count > 9:
            break


@pytest.mark.slow
def test_random_kills_of_many_files_at_once(tmp_path: Path) -> None:
    """200 files, four at a time, killed again and again: at most a few MiB come twice, and the end is whole."""
    kills = 100 if bench.FULL else 4
    noise = random.Random(5)
    (tmp_path / "w").mkdir()
    for world in bench.world(tmp_path / "w", small=200, large=8 << 20):
        home = tmp_path / "home"
        world.prepare(home)
        for _ in range(kills):
            process = subprocess.Popen(
                [sys.executable, "-m", "fetchers", "get", "world", "--jobs", "4"],
                env=world.environment(home),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            time.sleep(0.3 + noise.random() * 0.5)
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            assert bench.faults(home, world.truth) == []
        assert bench.run(world, home, ["get", "world"]) == 0
        assert bench.faults(home, world.truth, whole=True) == []
        sent = sum(asked.sent for asked in world.internet.asked)
        size = sum(map(len, world.bodies.values()))
        assert sent <= size + (kills + 1) * (8 << 20)
