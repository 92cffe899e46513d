"""With --on the workers of a real Dask cluster bring the files: the same is held and recorded as without."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from fetchers.storage.record.manifest import Manifest
from tests.cli.run import fetch
from tests.dask_cluster import cluster
from tests.faultd import Answer, Asked, Faultd

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.dask_cluster import Cluster

NAMES = [f"{number:03}.bin" for number in range(90)]


def _zip(names: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, body in names.items():
            archive.writestr(name, body)
    return made.getvalue()


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Run a scheduler and two workers."""
    with cluster(tmp_path_factory.mktemp("dask"), 2) as made:
        yield made


@pytest.fixture
def server() -> Iterator[Faultd]:
    """Serve ninety small files, two zips with a member of one name, and a file that is not there."""
    with Faultd() as made:
        for name in NAMES:
            made.on(f"/{name}", Answer(name.encode() * 50))
        made.on("/a.zip", Answer(_zip({"one.txt": b"of a", "a.txt": b"a"})))
        made.on("/b.zip", Answer(_zip({"one.txt": b"of b", "b.txt": b"b"})))
        yield made


def _home(folder: Path, server: Faultd, names: list[str]) -> Path:
    folder.mkdir(exist_ok=True)
    urls = [server.url(f"/{name}") for name in names]
    rows = "".join(f'[[datasets.lungs.files]]\nurl = "{url}"\n' for url in urls)
    text = f'[datasets.lungs]\ntitle = "Lungs"\naccess = "open"\ncontainer = "mixed"\n{rows}'
    (folder / "catalogue.toml").write_text(text, encoding="utf-8")
    return folder


def _held(home: Path) -> dict[str, tuple[int, str, str, str]]:
    with Manifest.open(home / "cache", write=False) as manifest:
        return {row.path: (row.size, row.sha256, row.remote, row.proof) for row in manifest.files()}


def test_the_same_is_held(tmp_path: Path, server: Faultd, dask: Cluster) -> None:
    """Files, archives, the clash of two members, the failure and the exit status are those of one machine."""
    names = [*NAMES, "a.zip", "b.zip", "gone.bin"]
    alone, spread = _home(tmp_path / "alone", server, names), _home(tmp_path / "spread", server, names)
    first = fetch("get", "lungs", "--json", home=alone)
    server.asked.clear()
    second = fetch("get", "lungs", "--json", "--on", dask.address, home=spread)
    assert (first.status, second.status) == (9, 9), second.err
    assert _held(spread) == _held(alone)
    asked = sorted(one.path for one in server.asked if one.path != "/gone.bin")
    assert asked == sorted(f"/{name}" for name in names if name != "gone.bin")
    one, other = first.document["datasets"][0], second.document["datasets"][0]
    for key in ("files", "bytes", "downloaded_files", "downloaded_bytes", "failed", "exit"):
        assert one[key] == other[key], key
    assert {row["rule"] for row in one["findings"]} == {row["rule"] for row in other["findings"]}
    server.asked.clear()
    again = fetch("get", "lungs", "--json", "--exclude", "gone.bin", "--on", dask.address, home=spread)
    assert (again.status, again.document["datasets"][0]["downloaded_files"]) == (0, 0), again.err
    assert not server.asked
    for wrong in (("--on", "dask:x"), ("--on", "tcp://192.0.2.1:8786", "--offline")):
        assert fetch("get", "lungs", "--exclude", "gone.bin", *wrong, home=spread).status == 2, (
            "though nothing is to do"
        )
    assert fetch("verify", home=spread).status == 0


def test_a_killed_worker_costs_its_piece_a_second_try(tmp_path: Path, server: Faultd) -> None:
    """One of two workers dies while files come: all of them are there, each recorded once."""
    folder = tmp_path / "dask"
    folder.mkdir()
    with cluster(folder, 2) as made:

        def deadly(asked: Asked) -> Answer:
            if not killed:
                killed.append(made.workers[0].pid)
                os.kill(killed[0], signal.SIGKILL)
            return Answer(asked.path.removeprefix("/").encode() * 50)

        killed: list[int] = []
        server.on("/045.bin", deadly)
        home = _home(tmp_path / "home", server, NAMES)
        done = fetch("get", "lungs", "--json", "--on", made.address, home=home)
    assert (done.status, done.document["datasets"][0]["files"]) == (0, len(NAMES)), done.err
    assert fetch("verify", home=home).status == 0
    assert not list((home / "cache" / ".partial").glob("*/body"))


def test_a_scheduler_that_dies_leaves_what_came(tmp_path: Path, server: Faultd) -> None:
    """Some files are held and recorded, the others failed: 9, and the next command brings the rest."""
    folder = tmp_path / "dask"
    folder.mkdir()
    with cluster(folder, 1) as made:

        def deadly(asked: Asked) -> Answer:
            made.end_scheduler()
            return Answer(asked.path.removeprefix("/").encode() * 50)

        server.on("/080.bin", deadly, Answer(b"080.bin" * 50))
        home = _home(tmp_path / "home", server, NAMES)
        done = fetch("get", "lungs", "--json", "--on", made.address, "--timeout", "5", home=home)
    assert done.status == 9, done.err
    assert 0 < done.document["datasets"][0]["files"] < len(NAMES)
    assert fetch("get", "lungs", "--json", home=home).document["datasets"][0]["files"] == len(NAMES)


def test_a_refused_credential_is_refused_once(tmp_path: Path, server: Faultd, dask: Cluster) -> None:
    """The first piece goes alone: a place that says 401 is not asked by every worker."""
    for name in NAMES:
        server.on(f"/{name}", Answer(b"who are you?", status=401))
    home = _home(tmp_path / "home", server, NAMES)
    assert fetch("get", "lungs", "--on", dask.address, home=home).status == 6
    assert len(server.asked) <= 8


def test_ctrl_c_keeps_what_came(tmp_path: Path, server: Faultd, dask: Cluster) -> None:
    """130; what came is recorded, and the same command goes on."""
    home = _home(tmp_path / "home", server, NAMES)
    environ = {**os.environ, "FETCH_HOME": str(home)}
    words = [sys.executable, "-P", "-m", "fetchers", "get", "lungs", "--json", "--on", dask.address]
    with subprocess.Popen(words, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:

        def interrupting(asked: Asked) -> Answer:
            process.send_signal(signal.SIGINT)
            return Answer(asked.path.removeprefix("/").encode() * 50)

        server.on("/050.bin", interrupting, Answer(b"050.bin" * 50))
        process.communicate(timeout=60)
    assert process.returncode == 130
    done = fetch("get", "lungs", "--json", home=home)
    assert (done.status, done.document["datasets"][0]["files"]) == (0, len(NAMES))
