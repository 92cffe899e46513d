"""How many DICOM headers a second, by the fast road, by pydicom, and from first byte to verdict?

    python benchmarks/headers.py [FILES]

Files are made of a CT slice of a GE scanner (256 elements) and an MR slice of a Toshiba one (71), each with UIDs of its
own. Every way opens each file and asks for the same nine attributes; rounds are interleaved, medians count.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pydicom import dcmread

from fetchers.checks.dicom.fast_header import walk
from fetchers.checks.dicom.header_process import HeaderProcess
from fetchers.checks.dicom.samples import CT, MR, in_series, scanner_file
from fetchers.checks.formats.classify import HEAD, judge

if TYPE_CHECKING:
    from collections.abc import Callable

_ROUNDS = 5
_GUARDED = 200  # files for the slow road: it is asked for the unusual one only
_WANTED = [
    "SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "Modality", "BodyPartExamined", "Rows",
    "Columns", "NumberOfFrames",
]  # fmt: skip


def made(folder: Path, sample: str, count: int) -> list[Path]:
    """Write `count` files of one series."""
    data = scanner_file(sample)
    paths = []
    for number in range(count):
        path = folder / f"{sample}-{number:06}"
        path.write_bytes(in_series(data, series="2.25.7", instance=f"2.25.{number + 10}"))
        paths.append(path)
    return paths


def read(path: Path) -> None:
    """Open and read, which is the limit."""
    with path.open("rb", buffering=0) as file:
        file.read(HEAD)


def ours(path: Path) -> None:
    """Walk."""
    with path.open("rb", buffering=0) as file:
        head = file.read(HEAD)
    if walk(head, whole=len(head) < HEAD) is None:
        raise SystemExit(f"{path}: not for the fast road")


def judged(path: Path) -> None:
    """Come to a verdict: kind, modality against the declared one, SOP class."""
    with path.open("rb", buffering=0) as file:
        head = file.read(HEAD)
    judge(
        head,
        name=path.name,
        size=path.stat().st_size,
        container="dicom",
        modalities=("CT", "MR"),
        open_=lambda: path.open("rb"),
    )


def theirs(path: Path, *, only: bool = False) -> None:
    """Ask pydicom, for all elements before the pixels or for the nine `only`."""
    dataset = dcmread(path, stop_before_pixels=True, specific_tags=list(_WANTED) if only else None)
    for keyword in _WANTED:
        dataset.get(keyword)


def slow(path: Path, guard: HeaderProcess) -> None:
    """Send it to the limited process."""
    guard.read(path.read_bytes())


def rate(way: Callable[[Path], None], paths: list[Path]) -> float:
    """Files a second."""
    start = time.perf_counter()
    for path in paths:
        way(path)
    return len(paths) / (time.perf_counter() - start)


def main() -> None:
    """Print one table for each scanner."""
    count = int(sys.argv[1]) if sys.argv[1:] else 2000
    with tempfile.TemporaryDirectory() as place, HeaderProcess() as guard:
        for sample in (CT, MR):
            paths = made(Path(place), sample, count)
            slow(paths[0], guard)
            ways: list[tuple[str, Callable[[Path], None], list[Path]]] = [
                ("open and read 64 KiB", read, paths),
                ("the walker", ours, paths),
                ("judge, with the walker", judged, paths),
                ("the limited process", partial(slow, guard=guard), paths[:_GUARDED]),
                ("pydicom, before the pixels", theirs, paths),
                ("pydicom, nine tags only", partial(theirs, only=True), paths),
            ]
            rates: dict[str, list[float]] = {name: [] for name, _, _ in ways}
            for _ in range(_ROUNDS):
                for name, way, some in ways:
                    rates[name].append(rate(way, some))
            theirs_rate = statistics.median(rates["pydicom, before the pixels"])
            print(f"### {sample}, {count:,} files\n\n| way | files/s | x of pydicom |\n|---|---:|---:|")
            for name, found in rates.items():
                print(f"| {name} | {statistics.median(found):,.0f} | {statistics.median(found) / theirs_rate:.1f} |")
            print()


if __name__ == "__main__":
    main()
