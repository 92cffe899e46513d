"""What does a zip say of itself, and does it say so twice alike?

Python's `zipfile` takes 31 of libzip's 52 inconsistent archives, and on 3.11.7 fully overlapping entries; so the
records are read here, strictly, and every entry of the central directory is held against its local header before one
byte is unpacked. Formats: PKWARE APPNOTE 6.3.10. Data descriptors, zip64 and Unicode names are ordinary; encryption,
several disks and unknown methods are refused by name.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from fetchers.errors import ContentError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fetchers.storage.pieces import Pieces

METHODS = {0: "stored", 8: "deflate", 12: "bzip2", 14: "lzma", 93: "zstd", 95: "xz"}
_END = struct.Struct("<4sHHHHIIH")
_END64 = struct.Struct("<4sQHHIIQQQQ")
_LOCATOR = struct.Struct("<4sIQI")
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_MOST, _MOST_SHORT = 0xFFFFFFFF, 0xFFFF
_DESCRIPTOR = 0x08
_UTF8 = 0x800


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: sizes in bytes, `data` where its compressed bytes begin, `mode` of Unix or 0."""

    name: str
    method: int
    crc: int
    packed: int
    size: int
    data: int
    mode: int
    folder: bool


def refuse(reason: str) -> ContentError:
    """Make the refusal of an archive."""
    return ContentError(f"refused: {reason}", hint="ask the place for a sound copy; nothing of it was kept")


def entries(archive: Pieces, *, most: int) -> list[Entry]:
    """Read and check all records; raises `ContentError` with the reason. `most` limits the entries."""
    count, start, length = _end_record(archive)
    if count > most:
        raise refuse(f"{count:,} entries, {most:,} at most are unpacked")
    found = []
    spans: list[tuple[int, int]] = []
    directory = archive.at(start, length)
    if len(directory) != length:
        raise ContentError("truncated: the central directory is cut off")
    at = 0
    for _ in range(count):
        entry, span, at = _entry(archive, directory, at, start)
        found.append(entry)
        spans.append(span)
    if at != length:
        raise refuse(f"the central directory has {length - at} bytes more than its {count} entries")
    spans.sort()
    for (_, end), (following, _) in pairwise(spans):
        if following < end:
            raise refuse("entries overlap")
    if spans and spans[-1][1] > start:
        raise refuse("an entry reaches into the central directory")
    return found


def _end_record(archive: Pieces) -> tuple[int, int, int]:
    """Find the one end record; give (entries, where the directory starts, its bytes)."""
    tail_at = max(0, archive.size - _END.size - 0xFFFF)
    tail = archive.at(tail_at, archive.size - tail_at)
    at = tail.rfind(b"PK\5\6")
    while at >= 0 and at + _END.size <= len(tail):
        fields = _END.unpack_from(tail, at)
        if at + _END.size + fields[7] == len(tail):
            break
        at = tail.rfind(b"PK\5\6", 0, at)
    else:
        if b"PK\5\6" in tail:
            raise refuse("bytes follow the end of the archive")
        raise ContentError("truncated: the archive's end is missing")
    _, disk, first_disk, here, count, length, start, _ = fields
    end = tail_at + at
    if _MOST_SHORT in (disk, first_disk, here, count) or _MOST in (length, start):
        disk, first_disk, here, count, length, start, end = _end64(archive, end)
    if (disk, first_disk) != (0, 0) or here != count:
        raise refuse("it spans several disks")
    if start + length != end:
        if start + length > end:
            raise refuse("the central directory does not fit before the archive's end")
        raise refuse(f"{end - start - length} unexplained bytes stand before the archive's end, or in front of it")
    return count, start, length


def _end64(archive: Pieces, end: int) -> tuple[int, int, int, int, int, int, int]:
    raw = archive.at(end - _LOCATOR.size, _LOCATOR.size)
    if end < _LOCATOR.size or raw[:4] != b"PK\6\7":
        raise refuse("a zip64 archive without its locator")
    _, _, where, disks = _LOCATOR.unpack(raw)
    body = archive.at(where, _END64.size)
    if len(body) < _END64.size or body[:4] != b"PK\6\6" or disks > 1:
        raise refuse("the zip64 end record is not where its locator says")
    _, length64, _, _, disk, first_disk, here, count, length, start = _END64.unpack(body)
    if where + 12 + length64 != end - _LOCATOR.size:
        raise refuse("the zip64 end record has another length than its place")
    return disk, first_disk, here, count, length, start, where


def _entry(archive: Pieces, directory: bytes, at: int, limit: int) -> tuple[Entry, tuple[int, int], int]:
    if at + _CENTRAL.size > len(directory) or directory[at : at + 4] != b"PK\1\2":
        raise refuse("the central directory holds fewer entries than it says")
    fields = _CENTRAL.unpack_from(directory, at)
    _, made_by, _, flags, method, _, _, crc, packed, size, n_name, n_extra, n_comment, disk, _, external, local = fields
    name_at = at + _CENTRAL.size
    raw = directory[name_at : name_at + n_name]
    extra = directory[name_at + n_name : name_at + n_name + n_extra]
    following = name_at + n_name + n_extra + n_comment
    if following > len(directory):
        raise refuse("an entry of the central directory is cut off")
    size, packed, local, disk = _widened(extra, size, packed, local, disk)
    name = _name(raw, flags)
    if flags & 0x1 or flags & 0x40:
        raise refuse(f"{name!r} is encrypted")
    if method not in METHODS:
        raise refuse(f"{name!r} is packed by method {method}, which is not known here")
    if disk != 0:
        raise refuse("it spans several disks")
    data, end = _local(archive, local, raw, (flags, method, crc, packed, size), limit)
    mode = external >> 16 if made_by >> 8 == 3 else 0  # noqa: PLR2004 - APPNOTE 4.4.2.2: 3 is Unix
    folder = name.endswith("/")
    if folder and size:
        raise refuse(f"the folder {name!r} has content")
    return Entry(name, method, crc, packed, size, data, mode, folder), (local, end), following


def _widened(extra: bytes, size: int, packed: int, local: int, disk: int) -> tuple[int, int, int, int]:
    """Take the values of the zip64 extra field where the 32-bit ones say so."""
    if _MOST not in (size, packed, local) and disk != _MOST_SHORT:
        return size, packed, local, disk
    for kind, body in _extras(extra):
        if kind == 1:
            values = iter(struct.unpack(f"<{len(body) // 8}Q", body[: len(body) // 8 * 8]))
            try:
                size = next(values) if size == _MOST else size
                packed = next(values) if packed == _MOST else packed
                local = next(values) if local == _MOST else local
            except StopIteration:
                raise refuse("a zip64 field lacks a value that it must have") from None
            return size, packed, local, 0 if disk == _MOST_SHORT else disk
    raise refuse("a zip64 value without its field")


def _extras(extra: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        yield kind, extra[at + 4 : at + 4 + length]
        at += 4 + length


def _name(raw: bytes, flags: int) -> str:
    if not raw:
        raise refuse("an entry has no name")
    try:
        # Without the flag the name is code page 437 by the letter, and UTF-8 in most archives that are not ASCII.
        return raw.decode()
    except UnicodeDecodeError:
        if flags & _UTF8:
            raise refuse(f"the name {raw!r} is said to be UTF-8 and is not") from None
        return raw.decode("cp437")


def _local(archive: Pieces, at: int, raw: bytes, said: tuple[int, ...], limit: int) -> tuple[int, int]:
    """Hold the local header against the central one; give where the data begin and where the entry ends."""
    flags, method, crc, packed, size = said
    head = archive.at(at, _LOCAL.size + len(raw) + 512)
    if len(head) < _LOCAL.size or head[:4] != b"PK\3\4" or at >= limit:
        raise refuse(f"{raw!r} has no local header where the central directory says")
    fields = _LOCAL.unpack_from(head)
    _, _, lflags, lmethod, _, _, lcrc, lpacked, lsize, n_name, n_extra = fields
    name = head[_LOCAL.size : _LOCAL.size + n_name]
    extra = (
        archive.at(at + _LOCAL.size + n_name, n_extra)
        if _LOCAL.size + n_name + n_extra > len(head)
        else (head[_LOCAL.size + n_name : _LOCAL.size + n_name + n_extra])
    )
    if name != raw:
        raise refuse(f"the local header says {name!r}, the central directory {raw!r}")
    if lmethod != method or (lflags ^ flags) & 0x41:
        raise refuse(f"{raw!r}: the local header and the central directory name different methods")
    data = at + _LOCAL.size + n_name + n_extra
    if lflags & _DESCRIPTOR:
        wrong = any(here not in (0, _MOST, there) for here, there in ((lcrc, crc), (lpacked, packed), (lsize, size)))
    else:
        if _MOST in (lpacked, lsize):
            lsize, lpacked, _, _ = _widened(extra, lsize, lpacked, 0, 0)
        wrong = (lcrc, lpacked, lsize) != (crc, packed, size)
    if wrong:
        raise refuse(f"{raw!r}: the local header and the central directory say different sizes or checksums")
    if method == 0 and packed != size:
        raise refuse(f"{raw!r} is stored, {packed} bytes, and said to be {size}")
    if data + packed > limit:
        raise refuse(f"{raw!r} reaches beyond its place")
    return data, data + packed
