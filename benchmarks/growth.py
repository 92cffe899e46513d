"""How does the cost of one file grow with the number of files?

    python benchmarks/growth.py [1000 10000 100000 1000000]
    python benchmarks/growth.py --listed [1000 10000 100000]
    python benchmarks/growth.py --list-file [100000 1000000]

For each number: so many files of 1 KiB, fetched from nginx on loopback, asked for again, verified, audited and counted.
They stand in the listing of a bucket, which is read as a stream, or, with `--listed`, in the catalogue itself, or, with
`--list-file`, in a table beside it (`files_from`). Prints a
table of microseconds per file and of the memory of the largest process, and draws the bucket's as `growth.svg`.
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
_BODY = b"x" * 1024
_PAGE = 1000
_DATASET = '[datasets.bench]\ntitle = "bench"\naccess = "open"\ncontainer = "mixed"\n'
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


def listed(home: Path, count: int, base: str) -> None:
    """Write a catalogue of `count` files with the same bytes under names of their own."""
    digest = hashlib.sha256(_BODY).hexdigest()
    with (home / "catalogue.toml").open("w", encoding="utf-8") as file:
        file.write(_DATASET)
        for number in range(count):
            path = _path(number)
            file.write(f'[[datasets.bench.files]]\nurl = "{base}/tiny/{path}"\npath = "{path}"\nsize = {len(_BODY)}\n')
            file.write(f'sha256 = "{digest}"\n')


def list_file(home: Path, count: int, base: str) -> None:
    """Write a catalogue that names a file beside it, with a row for each of `count` files."""
    digest = hashlib.sha256(_BODY).hexdigest()
    (home / "catalogue.toml").write_text(f'{_DATASET}files_from = "list.csv"\n', encoding="utf-8")
    with (home / "list.csv").open("w", encoding="utf-8") as file:
        file.write("url,path,size,sha256\n")
        for number in range(count):
            path = _path(number)
            file.write(f"{base}/tiny/{path},{path},{len(_BODY)},{digest}\n")


def bucket(home: Path, count: int, base: str) -> None:
    """Write a catalogue that names a bucket, and the pages of the bucket's listing, a thousand keys to each."""
    options = f'[datasets.bench.options]\nbucket = "bucket{count}"\nendpoint = "{base}"\n'
    (home / "catalogue.toml").write_text(f'{_DATASET}source = "s3"\n{options}', encoding="utf-8")
    pages = DATA / f"pages-{count}"
    pages.mkdir(exist_ok=True)
    for start in range(0, count, _PAGE):
        more = start + _PAGE < count
        token = f"<NextContinuationToken>{start // _PAGE + 1}</NextContinuationToken>" if more else ""
        keys = "".join(
            f"<Contents><Key>{_path(number)}</Key><Size>{len(_BODY)}</Size></Contents>"
            for number in range(start, min(start + _PAGE, count))
        )
        text = f"<ListBucketResult><IsTruncated>{str(more).lower()}</IsTruncated>{token}{keys}</ListBucketResult>"
        (pages / f"{start // _PAGE}.xml").write_text(text, encoding="ascii")


def _path(number: int) -> str:
    return f"{number // 1000:04}/{number:07}.bin"


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
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "growth"
    from matplotlib import pyplot as plt

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
    parser.add_argument("--listed", action="store_true")
    parser.add_argument("--list-file", action="store_true")
    options = parser.parse_args()
    rows: dict[int, dict[str, tuple[float, float]]] = {}
    with Web() as web, Disk():
        (DATA / "tiny.bin").write_bytes(_BODY)
        for count in options.counts:
            home = DATA / "home-growth"
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir()
            write = listed if options.listed else list_file if options.list_file else bucket
            write(home, count, web.base)
            rows[count] = measured(home, MOUNT / f"growth-{count}")
    print(table(rows))
    if not (options.listed or options.list_file):
        draw(rows)


if __name__ == "__main__":
    main()
