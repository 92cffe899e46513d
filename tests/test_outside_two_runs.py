"""Several processes and several threads on one store: right results, and each file is fetched once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

from tests.test_outside_get import BASE, World, _dataset, _urls, _zip, world

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.internet import Answer, Asked

__all__ = ["world"]

NAMES = [f"f{number}.bin" for number in range(40)]
RAW = 'container = "raw"'


def _slow(body: bytes, seconds: float = 0.05) -> Callable[[Asked], Answer]:
    def answer(asked: Asked) -> Answer:
        time.sleep(seconds)
        return 200, {}, body

    return answer


def _serve(world: World, *, size: int = 4000) -> dict[str, bytes]:
    truth = {name: name.encode() * size for name in NAMES}
    for name, body in truth.items():
        world.internet.put(BASE + name, _slow(body))
    world.catalogue(_dataset("mydata", *_urls(*NAMES), more=RAW))
    return truth


def test_two_processes_share_what_is_under_way(world: World) -> None:
    """80 wishes for 40 files are 40 requests."""
    truth = _serve(world)
    both = [world.start("mydata", "--json"), world.start("mydata", "--json")]
    outs = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], outs
    assert world.held() == truth
    assert Counter(asked.url for asked in world.internet.asked) == dict.fromkeys((BASE + name for name in NAMES), 1)
    documents = [json.loads(out)["datasets"][0] for out in outs]
    assert sum(one["downloaded_files"] for one in documents) == 40
    assert [one["files"] for one in documents] == [40, 40]
    assert world.left_over() == []


def test_two_processes_and_one_archive(world: World) -> None:
    """The second one waits until the first one has unpacked it."""
    members = {f"{number}.txt": b"x" * 1000 + bytes([number]) for number in range(30)}
    world.internet.put(BASE + "x.zip", _slow(_zip(members), 2.0))
    world.catalogue(_dataset("mydata", *_urls("x.zip"), more='container = "mixed"'))
    both = [world.start("mydata"), world.start("mydata")]
    outs = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], outs
    assert world.held() == members
    assert len(world.internet.asked) == 1


def test_what_a_dead_run_took_is_taken_over(world: World) -> None:
    """Its lease is as good as none."""
    truth = _serve(world)
    for name, body in truth.items():
        world.internet.put(BASE + name, _slow(body, 1.0))
    first = world.start("mydata")
    while not world.internet.asked:
        time.sleep(0.02)
    second = world.start("mydata")
    time.sleep(1.5)
    first.kill()
    first.communicate()
    for name, body in truth.items():
        world.internet.put(BASE + name, body)
    out, _ = second.communicate(timeout=120)
    assert second.returncode == 0, out
    assert world.held() == truth


_THREADS = """
import sys, threading, fetchers
home = sys.argv[1]
found, wrong = [], []
def work(name):
    try:
        found.append(fetchers.get(name, home=home).datasets[0].files)
    except BaseException as error:
        wrong.append(repr(error))
threads = [threading.Thread(target=work, args=(name,)) for name in ("mydata", "mydata", "other", "mydata")]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(sorted(found), wrong)
"""


def test_four_threads_on_one_store(world: World) -> None:
    """Right results, and each file once."""
    truth = _serve(world)
    world.internet.put(BASE + "o.bin", b"other" * 1000)
    world.catalogue(_dataset("mydata", *_urls(*NAMES), more=RAW), _dataset("other", *_urls("o.bin"), more=RAW))
    ran = subprocess.run(
        [sys.executable, "-c", _THREADS, str(world.home)],
        env={**os.environ, **world.internet.environment()},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.stdout.strip() == "[1, 40, 40, 40] []", ran.stdout + ran.stderr
    assert world.held() == truth
    assert max(Counter(asked.url for asked in world.internet.asked).values()) == 1
