"""What a later run may trust of bytes that an earlier one left."""

from __future__ import annotations

import hashlib
import multiprocessing
from typing import TYPE_CHECKING

import pytest

from fetchers.errors import ContentError
from fetchers.storage import layout
from fetchers.storage.partial import ownership
from fetchers.storage.partial.hashes import Looked
from fetchers.storage.partial.partial import SMALL, STRIDE, Partial

if TYPE_CHECKING:
    from pathlib import Path

BODY = bytes(range(256)) * (4 * STRIDE // 256)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Make an empty store."""
    layout.prepare(tmp_path)
    return tmp_path


def _die_after(store: Path, count: int) -> None:
    """Write `count` bytes in a process of its own, which ends without letting go: as SIGKILL does."""

    def work() -> None:
        partial = Partial(store, lambda: "key")
        partial.note('"v1"', len(BODY))
        for start in range(0, count, 100_000):
            partial.write(BODY[start : min(start + 100_000, count)])

    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    process.join()


def test_a_small_file_touches_no_disk(store: Path) -> None:
    """Ten thousand small files must not make ten thousand folders."""
    partial = Partial(store, lambda: "key")
    partial.write(b"x" * SMALL)
    partial.finish()
    assert partial.small
    assert partial.source == b"x" * SMALL
    assert not list((store / ".partial").iterdir())


def test_a_killed_run_leaves_what_the_next_one_believes(store: Path) -> None:
    """At most one stride is brought again, and the hash of the whole is right."""
    _die_after(store, 3 * STRIDE + 1000)
    partial = Partial(store, lambda: "key")
    any(map(partial.take_over, ownership.left_behind(store).get("key", [])))
    assert 2 * STRIDE < partial.offset <= 3 * STRIDE + 1000
    assert (partial.validator, partial.total) == ('"v1"', len(BODY))
    partial.write(BODY[partial.offset :])
    partial.finish()
    assert partial.sha256 == hashlib.sha256(BODY).hexdigest()
    assert partial.path.read_bytes() == BODY


@pytest.mark.parametrize("torn_at", [10, STRIDE + 5, 2 * STRIDE + 7])
def test_a_torn_prefix_is_dropped_not_believed(store: Path, torn_at: int) -> None:
    """After a power cut the size may be right and the bytes wrong."""
    _die_after(store, 3 * STRIDE + 1000)
    (folder,) = (store / ".partial").iterdir()
    with (folder / "body").open("r+b") as body:
        body.seek(torn_at)
        body.write(b"torn")
    partial = Partial(store, lambda: "key")
    any(map(partial.take_over, ownership.left_behind(store).get("key", [])))
    assert torn_at - STRIDE - 100_000 < partial.offset <= torn_at
    partial.write(BODY[partial.offset :])
    partial.finish()
    assert partial.sha256 == hashlib.sha256(BODY).hexdigest()


def test_a_living_owner_keeps_its_bytes(store: Path) -> None:
    """Two runs at once never write into one file."""
    first = Partial(store, lambda: "key")
    first.write(BODY[: 2 * STRIDE])
    second = Partial(store, lambda: "key")
    any(map(second.take_over, ownership.left_behind(store).get("key", [])))
    assert second.offset == 0
    first.discard()


def test_a_whole_body_is_whole_for_the_next_run(store: Path) -> None:
    """Killed between the last byte and the publishing: nothing is asked again."""

    def work() -> None:
        partial = Partial(store, lambda: "key", checksum="md5:" + hashlib.md5(BODY, usedforsecurity=False).hexdigest())
        partial.note(None, len(BODY))
        partial.write(BODY)
        partial.finish()

    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    process.join()
    partial = Partial(store, lambda: "key", checksum="md5:" + hashlib.md5(BODY, usedforsecurity=False).hexdigest())
    any(map(partial.take_over, ownership.left_behind(store).get("key", [])))
    assert partial.whole
    partial.finish()
    assert partial.sha256 == hashlib.sha256(BODY).hexdigest()


def test_restart_forgets_everything(store: Path) -> None:
    """A server that ignores the range sends the first byte again."""
    partial = Partial(store, lambda: "key")
    partial.write(BODY[: 2 * STRIDE])
    partial.restart()
    partial.write(BODY[: SMALL * 2])
    partial.finish()
    assert partial.path.read_bytes() == BODY[: SMALL * 2]
    assert partial.sha256 == hashlib.sha256(BODY[: SMALL * 2]).hexdigest()


@pytest.mark.parametrize("algorithm", ["sha256", "md5", "sha1"])
@pytest.mark.parametrize("count", [5, SMALL + 5])
def test_another_checksum_is_refused_with_both_values(store: Path, algorithm: str, count: int) -> None:
    """What arrived and what was promised both stand in the sentence."""
    promised = "ab" * (hashlib.new(algorithm, usedforsecurity=False).digest_size)
    partial = Partial(store, lambda: "key", checksum=f"{algorithm}:{promised}")
    partial.write(BODY[:count])
    with pytest.raises(ContentError) as caught:
        partial.finish()
    arrived = hashlib.new(algorithm, BODY[:count], usedforsecurity=False).hexdigest()
    assert arrived in caught.value.what
    assert promised in caught.value.what


@pytest.mark.parametrize("count", [5, SMALL + 5])
def test_the_head_is_looked_at_once(store: Path, count: int) -> None:
    """A login page is refused within the first 64 KiB."""
    seen: list[int] = []

    def look(head: bytes) -> Looked:
        seen.append(len(head))
        return Looked()

    partial = Partial(store, lambda: "key", look=look)
    for start in range(0, count, 1000):
        partial.write(BODY[start : min(start + 1000, count)])
    partial.finish()
    assert seen == [min(count, 1 << 16)]


@pytest.mark.parametrize("size", [5, SMALL + 1, len(BODY)])
def test_what_git_calls_a_file_is_a_checksum(store: Path, size: int) -> None:
    """The SHA-1 of a head with the size, and of the bytes behind it; in memory, on the disk, and after a restart."""
    body = BODY[:size]
    name = hashlib.sha1(b"blob %d\0" % size + body, usedforsecurity=False).hexdigest()
    partial = Partial(store, lambda: "key", checksum=f"git-sha1:{name}", size=size)
    partial.write(b"wrong")
    partial.restart()
    partial.write(body)
    partial.finish()
    assert partial.sha256 == hashlib.sha256(body).hexdigest()
    other = Partial(store, lambda: "other", checksum=f"git-sha1:{name}", size=size)
    other.write(body[:-1] + b"x")
    with pytest.raises(ContentError, match="git-sha1"):
        other.finish()


def test_what_git_calls_a_file_goes_on_from_an_earlier_run(store: Path) -> None:
    """The head with the size is not forgotten."""
    _die_after(store, 3 * STRIDE + 1000)
    name = hashlib.sha1(b"blob %d\0" % len(BODY) + BODY, usedforsecurity=False).hexdigest()
    partial = Partial(store, lambda: "key", checksum=f"git-sha1:{name}", size=len(BODY))
    assert any(map(partial.take_over, ownership.left_behind(store).get("key", [])))
    partial.write(BODY[partial.offset :])
    partial.finish()
