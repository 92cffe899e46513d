"""What does it cost to let two local Dask workers do the work, and how many rows does the one writer commit?

    python benchmarks/cluster.py [--rounds N] [--files N]

The embedded default and `--on` run in turn, whole processes, the same home. The cluster runs before the clock starts.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent))

from disk import Disk, empty
from timing import Command, race, table
from transfers import ours, workspace
from web import DATA, Web, dicom_folder, many

from fetchers.storage.record.manifest import Manifest
from tests.dask_cluster import cluster
from tests.storage.record import arrival, held

FETCH = str(Path(sys.executable).with_name("fetch"))
_PIECES = 400


def verify(address: str, files: int, rounds: int) -> str:
    """Race the hash of `files` DICOM files: W7's job."""
    home = DATA / f"home-cluster-{files}"
    if not (home / "cache" / "manifest.sqlite").exists():
        import subprocess

        home.mkdir(parents=True)
        (home / "catalogue.toml").write_text(
            '[datasets.bench]\ntitle = "bench"\naccess = "open"\ncontainer = "dicom"\nmodalities = ["CT"]\n', "utf-8"
        )
        subprocess.run([FETCH, "--home", str(home), "--quiet", "adopt", "bench", str(dicom_folder(files))], check=True)
    words = [FETCH, "--home", str(home), "--quiet", "verify", "bench"]
    commands = [Command("fetch verify", words), Command("fetch verify --on", [*words, "--on", address])]
    race(commands, rounds)
    return table(f"verify of {files:,} files, two workers", commands, {})


def get(address: str, name: str, count: int, size: int, rounds: int) -> str:
    """Race the download of `count` files of `size` bytes from nginx: W1's and W3's job."""
    with Web() as web:
        home = workspace(f"cluster-{name}", many(name, count, size), web.base)
        words = [*ours(home).argv]
        commands = [Command("fetch get", words, empty), Command("fetch get --on", [*words, "--on", address], empty)]
        race(commands, rounds)
    return table(f"get of {count:,} files of {size >> 10:,} KiB, two workers", commands, {})


def overhead(address: str) -> str:
    """Time pieces of work that do nothing, one after the other in batches."""
    from fetchers.workers.cluster import cluster as joined

    with tempfile.TemporaryDirectory() as folder:
        before = time.perf_counter()
        with joined(address, store=Path(folder), timeout=30, offline=False, say=print) as executor:
            connected = time.perf_counter()
            waiting = [executor.submit(len, [0] * 500) for _ in range(_PIECES)]
            for one in waiting:
                one.result()
            each = (time.perf_counter() - connected) / _PIECES
    return f"to join (import of Dask included): {connected - before:.1f} s; a piece that does nothing: {1000 * each:.1f} ms"


def commits(rounds: int) -> str:
    """Commit rows in groups as `get` does, and say how many a second."""
    lines = []
    for group in (32, 1000):
        rates = []
        for _ in range(rounds):
            with tempfile.TemporaryDirectory(dir=DATA) as folder, Manifest.open(Path(folder), write=True) as manifest:
                start = time.perf_counter()
                for first in range(0, 20 * group, group):
                    numbers = range(first, first + group)
                    manifest.record([arrival(number) for number in numbers], [held(number) for number in numbers])
                rates.append(20 * group / (time.perf_counter() - start))
        lines.append(f"rows a second, {group} to a commit: {statistics.median(rates):,.0f}")
    return "\n".join(lines)


def main() -> None:
    """Print all of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--files", type=int, default=20_000)
    given = parser.parse_args()
    DATA.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, cluster(Path(folder), 2) as made:
        time.sleep(5)  # both workers are there
        print(overhead(made.address))
        print(verify(made.address, given.files, given.rounds))
        with Disk():
            print(get(made.address, "big", 1, 1 << 30, given.rounds))
            print(get(made.address, "few", 2_000, 256 << 10, given.rounds))
    print(commits(given.rounds))


if __name__ == "__main__":
    main()
