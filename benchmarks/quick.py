"""Has a change made anything slower? The working tree against another revision, in five minutes.

    python benchmarks/quick.py [REVISION] [--only W3 W7 ...] [--minutes 5] [--limit 1.10]

Small forms of the workloads, run in turn (A B A B ...). Only the ratios count: above 1 the working tree is slower. The
second ratio is that of the processor time, which hardly sees what else runs on the machine. Ends with 1 where both are
beyond `--limit`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

sys.path.insert(0, str(Path(__file__).parent))

from disk import TARGET, Disk, clear, empty
from timing import Command, once
from transfers import workspace
from trees import HERE, checkout, environment
from web import DATA, Web, dicom_folder, dicom_zip, many

if TYPE_CHECKING:
    from collections.abc import Callable

_BYTES = 8 << 30
_FEWEST, _MOST = 3, 60


class Tree(NamedTuple):
    """One state of the program: its name here, and where its commands lie."""

    name: str
    commands: Path

    def fetch(self, home: Path, *words: str) -> list[str]:
        """Give the command line."""
        return [str(self.commands / "fetch"), "--home", str(home), "--quiet", *words]


def _start(tree: Tree, _base: str) -> Command:
    return Command("", [str(tree.commands / "fetch"), "--help"])


def _import(tree: Tree, _base: str) -> Command:
    return Command("", [str(tree.commands / "python"), "-c", "import fetchers"])


def _list(tree: Tree, _base: str) -> Command:
    home = DATA / f"home-empty-{tree.name}"
    home.mkdir(exist_ok=True)
    return Command("", tree.fetch(home, "list"))


def _get(tree: Tree, base: str, rows: list[tuple[str, str]], container: str = "mixed") -> Command:
    home = workspace(f"quick-{tree.name}-{rows[0][0].partition('/')[0]}", rows, base, container)
    return Command("", tree.fetch(home, "--cache", str(TARGET), "get", "bench", "--jobs", "16"), empty)


def _w1(tree: Tree, base: str) -> Command:
    return _get(tree, base, many("quarter", 1, 256 << 20))


def _w2(tree: Tree, base: str) -> Command:
    return _get(tree, base, many("mid", 2000, 256 << 10)[:600])


def _w3(tree: Tree, base: str) -> Command:
    return _get(tree, base, many("small", 10_000, 16 << 10)[:4000])


def _w5(tree: Tree, base: str) -> Command:
    return _get(tree, base, [(dicom_zip(2000).name, "")], "dicom")


def _second(tree: Tree, base: str) -> Command:
    home = workspace(f"again-{tree.name}", many("small", 10_000, 16 << 10), base)
    argv = tree.fetch(home, "get", "bench")
    shutil.rmtree(home / "cache", ignore_errors=True)
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)
    return Command("", argv)


def _held(tree: Tree) -> Path:
    home, folder = DATA / f"home-held-{tree.name}", dicom_folder(5000)
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    keys = 'title = "bench"\naccess = "open"\ncontainer = "dicom"\nmodalities = ["CT"]\n'
    (home / "catalogue.toml").write_text(f"[datasets.bench]\n{keys}", encoding="utf-8")
    subprocess.run(tree.fetch(home, "adopt", "bench", str(folder)), check=True, stdout=subprocess.DEVNULL)
    return home


def _w6(tree: Tree, _base: str) -> Command:
    return Command("", tree.fetch(_held(tree), "verify", "--headers", "bench"))


def _w7(tree: Tree, _base: str) -> Command:
    return Command("", tree.fetch(_held(tree), "verify", "bench"))


def _w9(tree: Tree, _base: str) -> Command:
    unrelated = DATA / "unrelated50"
    if not unrelated.exists():
        for number in range(50_000):
            folder = unrelated / f"{number // 1000:03}"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{number:06}.txt").write_bytes(b"x" * (number % 4000))
    return Command("", tree.fetch(_held(tree), "audit", "bench", "--scan", str(unrelated)))


def _adopt(tree: Tree, _base: str) -> Command:
    home, folder = _held(tree), dicom_folder(5000)
    return Command("", tree.fetch(home, "--cache", str(TARGET), "adopt", "bench", str(folder)), empty)


JOBS: dict[str, tuple[str, Callable[[Tree, str], Command]]] = {
    "help": ("`fetch --help`", _start),
    "list": ("`fetch list`", _list),
    "import": ("`import fetchers`", _import),
    "second": ("second run, 10,000 files held", _second),
    "W1": ("get 1 x 256 MiB", _w1),
    "W2": ("get 600 x 256 KiB", _w2),
    "W3": ("get 4,000 x 16 KiB", _w3),
    "W5": ("get a zip of 2,000 DICOM files", _w5),
    "W6": ("verify --headers of 5,000 DICOM files", _w6),
    "W7": ("verify of 5,000 DICOM files", _w7),
    "W9": ("audit --scan of 50,000 files", _w9),
    "W11": ("adopt of 5,000 DICOM files", _adopt),
}


def compare(commands: list[Command], seconds: float) -> None:
    """Run both in turn, which goes first changing, until the time is up."""
    end = time.monotonic() + seconds
    for turn in range(-1, _MOST):
        if turn >= _FEWEST and time.monotonic() > end:
            break
        for command in commands if turn % 2 else commands[::-1]:
            command.prepare()
            os.sync()
            used = once(command)
            if turn >= 0:
                command.add(used)


def row(label: str, new: Command, old: Command) -> tuple[str, float]:
    """Draw a workload's line; give the smaller of its ratios, too."""
    wall, busy = median(new.seconds) / median(old.seconds), median(new.busy) / median(old.busy)
    cells = f"{median(new.seconds):.3f} | {wall:.2f} | {busy:.2f} | {new.memory / old.memory:.2f} | {len(new.seconds)}"
    return f"| {label} | {cells} |", min(wall, busy)


def main() -> int:
    """Compare; 1 where something is slower by both clocks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("revision", nargs="?", default="main")
    parser.add_argument("--only", nargs="*", choices=JOBS, default=list(JOBS))
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--limit", type=float, default=1.10)
    options = parser.parse_args()
    DATA.mkdir(exist_ok=True)
    trees = [
        Tree("ours", environment("ours", HERE)),
        Tree("other", environment("other", checkout(options.revision))),
    ]
    each = options.minutes * 60 * 0.7 / len(options.only)
    slower = []
    with Web() as web, Disk(_BYTES) as disk:
        print(f"this tree against {options.revision}; targets on {disk.kind}\n")
        print("| workload | s | time, this / other | processor | memory | rounds |\n|---|---:|---:|---:|---:|---:|")
        for name in options.only:
            label, make = JOBS[name]
            commands = [make(tree, web.base) for tree in trees]
            compare(commands, each)
            line, ratio = row(f"{name}: {label}" if name[0] == "W" else label, *commands)
            print(line, flush=True)
            slower += [name] if ratio > options.limit else []
            clear()
    print(f"\nslower by both clocks: {', '.join(slower)}" if slower else "\nnothing is slower by both clocks")
    return bool(slower)


if __name__ == "__main__":
    raise SystemExit(main())
