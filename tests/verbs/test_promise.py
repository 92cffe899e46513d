"""The first bytes of a response decide whether it is the promised file."""

from __future__ import annotations

import pytest

from fetchers.acquire.first_bytes import look
from fetchers.dataset import Dataset, RemoteFile
from fetchers.errors import AccessError, ContentError

LOGIN = b"<!doctype html><html><title>Sign in</title><form><input type=password></form></html>"
ERROR = b'{"error": "not signed in"}'
SURFACE = b'<?xml version="1.0"?><GIFTI Version="1.0"><MetaData/></GIFTI>'


@pytest.mark.parametrize(
    ("path", "head"),
    [
        ("a.html", LOGIN),
        ("a.json", ERROR),
        ("a.gii", SURFACE),
        ("a.vtp", b'<?xml version="1.0"?><VTKFile type="PolyData"></VTKFile>'),
        ("a.ipynb", b'{"cells": [], "nbformat": 4}'),
        ("a.csv", b"name,age\nx,1\n"),
        ("a.rst", b"<x@y.z>\n\nA text.\n"),
        ("a.bin", b"\x00\x01" * 50),
    ],
)
def test_a_true_file_passes(path: str, head: bytes) -> None:
    """Not every XML is a page."""
    assert look(RemoteFile(url="https://x.example/a", path=path), Dataset(name="x"))(head).doubt is None


@pytest.mark.parametrize(
    ("path", "head"),
    [
        ("a.zip", LOGIN),
        ("a.png", LOGIN),
        ("a", LOGIN),
        ("a.csv", LOGIN),
        ("a.gii", LOGIN),
        ("a.zip", ERROR),
        ("a.png", b'{"a": 1}'),
        ("a.dcm", SURFACE),
        ("a.zip", b"\x89PNG\r\n\x1a\n"),
        ("a.png", b""),
    ],
)
def test_what_came_in_its_place_is_refused(path: str, head: bytes) -> None:
    """Pages, error messages, nothing at all, and another kind of archive."""
    with pytest.raises(AccessError if head == LOGIN else ContentError):
        look(RemoteFile(url="https://x.example/a", path=path), Dataset(name="x"))(head)
