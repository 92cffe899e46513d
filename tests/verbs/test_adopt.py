"""What a person brings and this machine does not let us have is named, and the rest comes in."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fetchers.storage.safe_folder import SafeFolder
from fetchers.verbs import adopt
from tests.verbs.contexts import context

if TYPE_CHECKING:
    from collections.abc import Callable

    from fetchers.context import Context

CATALOGUE = """
[datasets.one]
title = "One"
access = "open"
"""
REASON = os.strerror(errno.EACCES)


@pytest.fixture(name="here")
def _here(tmp_path: Path) -> Context:
    return context(tmp_path / "home", catalogue=CATALOGUE)


@pytest.fixture(name="brought")
def _brought(tmp_path: Path) -> Path:
    folder = tmp_path / "brought"
    for name in ("good.txt", "shut.txt", "shut/below.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


def _refuse(monkeypatch: pytest.MonkeyPatch, name: str, wanted: Path) -> None:
    """Let this machine refuse one path: whoever runs the tests may be allowed everything."""
    real: Callable[..., Any] = getattr(SafeFolder, name)

    def refusing(self: SafeFolder, path: str, *words: Any, **named: Any) -> Any:  # noqa: ANN401 - handed on
        if Path(self.root, path) == wanted:
            raise PermissionError(errno.EACCES, REASON, path)
        return real(self, path, *words, **named)

    monkeypatch.setattr(SafeFolder, name, refusing)


@pytest.mark.parametrize(("name", "shut"), [("scan", "shut"), ("read", "shut.txt")])
@pytest.mark.parametrize("alone", [False, True])
def test_what_may_not_be_read_is_turned_away_by_name(
    here: Context, brought: Path, monkeypatch: pytest.MonkeyPatch, name: str, shut: str, *, alone: bool
) -> None:
    """A folder and a file, beside others and alone; that it cannot be read, not that it cannot be written."""
    _refuse(monkeypatch, name, brought / shut)
    paths = [brought / shut] if alone else [brought]
    told = adopt.run(here, "one", paths)
    (failure,) = told.datasets[0].failures
    assert (failure.path, failure.error) == (shut, f"{shut}: it cannot be read: {REASON}")
    assert (failure.exit, told.exit) == (4, 9 if told.datasets[0].files else 4)


def test_a_source_that_may_not_be_removed_is_said(
    here: Context, brought: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it is held; the sources that could be removed are."""
    _refuse(monkeypatch, "unlink", brought / "good.txt")
    told = adopt.run(here, "one", [brought], mode="move")
    (finding,) = told.datasets[0].findings
    assert (finding.severity, finding.path, told.datasets[0].files, told.exit) == ("warning", "good.txt", 3, 0)
    assert [path.name for path in brought.rglob("*") if path.is_file()] == ["good.txt"]


def test_what_is_no_file_is_turned_away_by_name(here: Context, tmp_path: Path) -> None:
    """Links and pipes alone: nothing comes in, and each is named with the reason."""
    folder = tmp_path / "odd"
    folder.mkdir()
    os.mkfifo(folder / "fifo")
    (folder / "link").symlink_to(tmp_path)
    told = adopt.run(here, "one", [folder])
    assert [failure.path for failure in told.datasets[0].failures] == ["fifo", "link"]
    assert (told.exit, len(told.datasets[0].findings)) == (4, 2)
