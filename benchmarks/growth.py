"""How does the cost of one file grow with the number of files?

    python benchmarks/growth.py [1000 10000 100000 ...]

For each number: a catalogue of so many files of 1 KiB, fetched from nginx on loopback, asked for again, verified,
audited and counted. Prints a table of microseconds per file and of the memory of the largest process, and draws
`growth.svg`.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from disk import MOUNT, Disk
from web import DATA, Web

FETCH = [str(Path(sys.executable).with_name("fetch"))]
VERBS = {
    "get": ("get", "bench", "--jobs", "16"),
    "get again": ("get", "bench"),
    "verify": ("verify", "bench"),
    "audit": ("audit", "bench"),
    "status": ("status",),
}
_SIZE = 1024
_DRAWING = Path(__file__).with_name("growth.svg")
# In a small process of its own: what Linux counts as a child's memory begins with what its parent had at the fork.
_ONCE = """
import os, subprocess, sys, time
start = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
print(time.perf_counter() - start, usage.ru_maxrss)
process.returncode = os.waitstatus_to_exitcode(status)
sys.exit(process.returncode)
"""


def catalogue(home: Path, count: int, base: str) -> None:
    """Write a catalogue of `count` files with the same bytes under names of their own."""
    body = b"x" * _SIZE
    (DATA / "tiny.bin").write_bytes(body)
    digest = hashlib.sha256(body).hexdigest()
    home.mkdir(parents=True)
    with (home / "catalogue.toml").open("w", encoding="utf-8") as file:
        file.write('[datasets.bench]\ntitle = "bench"\naccess = "open"\ncontainer = "mixed"\n')
        for number in range(count):
            path = f"{number // 1000:04}/{number:07}.bin"
            file.write(f'[[datasets.bench.files]]\nurl = "{base}/tiny/{path}"\npath = "{path}"\nsize = {_SIZE}\n')
            file.write(f'sha256 = "{digest}"\n')


def measured(home: Path, store: Path) -> dict[str, tuple[float, float]]:
    """Run the verbs; give seconds and MiB for each."""
    found = {}
    for name, words in VERBS.items():
        argv = [*FETCH, "--home", str(home), "--cache", str(store), "--quiet", *words]
        ran = subprocess.run([sys.executable, "-S", "-c", _ONCE, *argv], check=True, capture_output=True, text=True)
        seconds, kib = ran.stdout.split()
        found[name] = (float(seconds), int(kib) / 1024)
    return found


def table(rows: dict[int, dict[str, tuple[float, float]]]) -> str:
    """Draw microseconds per file, and memory."""
    lines = [f"| files | {' | '.join(f'{name} us/file (MiB)' for name in VERBS)} |", "|---:|" + "---:|" * len(VERBS)]
    for count, row in rows.items():
        cells = (f"{seconds / count * 1e6:,.0f} ({mib:.0f})" for seconds, mib in row.values())
        lines.append(f"| {count:,} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def draw(rows: dict[int, dict[str, tuple[float, float]]]) -> None:
    """Plot both against the number of files, on logarithmic axes."""
    import matplotlib as mpl  # noqa: PLC0415 - only the drawing needs it

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "growth"
    from matplotlib import pyplot as plt  # noqa: PLC0415 - after the choice of what draws

    counts = list(rows)
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    for name in VERBS:
        left.loglog(counts, [rows[count][name][0] / count * 1e6 for count in counts], "o-", label=name)
        right.semilogx(counts, [rows[count][name][1] for count in counts], "o-", label=name)
    left.set(xlabel="files", ylabel="microseconds per file", title="time")
    right.set(xlabel="files", ylabel="MiB, largest process", title="memory", ylim=(0, None))
    for axes in (left, right):
        axes.grid(visible=True, alpha=0.3)
    left.legend(frameon=False)
    figure.savefig(_DRAWING, metadata={"Date": None})


def main() -> None:
    """Measure, print, draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("counts", nargs="*", type=int, default=[1000, 10_000, 100_000])
    rows: dict[int, dict[str, tuple[float, float]]] = {}
    with Web() as web, Disk():
        for count in parser.parse_args().counts:
            home = DATA / "home-growth"
            shutil.rmtree(home, ignore_errors=True)
            catalogue(home, count, web.base)
            rows[count] = measured(home, MOUNT / f"growth-{count}")
    print(table(rows))
    draw(rows)


if __name__ == "__main__":
    main()
