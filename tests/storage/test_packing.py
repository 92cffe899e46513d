"""Packing the same files gives the same archive."""

from __future__ import annotations

import zipfile
from io import BytesIO

from fetchers.verbs.demo.packing import zipped


def test_members_come_back() -> None:
    """Names, order and bytes are kept, and the same members make the same archive."""
    members = {"b/2.txt": b"two", "a.txt": b"one" * 1000, "empty": b""}
    packed = zipped(members)
    with zipfile.ZipFile(BytesIO(packed)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == members
        assert archive.namelist() == list(members)
    assert zipped(members) == packed
