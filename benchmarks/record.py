"""How large may the record grow? A million rows: what recording, looking and diagnosing cost.

    python benchmarks/record.py [FILES] [--keep DIR]

Each job runs in a process of its own, with its start included; memory is the largest that the process had. The targets:
300 MB, 0.3 s for `status`, 10 s for `report`.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from fetchers.records import Arrival, Event, Header, HeldFile, Wanted
from fetchers.storage.record.manifest import Manifest

DAY = "2026-11-25T08:00:00Z"
PER_SERIES = 50
MEMORY, STATUS, REPORT = 300 << 20, 0.3, 10.0

_OPEN = "import pathlib, sys; from fetchers.storage.record.manifest import Manifest; store = pathlib.Path(sys.argv[1]) / 'cache';"
_PART = f"{_OPEN} m = Manifest.open(store, write=False); a = ('tcia', 'part-0007');"
_REBUILD = (  # the rows have no files here: the size that the disk would tell stands in the name
    "import pathlib, sys; from fetchers.storage.record import transaction, manifest;"
    " transaction._size = lambda path: int(path.name.partition('-')[0]);"
    " print(manifest.rebuild(pathlib.Path(sys.argv[1]) / 'cache'))"
)
JOBS = {
    "fetch status": [sys.executable, "-m", "fetchers", "status", "--json"],
    "fetch status part-0007": [sys.executable, "-m", "fetchers", "status", "tcia/part-0007", "--json"],
    "fetch report": [sys.executable, "-m", "fetchers", "report", "--html", "/dev/stdout"],
    "fetch list --held": [sys.executable, "-m", "fetchers", "list", "--held", "--json"],
    "holdings()": [sys.executable, "-c", f"{_OPEN} print(len(Manifest.open(store, write=False).holdings()))"],
    "files(), all": [sys.executable, "-c", f"{_OPEN} print(sum(1 for _ in Manifest.open(store, write=False).files()))"],
    "sizes(), arrivals() of one part": [
        *(sys.executable, "-c"),
        f"{_PART} print(sum(1 for _ in m.sizes(*a)), sum(1 for _ in m.checksums(*a)))",
    ],
    "faults(), everything compared": [
        *(sys.executable, "-c"),
        f"{_OPEN} m = Manifest.open(store, write=False); print(m.faults(), m.chain_faults())",
    ],
    "rebuild()": [
        *(sys.executable, "-c"),
        _REBUILD,
    ],
}


def held(number: int, part: str) -> HeldFile:
    """Make one DICOM file's row; its name begins with its size."""
    return HeldFile(
        dataset="tcia",
        part=part,
        path=f"2.25.{number // PER_SERIES}/{500_000 + number % 1000}-{number:07}.dcm",
        size=500_000 + number % 1000,
        sha256=f"{number * 0x9E3779B97F4A7C15 % 2**64:064x}",
        mtime_ns=1_700_000_000_000_000_000 + number,
        kind="dicom",
        origin="downloaded",
        remote=f"2.25.{number // PER_SERIES}.zip",
        acquired_at=DAY,
        proof="checksum",
        licence=("CC-BY-3.0", "CC-BY-4.0")[number // PER_SERIES % 2],
        declared="CT",
        header=Header(
            sop_class="1.2.840.10008.5.1.4.1.1.2",
            sop_instance=f"1.3.6.1.4.1.14519.5.2.1.{number:024}",
            study=f"1.3.6.1.4.1.14519.5.2.1.{number // 500:024}",
            series=f"1.3.6.1.4.1.14519.5.2.1.{number // PER_SERIES:024}",
            modality="CT",
            body_part="CHEST",
            transfer_syntax="1.2.840.10008.1.2.1",
            rows=512,
            columns=512,
        ),
    )


def arrival(number: int, part: str) -> Arrival:
    """Make one series' row."""
    return Arrival(
        dataset="tcia",
        part=part,
        path=f"2.25.{number}.zip",
        url=f"https://services.example.org/getImage?SeriesInstanceUID=2.25.{number}",
        size=25_000_000,
        sha256=f"{number:064x}",
        checksum=f"md5:{number:032x}",
        files=PER_SERIES,
        images=PER_SERIES,
        series=f"2.25.{number}",
        licence="CC-BY-4.0",
        arrived_at=DAY,
    )


def fill(store: Path, files: int) -> float:
    """Record `files` rows in batches of 400 as a run does, a fifth as many wanted ones, some events; give seconds."""
    started = time.perf_counter()
    with Manifest.open(store, write=True) as manifest:
        for start in range(0, files, 400):
            part = f"part-{start // 10_000:04}"
            numbers = range(start, min(start + 400, files))
            series = sorted({number // PER_SERIES for number in numbers})
            manifest.record([arrival(number, part) for number in series], [held(number, part) for number in numbers])
        for start in range(0, files // 5, 10_000):
            manifest.want(
                Wanted(
                    dataset="tcia",
                    part=f"wanted-{start // 50_000}",
                    path=f"{number}.zip",
                    url=f"https://services.example.org/{number}",
                    size=1000,
                    checksum=None,
                    state="queued",
                    message=None,
                    at=DAY,
                )
                for number in range(start, start + 10_000)
            )
        manifest.append([_event(number) for number in range(1000)])
    return time.perf_counter() - started


def _event(number: int) -> Event:
    data = {"number": number}
    return Event(
        seq=0, at=DAY, who="ada", what="applied", dataset="adni", part=None, key=None, on="2026-11-25", data=data
    )


def run(argv: list[str], home: Path) -> tuple[float, int, bool]:
    """Run one job; give seconds, the largest memory in bytes, and whether it ended well."""
    started = time.perf_counter()
    child = os.posix_spawn(
        argv[0],
        [*argv, str(home)] if "-c" in argv else argv,
        {**os.environ, "FETCH_HOME": str(home)},
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
    )
    _, status, used = os.wait4(child, 0)
    return time.perf_counter() - started, used.ru_maxrss << 10, status == 0


def main() -> int:
    """Print the table; 1 where a target is missed."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    asked.add_argument("files", nargs="?", type=int, default=1_000_000)
    asked.add_argument("--keep", type=Path, help="a folder to build it in, and to leave it in")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="record-") as folder:
        home = given.keep or Path(folder)
        missed = measure(home, given.files)
    print("all targets met" if not missed else f"MISSED: {', '.join(missed)}")
    return bool(missed)


def measure(home: Path, files: int) -> list[str]:
    """Fill a record and run the jobs; give what missed its target."""
    seconds = fill(home / "cache", files)
    sizes = {path.name: path.stat().st_size >> 20 for path in sorted((home / "cache").glob("manifest.*"))}
    print(f"{files:,} files recorded in {seconds:.1f} s ({files / seconds:,.0f}/s), MiB: {sizes}")
    print(f"{'job':34} {'seconds':>8} {'MB':>6}")
    missed = []
    for name, argv in JOBS.items():
        took, memory, well = min(run(argv, home) for _ in range(1 if "()" in name else 3))
        print(f"{name:34} {took:8.2f} {memory / 1e6:6.0f}{'' if well else '  FAILED'}")
        if not well or memory > MEMORY or ("status" in name and took > STATUS) or ("report" in name and took > REPORT):
            missed.append(name)
    return missed


if __name__ == "__main__":
    raise SystemExit(main())
