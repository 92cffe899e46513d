"""The bytes of a large file are written completely and in order."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from fetchers.storage.partial.body_writer import STRIDE, Body
from fetchers.storage.partial.hashes import Hashes
from fetchers.storage.safe_folder import SafeFolder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DATA = os.urandom(1 << 20) * 9 + b"rest"


@pytest.fixture(params=["thread", "caller"])
def executor(request: pytest.FixtureRequest) -> Iterator[Executor | None]:
    """Yield a thread that writes, or none."""
    if request.param == "caller":
        yield None
        return
    with ThreadPoolExecutor(max_workers=1) as threads:
        yield threads


@pytest.mark.parametrize("chunk", [16 << 10, 100_001, 3 << 20])
def test_what_is_put_is_written_hashed_and_noted(tmp_path: Path, executor: Executor | None, chunk: int) -> None:
    """Whatever the sizes in which it comes."""
    hashes = Hashes(None)
    body = Body(SafeFolder(tmp_path), "f", hashes, 0, {"validator": '"v"'}, executor)
    for start in range(0, len(DATA), chunk):
        body.put(DATA[start : start + chunk])
    body.settle()
    assert body.written == len(DATA)
    assert hashes.sha256 == hashlib.sha256(DATA).hexdigest()
    body.close()
    assert (tmp_path / "f/body").read_bytes() == DATA
    facts = [json.loads(line) for line in (tmp_path / "f/state").read_text().splitlines()]
    assert facts[0] == {"validator": '"v"'}
    assert [fact["at"] for fact in facts[1:]] == [STRIDE, 2 * STRIDE]
    assert all(fact["sha256"] == hashlib.sha256(DATA[: fact["at"]]).hexdigest() for fact in facts[1:])


def test_it_goes_on_where_it_was_left(tmp_path: Path, executor: Executor | None) -> None:
    """With the hashes of what is there."""
    hashes = Hashes(None)
    first = Body(SafeFolder(tmp_path), "f", hashes, 0, {}, executor)
    first.put(DATA[:1_234_567])
    first.close()
    assert first.written == 1_234_567
    second = Body(SafeFolder(tmp_path), "f", hashes, first.written, {}, executor)
    second.put(DATA[1_234_567:])
    second.close()
    assert (tmp_path / "f/body").read_bytes() == DATA
    assert hashes.sha256 == hashlib.sha256(DATA).hexdigest()


def test_a_disk_that_fails_is_told_and_nothing_after_the_gap_counts(
    tmp_path: Path, executor: Executor | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error may come one portion later, but it comes; what is believed ends before it."""
    real, limit = os.pwrite, 3 << 20
    failed: list[int] = []

    def full(descriptor: int, data: memoryview, offset: int) -> int:
        if offset == limit and not failed:  # once: somebody has made room since
            failed.append(offset)
            raise OSError(errno.ENOSPC, "no space")
        return real(descriptor, data, offset)

    monkeypatch.setattr(os, "pwrite", full)
    hashes = Hashes(None)
    body = Body(SafeFolder(tmp_path), "f", hashes, 0, {}, executor)

    def all_of_it() -> None:
        for start in range(0, len(DATA), 16 << 10):
            body.put(DATA[start : start + (16 << 10)])
        body.settle()

    with pytest.raises(OSError, match="no space"):
        all_of_it()
    body.close()
    assert body.written == limit
    assert (tmp_path / "f/body").read_bytes() == DATA[:limit]
    assert hashes.sha256 == hashlib.sha256(DATA[:limit]).hexdigest()


def test_a_cut_body_begins_anew(tmp_path: Path, executor: Executor | None) -> None:
    """Whatever was under way when it was cut."""
    body = Body(SafeFolder(tmp_path), "f", Hashes(None), 0, {}, executor)
    body.put(DATA[: 5 << 20])
    hashes = Hashes(None)
    body.cut(hashes)
    body.put(b"new")
    body.close()
    assert (tmp_path / "f/body").read_bytes() == b"new"
    assert hashes.sha256 == hashlib.sha256(b"new").hexdigest()
