"""Ctrl-C reaches every process of the group at once: one sentence, one status, whenever it comes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.commands import fetch
from tests.faults import bench

_MOMENTS = 40 if bench.FULL else 6
_CATALOGUE = '[datasets.world]\ntitle = "World"\naccess = "open"\ncontainer = "mixed"\n'


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Hold so many files that processes check them."""
    folder = tmp_path_factory.mktemp("many")
    brought, home = folder / "brought", folder / "home"
    for number in range(3000):
        path = brought / f"{number // 100:02}" / f"{number:04}.bin"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"%04d" % number * 2000)
    home.mkdir()
    (home / "catalogue.toml").write_text(_CATALOGUE, encoding="utf-8")
    assert fetch(home, "adopt", "world", str(brought)).status == 0
    return home


def _wait_for_work(process: subprocess.Popen[str]) -> None:
    """Wait until it has opened the record."""
    opened = Path(f"/proc/{process.pid}/fd")
    until = time.monotonic() + 10
    while process.poll() is None and time.monotonic() < until:
        with suppress(OSError):
            if any(str(link.readlink()).endswith("manifest.sqlite") for link in opened.iterdir()):
                return
        time.sleep(0.002)


@pytest.mark.slow
@pytest.mark.parametrize("words", [["verify", "world"], ["audit", "world", "--scan"]], ids=["verify", "scan"])
def test_ctrl_c_is_one_sentence(home: Path, words: list[str]) -> None:
    """Also while processes are being started, where Python may lose it."""
    if words[-1] == "--scan":
        words = [*words, str(home.parent / "brought")]
    interrupted = 0
    for moment in range(_MOMENTS):
        process = subprocess.Popen(
            [sys.executable, "-m", "fetchers", "--home", str(home), *words],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
            text=True,
        )
        _wait_for_work(process)
        time.sleep(moment * 0.3 / _MOMENTS)
        os.killpg(process.pid, signal.SIGINT)
        said = process.communicate(timeout=20)[1]
        assert "Traceback" not in said
        assert "killed" not in said
        assert process.returncode in (0, 130, -signal.SIGINT), (
            said
        )  # so early that Python itself was not up, or too late
        interrupted += process.returncode == 130
    assert interrupted, "it was never caught at work: the test has no teeth"
