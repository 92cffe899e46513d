"""A copy is destroyed on a person's word only, with what the record names and nothing else, and certified."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from typing import TYPE_CHECKING

import pytest

from fetchers.errors import AccessError, CatalogueError, NothingMatched, StoreError
from fetchers.storage.record.manifest import Manifest
from fetchers.verbs import release
from tests.verbs.contexts import context
from tests.verbs.holdings import hold

if TYPE_CHECKING:
    from pathlib import Path

    from fetchers.context import Context

CATALOGUE = """
[datasets.one]
title = "One"
access = "open"
licence = "CC-BY-4.0"
[datasets.parted]
title = "Parted"
access = "open"
licence = "CC-BY-4.0"
[datasets.parted.parts.a]
title = "A"
[datasets.parted.parts.b]
title = "B"
"""


@pytest.fixture(name="here")
def _here(tmp_path: Path) -> Context:
    return context(tmp_path / "home", catalogue=CATALOGUE)


def _held(here: Context) -> list[tuple[str, str | None]]:
    with Manifest.open(here.store, write=False) as manifest:
        return [(row.dataset, row.part) for row in manifest.holdings()]


def test_nothing_is_destroyed_without_a_person(here: Context) -> None:
    """No terminal, no flag: nothing; a person who says no: nothing; nothing held, or an unknown name: an error."""
    root = hold(here, "one", {"1.png": b"1"})
    asked: list[str] = []

    def no(question: str) -> bool:
        asked.append(question)
        return False

    for confirm in (None, no):
        with pytest.raises(AccessError) as caught:
            release.run(here._replace(confirm=confirm), "one")
        assert caught.value.exit_status == 6
        assert (root / "1.png").read_bytes() == b"1"
    assert "1 files" in asked[0]
    assert _held(here) == [("one", None)]
    with pytest.raises(NothingMatched):
        release.run(here, "parted", yes=True)
    with pytest.raises(CatalogueError):
        release.run(here, "on", yes=True)
    assert not (here.workspace.home / "certificates").exists()


def test_a_copy_is_destroyed_and_certified(here: Context) -> None:
    """Each file is gone and named with its SHA-256; the event stays; the rows, the folders and the terms go."""
    files = {"a/1.png": b"first", "2\u202e.png": b"second", "gone.png": b"third"}
    root = hold(here, "one", files)
    (root / "gone.png").unlink()
    told = release.run(here, "one", yes=True, reason="the study is over")
    assert (told.files, told.bytes, told.missing, told.exit) == (2, 11, 1, 0)
    assert not root.exists()
    assert _held(here) == []
    certificate = here.workspace.home / told.certificate
    assert stat.S_IMODE(certificate.stat().st_mode) == 0o600
    text = certificate.read_text(encoding="utf-8")
    for path, data in files.items():
        (line,) = [one for one in text.splitlines() if one.startswith(hashlib.sha256(data).hexdigest())]
        assert line.endswith(f"one/{path}".replace("\u202e", "\\u202e"))
        assert ("missing" in line) == (path == "gone.png")
    for piece in ("the study is over", "ada", "2026-11-25T08:00:00Z", "CC-BY-4.0"):
        assert piece in text
    with Manifest.open(here.store, write=False) as manifest:
        (event,) = manifest.events()
    assert (event.what, event.data["certificate"], event.data["certificate_sha256"]) == (
        "released",
        told.certificate,
        hashlib.sha256(certificate.read_bytes()).hexdigest(),
    )
    again = hold(here, "one", {"1.png": b"1"})
    assert again.is_dir()
    assert release.run(here, "one", yes=True).certificate != told.certificate


@pytest.mark.parametrize("where", ["2.png", "a", "", "certificates"])
def test_a_link_in_the_way_ends_it_before_anything_is_destroyed(here: Context, tmp_path: Path, where: str) -> None:
    """In place of a file, of a folder, of the dataset and of the certificates: it is named and stays, 7."""
    outside = tmp_path / "outside"
    root = hold(here, "one", {"a/1.png": b"1", "2.png": b"2", "b/3.png": b"3"})
    link = here.workspace.home / where if where == "certificates" else root / where if where else root
    if link.exists():
        link.rename(outside)
    else:
        outside.mkdir()
    link.symlink_to(outside)
    before = sorted(str(path) for path in tmp_path.rglob("*") if "manifest" not in path.name)
    with pytest.raises(StoreError, match="is a symbolic link") as refused:
        release.run(here, "one", yes=True)
    assert str(link) in refused.value.what
    assert sorted(str(path) for path in tmp_path.rglob("*") if "manifest" not in path.name) == before


def test_strangers_files_are_left(here: Context) -> None:
    """What the record does not know is not ours to destroy, in the folder of the terms either."""
    root = hold(here, "one", {"1.png": b"1", "LICENCE/2.png": b"2"})
    (root / "notes.txt").write_text("mine")
    (root / "LICENCE/mine.txt").write_text("mine")
    told = release.run(here, "one", yes=True)
    assert told.left == ("one/LICENCE/mine.txt", "one/notes.txt")
    assert [path.name for path in (root / "LICENCE").iterdir()] == ["mine.txt"]
    assert (root / "notes.txt").read_text() == "mine"
    assert "one/notes.txt" in (here.workspace.home / told.certificate).read_text(encoding="utf-8")


def test_a_part_goes_alone_and_the_whole_with_its_parts(here: Context) -> None:
    """The neighbour stays; the dataset's name takes all of them."""
    a = hold(here, "parted/a", {"1.png": b"1"})
    b = hold(here, "parted/b", {"2.png": b"2"})
    release.run(here, "parted/a", yes=True)
    assert (a.exists(), b.exists()) == (False, True)
    assert _held(here) == [("parted", "b")]
    hold(here, "parted/a", {"1.png": b"1"})
    hold(here, "parted", {"3.png": b"3"})
    told = release.run(here, "parted", yes=True)
    assert told.files == 3
    assert not b.parent.exists()


def test_other_names_of_the_bytes_are_said(here: Context, tmp_path: Path) -> None:
    """A hard link elsewhere keeps the bytes; the certificate does not claim otherwise."""
    root = hold(here, "one", {"1.png": b"1"})
    os.link(root / "1.png", tmp_path / "kept.png")
    told = release.run(here, "one", yes=True)
    assert (tmp_path / "kept.png").exists()
    assert "hard links" in (here.workspace.home / told.certificate).read_text(encoding="utf-8")


def test_a_forgotten_dataset_can_be_released(here: Context) -> None:
    """What only the record knows still can be destroyed by its name."""
    hold(here, "one", {"1.png": b"1"})
    hold(here, "parted/a", {"1.png": b"1"})
    bare = context(here.workspace.home, catalogue=CATALOGUE.replace("[datasets.one]", "[datasets.two]"))
    assert release.run(bare, "one", yes=True).files == 1
    assert _held(here) == [("parted", "a")]


def test_a_folder_that_may_not_be_entered_ends_it_in_a_sentence(here: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is destroyed and nothing forgotten: the same command, allowed to, finishes it."""
    hold(here, "one", {"1.png": b"1"})
    real = os.open

    def refusing(path: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if path == "one" and dir_fd is not None:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return real(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", refusing)
    with pytest.raises(StoreError, match=os.strerror(errno.EACCES)):
        release.run(here, "one", yes=True)
    monkeypatch.undo()
    assert _held(here) == [("one", None)]
    assert release.run(here, "one", yes=True).exit == 0


def test_the_terms_come_back_with_the_data(here: Context) -> None:
    """What is held again after a release has the text of its terms beside it again."""
    hold(here, "one", {"1.png": b"1"})
    texts = here.store / "one" / "LICENCE"
    before = {path.name: path.read_text() for path in texts.iterdir()}
    release.run(here, "one", yes=True, reason="done")
    assert not texts.exists()
    hold(here, "one", {"1.png": b"1"})
    assert {path.name: path.read_text() for path in texts.iterdir()} == before
