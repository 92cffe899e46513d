"""Read a zip's entries, and refuse one whose two headers differ.

Python's `zipfile` takes 31 of libzip's 52 inconsistent archives, and on 3.11.7 fully overlapping entries; so the
records are read here, strictly, and every entry of the central directory is compared with its local header before one
byte is unpacked. Formats: PKWARE APPNOTE 6.3.10. Data descriptors, zip64, Unicode names and several disks that are all
here are ordinary; encryption and unknown methods are refused by name.
"""

from __future__ import annotations

import stat
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from fetchers.errors import ContentError
from fetchers.storage.archive.limits import check_memory
from fetchers.storage.archive.refusal import refuse
from fetchers.storage.archive.zip_directory import End, end_record

if TYPE_CHECKING:
    from fetchers.storage.archive.concat import Pieces

METHODS = {0: "stored", 8: "deflate", 9: "deflate64", 12: "bzip2", 14: "lzma", 93: "zstd", 95: "xz"}
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
LOCAL = struct.Struct("<4sHHHHHIIIHH")
_MOST, _MOST_SHORT = 0xFFFFFFFF, 0xFFFF
_DESCRIPTOR = 0x08
_ENCRYPTED = 0x01 | 0x40 | 0x2000  # plainly, strongly, with hidden headers
_ZIP64, _UNICODE_PATH = 0x0001, 0x7075
_UNIX = (3, 19)  # APPNOTE 4.4.2.2: Unix, and macOS, which write a mode
_DOS_FOLDER = 0x10
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


class _Span(NamedTuple):
    """The span of an entry with its local header, and what the data descriptor after it must say."""

    start: int
    end: int
    streamed: bool
    told: bool
    values: tuple[int, int, int]


def entries(archive: Pieces) -> list[Entry]:
    """Read and check all records; raise `ContentError` with the reason.

    A name that is no UTF-8 keeps its bytes as `surrogateescape` has them.
    """
    end = end_record(archive)
    if end.entries * _CENTRAL.size > end.length:
        raise refuse(f"{end.entries:,} entries do not fit into a central directory of {end.length:,} bytes")
    check_memory(end.length // _CENTRAL.size if end.wrapped else end.entries)
    directory = archive.at(end.start, end.length)
    if len(directory) != end.length:
        raise ContentError("truncated: the central directory is cut off")
    found: list[Entry] = []
    spans: list[_Span] = []
    at, offsets = 0, _Offsets(archive, end)
    while len(found) < end.entries or (end.wrapped and directory[at : at + 4] == b"PK\1\2"):
        entry, span, at = _entry(archive, directory, at, offsets)
        found.append(entry)
        spans.append(span)
    if at != end.length or (len(found) != end.entries and len(found) % (_MOST_SHORT + 1) != end.entries):
        raise refuse(f"the central directory has {end.length - at} bytes more than its {end.entries} entries")
    _contiguous(archive, spans, end.start)
    return found


class _Offsets:
    """Turns the offsets of a central directory into places in the archive."""

    def __init__(self, archive: Pieces, end: End) -> None:
        self.limit = end.start
        self._archive = archive
        self._wraps = end.shift > 0
        self._before = self._added = 0

    def place(self, offset: int, disk: int) -> int:
        """Return where an entry's local header lies, from its offset on a disk."""
        if disk:
            if disk >= self._archive.pieces:
                raise refuse("it spans several disks, and not all of them are here", "unsupported")
            return self._archive.start_of(disk) + offset
        if self._wraps and offset < self._before:
            self._added += _MOST + 1
        self._before = offset
        return offset + self._added


def _contiguous(archive: Pieces, spans: list[_Span], start: int) -> None:
    """Check that the entries do not overlap and end before the directory; gaps that an editor left are no entries."""
    spans.sort()
    expected = 0
    for number, span in enumerate(spans):
        _gap(archive, expected, span.start)
        following = spans[number + 1].start if number + 1 < len(spans) else start
        if following < span.end:
            raise refuse("entries overlap" if number + 1 < len(spans) else "an entry reaches into the directory")
        expected = span.end + (_descriptor(archive, span, following - span.end) if span.streamed else 0)
    _gap(archive, expected, start)


def _gap(archive: Pieces, at: int, end: int) -> None:
    """Refuse bytes between the entries that another reader would take for one (seen in a file that was edited)."""
    before = b""
    while at < end:
        body = archive.at(at, min(end - at, 1 << 20))
        if any(mark in before + body for mark in (b"PK\3\4", b"PK\1\2", b"PK\5\6")):
            raise refuse("between its entries lies one that the central directory does not name")
        before = body[-3:]
        at += len(body)


def _descriptor(archive: Pieces, span: _Span, room: int) -> int:
    """Check what follows an entry written as a stream, with or without signature and zip64; return its length."""
    body = archive.at(span.end, min(room, 24))
    for length, form in ((16, "<4xIII"), (24, "<4xIQQ"), (12, "<III"), (20, "<IQQ")):
        signed = form.startswith("<4x")
        if len(body) < length or signed != (body[:4] == b"PK\7\x08"):
            continue
        if struct.unpack_from(form, body) == span.values:
            return length
    if span.told and body[:4] != b"PK\7\x08":
        return 0  # said to follow, and not needed: the local header has all of it
    raise refuse(f"the record of sizes after an entry at {span.start} is missing, or says something else")


def _entry(archive: Pieces, directory: bytes, at: int, offsets: _Offsets) -> tuple[Entry, _Span, int]:
    if at + _CENTRAL.size > len(directory) or directory[at : at + 4] != b"PK\1\2":
        raise refuse("the central directory holds fewer entries than it says")
    fields = _CENTRAL.unpack_from(directory, at)
    (
        _,
        made_by,
        _,
        flags,
        method,
        time,
        date,
        crc,
        packed,
        size,
        n_name,
        n_extra,
        n_comment,
        disk,
        _,
        external,
        local,
    ) = fields
    name_at = at + _CENTRAL.size
    following = name_at + n_name + n_extra + n_comment
    if following > len(directory):
        raise refuse("an entry of the central directory is cut off")
    raw = directory[name_at : name_at + n_name]
    extras = _extras(directory[name_at + n_name : name_at + n_name + n_extra])
    size, packed, local, disk = _widened(extras, size, packed, local, disk)
    name = _name(raw, flags, extras)
    if flags & _ENCRYPTED:
        raise refuse(f"{name!r} is encrypted", "encrypted")
    if method not in METHODS:
        raise refuse(f"{name!r} is packed by method {method}, which is not known here", "unsupported")
    if b"\0" in directory[following - n_comment : following]:
        raise refuse(f"the comment of {name!r} holds a NUL")
    if method == 0 and packed != size:
        raise refuse(f"{name!r} is stored, {packed} bytes, and said to be {size}")
    place, limit = offsets.place(local, disk), offsets.limit
    data, span, extras = _local(archive, place, raw, (flags, method, time, date, crc, packed, size), limit)
    if any(kind == _UNICODE_PATH for kind, _ in extras) and _name(raw, flags, extras) != name:
        raise refuse(f"{name!r} has another Unicode name in its local header")
    mode = external >> 16 if made_by >> 8 in _UNIX else 0
    return Entry(name, method, crc, packed, size, data, mode, _is_folder(name, size, external)), span, following


def _is_folder(name: str, size: int, external: int) -> bool:
    """Return True for a folder; some programs omit the slash and set the attributes of Unix or DOS."""
    if name.endswith(("/", "\\")):
        if size:
            raise refuse(f"the folder {name!r} has content")
        return True
    return not size and bool(stat.S_ISDIR(external >> 16) or external & _DOS_FOLDER)


def _widened(
    extras: list[tuple[int, bytes]], size: int, packed: int, local: int, disk: int
) -> tuple[int, int, int, int]:
    """Take the values of the zip64 extra field where the short ones are all ones; they stand in this order."""
    bodies = [body for kind, body in extras if kind == _ZIP64]
    if len(bodies) > 1:
        raise refuse("an entry has two zip64 fields")
    if _MOST not in (size, packed, local) and disk != _MOST_SHORT:
        return size, packed, local, disk
    if not bodies:
        raise refuse("a zip64 value without its field")
    at, found = 0, []
    for value, unsaid, width in ((size, _MOST, 8), (packed, _MOST, 8), (local, _MOST, 8), (disk, _MOST_SHORT, 4)):
        if value != unsaid:
            found.append(value)
            continue
        if at + width > len(bodies[0]):
            raise refuse("a zip64 field lacks a value that it must have")
        found.append(int.from_bytes(bodies[0][at : at + width], "little"))
        at += width
    size, packed, local, disk = found
    return size, packed, local, disk


def _extras(extra: bytes) -> list[tuple[int, bytes]]:
    found, at = [], 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if at + 4 + length > len(extra):
            break
        found.append((kind, extra[at + 4 : at + 4 + length]))
        at += 4 + length
    # Android's tools fill up with zeros to align what follows.
    if extra[at:].strip(b"\0") or len(extra) - at >= 4:  # noqa: PLR2004 - a field's head
        raise refuse("an entry's extra fields do not add up")
    return found


def _name(raw: bytes, flags: int, extras: list[tuple[int, bytes]]) -> str:
    if not raw:
        raise refuse("an entry has no name")
    unicode = [body for kind, body in extras if kind == _UNICODE_PATH]
    if unicode:  # Info-ZIP's field, APPNOTE 4.6.9: it counts while its CRC is that of the short name
        if len(unicode) > 1 or len(unicode[0]) < 5 or unicode[0][0] != 1:  # noqa: PLR2004 - version and CRC
            raise refuse(f"{raw!r} has a broken Unicode name")
        if int.from_bytes(unicode[0][1:5], "little") == zlib.crc32(raw):
            raw, flags = unicode[0][5:], flags | _UTF8
    try:
        # Without the flag the name is code page 437 by the letter, and UTF-8 in most archives that are not ASCII.
        return raw.decode()
    except UnicodeDecodeError:
        if flags & _UTF8:
            raise refuse(f"the name {raw!r} is said to be UTF-8 and is not") from None
        return raw.decode("utf-8", "surrogateescape")


def _local(
    archive: Pieces, at: int, raw: bytes, said: tuple[int, ...], limit: int
) -> tuple[int, _Span, list[tuple[int, bytes]]]:
    """Compare the local header with the central one; return the start of the data, the span, the extra fields."""
    flags, method, time, date, crc, packed, size = said
    head = archive.at(at, LOCAL.size + len(raw) + 128)
    if len(head) < LOCAL.size or head[:4] != b"PK\3\4" or at >= limit:
        raise refuse(f"{raw!r} has no local header where the central directory says")
    _, _, lflags, lmethod, ltime, ldate, lcrc, lpacked, lsize, n_name, n_extra = LOCAL.unpack_from(head)
    name = head[LOCAL.size : LOCAL.size + n_name]
    if name != raw:
        raise refuse(f"the local header says {name[:200]!r}, the central directory {raw!r}")
    data = at + LOCAL.size + n_name + n_extra
    if data > limit:
        raise refuse(f"{raw!r} reaches beyond its place")
    extra = head[LOCAL.size + n_name : LOCAL.size + n_name + n_extra]
    if len(extra) < n_extra:
        extra = archive.at(at + LOCAL.size + n_name, n_extra)
    extras = _extras(extra)
    if (lmethod, ltime, ldate) != (method, time, date) or (lflags ^ flags) & _ENCRYPTED:
        raise refuse(f"{raw!r}: the local header and the central directory name different methods or times")
    streamed = bool(lflags & _DESCRIPTOR)
    if _MOST in (lpacked, lsize) and any(kind == _ZIP64 for kind, _ in extras):
        lsize, lpacked, _, _ = _widened(extras, lsize, lpacked, 0, 0)
    same = (lcrc, lpacked, lsize) == (crc, packed, size)
    if not same and not (
        streamed and all(here in (0, _MOST, there) for here, there in ((lcrc, crc), (lpacked, packed), (lsize, size)))
    ):
        raise refuse(f"{raw!r}: the local header and the central directory say different sizes or checksums")
    if data + packed > limit:
        raise refuse(f"{raw!r} reaches beyond its place")
    return data, _Span(at, data + packed, streamed, same, (crc, packed, size)), extras
