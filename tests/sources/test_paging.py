"""Paged listings that go in a circle are detected."""

from __future__ import annotations

import pytest

from fetchers.errors import SourceError
from fetchers.sources.reading.paging import Paging


def test_a_token_seen_before_is_a_circle() -> None:
    """A page that leads back is a fault at once."""
    paging = Paging()
    assert paging.turn("https://h/", ["a"], "1")
    assert paging.turn("https://h/", ["b"], "2")
    with pytest.raises(SourceError, match="circle"):
        paging.turn("https://h/", ["c"], "1")


def test_three_pages_that_bring_nothing_new_are_a_fault() -> None:
    """The same rows under ever new tokens never end; an empty last page is no fault."""
    paging = Paging()
    assert paging.turn("https://h/", ["a"], "1")
    assert not paging.turn("https://h/", ["a"], "2")
    assert not paging.turn("https://h/", [], "3")
    with pytest.raises(SourceError, match="nothing new"):
        paging.turn("https://h/", ["a"], "4")
    assert not Paging().turn("https://h/", [], None)
