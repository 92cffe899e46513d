"""Archives that lie: zips and tars written byte by byte, each wrong in one way, with a word of the reason expected."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import stat
import struct
import tarfile
import zipfile
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import zstandard

if TYPE_CHECKING:
    from collections.abc import Callable

BODY = b"the voxels of a slice, " * 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a zip. What is None is as it should be; what is given is written whether or not it is true."""

    name: bytes = b"a/1.dcm"
    body: bytes = BODY
    method: int = 8
    flags: int = 0
    mode: int = stat.S_IFREG | 0o644
    local_name: bytes | None = None
    local_method: int | None = None
    local_size: int | None = None
    local_packed: int | None = None
    local_crc: int | None = None
    local_time: int = 0
    size: int | None = None
    packed: int | None = None
    crc: int | None = None
    offset: int | None = None
    disk: int = 0
    extra: bytes = b""
    local_extra: bytes = b""
    comment: bytes = b""
    data: bytes | None = None
    after: bytes = b""


def deflated(body: bytes) -> bytes:
    """Deflate without a header, as zips hold it."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(body) + packer.flush()


def zipped(
    *entries: Entry,
    comment: bytes = b"",
    count: int | None = None,
    length: int | None = None,
    start: int | None = None,
    disk: int = 0,
    before: bytes = b"",
    between: bytes = b"",
    after: bytes = b"",
) -> bytes:
    """Write a zip of `entries`."""
    body, central = before, b""
    for entry in entries:
        packed = entry.data if entry.data is not None else (deflated(entry.body) if entry.method == 8 else entry.body)
        crc = zlib.crc32(entry.body)

        def told(given: int | None, true: int) -> int:
            return true if given is None else given

        at = len(body)
        local_name = entry.name if entry.local_name is None else entry.local_name
        body += struct.pack(
            "<4sHHHHHIIIHH",
            b"PK\3\4",
            20,
            entry.flags,
            told(entry.local_method, entry.method),
            entry.local_time,
            0x21,
            told(entry.local_crc, crc),
            told(entry.local_packed, len(packed)),
            told(entry.local_size, len(entry.body)),
            len(local_name),
            len(entry.local_extra),
        )
        body += local_name + entry.local_extra + packed + entry.after
        central += struct.pack(
            "<4sHHHHHHIIIHHHHHII",
            b"PK\1\2",
            3 << 8 | 20,
            20,
            entry.flags,
            entry.method,
            0,
            0x21,
            told(entry.crc, crc),
            told(entry.packed, len(packed)),
            told(entry.size, len(entry.body)),
            len(entry.name),
            len(entry.extra),
            len(entry.comment),
            entry.disk,
            0,
            entry.mode << 16,
            told(entry.offset, at),
        )
        central += entry.name + entry.extra + entry.comment
    body += between
    here = len(entries) if count is None else count
    end = struct.pack(
        "<4sHHHHIIH",
        b"PK\5\6",
        disk,
        disk,
        here & 0xFFFF,
        here & 0xFFFF,
        len(central) if length is None else length,
        len(body) if start is None else start,
        len(comment),
    )
    return body + central + end + comment + after


def tarred(*members: tuple[tarfile.TarInfo, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    """Write a tar."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for info, body in members:
            archive.addfile(info, io.BytesIO(body))
    return out.getvalue()


def file(name: str, body: bytes = BODY, **more: object) -> tuple[tarfile.TarInfo, bytes]:
    """Make a tar's member."""
    info = tarfile.TarInfo(name)
    info.size = len(body)
    for key, value in more.items():
        setattr(info, key, value)
    return info, body


def special(name: str, kind: bytes, target: str = "") -> tuple[tarfile.TarInfo, bytes]:
    """Make a link or a device."""
    return file(name, b"", type=kind, linkname=target)


def header(**fields: bytes) -> bytes:
    """Write a tar's header with fields that `tarfile` refuses to write; the checksum is right."""
    block = bytearray(512)
    places = {"name": 0, "mode": 100, "size": 124, "mtime": 136, "kind": 156, "link": 157, "magic": 257, "prefix": 345}
    values = {"name": b"x", "mode": b"0000644", "size": b"00000000000", "mtime": b"0" * 11, "kind": b"0",
              "magic": b"ustar\00000"} | fields  # fmt: skip
    for key, value in values.items():
        block[places[key] : places[key] + len(value)] = value
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


END = bytes(1024)
GOOD = Entry()
OTHER = Entry(name=b"a/2.dcm", body=b"another slice" * 9)
_NAMES: dict[str, tuple[str, str]] = {
    "dots": ("../evil.dcm", ".."),
    "dots within": ("a/../../evil.dcm", ".."),
    "absolute": ("/tmp/evil.dcm", "absolute"),
    "two slashes": ("//server/share/evil", "absolute"),
    "drive": ("C:/evil.dcm", "colon"),
    "backslash": ("a\\..\\..\\evil.dcm", "component"),
    "unc": ("\\\\server\\share\\x", "absolute"),
}


def zips() -> dict[str, tuple[bytes, str]]:
    """Return hostile zips by what is wrong, each with a word of the reason."""
    bomb = bytes(30 << 20)
    huge = Entry(body=bomb, size=5 << 29, local_size=5 << 29)
    link = stat.S_IFLNK | 0o777
    descriptor = struct.pack("<4sIII", b"PK\7\x08", zlib.crc32(BODY), len(deflated(BODY)), len(BODY))
    streamed = Entry(flags=8, local_crc=0, local_packed=0, local_size=0)
    hidden = zipped(Entry(name=b"hidden"))[:200]
    unicode_name = struct.pack("<HHBI", 0x7075, 5 + 11, 1, zlib.crc32(b"a/1.dcm")) + b"../evil.dcm"
    found = {
        "local name": (zipped(Entry(local_name=b"a/9.dcm")), "local header says"),
        "local method": (zipped(Entry(local_method=0)), "different methods"),
        "local size": (zipped(Entry(local_size=7)), "different sizes"),
        "local packed": (zipped(Entry(local_packed=7)), "different sizes"),
        "local crc": (zipped(Entry(local_crc=7)), "checksums"),
        "local time": (zipped(Entry(local_time=7)), "times"),
        "both crcs": (zipped(Entry(crc=7, local_crc=7)), "CRC-32"),
        "both sizes small": (zipped(Entry(size=7, local_size=7)), "more than the promised"),
        "both sizes large": (zipped(Entry(size=9999, local_size=9999)), "were promised"),
        "packed too small": (zipped(Entry(packed=9, local_packed=9), OTHER), "belong|truncated|broken"),
        "left over": (zipped(Entry(data=deflated(BODY) + b"more")), "left over"),
        "cut stream": (zipped(Entry(data=deflated(BODY)[:-4])), "truncated|broken"),
        "no stream": (zipped(Entry(data=b"\xff" * 60)), "broken"),
        "stored lie": (zipped(Entry(method=0, size=3, local_size=3)), "stored"),
        "duplicate": (zipped(GOOD, replace(GOOD, body=b"other")), "twice"),
        "same entry twice": (zipped(GOOD, Entry(name=b"a/2.dcm", offset=0)), "local header|overlap"),
        "case of folders": (zipped(GOOD, Entry(name=b"A/2.dcm", body=b"other")), "differs from"),
        "file and folder": (zipped(Entry(name=b"a"), Entry(name=b"a/1")), "both a folder"),
        "folder and file": (zipped(Entry(name=b"a/1"), Entry(name=b"a")), "twice"),
        "folder with content": (zipped(Entry(name=b"a/")), "has content"),
        "encrypted": (zipped(Entry(flags=1)), "encrypted"),
        "strongly encrypted": (zipped(Entry(flags=0x41)), "encrypted"),
        "unknown method": (zipped(Entry(method=96, local_method=96)), "method 96"),
        "entry on another disk": (zipped(Entry(disk=1)), "disks"),
        "another disk": (zipped(GOOD, disk=1), "disks"),
        "no name": (zipped(Entry(name=b"")), "no name"),
        "count low": (zipped(GOOD, OTHER, count=1), "more than its 1 entries"),
        "count high": (zipped(GOOD, count=2), "fit|fewer"),
        "count of a bomb": (zipped(GOOD, count=60000), "fit"),
        "length short": (zipped(GOOD, length=20), "fit|unexplained"),
        "length zero": (zipped(GOOD, length=0), "fit|unexplained"),
        "length long": (zipped(GOOD, length=9999), "fit"),
        "start beyond": (zipped(GOOD, start=1 << 30), "fit"),
        "start zip64": (zipped(GOOD, start=0xFFFFFFFF), "locator"),
        "records after": (zipped(GOOD, after=b"PK\3\4more"), "follow"),
        "bytes before": (zipped(GOOD, before=b"#!/bin/sh\n", start=1), "unexplained|fit"),
        "two ends": (zipped(GOOD, comment=zipped(OTHER)), "two ends"),
        "hidden between": (zipped(replace(GOOD, after=hidden), OTHER), "does not name"),
        "hidden at the end": (zipped(GOOD, between=hidden), "does not name"),
        "hidden in front": (zipped(GOOD, before=hidden), "does not name"),
        "offset beyond": (zipped(Entry(offset=1 << 20)), "no local header"),
        "offset into data": (zipped(Entry(offset=3)), "no local header"),
        "descriptor lies": (zipped(replace(streamed, after=descriptor[:-1] + b"x")), "record of sizes"),
        "descriptor missing": (zipped(streamed, OTHER), "record of sizes"),
        "extra overruns": (zipped(Entry(extra=b"\1\0\xff\0ab")), "extra fields"),
        "local extra overruns": (zipped(Entry(local_extra=b"\1\0\xff\0ab")), "extra fields"),
        "zip64 without field": (zipped(Entry(size=0xFFFFFFFF)), "zip64"),
        "zip64 too short": (zipped(Entry(size=0xFFFFFFFF, extra=b"\1\0\4\0abcd")), "zip64"),
        "unicode name": (zipped(Entry(extra=unicode_name, local_extra=unicode_name)), ".."),
        "nul in comment": (zipped(Entry(comment=b"a\0b")), "NUL"),
        "not utf-8": (zipped(Entry(name=b"\xff\xfe", flags=0x800)), "UTF-8"),
        "link": (zipped(Entry(name=b"l", body=b"/etc/passwd", mode=link)), "leads out"),
        "link up": (zipped(Entry(name=b"d/l", body=b"../../x", mode=link)), "leads out"),
        "through a link": (
            zipped(Entry(name=b"l", body=b"a", mode=link), Entry(name=b"l/x")),
            "both a folder",
        ),
        "over a link": (zipped(Entry(name=b"l", body=b"a", mode=link), Entry(name=b"l")), "twice"),
        "long link": (zipped(Entry(name=b"l", body=b"a/" * 9000, mode=link)), "target"),
        "bomb": (zipped(huge, replace(huge, name=b"2")), "would become"),
        "lying bomb": (zipped(Entry(body=bomb, size=900, local_size=900)), "more than the promised"),
        "polyglot": (header(name=b"PK\3\4").ljust(512, b"\0") + zipped(GOOD), "at once"),
        "cut": (zipped(GOOD, OTHER)[:-30], "truncated"),
        "noise": (b"PK\3\4" + bytes(range(256)) * 9, "truncated"),
    }
    found |= {f"name: {what}": (zipped(Entry(name=name.encode())), word) for what, (name, word) in _NAMES.items()}
    found["name: nul"] = (zipped(Entry(name=b"a\0.txt")), "holds")
    overlapping = zipped(GOOD, OTHER)
    first = overlapping.index(b"PK\1\2")
    found["overlap"] = (
        overlapping[:first]
        + overlapping[first:].replace(struct.pack("<I", len(deflated(BODY))), struct.pack("<I", 999)),
        "beyond|overlap|different",
    )
    return found


def tars() -> dict[str, tuple[bytes, str]]:
    """Return hostile tars by what is wrong, each with a word of the reason."""
    good = tarred(file("a/1.dcm"), file("a/2.dcm", b"other"))
    damaged = bytearray(good)
    damaged[512 + 1024 + 3] ^= 1  # the second header's name: its checksum no longer fits
    found = {
        "link out": (tarred(special("l", tarfile.SYMTYPE, "/etc/passwd")), "leads out"),
        "link up": (tarred(special("d/l", tarfile.SYMTYPE, "../../x")), "leads out"),
        "hard link out": (tarred(special("l", tarfile.LNKTYPE, "../x")), "leads out"),
        "through a link": (tarred(special("l", tarfile.SYMTYPE, "a"), file("l/x")), "both a folder"),
        "over a link": (tarred(special("l", tarfile.SYMTYPE, "a"), file("l")), "twice"),
        "link over a file": (tarred(file("l"), special("l", tarfile.SYMTYPE, "a")), "twice"),
        "link over a folder": (tarred(file("d/l"), special("d", tarfile.SYMTYPE, "a")), "twice"),
        "link in other case": (tarred(special("L", tarfile.SYMTYPE, "a"), file("l/x")), "both a folder"),
        "duplicate": (tarred(file("a"), file("a", b"other")), "twice"),
        "damaged header": (bytes(damaged), "checksum"),
        "cut in a body": (good[:700], "truncated|early|missing"),
        "cut in a header": (good[:1600], "truncated"),
        "no end": (good[: len(good) - 10240 + 512 * 5], "truncated"),
        "one zero block": (good[: 512 * 5 + 512], "truncated"),
        "members after the end": (good[: 512 * 5 + 1024] + good, "more follows"),
        "concatenated": (good + good, "more follows"),
        "sparse": (header(kind=b"S") + END, "sparse"),
        "pax sparse": (tarred(file("a", pax_headers={"GNU.sparse.major": "1"})), "sparse"),
        "volume": (header(kind=b"M") + END, "volumes"),
        "unknown kind": (header(kind=b"Z") + END, "not known"),
        "negative size": (header(size=b"\xff" * 12) + END, "number"),
        "huge size": (header(size=b"\x80" + b"\xff" * 11) + END, "would become"),
        "no number": (header(size=b"zzzzzzzzzzz") + END, "number"),
        "long name of a gigabyte": (header(kind=b"L", size=b"10000000000") + END, "extended header"),
        "pax of a gigabyte": (header(kind=b"x", size=b"10000000000") + END, "extended header"),
        "pax loop": (header(kind=b"x", size=b"%011o" % 8) + b"0 a=b\n\0\0".ljust(512, b"\0") + END, "extended header"),
        "pax size": (tarred(file("a", pax_headers={"size": "-5"})), "bytes|different|broken"),
        "pax global path": (
            header(kind=b"g", size=b"%011o" % 20) + b"20 path=../../evil.x\n"[:19] + b"\n" + bytes(492) + END,
            "global",
        ),
        "pax path": (tarred(file("a", pax_headers={"path": "../../evil"})), ".."),
        "no tar": (b"these are no blocks" * 100, "broken|truncated"),
        "packed noise": (gzip.compress(b"noise" * 1000), "broken|truncated"),
    }
    found |= {
        f"name: {what}": (tarred(file(name)), word) for what, (name, word) in _NAMES.items() if name != "//server/share"
    }
    return found


def packers() -> dict[str, Callable[[bytes], bytes]]:
    """Return what packs a tar, by kind."""
    return {
        "tar": lambda body: body,
        "gzip": lambda body: gzip.compress(body, mtime=0),
        "bz2": bz2.compress,
        "xz": lzma.compress,
        "zstd": lambda body: zstandard.ZstdCompressor(write_checksum=True).compress(body),
    }


def by_zipfile(method: int = zipfile.ZIP_DEFLATED, *, streamed: bool = False, big: bool = False) -> bytes:
    """Write a good zip with the standard library; `streamed` as to a pipe, `big` with zip64 fields."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return not streamed

        def seek(self, offset: int, whence: int = 0, /) -> int:
            if streamed:
                raise io.UnsupportedOperation("seek")
            return super().seek(offset, whence)

    out = Pipe()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.comment = b"a comment"
        for number in range(3):
            with archive.open(zipfile.ZipInfo(f"a/{number}.dcm"), "w", force_zip64=big) as member:
                member.write(BODY * (number + 1))
    return out.getvalue()
