"""The source cap: what it lists, and what it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fetchers.dataset import Dataset, RemoteFile, Selection
from fetchers.errors import AccessError
from fetchers.sources import load
from tests.cli.run import fetch
from tests.sources.places import conversation

if TYPE_CHECKING:
    from pathlib import Path


def test_what_has_an_address_is_fetched() -> None:
    """As `listed` does."""
    files = (RemoteFile(url="https://www.cardiacatlas.org/x.zip", path="x.zip"),)
    with conversation() as client:
        assert tuple(load("cap").files(Dataset(name="x", files=files), Selection(), client)) == files


def test_for_the_rest_a_person_must_act() -> None:
    """The sentence says where it is, and what to type when it has come."""
    with (
        conversation() as client,
        pytest.raises(AccessError, match=r"browser may fetch it, from https://www\.") as said,
    ):
        list(load("cap").files(Dataset(name="x", link="https://www.cardiacatlas.org/x/"), Selection(), client))
    assert said.value.hint == "download it there, then: fetch adopt x PATH..."


def test_the_command_says_so(tmp_path: Path) -> None:
    """Status 6, as for `byhand`."""
    (tmp_path / "catalogue.toml").write_text(
        '[datasets.x]\ntitle = "X"\naccess = "open"\nsource = "cap"\nlink = "https://127.0.0.1:9/x/"\n',
        encoding="utf-8",
    )
    told = fetch("get", "x", "--json", home=tmp_path)
    assert (told.status, "fetch adopt x" in told.out + told.err) == (6, True), told.err
