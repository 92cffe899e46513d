"""How long does a whole command take, beside others that do the same job?

Commands are run in turn (A B C A B C ...), each from an empty target, as processes of their own with their start
included. What counts is the median and the ratio of the medians: seconds of a shared machine do not travel.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


# In a small process of its own: what Linux counts as a child's memory begins with what its parent had at the fork.
_ONCE = """
import os, sys, time
nowhere = os.open(os.devnull, os.O_WRONLY)
start = time.perf_counter()
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, nowhere, 1)])
_, status, usage = os.wait4(child, 0)
print(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status) and 1)
"""


MOUNT = Path(__file__).parent / "data" / "disk"  # where `disk` mounts one
_speeds: list[float] = []
_best = 0.0


class Used(NamedTuple):
    """What one run took: seconds, seconds of processor time with its children's, and KiB of its largest process."""

    seconds: float
    busy: float
    memory: float


@dataclass
class Command:
    """One way to do the job: `argv` for a process, made anew for each round by `prepare`."""

    name: str
    argv: Sequence[str]
    prepare: Callable[[], object] = lambda: None
    environ: dict[str, str] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    busy: list[float] = field(
        default_factory=list
    )  # seconds of processor time, of the children that were waited for, too
    memory: float = 0  # KiB, the largest process seen

    def add(self, used: Used) -> None:
        """Count a round."""
        self.seconds.append(used.seconds)
        self.busy.append(used.busy)
        self.memory = max(self.memory, used.memory)

    @property
    def median(self) -> float:
        """Seconds."""
        return statistics.median(self.seconds)


def race(commands: Sequence[Command], rounds: int) -> None:
    """Run them in turn; one round before the counted ones warms the page cache."""
    _speeds.clear()
    for turn in range(rounds + 1):
        _speeds.append(disk_speed())
        for command in commands:
            command.prepare()
            os.sync()
            used = once(command)
            if turn:
                command.add(used)


def disk_speed() -> float:
    """Write and sync 64 MiB where the targets lie; give MiB a second."""
    body, path = os.urandom(1 << 20), MOUNT / "speed"
    MOUNT.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    with path.open("wb") as file:
        for _ in range(64):
            file.write(body)
        os.fsync(file.fileno())
    seconds = time.perf_counter() - start
    path.unlink()
    global _best  # noqa: PLW0603 - of the whole run
    _best = max(_best, 64 / seconds)
    return 64 / seconds


def disk_line() -> str:
    """Say how fast the disk was in these rounds; some hosts brake it after a few gigabytes."""
    if not _speeds:
        return ""
    braked = f"; **braked**: it had {_best:,.0f} before" if min(_speeds) < _best / 2 else ""
    return f"(The disk in these rounds: {min(_speeds):,.0f} to {max(_speeds):,.0f} MiB/s{braked}.)\n"


def once(command: Command) -> Used:
    """Run it; give what it used. One that fails ends the benchmark with its words."""
    environ = {**os.environ, **command.environ}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)  # or each start would compile what has changed
    argv = [sys.executable, "-S", "-c", _ONCE, *map(str, command.argv)]
    ran = subprocess.run(argv, env=environ, capture_output=True, text=True, errors="replace", check=False)
    if ran.returncode != 0:
        raise SystemExit(f"{command.name or command.argv}: exit {ran.returncode}\n{ran.stderr[-2000:]}")
    return Used(*map(float, ran.stdout.split()))


def table(title: str, commands: Sequence[Command], goals: dict[str, float]) -> str:
    """Draw one workload: ours first; a ratio over 1 means that ours is faster than that rival."""
    ours = commands[0]
    lines = [
        f"### {title}",
        "",
        "| command | median s | rival / ours | wanted | largest process MiB |",
        "|---|---:|---:|---:|---:|",
    ]
    for command in commands:
        ratio = command.median / ours.median
        goal = goals.get(command.name)
        wanted = "" if goal is None else f"{goal:.2f} {'reached' if ratio >= goal else '**not reached**'}"
        shown = "" if command is ours else f"{ratio:.2f}"
        lines.append(f"| {command.name} | {command.median:.3f} | {shown} | {wanted} | {command.memory / 1024:.0f} |")
    return "\n".join([*lines, "", disk_line()])
