"""A hundred thousand broken DICOM files: no exception, no hang, and how many there are a second.

    python benchmarks/fuzz_dicom.py [COUNT]

Seeds are pydicom's own test files; each mutant has a few bytes changed, cut out, doubled, or its end cut off.
"""

from __future__ import annotations

import io
import random
import sys
import time
from collections import Counter
from pathlib import Path

from pydicom.data import get_testdata_file

from fetchers.checks.dicom.header_process import HeaderProcess
from fetchers.checks.formats.classify import HEAD, judge

_LARGEST = 200_000  # bytes of a seed
_THROUGH_THE_GUARD = 20  # one mutant in so many may go to the limited process, which is the slow road


def seeds() -> list[bytes]:
    """Give pydicom's shipped files of up to 200 kB."""
    folder = Path(str(get_testdata_file("CT_small.dcm", download=False))).parent
    return [path.read_bytes() for path in sorted(folder.glob("*.dcm")) if path.stat().st_size < _LARGEST]


def mutant(body: bytes, noise: random.Random) -> bytes:
    """Break one file."""
    broken = bytearray(body)
    for _ in range(noise.randint(1, 8)):
        at = noise.randrange(min(len(broken), 4096) or 1)
        kind = noise.randrange(4)
        if kind == 0:
            broken[at : at + 1] = bytes([noise.randrange(256)])
        elif kind == 1:
            del broken[at : at + noise.randint(1, 16)]
        elif kind == 2:  # noqa: PLR2004 - the third kind
            broken[at:at] = broken[at : at + noise.randint(1, 64)]
        else:
            del broken[noise.randint(0, len(broken)) :]
        if not broken:
            break
    return bytes(broken)


def main() -> None:
    """Judge COUNT mutants, 100,000 by default."""
    count = int(sys.argv[1]) if sys.argv[1:] else 100_000
    noise = random.Random(20261125)
    bodies = seeds()
    outcomes: Counter[str] = Counter()
    slowest = 0.0
    start = time.perf_counter()
    with HeaderProcess() as guard:
        for number in range(count):
            body = mutant(bodies[number % len(bodies)], noise)
            before = time.perf_counter()
            judged = judge(
                body[:HEAD],
                name="x.dcm",
                size=len(body),
                container="dicom",
                modalities=("CT", "MR"),
                open_=lambda body=body: io.BytesIO(body),
                guard=guard if number % _THROUGH_THE_GUARD == 0 else None,
            )
            slowest = max(slowest, time.perf_counter() - before)
            outcomes[judged.problems[0].rule if judged.problems else judged.modality or judged.kind] += 1
    seconds = time.perf_counter() - start
    print(f"{count:,} mutants of {len(bodies)} files in {seconds:.0f} s, slowest {slowest:.2f} s, no exception")
    print(", ".join(f"{name} {number:,}" for name, number in outcomes.most_common(12)))


if __name__ == "__main__":
    main()
