"""Run the program as an account that is not this one; only root can."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

MALLORY, ADA = 61_234, 61_235  # accounts without a name
IS_ROOT = os.geteuid() == 0 and shutil.which("setpriv") is not None
needs_accounts = pytest.mark.skipif(not IS_ROOT, reason="only root can act as two other accounts")


def give(path: Path, user: int) -> Path:
    """Return a folder with all that is in it to an account."""
    for one in (path, *path.rglob("*")):
        os.chown(one, user, user, follow_symlinks=False)
    return path


def fetch_as(user: int, *words: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run `fetch` as an account; its home is `/nonexistent` unless `HOME` is given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FETCH_", "PYTHON", "XDG_"))}
    program = "import sys; sys.path.insert(0, sys.argv.pop(1)); from fetchers.__main__ import main; main()"
    package = str(Path(__file__).parents[2])
    return subprocess.run(
        [
            *("setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"),
            *(sys.executable, "-P", "-c", program, package, *words),
        ],
        cwd=cwd,
        env={**kept, "HOME": "/nonexistent", "LOGNAME": str(user), "PYTHONDONTWRITEBYTECODE": "1", **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
