"""What an interrupted scan need not read again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fetchers.storage.scan_checkpoint import NAME, Checkpoint

if TYPE_CHECKING:
    from pathlib import Path


def test_an_interrupted_look_is_remembered_and_a_finished_one_forgotten(tmp_path: Path) -> None:
    """The same path with another size or time is another file."""

    def look() -> None:
        with Checkpoint(tmp_path) as first:
            for number in range(700):
                first.note(f"/elsewhere/{number}", number, 5)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        look()
    with Checkpoint(tmp_path) as second:
        assert all(second.seen(f"/elsewhere/{number}", number, 5) for number in range(700))
        assert not second.seen("/elsewhere/1", 1, 6)
        assert not second.seen("/elsewhere/1", 2, 5)
    assert not (tmp_path / NAME).exists()
    with Checkpoint(tmp_path) as third:
        assert not third.seen("/elsewhere/1", 1, 5)


def test_a_home_that_is_not_there_only_forgets(tmp_path: Path) -> None:
    """An audit must work where nothing can be written."""
    with Checkpoint(tmp_path / "nowhere") as look:
        look.note("/elsewhere/a", 1, 1)
    assert not (tmp_path / "nowhere").exists()
