"""The source web: what it lists, and what it refuses."""

from __future__ import annotations

import pytest

from fetchers.dataset import Dataset, Selection
from fetchers.errors import CatalogueError
from fetchers.sources import load
from tests.sources.places import conversation


def test_one_file_is_itself() -> None:
    """The address, and its last component as the name."""
    dataset = Dataset(name="x", options={"url": "https://h.example.org/a/My%20File.tar?download=1"})
    with conversation() as client:
        (remote,) = load("web").files(dataset, Selection(), client)
    assert (remote.url, remote.path) == ("https://h.example.org/a/My%20File.tar?download=1", "My File.tar")


@pytest.mark.parametrize("url", [None, "https://h.example.org/", 7])
def test_what_is_no_file_is_a_fault_of_the_catalogue(url: object) -> None:
    """It is named."""
    with conversation() as client, pytest.raises(CatalogueError, match=r"options\.url"):
        list(load("web").files(Dataset(name="x", options={"url": url}), Selection(), client))
