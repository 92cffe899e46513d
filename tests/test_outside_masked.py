"""On a plain POSIX system, without the calls that Linux has beyond it: the whole command, and each stand-in."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fetchers import system, system_process
from fetchers.storage.safe_folder import SafeFolder
from tests.faultd import Faultd, file

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent.parent
MORE = 200


@pytest.fixture
def masked() -> Iterator[None]:
    """Hide all that a system may lack."""
    system.hide(*system.names)
    yield
    system.hide()


def run(home: Path, *words: str, status: int = 0) -> dict[str, Any]:
    """Run a verb on the masked system; return its document."""
    argv = [sys.executable, "-m", "tests.masked", "--home", str(home), "--json", *words]
    ran = subprocess.run(argv, cwd=HERE, capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == status, ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def test_a_dataset_lives_from_get_to_release(tmp_path: Path) -> None:
    """Two hundred files and a zip: fetched, fetched again, verified, adopted beside, audited, destroyed."""
    bodies = {f"{number:03}.csv": f"row {number}\n".encode() * 50 for number in range(MORE)}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("in/a.csv", b"1,2\n3,4\n")
    bodies["x.zip"] = packed.getvalue()
    lines = ["[datasets.mine]", 'title = "mine"', 'access = "open"', 'container = "mixed"', 'licence = "CC-BY-4.0"']
    with Faultd() as server:
        for name, body in bodies.items():
            server.on(f"/{name}", file(body))
            lines += ["[[datasets.mine.files]]", f'url = "{server.url(f"/{name}")}"', f'path = "{name}"']
            lines += [f"size = {len(body)}", f'sha256 = "{hashlib.sha256(body).hexdigest()}"']
        (tmp_path / "catalogue.toml").write_text("\n".join(lines), encoding="utf-8")
        assert run(tmp_path, "get", "mine")["datasets"][0]["files"] == MORE + 1
        assert run(tmp_path, "get", "mine")["datasets"][0]["downloaded_bytes"] == 0
    assert run(tmp_path, "verify", "mine")["checked_files"] == MORE + 1
    (tmp_path / "brought").mkdir()
    (tmp_path / "brought" / "more.csv").write_bytes(b"5,6\n")
    run(tmp_path, "adopt", "mine", str(tmp_path / "brought"), "--link")
    held = tmp_path / "cache" / "mine"
    (held / "000.csv").chmod(0o644)
    (held / "000.csv").write_bytes(b"other")
    assert run(tmp_path, "verify", "mine", status=4)["findings"]
    audited = run(tmp_path, "audit", "mine", "--scan", str(tmp_path / "brought"))
    assert audited["scanned_files"] == 1
    assert "copy-modified" in {finding["rule"] for finding in audited["findings"]}
    run(tmp_path, "release", "mine", "--yes")
    assert not list(held.rglob("*.csv"))


@pytest.mark.usefixtures("masked")
def test_a_taken_name_is_refused(tmp_path: Path) -> None:
    """By a hard link in place of the call."""
    (tmp_path / "a").write_bytes(b"a")
    (tmp_path / "b").write_bytes(b"b")
    with SafeFolder(tmp_path) as folder:
        with pytest.raises(FileExistsError):
            folder.rename("a", "b", replace=False)
        folder.rename("a", "c", replace=False)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"b": b"b", "c": b"a"}


@pytest.mark.usefixtures("masked")
def test_an_open_file_that_was_replaced_gets_no_second_name(tmp_path: Path) -> None:
    """Its name leads elsewhere by now: the other file is not taken for it."""
    path = tmp_path / "a"
    path.write_bytes(b"a")
    with SafeFolder(tmp_path) as folder, path.open("rb") as file:
        folder.link(file.fileno(), "b", path)
        (tmp_path / "new").write_bytes(b"other")
        (tmp_path / "new").replace(path)
        with pytest.raises(OSError, match="replaced"):
            folder.link(file.fileno(), "c", path)
    assert (tmp_path / "b").read_bytes() == b"a"
    assert not (tmp_path / "c").exists()


@pytest.mark.parametrize("hidden", [(), ("access",)])
def test_a_dangling_link_is_something(tmp_path: Path, hidden: tuple[str, ...]) -> None:
    """A name that is taken by a link to nowhere is taken."""
    system.hide(*hidden)
    (tmp_path / "link").symlink_to("nowhere")
    with SafeFolder(tmp_path) as folder:
        assert not folder.nothing_at("link")
        assert folder.nothing_at("other")
    system.hide()


def test_ps_knows_what_proc_knows() -> None:
    """The letter of the state, and a start that stays the same; of a dead process nothing."""
    with subprocess.Popen(["sleep", "60"]) as process:
        system.hide("proc")
        first = system_process.process_state(process.pid)
        assert first[0] in "SRD"
        assert first[1].isdigit()
        assert system_process.process_state(process.pid) == first
        process.kill()
        process.wait()
        assert system_process.process_state(process.pid) == ("", "0")
        system.hide()
        assert system_process.process_state(os.getpid())[0] == "R"


def test_without_prctl_a_process_ends_with_its_parent(tmp_path: Path) -> None:
    """A parent that is killed takes its child with it within a second."""
    script = (
        "import os, sys, time\n"
        "from fetchers import system, system_process\n"
        "system.hide(*system.names)\n"
        "parent = os.getpid()\n"
        "if os.fork() == 0:\n"
        "    system_process.die_with_parent(parent)\n"
        f"    open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], cwd=HERE) as process:
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
            time.sleep(0.02)
        child = int((tmp_path / "pid").read_text())
        process.kill()
        process.wait()
    end = time.monotonic() + 10
    while system_process.process_state(child)[0] not in ("", "Z"):
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.mark.usefixtures("masked")
def test_cores_are_counted() -> None:
    """All that there are, where nobody says which we may use."""
    assert system_process.cores() == os.cpu_count()


def test_windows_is_told_of_wsl() -> None:
    """In a sentence, at start, by the command and by the functions."""
    script = "import sys; sys.platform = 'win32'; import fetchers; {}"
    for what in ("import runpy; runpy.run_module('fetchers', run_name='__main__')", "fetchers.get"):
        ran = subprocess.run(
            [sys.executable, "-c", script.format(what)], cwd=HERE, capture_output=True, text=True, check=False
        )
        assert ran.returncode != 0
        assert "WSL" in ran.stderr
        assert "Traceback" not in ran.stderr or what == "fetchers.get"
