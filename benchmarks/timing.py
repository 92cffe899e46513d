"""How long does a whole command take, beside others that do the same job?

Commands are run in turn (A B C A B C ...), each from an empty target, as processes of their own with their start
included. What counts is the median and the ratio of the medians: seconds of a shared machine do not travel.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
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
    for turn in range(rounds + 1):
        for command in commands:
            command.prepare()
            os.sync()
            used = once(command)
            if turn:
                command.add(used)


def once(command: Command) -> Used:
    """Run it; give what it used. One that fails ends the benchmark with its words."""
    environ = {**os.environ, **command.environ}
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
    return "\n".join(lines) + "\n"
