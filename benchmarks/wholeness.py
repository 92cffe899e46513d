"""Are real files judged right, and is any cut one missed?

    python benchmarks/wholeness.py [--cuts N]

Real files are those that PyPI packages ship for their own tests: pydicom, pydicom-data, nibabel, tifffile, Pillow,
highdicom, as far as they are installed. Each is judged whole; then it is cut at N places, and each piece is judged.
"""

from __future__ import annotations

import argparse
import importlib.util
import io
import random
from collections import Counter, defaultdict
from pathlib import Path

from fetchers.checks.dicom import fast_header, signature
from fetchers.checks.formats import completeness
from fetchers.checks.formats.sniff import sniff

PACKAGES = ("pydicom", "data_store", "nibabel", "tifffile", "PIL", "highdicom")
HEAD = 1 << 16
MOST = 4 << 20  # bytes of a file that is cut a thousand times
# Cut off, or stripped of their pixel data, by those who ship them, and said to be so.
CUT = frozenset(("MR_truncated.dcm", "rtplan_truncated.dcm", "emri_small_jpeg_2k_lossless_too_short.dcm"))
STRIPPED = "it has no pixel data"


def files() -> list[Path]:
    """List the real files."""
    found = []
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            found += [path for path in Path(folder).rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")]
    return sorted(set(found))


def judged(data: bytes) -> tuple[str, str, str]:
    """Say what kind of content it is, and what its format says of its end, and why."""
    head = data[:HEAD]
    kind = "dicom" if signature.looks_like(head) else sniff(head, len(data))
    walked = fast_header.walked(head, whole=len(data) <= HEAD) if kind == "dicom" else None
    found = completeness.ending(kind, lambda: io.BytesIO(data), len(data), head, walked)
    return kind, found.state, found.why


def main() -> None:
    """Print a table, and name what was judged wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cuts", type=int, default=1000)
    options = parser.parse_args()
    dice, rows, odd = random.Random(16), defaultdict(Counter), []
    for path in files():
        data = path.read_bytes()
        kind, state, why = judged(data)
        if not completeness.knows_its_end(kind) or not data:
            continue
        row = rows[kind]
        row["files"] += 1
        expected = "cut" if path.name in CUT or STRIPPED in why else "whole"
        row["right" if state == expected else "unknown" if state == "unknown" else "false alarm"] += 1
        if state != expected:
            odd.append(f"{path.name}: {kind} {state}")
        if state == "whole" and len(data) <= MOST:
            for at in {dice.randrange(1, len(data)) for _ in range(options.cuts)}:
                piece_kind, piece, _ = judged(data[:at])
                row["cuts"] += 1
                row["missed"] += piece == "whole" and piece_kind == kind
    print("| format | files | right | unknown | false alarm | cuts | missed |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for kind, row in sorted(rows.items()):
        cells = [row[name] for name in ("files", "right", "unknown", "false alarm", "cuts", "missed")]
        print(f"| {kind} | " + " | ".join(f"{cell:,}" for cell in cells) + " |")
    print("\n".join(odd))


if __name__ == "__main__":
    main()
