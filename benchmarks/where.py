"""Where does the time of a workload go? Shares by py-spy, as a table: `python benchmarks/where.py W3 W5 W7`.

A sample counts for the innermost function of ours in it, in the mover or in the process beside it; what Python and the
libraries do on its behalf is its own. Needs `pip install py-spy`. The workloads are those of `quick.py`.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from disk import Disk
from quick import JOBS, Tree
from trees import HERE, environment
from web import DATA, Web

_OURS = re.compile(r"(?:^|;)([^;]+) \(fetchers/([\w/]+)\.py:\d+\)(?=;|$)")
_SMALLEST = 0.02


def shares(raw: str) -> tuple[Counter[tuple[str, str]], int]:
    """Count the samples by process and by the innermost function of ours."""
    found: Counter[tuple[str, str]] = Counter()
    for line in raw.splitlines():
        stack, _, count = line.rpartition(" ")
        frames = _OURS.findall(stack.replace(f"{HERE}/", ""))
        if "_find_and_load" in stack:
            where = "imports"
        else:
            where = f"`{frames[-1][1]}` {frames[-1][0]}" if frames else "Python's own start"
        if where.endswith("_taken"):
            continue  # a thread that waits for what is handed over
        beside = "_apart (" in stack
        found["beside" if beside else "main", where] += int(count)
    return found, sum(found.values())


def table(name: str, raw: str) -> str:
    """Draw what takes more than a fiftieth."""
    found, total = shares(raw)
    lines = [f"### {name}: {JOBS[name][0]}", "", "| share | process | where |", "|---:|---|---|"]
    rest = total
    for (process, where), count in found.most_common():
        if count < _SMALLEST * total:
            break
        rest -= count
        lines.append(f"| {count / total:.0%} | {process} | {where} |")
    return "\n".join([*lines, f"| {rest / total:.0%} | | all others, each less than {_SMALLEST:.0%} |", ""])


def main() -> None:
    """Profile the named workloads."""
    tree = Tree("ours", environment("ours", HERE))
    with Web() as web, Disk(8 << 30):
        for name in sys.argv[1:] or ["W2", "W3", "W5", "W7", "W9", "second"]:
            command = JOBS[name][1](tree, web.base)
            command.prepare()
            out = DATA / "where.raw"
            spy = [str(Path(sys.executable).with_name("py-spy")), "record", "-r", "400", "-f", "raw", "--subprocesses"]
            argv = [*spy, "-o", str(out), "--", str(tree.commands / "python"), *map(str, command.argv)]
            subprocess.run(argv, check=True, capture_output=True)
            print(table(name, out.read_text("utf-8")), flush=True)


if __name__ == "__main__":
    main()
