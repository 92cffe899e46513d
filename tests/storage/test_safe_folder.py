"""Below a folder every step is by descriptor: no link is followed, no path leads out, nothing goes by path."""

from __future__ import annotations

import ast
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fetchers import system
from fetchers.storage import safe_folder
from fetchers.storage.link_errors import LinkInTheWayError, OutsideError
from fetchers.storage.safe_folder import NEW, SafeFolder

if TYPE_CHECKING:
    from collections.abc import Callable

STORAGE = Path(safe_folder.__file__).parent
NAMES = {
    *("open", "rename", "replace", "unlink", "remove", "rmdir", "rmtree", "mkdir", "makedirs", "touch", "link"),
    *("symlink_to", "hardlink_to", "chmod", "truncate", "read_bytes", "read_text", "write_bytes", "write_text"),
    *("iterdir", "glob", "rglob", "scandir", "listdir", "walk"),
}
OURS = {"store", "opened", "folder", "above", "home"}  # a SafeFolder bears one of these names
# What goes by path all the same, or only looks like it, and why that is right.
LAWFUL = {
    "safe_folder": "it is the one module",
    "fs_probe": "it works in a folder of its own that was made under a random name",
    "atomic_text.open": "a pipe or a device that a person named",
    "layout.mkdir": "the store's own folder, which may be reached by a link",
    "evidence.open": "what a person names as evidence",
    "ownership.read_text": "/proc",
    "fsync.open": "/proc/meminfo",
    "concat.open": "pieces that the caller names",
    "members.open": "a member of an archive",
    "resume_state.truncate": "of a file that is open",
    "sharing.open": "the mark of a store, before its folder is opened",
    "view_folder": "a person's folder, made under a random name; of the store it reads by descriptor",
    "new_file": "a person's file, made under a random name",
    "manifest.open": "the record, which `database` opens",
}


@pytest.fixture(name="root", params=[True, False], ids=["openat2", "by component"])
def _root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    if not request.param:
        monkeypatch.setattr(system, "open_beneath", lambda *_: None)
    root = tmp_path / "root"
    (root / "a" / "b" / "c").mkdir(parents=True)
    (root / "a" / "b" / "c" / "file").write_bytes(b"ours")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "file").write_bytes(b"theirs")
    return root


def test_this_kernel_has_the_call(tmp_path: Path) -> None:
    """Else half of what follows tests the same thing twice."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    above = os.open(tmp_path, os.O_PATH)
    below = system.open_beneath(above, "a/b", os.O_PATH | os.O_DIRECTORY)
    os.close(above)
    if below is None:
        pytest.skip("openat2 is not there or not allowed")
    os.close(below)


def test_a_file_is_found_and_read(root: Path) -> None:
    """By a deep path, once the folders are kept and before; the root itself by a link."""
    (root.parent / "link").symlink_to(root)
    for start in (root, root.parent / "link"):
        with SafeFolder(start) as folder:
            for _ in range(2):
                with folder.read("a/b/c/file") as file:
                    assert file.read() == b"ours"
            assert folder.stat("a/b/c/file").st_size == 4


@pytest.mark.parametrize("where", ["a", "a/b", "a/b/c", "a/b/c/file"])
@pytest.mark.parametrize("dangling", [True, False])
def test_a_link_is_named_and_not_followed(root: Path, where: str, *, dangling: bool) -> None:
    """At any place of the path, for reading, writing, making, renaming and removing."""
    (root / where).rename(root.parent / "moved")
    (root / where).symlink_to(root.parent / ("nowhere" if dangling else "moved"))
    with SafeFolder(root) as folder:
        opening: tuple[Callable[[], object], ...] = (
            lambda: folder.open("a/b/c/file"),
            lambda: folder.open("a/b/c/file", os.O_RDWR),
            lambda: folder.open("a/b/c/file", NEW),
        )
        for attempt in opening:
            with pytest.raises(LinkInTheWayError) as refused:
                attempt()
            assert refused.value.filename == str(root / where)
        if where != "a/b/c/file":
            changing: tuple[Callable[[], object], ...] = (
                lambda: folder.unlink("a/b/c/file"),
                lambda: folder.make("a/b/c/d"),
                lambda: folder.make_all("a/b/c/d/e"),
                lambda: folder.rename("a/b/c/file", "new", replace=True),
                lambda: folder.scan("a/b/c"),
            )
            for attempt in changing:
                with pytest.raises(LinkInTheWayError):
                    attempt()
        with pytest.raises(LinkInTheWayError):
            folder.refuse_link("a/b/c/file")
        folder.remove_tree("a/b/c")
    assert (root.parent / "moved").exists()


@pytest.mark.parametrize(
    "path", ["../outside/file", "/etc/passwd", "a/../../outside/file", "a//file", "./a", "a/..", ""]
)
def test_a_path_that_leads_out_is_refused(root: Path, path: str) -> None:
    """Whatever record it comes from."""
    with SafeFolder(root) as folder:
        attempts: tuple[Callable[[str], object], ...] = (
            folder.open,
            folder.stat,
            folder.unlink,
            folder.rmdir,
            folder.make,
        )
        for attempt in attempts:
            with pytest.raises(OutsideError):
                attempt(path)
        folder.remove_tree(path)
    assert (root.parent / "outside" / "file").read_bytes() == b"theirs"


def test_a_folder_that_is_swapped_while_it_is_kept_is_noticed(root: Path) -> None:
    """What is written goes into the folder that was found; that another one bears its name is an error."""
    with SafeFolder(root) as folder:
        folder.at("a/b")
        (root / "a" / "b").rename(root / "a" / "old")
        (root / "a" / "b").symlink_to(root.parent / "outside")
        os.close(folder.open("a/b/new", NEW))
        with pytest.raises(LinkInTheWayError):
            folder.sync("a/b")
        (root / "a" / "b").unlink()
        (root / "a" / "b").mkdir()
        with pytest.raises(OSError, match="replaced"):
            folder.sync("a/b")
    assert (root / "a" / "old" / "new").exists()
    assert not (root.parent / "outside" / "new").exists()


def test_many_folders_are_not_many_descriptors(root: Path) -> None:
    """A process has 1,024 of them; what is closed when the folder is, is all of them."""
    before = len(list(Path("/proc/self/fd").iterdir()))
    with SafeFolder(root) as folder:
        for number in range(1500):
            folder.make(f"a/{number}")
            os.close(folder.open(f"a/{number}/x", NEW))
        assert len(list(Path("/proc/self/fd").iterdir())) < before + 300
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_pipe_does_not_block(root: Path) -> None:
    """Nor is it a file."""
    os.mkfifo(root / "fifo")
    with SafeFolder(root) as folder, pytest.raises(OSError, match="not a regular file"):
        folder.read("fifo")


def _calls(path: Path) -> list[tuple[int, str]]:
    """List the calls of a module that open, rename or remove something by path: line and name."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or any(word.arg in ("dir_fd", "src_dir_fd") for word in node.keywords):
            continue
        called = node.func
        if isinstance(called, ast.Name) and called.id == "open":
            found.append((node.lineno, "open"))
        if isinstance(called, ast.Attribute) and called.attr in NAMES:
            owner = called.value
            name = owner.attr.strip("_") if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            texts = called.attr == "replace" and len(node.args) == 2  # str.replace
            if name.strip("_") not in OURS and not texts:
                found.append((node.lineno, called.attr))
    return found


@pytest.mark.parametrize("path", sorted(STORAGE.rglob("*.py")), ids=lambda path: path.stem)
def test_storage_goes_by_descriptor(path: Path) -> None:
    """One module opens, renames and removes; what others do by path is named in `LAWFUL`."""
    if path.stem in LAWFUL:
        return
    wrong = [f"line {line}: {name}" for line, name in _calls(path) if f"{path.stem}.{name}" not in LAWFUL]
    assert not wrong, f"{path.name} goes by path: {wrong}; use SafeFolder"
