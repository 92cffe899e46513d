"""How long does a whole command take, beside others that do the same job?

Commands are run in turn (A B C A B C ...), each from an empty target, as processes of their own with their start
included. What counts is the median and the ratio of the medians: seconds of a shared machine do not travel.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass
class Command:
    """One way to do the job: `argv` for a process, made anew for each round by `prepare`."""

    name: str
    argv: Sequence[str]
    prepare: Callable[[], object] = lambda: None
    environ: dict[str, str] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    memory: int = 0  # KiB, the largest process seen

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
            seconds, memory = _once(command)
            if turn:
                command.seconds.append(seconds)
                command.memory = max(command.memory, memory)


def _once(command: Command) -> tuple[float, int]:
    with open(os.devnull, "w", encoding="ascii") as nowhere:  # noqa: PTH123 - a device
        start = time.perf_counter()
        process = subprocess.Popen(
            command.argv, env={**os.environ, **command.environ}, stdout=nowhere, stderr=subprocess.PIPE
        )
        _, errors = process.stderr.read() if process.stderr else b"", b""
        errors = _
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{command.name}: exit {process.returncode}\n{errors.decode(errors='replace')[-2000:]}")
    return seconds, usage.ru_maxrss


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
