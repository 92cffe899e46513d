"""The journal: what was recorded, line by line, next to the data.

`manifest.journal` gets a line or two with each transaction, durable before the database commits: CRC-32, a space, a
JSON array `[kind, rows]`. From it a lost or broken database is built again. Broken lines at the end are what a crash
tore off, and no lines; a broken line with whole ones behind it is damage, and said.
"""

from __future__ import annotations

import json
import os
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from fetchers import system
from fetchers.storage.link_errors import LinkInTheWayError
from fetchers.storage.record import accepted
from fetchers.storage.safe_folder import SafeFolder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

NAME = "manifest.journal"
_WRITE = os.O_WRONLY | os.O_CREAT


def line(kind: str, rows: object) -> bytes:
    """Make one line."""
    text = json.dumps([kind, rows], separators=(",", ":"), ensure_ascii=False).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


def append(path: Path, body: bytes, at: int) -> int:
    """Write `body` durably at offset `at`, which is where the last good line ends; return the new end in bytes.

    What stands behind `at` was never committed, and no one has been told that it was recorded.
    """
    with SafeFolder(path.parent) as store:
        descriptor = store.open(path.name, _WRITE, store.modes.own_file)
    try:
        if os.fstat(descriptor).st_size != at:
            os.ftruncate(descriptor, at)
        os.lseek(descriptor, at, os.SEEK_SET)
        _write(descriptor, body)
        os.fdatasync(descriptor)
    finally:
        os.close(descriptor)
    return at + len(body)


def replace(path: Path, lines: Iterable[bytes]) -> int:
    """Write the whole journal anew, durably and at once; return its bytes."""
    fresh, end = f"{path.name}.new", 0
    with SafeFolder(path.parent) as store:
        descriptor = store.open(fresh, _WRITE | os.O_TRUNC, store.modes.own_file)
        try:
            for one in lines:
                _write(descriptor, one)
                end += len(one)
            system.fsync(descriptor)
        finally:
            os.close(descriptor)
        store.rename(fresh, path.name, replace=True)
    return end


def cut(path: Path, at: int) -> None:
    """Take off, as well as may be, what a transaction wrote behind `at` and then could not commit."""
    with suppress(OSError), SafeFolder(path.parent) as store:
        descriptor = store.open(path.name, os.O_WRONLY)
        try:
            os.ftruncate(descriptor, at)
        finally:
            os.close(descriptor)


def read(
    path: Path, start: int = 0, *, only: str | None = None, damaged: list[int] | None = None
) -> Iterator[tuple[str, Any, int]]:
    """Yield (kind, rows, where the line ends) of the whole lines from `start` on; with `only`, those of that kind.

    Where a broken line ends that has whole ones behind it is added to `damaged`, in bytes.
    """
    try:
        with SafeFolder(path.parent) as store:
            file = store.read(path.name)
    except LinkInTheWayError:
        raise
    except OSError:
        return
    with file:
        file.seek(start)
        end = start
        broken: list[int] = []
        sign = b'["%s",' % only.encode() if only else b""
        for raw in file:
            end += len(raw)
            crc, _, text = raw.rstrip(b"\n").partition(b" ")
            if not raw.endswith(b"\n") or crc != b"%08x" % zlib.crc32(text):
                broken.append(end)
                continue
            if damaged is not None:
                damaged += broken
            broken.clear()
            if text.startswith(sign):
                yield *accepted.line(path, end, _said(text)), end


def _said(text: bytes) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def size(path: Path) -> int:
    """Bytes of the journal; 0 where there is none."""
    try:
        return os.stat(path, follow_symlinks=False).st_size  # noqa: PTH116 - once for each opening of the record
    except OSError:
        return 0


def _write(descriptor: int, body: bytes) -> None:
    view = memoryview(body)
    while view:
        view = view[os.write(descriptor, view) :]
