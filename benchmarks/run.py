"""All that is measured, in one command: `make bench`. Under an hour on two cores; writes the tables of README.md anew.

Each script can be run by itself, with `--help`. A table of README.md takes the place of the one under the same heading
(up to its colon); what stands there in words stays.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
README = HERE / "README.md"
SCRIPTS = (
    ("transfers.py", "W1", "W2", "W3", "W5", "W8", "--rounds", "3"),
    ("keeping.py", "--rounds", "3"),
    ("rivals.py", "--rounds", "2", "--share", "0.2"),
    ("growth.py", "1000", "10000", "100000"),
    ("record.py", "1000000"),
    ("transfers.py", "W4", "--rounds", "1"),
    ("headers.py",),
    ("fuzz_dicom.py",),
    ("listing.py", "--series", "100000"),
)
_MOST = 55 * 60  # seconds; what has no time left is named
_TABLE = re.compile(r"(?:^[|].*\n)+(?:\n\(The disk in these rounds.*\n)?", re.MULTILINE)


def updated(readme: str, output: str) -> str:
    """Put the tables of `output` in the place of those under the same headings."""
    for section in re.split(r"(?m)^(?=### )", output):
        title, _, rest = section.partition("\n")
        found = _TABLE.search(rest)
        name = title.partition(":")[0]
        start = re.search(rf"(?m)^{re.escape(name)}\b.*\n", readme)
        if not title.startswith("### ") or found is None or start is None:
            continue
        old = _TABLE.search(readme, start.end())
        if old is not None:
            readme = (
                readme[: start.start()]
                + title
                + "\n"
                + readme[start.end() : old.start()]
                + found[0]
                + readme[old.end() :]
            )
    return readme


def main() -> None:
    """Run one after the other; a script that fails does not stop the others."""
    end = time.monotonic() + _MOST
    failed = []
    for name, *words in SCRIPTS:
        left = end - time.monotonic()
        argv = [sys.executable, HERE / name, *words]
        try:
            ran = subprocess.run(argv, check=False, stdout=subprocess.PIPE, text=True, timeout=max(left, 1))
        except subprocess.TimeoutExpired:
            failed.append(f"{name} (no time left)")
            continue
        print(ran.stdout, flush=True)
        failed += [name] if ran.returncode else []
        README.write_text(updated(README.read_text("utf-8"), ran.stdout), encoding="utf-8")
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
