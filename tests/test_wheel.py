"""The built wheel works without the source tree."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel and install it into a fresh environment that sees our dependencies, but not the source tree."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-P", "-m", "pip", "wheel", "-qq", "--no-deps", "--no-build-isolation", "-w"]
    subprocess.run([*build, folder, ROOT], check=True, timeout=300)
    (wheel,) = folder.glob("fetch_imaging-*.whl")
    subprocess.run([sys.executable, "-P", "-m", "venv", "--without-pip", folder / "env"], check=True, timeout=120)
    made = folder / "env" / "bin" / "python"
    (packages,) = (folder / "env" / "lib").glob("python*/site-packages")
    # A path named in a .pth file does not have its own .pth files read: the editable install stays out of sight.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    install = [sys.executable, "-P", "-m", "pip", "--python", str(made), "install", "-qq", "--no-deps", str(wheel)]
    subprocess.run(install, check=True, timeout=300)
    return made


def run(python: Path, *words: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run the installed command in an empty folder."""
    return subprocess.run(
        [python.parent / "fetch", *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=home,
        env={**os.environ, "FETCH_HOME": str(home)},
        timeout=120,
    )


def test_the_wheel_is_what_runs(python: Path, tmp_path: Path) -> None:
    """The package comes from the wheel, and so does its catalogue."""
    program = "import fetchers; print(fetchers.__file__)"
    done = subprocess.run([python, "-P", "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert Path(done.stdout.strip()).is_relative_to(python.parent.parent)


def test_the_wheel_has_its_catalogue(python: Path, tmp_path: Path) -> None:
    """`fetch list` knows the datasets."""
    done = run(python, "list", "--json", home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert {"shenzhen", "montgomery", "tcia"} <= {row["dataset"] for row in json.loads(done.stdout)}


def test_the_wheel_tells_the_whole_story(python: Path, tmp_path: Path) -> None:
    """`fetch demo` downloads, verifies, audits and reports with what the wheel brings."""
    done = run(python, "demo", home=tmp_path)
    assert done.returncode == 0, done.stderr
