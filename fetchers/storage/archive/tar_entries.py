"""Read a tar, strictly and as a stream.

The standard library's reader takes a header with a wrong checksum in the middle for the archive's end, and what comes
after it is lost in silence; it raises ValueError and MemoryError for broken headers (measured on libarchive's corpus).
So the blocks are read here: POSIX ustar and pax, GNU long names, and the older ones. Sparse members and archives in
several volumes are refused by name. Layout: POSIX.1-2017 (pax), the GNU tar manual, appendix on the format.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fetchers.errors import ContentError
from fetchers.storage.archive.concat import Pieces
from fetchers.storage.archive.decompress import Plain
from fetchers.storage.archive.refusal import refuse

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCK = 512
_ZEROS = bytes(_BLOCK)
_LONGEST = 1 << 20  # bytes of an extended header: honest ones hold a path and a few numbers
_FILES = (b"0", b"\0", b"7")
_NO_FILES = {b"1": "link", b"2": "link", b"3": "device", b"4": "device", b"6": "device"}
_REFUSED = {b"S": "a sparse file", b"M": "a piece of an archive in several volumes", b"N": "a list of old long names"}
_PASSED_OVER = (b"V", b"A", b"E")  # a volume's label; Solaris' access lists and attributes
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Item:
    """One member. `kind` is file, folder, link or device; `target` is where a link leads, `hard` says from where."""

    name: str
    kind: str
    size: int
    target: str = ""
    hard: bool = False


def holds_tar(kind: str, head: bytes) -> bool:
    """Return True if what begins with `head`, packed as `kind` says, is a tar."""
    try:
        return is_header(Plain(Pieces([head]), kind, longest=len(head)).exactly(_BLOCK))
    except ContentError:
        return False


def is_header(block: bytes) -> bool:
    """Return True if a block of 512 bytes is a tar's header, by its checksum."""
    if len(block) < _BLOCK or not block[0]:
        return False
    try:
        return _number(block[148:156]) in _sums(block)
    except ContentError:
        return False


class Tar:
    """Reads one tar: go through it, and take a file's `body` before the next."""

    def __init__(self, plain: Plain) -> None:
        self._plain = plain
        self._left = 0
        self._padding = 0

    def __iter__(self) -> Iterator[Item]:
        """Yield the members; raise `ContentError` for whatever is not as it should be, up to the last byte."""
        longer: dict[str, str] = {}
        while True:
            self._pass_over()
            block = self._plain.exactly(_BLOCK)
            if block == _ZEROS:
                self._end()
                return
            if _number(block[148:156]) not in _sums(block):
                raise ContentError("broken archive: a tar header's checksum is wrong")
            kind = block[156:157]
            if kind in (b"L", b"K", b"x", b"X", b"g"):
                self._extended(kind, _number(block[124:136]), longer)
                continue
            item = _item(block, kind, longer)
            longer = {}
            if kind not in _NO_FILES:
                self._left, self._padding = item.size, -item.size % _BLOCK
            if kind not in _PASSED_OVER:
                yield item

    def body(self) -> Iterator[bytes]:
        """Yield the bytes of the member that came last."""
        while self._left:
            chunk = self._plain.take(min(self._left, _CHUNK))
            if not chunk:
                raise ContentError(f"truncated: {self._left} bytes of a member are missing")
            self._left -= len(chunk)
            yield chunk

    def _pass_over(self) -> None:
        for _ in self.body():
            pass
        if self._padding:
            self._plain.exactly(self._padding)
            self._padding = 0

    def _end(self) -> None:
        """Two blocks of zeros end an archive; whatever else follows is hidden from most readers."""
        if self._plain.exactly(_BLOCK) != _ZEROS:
            raise refuse("more follows after a tar's end")
        while chunk := self._plain.take(_CHUNK):
            if chunk.strip(b"\0"):
                raise refuse("more follows after a tar's end")

    def _extended(self, kind: bytes, size: int, longer: dict[str, str]) -> None:
        if size > _LONGEST:
            raise refuse(f"an extended header of {size:,} bytes")
        body = self._plain.exactly(size + -size % _BLOCK)[:size]
        if kind in (b"L", b"K"):
            longer["path" if kind == b"L" else "linkpath"] = _text(body.split(b"\0")[0])
            return
        records = _records(body)
        if kind == b"g":
            if records.keys() & {"path", "linkpath", "size"}:
                raise refuse("a global header names all members alike")
            return
        if any(key.startswith("GNU.sparse.") for key in records):
            raise refuse("it holds a sparse file", "unsupported")
        longer.update((key, records[key]) for key in ("path", "linkpath", "size") if key in records)


def _item(block: bytes, kind: bytes, longer: dict[str, str]) -> Item:
    name = longer.get("path") or _name(block)
    size = _number(block[124:136])
    if "size" in longer:
        if not longer["size"].isdigit() or len(longer["size"]) > 18:  # noqa: PLR2004 - 64 bits
            raise ContentError(f"broken archive: {name!r} is said to have {longer['size'][:30]!r} bytes")
        size = int(longer["size"])
    if kind in _REFUSED:
        raise refuse(f"{name!r} is {_REFUSED[kind]}", "unsupported")
    if kind in (b"5", b"D") or (kind in _FILES and name.endswith("/")):
        return Item(name, "folder", size if kind == b"D" else 0)
    if kind in _NO_FILES:
        target = longer.get("linkpath") or _text(block[157:257].split(b"\0")[0])
        return Item(name, _NO_FILES[kind], 0, target, kind == b"1")
    if kind not in _FILES and kind not in _PASSED_OVER:
        raise refuse(f"{name!r} is of a kind that is not known here ({ascii(kind)[2:-1]})", "unsupported")
    return Item(name, "file", size)


def _name(block: bytes) -> str:
    name = block[:100].split(b"\0")[0]
    if block[257:263] == b"ustar\0":
        prefix = block[345:500].split(b"\0")[0]
        name = prefix + b"/" + name if prefix else name
    return _text(name)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")  # what is no UTF-8 is refused with the name


def _sums(block: bytes) -> tuple[int, int]:
    """Add the bytes up, unsigned and signed (old tars), the checksum's own place as spaces."""
    rest = block[:148] + b" " * 8 + block[156:]
    total = sum(rest)
    return total, total - 256 * sum(byte > 127 for byte in rest)  # noqa: PLR2004 - the sign bit


def _number(raw: bytes) -> int:
    """Read an octal number, or GNU's binary one."""
    if raw[0] == 0x80:  # noqa: PLR2004 - the mark of a positive binary number
        return int.from_bytes(raw[1:], "big")
    digits = raw.split(b"\0")[0].strip()
    if not digits:
        return 0
    if digits.strip(b"01234567"):
        raise ContentError("broken archive: a tar header has an invalid number")
    return int(digits, 8)


def _records(body: bytes) -> dict[str, str]:
    """Read pax records: `length key=value` and a newline each, where the length counts itself."""
    found = {}
    at = 0
    while at < len(body) and body[at : at + 1] != b"\0":
        digits = body[at : at + 20].partition(b" ")[0]
        length = int(digits) if digits.isdigit() else 0
        record = body[at + len(digits) + 1 : at + length - 1]
        key, equals, value = record.partition(b"=")
        if length < len(digits) + 4 or at + length > len(body) or not equals or body[at + length - 1] != 0x0A:  # noqa: PLR2004
            raise ContentError("broken archive: an extended header is not what it should be")
        found[_text(key)] = _text(value)
        at += length
    return found
