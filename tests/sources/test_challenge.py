"""The source challenge: what it lists, and what it refuses."""

from __future__ import annotations

from fetchers.dataset import Dataset, Selection, Step
from fetchers.sources import load
from tests.sources.places import conversation


def test_a_person_downloads() -> None:
    """By hand: no file has an address, and the steps are the catalogue's."""
    source = load("challenge")
    steps = (Step(key="join", title="Join the challenge"),)
    with conversation() as client:
        assert list(source.files(Dataset(name="drive"), Selection(), client)) == []
    assert source.by_hand
    assert tuple(source.steps(Dataset(name="drive", steps=steps))) == steps
