"""A home that the demo's replica serves, as a program finds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import fetchers
from fetchers.verbs.demo import story
from fetchers.verbs.demo.replica import running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fetchers.verbs.demo.replica import Replica


@pytest.fixture(scope="module")
def replica() -> Iterator[Replica]:
    """Serve the demo's data on loopback."""
    with running() as server:
        yield server


@pytest.fixture
def home(tmp_path: Path, replica: Replica) -> Path:
    """Make a home whose places are the replica."""
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "config.toml").write_text(story.config(replica.address), encoding="utf-8")
    (folder / "catalogue.toml").write_text(story.catalogue(), encoding="utf-8")
    return folder


@pytest.fixture
def held(home: Path) -> Path:
    """Hold the open set."""
    fetchers.get("shenzhen", home=home)
    return home
