"""The source nlm: what it lists, and what it refuses."""

from __future__ import annotations

from fetchers.dataset import Dataset, RemoteFile, Selection
from fetchers.sources import load
from tests.sources.places import conversation


def test_the_catalogue_lists_them() -> None:
    """As `listed` does; the place is not asked for a list."""
    files = (RemoteFile(url="https://data.lhncbc.nlm.nih.gov/public/x.zip", path="x.zip"),)
    with conversation() as client:
        assert tuple(load("nlm").files(Dataset(name="x", files=files), Selection(), client)) == files
