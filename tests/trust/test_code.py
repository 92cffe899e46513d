"""Nothing that lies in the current folder, a workspace or a store is imported or run."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.uid import DeflatedExplicitVRLittleEndian

import fetchers

PACKAGE = Path(fetchers.__file__).parent
STARTERS = {"Popen", "run", "call", "check_call", "check_output", "system", "popen", "posix_spawn", "posix_spawnp"}
# Modules that the program, its worker and its libraries import; each would note that it was run.
HOSTILE = [
    *("click", "pydicom", "resource", "httpx", "pycurl", "tomli", "json", "re", "typing", "random", "sqlite3", "zlib"),
    *("platformdirs", "jinja2", "PIL", "numpy", "tqdm", "sitecustomize", "usercustomize", "certifi", "struct", "email"),
]


def _hostile(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    for name in HOSTILE:
        (folder / f"{name}.py").write_text(f"open({str(folder / 'RAN')!r}, 'a').write({name!r} + '\\n')\n")
    return folder / "RAN"


def _run(*words: str, cwd: Path, home: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FETCH_", "PYTHON"))}
    return subprocess.run(
        [sys.executable, "-m", "fetchers", *words],
        cwd=cwd,
        env={**kept, "FETCH_HOME": str(home), **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize("words", ["list", "--help", "status --json", "doctor", "cite shenzhen"])
def test_a_module_of_the_current_folder_is_not_run(tmp_path: Path, words: str) -> None:
    """By `python -m fetchers`, which puts that folder first; what Python itself loads before us is not ours."""
    ran = _hostile(tmp_path / "here")
    done = _run(*words.split(), cwd=tmp_path / "here", home=tmp_path / "home")
    assert done.returncode == 0, done.stderr
    assert not ran.exists(), ran.read_text()


@pytest.mark.parametrize("said", ["", ".", ":/nowhere", "/nowhere:"])
def test_nor_by_a_module_path_that_names_it(tmp_path: Path, said: str) -> None:
    """An empty entry of PYTHONPATH is the current folder; what Python does before our first line is not ours."""
    ran = _hostile(tmp_path / "here")
    for early in ("sitecustomize", "usercustomize", "re", "typing", "json", "struct", "random", "zlib", "resource"):
        (tmp_path / "here" / f"{early}.py").unlink()
    done = _run("list", cwd=tmp_path / "here", home=tmp_path / "home", PYTHONPATH=said)
    assert done.returncode == 0, done.stderr
    assert not ran.exists(), ran.read_text()


@pytest.mark.parametrize("words", [("adopt", "mine", "."), ("verify", "--headers"), ("verify", "--phi")], ids=" ".join)
def test_the_reader_of_headers_is_not_led_astray(tmp_path: Path, words: tuple[str, ...]) -> None:
    """It is a process of its own, started while the current folder is full of a stranger's modules."""
    home, here = tmp_path / "home", tmp_path / "here"
    home.mkdir()
    (home / "catalogue.toml").write_text(
        '[datasets.mine]\ntitle = "Mine"\naccess = "open"\ncontainer = "mixed"\nmodalities = ["CT"]\n'
    )
    here.mkdir()
    # Deflated: no header that the fast way reads, so the worker is asked.
    image = pydicom.dcmread(str(get_testdata_file("CT_small.dcm")))
    image.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    image.save_as(here / "x.dcm", enforce_file_format=True)
    if words[0] == "verify":
        assert _run("adopt", "mine", str(here / "x.dcm"), cwd=tmp_path, home=home).returncode in (0, 4)
    ran = _hostile(here)
    done = _run(*words, cwd=here, home=home)
    assert done.returncode in (0, 4, 9), done.stderr
    assert not ran.exists(), ran.read_text()


def _started(tree: ast.AST) -> list[tuple[int, str, ast.Call]]:
    return [
        (node.lineno, node.func.attr, node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("subprocess", "os")
        and (node.func.attr in STARTERS or node.func.attr.startswith(("exec", "spawn")))
    ]


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_process_is_started_safely(path: Path) -> None:
    """A Python process by `own_process.command`, which says `-P`; nothing by `spawn`, which imports the main module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for line, name, call in _started(tree):
        text = ast.unparse(call)
        if path.stem == "own_process" and name == "execve":
            continue  # this very command once more, as it was typed: it begins where it began
        if path.stem == "system_process" and "'/bin/ps'" in path.read_text(encoding="utf-8").replace('"', "'"):
            continue  # no Python, and named by its whole path
        assert "own_process.command(" in text, f"{path.name}:{line}: subprocess.{name} without own_process.command"
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value in ("spawn", "forkserver"):
            raise AssertionError(f"{path.name}:{node.lineno}: {node.value} starts Python without -P")
