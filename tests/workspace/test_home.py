"""The home is the one that was named, else the nearest above, else the user's data folder."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from fetchers.errors import CatalogueError, StoreError
from fetchers.workspace import built_in_path, open_workspace
from fetchers.workspace import workspace as opening
from fetchers.workspace.home import find_cache, find_home
from tests.workspace.homes import opened


def _make(folder: Path) -> Path:
    (folder / "cache").mkdir(parents=True)
    (folder / "catalogue.toml").touch()
    return folder


def test_what_is_named_comes_first(tmp_path: Path) -> None:
    """`--home`, then `FETCH_HOME`, then the folders upwards; a relative one is below the current folder."""
    here = _make(tmp_path / "here")
    environ = {"FETCH_HOME": str(tmp_path / "named")}
    assert find_home(tmp_path / "flag", environ, here) == tmp_path / "flag"
    assert find_home(None, environ, here) == tmp_path / "named"
    assert find_home(None, {"FETCH_HOME": "below"}, here) == here / "below"
    assert find_home(None, {"FETCH_HOME": ""}, here) == here


def test_the_nearest_folder_with_both_is_the_home(tmp_path: Path) -> None:
    """A catalogue without a cache is no home, a cache without a catalogue neither."""
    outer = _make(tmp_path / "outer")
    inner = _make(outer / "a" / "inner")
    deep = inner / "b" / "c"
    (deep / "cache").mkdir(parents=True)
    (deep.parent / "catalogue.toml").touch()
    assert find_home(None, {}, deep) == inner
    (inner / "catalogue.toml").unlink()
    assert find_home(None, {}, deep) == outer


def test_else_it_is_the_folder_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The platform says where data of a program lie."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "empty").mkdir()
    assert find_home(None, {}, tmp_path / "empty") == tmp_path / "data" / "fetch"


def test_the_cache_may_lie_elsewhere(tmp_path: Path) -> None:
    """`--cache`, `FETCH_CACHE`, `cache` in config.toml (below the home), `<home>/cache`."""
    environ = {"FETCH_CACHE": str(tmp_path / "named")}
    home = tmp_path / "home"
    assert find_cache(tmp_path / "flag", environ, tmp_path, home, "x") == tmp_path / "flag"
    assert find_cache(None, environ, tmp_path, home, "x") == tmp_path / "named"
    assert find_cache(None, {}, tmp_path, home, "x") == home / "x"
    assert find_cache(None, {}, tmp_path, home, None) == home / "cache"
    assert opened(home, None, 'cache = "/scratch/store"\n').cache.as_posix() == "/scratch/store"


def test_a_file_is_no_home(tmp_path: Path) -> None:
    """Said before anything is done, exit 2."""
    (tmp_path / "file").touch()
    with pytest.raises(CatalogueError, match="which is a file"):
        find_home(tmp_path / "file", {}, tmp_path)
    with pytest.raises(CatalogueError, match=r"FETCH_CACHE is .* which is a file"):
        find_cache(None, {"FETCH_CACHE": "file"}, tmp_path, tmp_path, None)


@pytest.mark.parametrize("code", [errno.EACCES, errno.ENAMETOOLONG, errno.EIO])
def test_a_folder_that_cannot_be_looked_at_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    """One sentence that names it; a home that nobody named is looked for elsewhere."""
    _make(tmp_path / "shut")

    def refuse(path: Path, **_: object) -> os.stat_result:
        raise OSError(code, os.strerror(code), str(path))

    monkeypatch.setattr(Path, "stat", refuse)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    said = f"{tmp_path}/shut" if code == errno.EACCES else f"--home is {tmp_path}/shut, which cannot be looked at: "
    with pytest.raises(StoreError if code == errno.EACCES else CatalogueError, match=said):
        find_home(tmp_path / "shut", {}, tmp_path)
    assert find_home(None, {}, tmp_path / "shut") == tmp_path / "data" / "fetch"


def test_opening_makes_nothing(tmp_path: Path) -> None:
    """Looking at a catalogue leaves no trace."""
    workspace = open_workspace(home=tmp_path / "none", cache=None, environ={}, cwd=tmp_path)
    assert sum(dataset.listed is not None for dataset in workspace.catalogue.all()) == 19
    assert list(tmp_path.iterdir()) == []


def test_a_checkout_as_its_own_home_is_read_once(tmp_path: Path) -> None:
    """In a checkout the home's catalogue is the built-in one, by whatever way it is reached; a copy is another."""
    checkout = built_in_path().parent
    (tmp_path / "link").symlink_to(checkout)
    (tmp_path / "catalogue.toml").write_bytes(built_in_path().read_bytes())
    assert opening._same(tmp_path / "link" / "catalogue.toml", built_in_path())
    assert not opening._same(tmp_path / "catalogue.toml", built_in_path())
    assert not opening._same(tmp_path / "nothing", built_in_path())
    for home in (checkout, tmp_path):
        workspace = open_workspace(home=home, cache=None, environ={}, cwd=home)
        assert sum(dataset.listed is not None for dataset in workspace.catalogue.all()) == 19
