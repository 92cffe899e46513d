"""Partial downloads belong to their owner while it runs, and to nobody afterwards."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from fetchers import system_process
from fetchers.storage import layout
from fetchers.storage.partial import ownership

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "fate", ["lives", "ended and was buried", "ended and nobody buries it", "its number went to another"]
)
def test_what_is_left_behind(tmp_path: Path, fate: str) -> None:
    """In a container nobody may bury the dead: such a process still has a number and does nothing any more."""
    under_way = tmp_path / layout.PARTIAL
    under_way.mkdir()
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        (under_way / f"run-0.{ownership.me()}").write_bytes(b"half")
        os.write(writing, b"x")
        signal.pause()
    try:
        os.read(reading, 1)
        (staged,) = under_way.iterdir()
        if fate.startswith("ended"):
            os.kill(pid, signal.SIGKILL)
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        if fate == "ended and was buried":
            os.waitpid(pid, 0)
        if fate == "its number went to another":
            staged = staged.rename(staged.with_name(f"{staged.name[:-1]}{(int(staged.name[-1]) + 1) % 10}"))
        ownership.left_behind(tmp_path)
        assert staged.exists() == (fate == "lives")
    finally:
        if fate != "ended and was buried":
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        os.close(reading)
        os.close(writing)


@pytest.mark.parametrize(("age", "lives", "left"), [(5, True, False), (3600, True, True), (5, False, True)])
def test_an_owner_that_this_account_may_not_look_at(
    monkeypatch: pytest.MonkeyPatch, age: int, *, lives: bool, left: bool
) -> None:
    """With `hidepid` another account's process has a number and no state: then its signs of life decide."""
    if os.geteuid() != 0:
        pytest.skip("only root can be two accounts")
    pid = os.fork()
    if pid == 0:
        os.setresuid(50_001, 50_001, 50_001)
        signal.pause()
    name = f"run-0.{ownership.me().partition('-')[0]}-{pid}-{system_process.process_state(pid)[1]}-1"
    if not lives:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    monkeypatch.setattr(system_process, "process_state", lambda _: ("", "0"))
    asked = os.fork()
    if asked == 0:
        os.setresuid(50_002, 50_002, 50_002)
        os._exit(ownership.is_left(name, 1_000_000.0 - age, 1_000_000.0))
    try:
        assert os.waitstatus_to_exitcode(os.waitpid(asked, 0)[1]) == left
    finally:
        if lives:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
