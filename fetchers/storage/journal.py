"""What was recorded, line by line, beside the data?

`manifest.journal` has one line for each transaction, made durable before the database commits: CRC-32, a space, a JSON
array `[kind, rows...]`. From it a lost or broken database is built again. A last line that a crash tore is no line.
"""

from __future__ import annotations

import json
import os
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "manifest.journal"


def line(kind: str, rows: object) -> bytes:
    """Make one line."""
    text = json.dumps([kind, rows], separators=(",", ":"), ensure_ascii=False).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


def append(path: Path, body: bytes, at: int) -> int:
    """Write `body` durably at offset `at`, which is where the last good line ends; give the new end in bytes.

    What stands behind `at` was never committed, and no one has been told that it was recorded.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        if os.fstat(descriptor).st_size != at:
            os.ftruncate(descriptor, at)
        os.lseek(descriptor, at, os.SEEK_SET)
        view = memoryview(body)
        while view:
            view = view[os.write(descriptor, view) :]
        os.fdatasync(descriptor)
    finally:
        os.close(descriptor)
    return at + len(body)


def read(path: Path, start: int = 0) -> Iterator[tuple[str, Any, int]]:
    """Yield (kind, rows, where the line ends) of every whole line from `start` on; stop at the first that is none."""
    try:
        file = path.open("rb")
    except OSError:
        return
    with file:
        file.seek(start)
        end = start
        for raw in file:
            crc, _, text = raw.rstrip(b"\n").partition(b" ")
            if not raw.endswith(b"\n") or crc != b"%08x" % zlib.crc32(text):
                return
            end += len(raw)
            kind, rows = json.loads(text)
            yield kind, rows, end


def size(path: Path) -> int:
    """Bytes of the journal; 0 where there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
