"""All that is measured, in one command: `make bench`. Takes about half an hour on two cores; tables go to stdout.

The figures in benchmarks/README.md come from here. Each script can be run by itself, with `--help`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPTS = (
    "transfers.py",
    "keeping.py",
    "growth.py",
    "record.py",
    "corpus.py",
    "listing.py",
    "headers.py",
    "fuzz_dicom.py",
    "mutants.py",
)


def main() -> None:
    """Run what is there, one after the other; a script that fails does not stop the others."""
    here = Path(__file__).parent
    failed = [
        name
        for name in SCRIPTS
        if (here / name).exists() and subprocess.run([sys.executable, here / name], check=False).returncode
    ]
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
