"""Find a zip's central directory.

Two ends, an end that is not the file's, or one that does not fit to what stands before it: readers differ in what they
make of those, and such a file is refused. Formats: PKWARE APPNOTE 6.3.10, 4.3.14 to 4.3.16.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from fetchers.errors import ContentError
from fetchers.storage.archive.refusal import refuse

if TYPE_CHECKING:
    from fetchers.storage.archive.concat import Pieces

_END = struct.Struct("<4sHHHHIIH")
_END64 = struct.Struct("<4sQHHIIQQQQ")
_LOCATOR = struct.Struct("<4sIQI")
_MOST = 0xFFFFFFFF
_WRAP = 1 << 32


class End(NamedTuple):
    """The position of the central directory, in bytes from the archive's start.

    `wrapped`: its counts and offsets are only known up to multiples of 65,536 and of 4 GiB, as macOS writes them.
    `shift` is what the directory's own offset lacks, `trailing` counts the bytes after the archive's end.
    """

    entries: int
    start: int
    length: int
    wrapped: bool = False
    shift: int = 0
    trailing: int = 0


def end_record(archive: Pieces) -> End:
    """Find the one end record, and the central directory by it."""
    tail_at = max(0, archive.size - _END.size - 0xFFFF)
    tail = archive.at(tail_at, archive.size - tail_at)
    at, trailing = tail.rfind(b"PK\5\6"), 0
    while at >= 0 and at + _END.size <= len(tail):
        fields = _END.unpack_from(tail, at)
        if at + _END.size + fields[7] == len(tail):
            break
        at = tail.rfind(b"PK\5\6", 0, at)
    else:
        at, trailing = _followed(tail)
    other = tail.rfind(b"PK\5\6", 0, at)
    while other >= 0:
        if other + _END.size + int.from_bytes(tail[other + 20 : other + 22], "little") == len(tail):
            raise refuse("it has two ends, and readers differ in which they take")
        other = tail.rfind(b"PK\5\6", 0, other)
    end = tail_at + at
    # 65,535 entries need no zip64; a locator in front of the end says that it is one.
    if archive.at(max(0, end - _LOCATOR.size), 4) == b"PK\6\7" or _MOST in fields[5:7]:
        return _placed(archive, _end64(archive, end, fields), wrapped=False)._replace(trailing=trailing)
    _, disk, first_disk, here, count, length, start, _ = fields
    return _placed(archive, (disk, first_disk, here, count, length, start, end), wrapped=True)._replace(
        trailing=trailing
    )


def _followed(tail: bytes) -> tuple[int, int]:
    """Find the only end that bytes follow, and count them; no record of a zip may be among them."""
    at = tail.find(b"PK\5\6")
    if at < 0 or at + _END.size > len(tail):
        raise ContentError("truncated: the archive's end is missing")
    end = at + _END.size + _END.unpack_from(tail, at)[7]
    if end > len(tail):
        raise ContentError("truncated: the archive's comment is cut off")
    if b"PK" in tail[at + 2 :]:
        raise refuse("records of a zip follow the end of the archive")
    return at, len(tail) - end


def _placed(archive: Pieces, values: tuple[int, ...], *, wrapped: bool) -> End:
    """Hold what the end says of the directory against where it lies; of several disks all must be here."""
    disk, first_disk, here, count, length, start, end = values
    if disk == 0:
        if here != count or first_disk != 0:
            raise refuse("it spans several disks")
    elif disk + 1 != archive.pieces or first_disk > disk:
        raise refuse(f"it spans {disk + 1} disks, and {archive.pieces} are here", "unsupported")
    else:
        start += archive.start_of(first_disk)
    gap = end - start - length
    if gap < 0:
        raise refuse("the central directory does not fit before the archive's end")
    if gap and not (wrapped and disk == 0 and gap % _WRAP == 0):
        raise refuse(f"{gap} unexplained bytes before the archive's end, or in front of it")
    return End(count, start + gap, length, wrapped, gap)


def _end64(archive: Pieces, end: int, short: tuple[int, ...]) -> tuple[int, int, int, int, int, int, int]:
    """Read the zip64 end record, and hold it against the short one, whose values count unless they are all ones."""
    raw = archive.at(end - _LOCATOR.size, _LOCATOR.size)
    if end < _LOCATOR.size or raw[:4] != b"PK\6\7":
        raise refuse("a zip64 archive without its locator")
    _, at, where, disks = _LOCATOR.unpack(raw)
    if 0 < at < archive.pieces:
        where += archive.start_of(at)
    body = archive.at(where, _END64.size)
    if len(body) < _END64.size or body[:4] != b"PK\6\6" or disks > max(1, archive.pieces):
        raise refuse("the zip64 end record is not where its locator says")
    _, length64, _, _, *values = _END64.unpack(body)
    if where + 12 + length64 != end - _LOCATOR.size:
        raise refuse("the zip64 end record has another length than its place")
    for long, said, unsaid in zip(values, short[1:7], (0xFFFF,) * 4 + (_MOST,) * 2, strict=True):
        if said not in (long, unsaid):
            raise refuse("the zip64 end record and the short one say different things")
    disk, first_disk, here, count, length, start = values
    return disk, first_disk, here, count, length, start, where
