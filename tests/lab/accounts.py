"""Two real accounts of one group, by number: who runs the tests as root can be anybody."""

from __future__ import annotations

import os
import site
import subprocess
import sys
from pathlib import Path
from tempfile import mkdtemp
from typing import NamedTuple

import pytest

from tests.cli.run import Outcome

ADA, BEN, EVE, LAB = 50_001, 50_002, 50_003, 60_000
TOP = Path(__file__).parent.parent.parent
_PROGRAM = "import sys; from fetchers.__main__ import main; sys.exit(main())"


class Account(NamedTuple):
    """One account: its number, its home, the groups that it is of, the interpreter that it may run."""

    uid: int
    home: Path
    python: str
    groups: tuple[int, ...] = (LAB,)

    def fetch(self, *words: str, umask: int = 0o077, **environ: str) -> Outcome:
        """Run `fetch` as this account."""
        done = self.start(*words, umask=umask, **environ)
        out, err = done.communicate(timeout=120)
        return Outcome(done.returncode, out, err)

    def start(self, *words: str, umask: int = 0o077, **environ: str) -> subprocess.Popen[str]:
        """Start `fetch` as this account."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        return subprocess.Popen(
            [self.python, "-c", _PROGRAM, *words],
            env={**kept, "HOME": str(self.home), "FETCH_HOME": str(self.home), "NO_COLOR": "1", **environ},
            user=self.uid,
            group=self.uid,
            extra_groups=self.groups,
            umask=umask,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def interpreter(base: Path) -> str:
    """Find a Python that other accounts may run, with this project in it; skips the test where there is none."""
    if os.geteuid() != 0:
        pytest.skip("only root can be two accounts: run the tests as root to try a lab's store")
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (sys.executable, f"/usr/bin/python{version}"):
        if not Path(candidate).exists():
            continue
        venv = base / "venv"
        subprocess.run([candidate, "-m", "venv", "--without-pip", "--clear", str(venv)], check=True)
        paths = "\n".join([*site.getsitepackages(), str(TOP)])
        (venv / "lib" / f"python{version}" / "site-packages" / "tests.pth").write_text(paths, encoding="utf-8")
        python = str(venv / "bin" / "python")
        tried = (
            subprocess.run(
                [python, "-c", "import fetchers.cli.app"],
                user=ADA,
                group=ADA,
                cwd="/",
                capture_output=True,
                check=False,
            )
            if _enters(python)
            else None
        )
        if tried is not None and tried.returncode == 0:
            return python
    pytest.skip(f"no Python {version} that another account may run with this project's packages")


def _enters(python: str) -> bool:
    """Return True if another account may come to the interpreter and its libraries at all."""
    return all(
        folder.stat().st_mode & 0o001
        for path in (Path(python).resolve(), Path(site.getsitepackages()[0]), TOP)
        for folder in path.parents
    )


def base() -> Path:
    """Make a folder that everybody may enter: those of pytest are root's alone."""
    folder = Path(mkdtemp(prefix="fetch-lab-"))
    folder.chmod(0o755)
    return folder


def account(folder: Path, python: str, uid: int, catalogue: str, groups: tuple[int, ...] = (LAB,)) -> Account:
    """Make an account with a home of its own."""
    home = folder / f"home-{uid}"
    home.mkdir(exist_ok=True)
    (home / "catalogue.toml").write_text(catalogue, encoding="utf-8")
    for path in (home, home / "catalogue.toml"):
        os.chown(path, uid, uid)
    return Account(uid, home, python, groups)
