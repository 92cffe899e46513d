"""No link below the store, `evidence/` or `certificates/` is followed: it is named, and stays; an honest one works."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
import time
from typing import TYPE_CHECKING

import pytest

from tests.faultd import Answer, Faultd
from tests.trust.test_record import fetch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BODY = b"some text of a file\n" * 10
PRECIOUS = "theirs"


@pytest.fixture(name="server")
def _server() -> Iterator[Faultd]:
    with Faultd() as server:
        for name in ("a.txt", "b.txt"):
            server.on(f"/{name}", Answer(body=BODY))
        yield server


@pytest.fixture(name="home")
def _home(tmp_path: Path, server: Faultd) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    files = "".join(
        f'[[datasets.mine.files]]\nurl = "{server.url("/" + name)}"\npath = "deep/{name}"\n'
        for name in ("a.txt", "b.txt")
    )
    (home / "catalogue.toml").write_text(
        f'[datasets.mine]\ntitle = "Mine"\naccess = "open"\ncontainer = "mixed"\nlicence = "CC0-1.0"\n{files}'
        '[[datasets.mine.steps]]\nkey = "form"\ntitle = "A form"\nurl = "https://place.example.org/"\n'
    )
    outside = tmp_path / "outside"
    (outside / "folder").mkdir(parents=True)
    for path in ("file", "folder/file"):
        (outside / path).write_text(PRECIOUS)
        os.utime(outside / path, (1, 1))
    os.utime(outside / "folder", (1, 1))
    return home


def _untouched(home: Path) -> None:
    outside = home.parent / "outside"
    found = {path.relative_to(outside).as_posix(): path for path in outside.rglob("*")}
    assert set(found) == {"file", "folder", "folder/file"}
    assert all(path.read_text() == PRECIOUS for path in found.values() if path.is_file())


def _link(home: Path, where: str, *, to: str) -> Path:
    link = home / where
    link.parent.mkdir(parents=True, exist_ok=True)
    if link.exists():
        shutil.move(link, home.parent / "moved")
    link.symlink_to(home.parent / "outside" / to)
    return link


@pytest.mark.parametrize(
    ("where", "to"),
    [
        ("cache/.partial", ""),
        ("cache/.partial", "folder"),
        ("cache/mine", "folder"),
        ("cache/mine/deep", "folder"),
        ("cache/mine/deep/a.txt", "file"),
        ("cache/mine/deep/a.txt", "nowhere"),
        ("cache/CACHEDIR.TAG", "file"),
        ("cache/CACHEDIR.TAG", "nowhere"),
    ],
)
@pytest.mark.parametrize("before", [True, False], ids=["held before", "new"])
def test_get_follows_no_link(home: Path, where: str, to: str, *, before: bool) -> None:
    """Neither for what is under way nor for what is held."""
    if before:
        assert fetch("get", "mine", home=home).returncode == 0
    link = _link(home, where, to=to)
    told = fetch("get", "mine", "--retries", "0", home=home)
    _untouched(home)
    assert link.is_symlink()
    if before and ".partial" not in where and "TAG" not in where and where != "cache/mine/deep/a.txt":
        assert told.returncode == 7
    if told.returncode != 0 or not before:
        assert (told.returncode in (7, 9), str(link) in " ".join(told.stderr.split())) == (True, True), told.stderr


@pytest.mark.parametrize("name", ["body", "state"])
def test_a_partial_that_is_a_link_is_not_cut(home: Path, name: str) -> None:
    """Its target was cut to no bytes, and its hash believed."""
    assert fetch("get", "mine", home=home).returncode == 0
    key = hashlib.sha256(b"mine\0").hexdigest()[:8] + hashlib.sha256(b"deep/a.txt").hexdigest()[:24]
    partial = home / "cache" / ".partial" / f"{key}.00000000-1-1"
    partial.mkdir(parents=True)
    (partial / "body").write_bytes(b"x")
    (partial / "state").write_text("{}\n")
    (partial / name).unlink()
    (partial / name).symlink_to(home.parent / "outside" / "file")
    os.utime(partial, (1, 1))
    told = fetch("get", "mine", "--force", home=home)
    _untouched(home)
    assert (told.returncode, str(partial / name) in " ".join(told.stderr.split())) == (7, True), told.stderr


def test_cleaning_reaches_nothing_outside(home: Path) -> None:
    """A link as a whole folder under way: the others beside the clone were removed."""
    _link(home, "cache/.partial", to="")
    for words in (("get", "mine"), ("adopt", "mine", "catalogue.toml"), ("status",), ("release", "mine", "--yes")):
        fetch(*words, home=home)
        _untouched(home)


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("evidence", ("tasks", "done", "mine", "form", "--evidence", "catalogue.toml")),
        ("evidence/mine", ("tasks", "done", "mine", "form", "--evidence", "catalogue.toml")),
        ("certificates", ("release", "mine", "--yes")),
        ("cache/mine", ("verify",)),
        ("cache/mine", ("audit",)),
        ("cache/mine", ("release", "mine", "--yes")),
        ("cache/mine/deep/a.txt", ("release", "mine", "--yes")),
        ("page.html", ("report", "--html", "page.html")),
        ("due.ics", ("tasks", "--ics", "due.ics")),
    ],
    ids=str,
)
def test_a_verb_that_would_write_read_or_destroy_stops(home: Path, where: str, words: tuple[str, ...]) -> None:
    """7, the link is named and stays, and so does what it leads to."""
    assert fetch("get", "mine", home=home).returncode == 0
    fetch("apply", "mine", home=home)
    link = _link(home, where, to="file" if "." in where else "folder")
    told = fetch(*words, home=home)
    _untouched(home)
    assert link.is_symlink()
    said = " ".join((told.stderr + told.stdout).split())
    assert (told.returncode, link.name in said) == (7, True), said


def test_a_picture_behind_a_link_is_in_no_report(home: Path) -> None:
    """Only recorded bytes are shown."""
    assert fetch("get", "mine", home=home).returncode == 0
    fetch("report", "--html", "page.html", home=home)
    assert PRECIOUS not in (home / "page.html").read_text()


def test_adopt_takes_in_no_link(home: Path, tmp_path: Path) -> None:
    """It is named and left, with `--move` too; `--follow` takes a copy and leaves link and target."""
    brought = tmp_path / "brought"
    brought.mkdir()
    (brought / "real.txt").write_text("a real file")
    (brought / "link.txt").symlink_to(tmp_path / "outside" / "file")
    told = fetch("adopt", "mine", str(brought), "--move", home=home)
    assert "link.txt" in told.stdout + told.stderr
    assert (brought / "link.txt").is_symlink()
    assert not (brought / "real.txt").exists()
    assert not (home / "cache" / "mine" / "link.txt").exists()
    (brought / ".git" / "annex").mkdir(parents=True)
    (brought / ".git" / "annex" / "KEY").write_text("annexed")
    (brought / "annexed.txt").symlink_to(".git/annex/KEY")
    told = fetch("adopt", "mine", str(brought), "--follow", "--move", home=home)
    assert told.returncode == 0, told.stderr
    assert (home / "cache" / "mine" / "annexed.txt").read_text() == "annexed"
    assert (home / "cache" / "mine" / "link.txt").read_text() == PRECIOUS
    assert (brought / "annexed.txt").is_symlink()
    assert (brought / ".git" / "annex" / "KEY").exists()
    _untouched(home)
    told = fetch("adopt", "mine", str(brought / "link.txt"), home=home)
    assert (told.returncode in (4, 9), "link.txt" in told.stderr + told.stdout) == (True, True)


def test_the_store_itself_may_be_a_link(home: Path, tmp_path: Path) -> None:
    """A larger disk, as people do it; the whole life of a copy."""
    disk = tmp_path / "disk"
    disk.mkdir()
    (home / "cache").symlink_to(disk)
    for words in (("get", "mine"), ("verify",), ("audit",), ("status",), ("get", "mine"), ("release", "mine", "--yes")):
        told = fetch(*words, home=home)
        assert told.returncode == 0, (words, told.stdout, told.stderr)
    assert (disk / "manifest.sqlite").exists()


def test_a_folder_that_is_swapped_while_files_come_leads_nowhere(home: Path, server: Faultd, tmp_path: Path) -> None:
    """A thread puts a link in its place again and again; nothing comes outside, whatever the command says."""
    for number in range(40):
        server.on(f"/n{number}.txt", Answer(body=BODY))
    rows = "".join(
        f'[[datasets.swap.files]]\nurl = "{server.url(f"/n{number}.txt")}"\npath = "d{number % 4}/n{number}.txt"\n'
        for number in range(40)
    )
    with (home / "catalogue.toml").open("a") as file:
        file.write(f'[datasets.swap]\ntitle = "Swap"\naccess = "open"\ncontainer = "mixed"\n{rows}')
    over = threading.Event()

    def swap() -> None:
        folder, aside = home / "cache" / "swap", home / "cache" / "aside"
        while not over.is_set():
            try:
                folder.rename(aside)
                folder.symlink_to(tmp_path / "outside" / "folder")
                time.sleep(0.001)
                folder.unlink()
                aside.rename(folder)
            except OSError:
                time.sleep(0.001)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        for _ in range(4):
            fetch("get", "swap", "--retries", "0", "--force", home=home)
    finally:
        over.set()
        thread.join()
    _untouched(home)
