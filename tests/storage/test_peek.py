"""Archives outside the store are read without trusting them."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import tracemalloc
import zipfile
from typing import TYPE_CHECKING

import pytest
import zstandard

from fetchers.storage.archive import members

if TYPE_CHECKING:
    from collections.abc import Callable

FILES = {"a/1.dcm": b"one" * 50_000, "a/2.dcm": b"", "3": b"three"}
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "tar": bytes,
    "tar.gz": gzip.compress,
    "tar.bz2": bz2.compress,
    "tar.xz": lzma.compress,
    "tar.zst": zstandard.ZstdCompressor().compress,
}
METHODS = {"stored": 0, "deflate": 8, "bzip2": 12, "lzma": 14}
ZEROS = bytes(64 << 20)


def _tar(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, body in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    return buffer.getvalue()


def _zip(files: dict[str, bytes], method: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return buffer.getvalue()


ARCHIVES = {f"x.{ending}": pack(_tar(FILES)) for ending, pack in PACKERS.items()}
ZIPS = {f"{name}.zip": _zip(FILES, method) for name, method in METHODS.items()}
BOMBS = {
    **{f"x.{ending}": pack(ZEROS) for ending, pack in PACKERS.items() if ending != "tar"},
    "long-name.tar.bz2": bz2.compress(_tar({"x" * (12 << 20): b""})),
    "member.tar.xz": lzma.compress(_tar({"x": ZEROS})),
}


@pytest.mark.parametrize("name", [*ARCHIVES, *ZIPS])
def test_each_member_is_seen_with_its_bytes(name: str) -> None:
    """However it is packed, and also where only the head of a member is read."""
    found = {}
    for member in members.members(io.BytesIO({**ARCHIVES, **ZIPS}[name]), name):
        with member.open() as file:
            found[member.name] = (member.size, file.read(10))
    assert found == {name: (len(body), body[:10]) for name, body in FILES.items()}


@pytest.mark.parametrize("name", BOMBS)
def test_a_few_bytes_take_no_memory(name: str) -> None:
    """What unpacks to far more than it is, is left and said: it took minutes, and as much memory as it named."""
    tracemalloc.start()
    try:
        with pytest.raises(members.Unreadable):
            list(members.members(io.BytesIO(BOMBS[name]), name))
        assert tracemalloc.get_traced_memory()[1] < 48 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("method", METHODS)
def test_the_head_of_a_member_takes_no_more_memory_than_a_head(method: str) -> None:
    """Only so much is unpacked as is read."""
    archive = io.BytesIO(_zip({"x": ZEROS}, METHODS[method]))
    tracemalloc.start()
    try:
        (member,) = members.members(archive, "x.zip")
        assert len(member.open().read(1 << 16)) == 1 << 16
        assert tracemalloc.get_traced_memory()[1] < 48 << 20
    finally:
        tracemalloc.stop()
