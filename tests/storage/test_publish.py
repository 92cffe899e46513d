"""How a file comes under its final name."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import pytest

from fetchers.storage import layout
from fetchers.storage.publish import publish
from fetchers.storage.publish.publish import Piece
from fetchers.storage.safe_folder import SafeFolder

if TYPE_CHECKING:
    from pathlib import Path


def _piece(target: Path, body: bytes, *, private: bool = False, replace: bool = False) -> Piece:
    store = next(folder for folder in target.parents if (folder / layout.PARTIAL).is_dir())
    with SafeFolder(store) as opened:
        source, mtime = publish.stage(opened, body, private=private)
    digest = hashlib.sha256(body).hexdigest()
    return Piece(
        source=source,
        target=target.relative_to(store).as_posix(),
        sha256=digest,
        size=len(body),
        mtime_ns=mtime,
        private=private,
        replace=replace,
    )


def _published(store: Path, pieces: list[Piece]) -> list[publish.Placed]:
    with SafeFolder(store) as opened:
        return publish.publish(opened, pieces)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Make an empty store."""
    layout.prepare(tmp_path)
    return tmp_path


def test_a_group_lands_whole(store: Path) -> None:
    """Every file of a group is there with its bytes, and nothing is left under way."""
    pieces = [_piece(store / "set" / "deep" / f"{n}.bin", bytes([n]) * 100) for n in range(50)]
    placed = _published(store, pieces)
    assert all(result.refused is None for result in placed)
    assert [(store / piece.target).read_bytes() for piece in pieces] == [bytes([n]) * 100 for n in range(50)]
    assert not list((store / ".partial").iterdir())


def test_another_file_under_the_name_is_left_alone(store: Path) -> None:
    """Nothing is overwritten without a flag that names it."""
    _published(store, [_piece(store / "set" / "a", b"mine")])
    (result,) = _published(store, [_piece(store / "set" / "a", b"other")])
    assert result.refused is not None
    assert (store / "set" / "a").read_bytes() == b"mine"
    assert not list((store / ".partial").iterdir())


@pytest.mark.parametrize("names", [("a", "a/b"), ("a/b", "a")])
@pytest.mark.parametrize("replace", [False, True])
def test_a_file_that_would_have_to_be_a_folder_is_turned_away_alone(
    store: Path, names: tuple[str, str], *, replace: bool
) -> None:
    """The rest of its group is held."""
    pieces = [_piece(store / "set" / name, name.encode(), replace=replace) for name in (*names, "c")]
    first, second, third = _published(store, pieces)
    assert [one.refused is None for one in (first, second, third)] == [True, False, True]
    assert (store / "set" / names[0]).read_bytes() == names[0].encode()
    assert not list((store / ".partial").iterdir())


def test_the_same_file_under_the_name_is_taken_as_held(store: Path) -> None:
    """A run that died between publishing and the row's commit finds its own file."""
    _published(store, [_piece(store / "set" / "a", b"mine")])
    (result,) = _published(store, [_piece(store / "set" / "a", b"mine")])
    assert result.refused is None
    assert result.mtime_ns == (store / "set" / "a").stat().st_mtime_ns


def test_force_replaces(store: Path) -> None:
    """`--force` names the overwriting."""
    _published(store, [_piece(store / "set" / "a", b"mine")])
    _published(store, [_piece(store / "set" / "a", b"other", replace=True)])
    assert (store / "set" / "a").read_bytes() == b"other"


@pytest.mark.parametrize(("private", "file_mode", "folder_mode"), [(True, 0o600, 0o700), (False, 0o644, 0o755)])
def test_the_terms_decide_who_may_read(store: Path, *, private: bool, file_mode: int, folder_mode: int) -> None:
    """Neither the umask nor the archive decides."""
    mask = os.umask(0o002)
    try:
        _published(store, [_piece(store / "set" / "a", b"x", private=private)])
    finally:
        os.umask(mask)
    assert (store / "set" / "a").stat().st_mode & 0o777 == file_mode
    assert (store / "set").stat().st_mode & 0o777 == folder_mode


def test_a_planted_link_is_not_followed(store: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A link under the final name or in its path leads nowhere."""
    outside = tmp_path_factory.mktemp("outside")
    (outside / "victim").write_bytes(b"canary")
    (store / "set").mkdir()
    (store / "set" / "a").symlink_to(outside / "victim")
    (result,) = _published(store, [_piece(store / "set" / "a", b"x")])
    assert result.refused is not None
    assert (outside / "victim").read_bytes() == b"canary"
