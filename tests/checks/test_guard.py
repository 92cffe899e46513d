"""A hostile header costs its own file only, and bounded time and memory."""

from __future__ import annotations

import os
import signal
import struct
import time
import zlib
from typing import TYPE_CHECKING

import pytest

from fetchers.checks.dicom.header_process import MOST, Broken, HeaderProcess
from fetchers.checks.dicom.header_worker import INFLATE, bounded
from fetchers.checks.dicom.samples import CT, scanner_file
from fetchers.records import Header
from tests.checks.shipped import shipped

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEFLATED = b"1.2.840.10008.1.2.1.99"
_SEQUENCE = b"\x08\0\x40\x11SQ\0\0\xff\xff\xff\xff"
_ITEM = b"\xfe\xff\0\xe0\xff\xff\xff\xff"
_CLASS = b"\x08\0\x16\0UI\x1a\0" + b"1.2.840.10008.5.1.4.1.1.2\0"


def _meta(syntax: bytes) -> bytes:
    body = b"\2\0\x10\0UI" + struct.pack("<H", len(syntax)) + syntax
    return b"\2\0\0\0UL\4\0" + struct.pack("<I", len(body)) + body


def _bomb(size: int) -> bytes:
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    start = _CLASS + b"\x08\0\x60\0CS\2\0CT" + b"\x09\0\0\x10OB\0\0" + struct.pack("<I", size)
    packed = squeeze.compress(start) + b"".join(squeeze.compress(bytes(1 << 20)) for _ in range(size >> 20))
    return packed + squeeze.flush()


HOSTILE = {
    "a deflated bomb": bytes(128) + b"DICM" + _meta(_DEFLATED) + _bomb(256 << 20),
    "a deflated bomb without a preamble": _meta(_DEFLATED) + _bomb(256 << 20),
    "a deflated bomb after a long meta": (
        bytes(128) + b"DICM" + b"\2\0\2\0UI" + struct.pack("<H", 4096) + b"1" * 4096 + _meta(_DEFLATED)[12:]
        + _bomb(256 << 20)
    ),
    "a bomb whose meta is implicit": bytes(128) + b"DICM\2\0\x10\0\x16\0\0\0" + _DEFLATED + _bomb(64 << 20),
    "5,000 nested sequences": bytes(128) + b"DICM" + _meta(b"1.2.840.10008.1.2.1\0") + (_SEQUENCE + _ITEM) * 5000,
    "2,000,000 empty items": (
        bytes(128) + b"DICM" + _meta(b"1.2.840.10008.1.2.1\0") + _SEQUENCE + b"\xfe\xff\0\xe0\0\0\0\0" * 2_000_000
    ),
    "a length of 0xFFFFFFF0": (
        bytes(128) + b"DICM" + _meta(b"1.2.840.10008.1.2.1\0") + b"\x08\0\x08\0OB\0\0\xf0\xff\xff\xff" + b"x"
    ),
    "half a megabyte of elements": (
        bytes(128) + b"DICM" + _meta(b"1.2.840.10008.1.2\0") + b"".join(
            struct.pack("<HHI", 9, number & 0xFFFF, 0) for number in range(500_000)
        )
    ),
    "nothing": b"",
    "a preamble": bytes(128) + b"DICM",
}  # fmt: skip


# The limit that each of these runs into; the worker lives on and says so itself.
REASONS = {
    "a deflated bomb": "16 MiB",
    "a deflated bomb without a preamble": "16 MiB",
    "a deflated bomb after a long meta": "16 MiB",
    "a bomb whose meta is implicit": "in its place",
    "5,000 nested sequences": "nested too deeply",
    "2,000,000 empty items": "needs more than 2 s",
    "half a megabyte of elements": "200,000 elements",
}


@pytest.fixture(scope="module")
def guard() -> Iterator[HeaderProcess]:
    """Yield one guard for all: each file's end is the next one's beginning."""
    with HeaderProcess(seconds=8.0) as made:
        made.read(scanner_file(CT))  # pydicom is loaded by now
        yield made


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_headers_end_within_bounds(guard: HeaderProcess, name: str) -> None:
    """Each ends within bounds, with an answer or a reason, and the file after it is read."""
    began = time.monotonic()
    answer = guard.read(HOSTILE[name])
    assert time.monotonic() - began < 10
    assert isinstance(answer, Header) or answer.reason
    if name in REASONS:
        assert isinstance(answer, Broken)
        assert REASONS[name] in answer.reason
    after = guard.read(scanner_file(CT))
    assert isinstance(after, Header)
    assert after.modality == "CT"


def test_a_bomb_is_not_inflated() -> None:
    """16 MiB come out at most, and an honest deflated file is handed on as what it holds."""
    with pytest.raises(ValueError, match="16 MiB"):
        bounded(HOSTILE["a deflated bomb"])
    honest = bounded(shipped()["image_dfl.dcm"])
    assert _DEFLATED not in honest
    assert len(honest) < INFLATE


def test_a_file_that_only_names_the_syntax() -> None:
    """The UID of the deflated syntax, elsewhere in an ordinary file, changes nothing."""
    data = scanner_file(CT) + _DEFLATED
    assert bounded(data) == data


def test_a_hung_worker_is_replaced() -> None:
    """A worker that does not answer is ended, its file is named, and the next file is read by a new one."""
    with HeaderProcess(seconds=0.5) as guard:
        assert isinstance(guard.read(scanner_file(CT)), Header)
        process = guard._process
        assert process is not None
        os.kill(process.pid, signal.SIGSTOP)
        began = time.monotonic()
        answer = guard.read(scanner_file(CT))
        assert isinstance(answer, Broken)
        assert "took more than" in answer.reason
        assert time.monotonic() - began < 4
        assert isinstance(guard.read(scanner_file(CT)), Header)
        assert process.poll() is not None


def test_a_hung_worker_and_a_large_file() -> None:
    """More than a pipe holds is not written to a worker that reads nothing, either."""
    with HeaderProcess(seconds=0.5) as guard:
        assert isinstance(guard.read(scanner_file(CT)), Header)
        process = guard._process
        assert process is not None
        os.kill(process.pid, signal.SIGSTOP)
        began = time.monotonic()
        assert isinstance(guard.read(scanner_file(CT) + bytes(4 << 20)), Broken)
        assert time.monotonic() - began < 4
        assert isinstance(guard.read(scanner_file(CT)), Header)


def test_a_killed_worker_costs_no_file() -> None:
    """A worker that was killed between two files costs no file."""
    with HeaderProcess() as guard:
        assert isinstance(guard.read(scanner_file(CT)), Header)
        process = guard._process
        assert process is not None
        process.kill()
        process.wait()
        assert isinstance(guard.read(scanner_file(CT)), Header)


def test_no_more_than_the_limit_is_sent() -> None:
    """A file of any size is looked at to its 32nd MiB."""
    with HeaderProcess() as guard:
        answer = guard.read(scanner_file(CT) + bytes(MOST))
    assert isinstance(answer, Header)


def test_values_are_kept_as_codes() -> None:
    """A header by the slow road says what the fast one says of the same picture."""
    with HeaderProcess() as guard:
        answer = guard.read(shipped()["MR_small_bigendian.dcm"])
    assert isinstance(answer, Header)
    assert (answer.modality, answer.rows, answer.columns, answer.frames) == ("MR", 64, 64, 1)
