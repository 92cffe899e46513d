"""Check that a DICOM file is complete: the length of its pixel data, and the end of its last element.

Native pixel data are as long as rows x columns x frames x samples x bits ask (PS3.5, 8.1.1; C.7.6.3.1.2 for chrominance
that is sampled down), encapsulated ones end with a delimiter (PS3.5, A.4). What follows the last element is counted.
Most files are answered from the bytes that the header was read from; the others are walked, element by element, little
or big endian, explicit or implicit, and deflated ones are inflated.
"""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fetchers.checks.dicom import fast_header, sop_classes, values
from fetchers.checks.dicom.signature import begins_at
from fetchers.checks.dicom.vr import LONG
from fetchers.checks.formats.ending import UNKNOWN, WHOLE, Ending, cut

if TYPE_CHECKING:
    from typing import BinaryIO

    from fetchers.checks.dicom.fast_header import Walked

_UNDEFINED = 0xFFFFFFFF
_MOST = 2_000_000  # elements, items and fragments of one file
_DEEPEST = 64
_INFLATED = 256 << 20
_AFTER = 8  # after deflated data: a byte that makes them even (PS3.5, A.5), or a gzip's trailer that a writer left
_AFTER_PIXELS = (b"\xfc\xff", b"\xfa\xff", b"\xff\xfc", b"\xff\xfa")  # groups FFFC (padding), FFFA (signatures)
_DELIMITERS, _ITEM, _SEQUENCE_END = 0xFFFE, 0xFFFEE000, 0xFFFEE0DD
_SYNTAX, _CLASS, _PROVIDER, _META_CLASS = 0x00020010, 0x00080016, 0x00287FE0, 0x00020002
_FIRST_GROUP = 0x7FE0  # no object begins with a later one
_FLOAT, _DOUBLE, _PIXELS = 0x7FE00008, 0x7FE00009, 0x7FE00010
_PADDING = 0xFFFCFFFC  # data set trailing padding
_DATA = {_FLOAT: 32, _DOUBLE: 64, _PIXELS: None}  # and the bits of a sample, where the tag fixes them
_NUMBERS = {
    0x00280002: "samples",
    0x00280010: "rows",
    0x00280011: "columns",
    0x00280100: "bits",
}
_FRAMES, _PHOTOMETRIC = 0x00280008, 0x00280004
_BIG, _DEFLATED = b"1.2.840.10008.1.2.2", b"1.2.840.10008.1.2.1.99"
# Syntaxes whose pixel data, where they have a length, are not packed: only then can it be reckoned.
_NATIVE = frozenset((b"", b"1.2.840.10008.1.2", b"1.2.840.10008.1.2.1", _BIG, _DEFLATED, b"1.2.840.113619.5.2"))
_HALVED = {"YBR_FULL_422": 2.0, "YBR_PARTIAL_422": 2.0, "YBR_PARTIAL_420": 1.5}  # samples a pixel, of three


@dataclass(slots=True)
class _Image:
    """What the length of the pixel data is reckoned from."""

    rows: int | None = None
    columns: int | None = None
    frames: int = 1
    samples: int | None = None
    bits: int | None = None
    photometric: str = ""

    def expected(self, bits: int | None) -> int | None:
        """Return how many bytes native pixel data have at least, with `bits` a sample where the tag fixes them."""
        each = bits or self.bits
        if not (self.rows and self.columns and each):
            return None
        samples = _HALVED.get(self.photometric, self.samples or 1) if self.samples == 3 else self.samples or 1  # noqa: PLR2004 - colour
        return int(self.rows * self.columns * self.frames * samples * each + 7) // 8


def ending(stream: BinaryIO, size: int, head: bytes, walked: Walked | None = None) -> Ending:
    """Judge one file of `size` bytes; `head` are its first ones, and `walked` what was read from them already.

    Raises `OSError` for this machine, and nothing for what is in the file.
    """
    if not size:
        return cut("cut off: the file is empty")
    if walked is not None:
        quick = native(head, size, walked, stream)
        if quick is not None:
            return quick
    try:
        return _slow(stream, size, head)
    except (struct.error, ValueError, IndexError, OverflowError):
        return UNKNOWN


def native(head: bytes, size: int, walked: Walked, stream: BinaryIO | None = None) -> Ending | None:
    """Answer for native pixel data that begin within the first bytes, and are the last element or the last but padding.

    None where more than that stands behind them, and, without `stream`, where anything does.
    """
    header = walked.header
    syntax = (header.transfer_syntax or "").encode()
    found = fast_header.find(head, walked.at, _FLOAT, explicit=walked.explicit)
    if found is None or found[0] not in _DATA or syntax not in _NATIVE or found[1] == _UNDEFINED:
        return None
    tag, length, start = found
    image = _Image(header.rows, header.columns, header.frames, walked.samples, walked.bits, walked.photometric)
    short = _short(image, tag, length, start, size)
    if short is not None:
        return short
    at = start + length
    if at == size:
        return WHOLE
    return None if stream is None else _behind(stream, at, size, tag, walked)


def _behind(stream: BinaryIO, at: int, size: int, last: int, walked: Walked) -> Ending | None:
    """Answer for padding, or for what belongs to the file no more, behind its `last` element; else None."""
    behind = _element(stream, at, "<", explicit=walked.explicit)
    if behind is None or sop_classes.last_element(walked.header.sop_class or "") is not None:
        return None
    if behind[0] == _PADDING:
        return WHOLE if behind[1] + behind[2] == size else None
    # Nothing in its order, zero bytes as a rule.
    return Ending("whole", trailing=size - at) if behind[0] <= last else None


def _short(image: _Image, tag: int, length: int, start: int, size: int) -> Ending | None:
    if start + length > size:
        return cut(f"cut off: {size - start:,} bytes of pixel data are here, their element promises {length:,}")
    expected = image.expected(_DATA[tag])
    if expected is not None and length < expected:
        of = (
            f"{image.rows} x {image.columns} x {image.frames} frames"
            if image.frames > 1
            else f"{image.rows} x {image.columns}"
        )
        return cut(f"cut off: the pixel data have {length:,} bytes, {of} pixels take {expected:,}")
    return None


def _slow(stream: BinaryIO, size: int, head: bytes) -> Ending:
    at, syntax, meta_class = begins_at(head), b"", b""
    while (one := _element(stream, at, "<", explicit=True)) is not None and one[0] >> 16 == 2:  # noqa: PLR2004 - meta
        tag, length, start = one
        if length != _UNDEFINED and tag in (_SYNTAX, _META_CLASS):
            stream.seek(start)
            value = stream.read(min(length, 64)).rstrip(b"\0 ")
            syntax, meta_class = (value, meta_class) if tag == _SYNTAX else (syntax, value)
        at = start + length
        if at > size:
            return cut(f"cut off: {size:,} bytes are here, and its meta header goes on")
    if at >= size and at:
        return cut(f"cut off: {size:,} bytes are here, and its data set does not begin")
    if syntax == _DEFLATED:
        return _deflated(stream, at, meta_class)
    stream.seek(at)
    first = stream.read(6)
    order = ">" if syntax == _BIG or (not syntax and first[:2] == b"\0\x08") else "<"
    if struct.unpack_from(f"{order}H", first)[0] > _FIRST_GROUP:
        return cut("damaged: there is no element where its data set should begin")
    explicit = first[4:].isalpha() and first[4:].isupper()
    return _Walk(stream, size, at, order, explicit, syntax, meta_class).run()


def _deflated(stream: BinaryIO, at: int, meta_class: bytes) -> Ending:
    stream.seek(at)
    inflater = zlib.decompressobj(-15)
    try:
        plain = inflater.decompress(stream.read(_INFLATED), _INFLATED)
    except zlib.error:
        return cut("damaged: its deflated data cannot be unpacked")
    if len(plain) >= _INFLATED:
        return UNKNOWN
    if not inflater.eof:
        return cut("cut off: its deflated data go on")
    found = _Walk(io.BytesIO(plain), len(plain), 0, "<", True, _DEFLATED, meta_class).run()  # noqa: FBT003 - explicit
    left = len(inflater.unused_data)
    return Ending("whole", trailing=left) if found.state == "whole" and left > _AFTER else found


@dataclass(slots=True)
class _Walk:
    """Walks the elements of one data set by their lengths; what has none is walked to its delimiter."""

    stream: BinaryIO
    size: int
    at: int
    order: str
    explicit: bool
    syntax: bytes
    sop_class: bytes
    last: int = 0  # the highest tag so far
    fragments: bool = False  # we are in encapsulated pixel data
    image: _Image = field(default_factory=_Image)
    pixels: bool = False
    elsewhere: bool = False  # the pixels lie at another address
    tags: set[int] = field(default_factory=set)
    within: list[tuple[bool, str, bool]] = field(default_factory=list)  # of the outside: explicit, order, and fragments

    def run(self) -> Ending:
        """Walk to the end."""
        for _ in range(_MOST):
            if self.at >= self.size:
                return self._ended(self.size)
            found = self._step()
            if found is not None:
                return found
        return UNKNOWN

    def _step(self) -> Ending | None:
        """Take one element, item or delimiter; return the answer where it gives one."""
        one = _element(self.stream, self.at, self.order, explicit=self.explicit)
        if one is None:
            return self._rest(self.at, "its last element has no length")
        begin, (tag, length, start) = self.at, one
        found = self._inside(tag) if self.within else self._outside(tag, length, start)
        if found is not None:
            return found
        if length == _UNDEFINED:
            return self._enter(tag, start)
        self.at = start + length
        if self.at <= self.size:
            return None
        what = "a fragment of the pixel data" if self.fragments else f"its element {_written(tag)}"
        return self._rest(begin, f"{what} promises {length:,} bytes")

    def _inside(self, tag: int) -> Ending | None:
        if self.fragments and tag not in (_ITEM, _SEQUENCE_END):
            return cut(f"cut off: the encapsulated pixel data have no delimiter at byte {self.at:,}")
        if tag == _SEQUENCE_END:
            self.explicit, self.order, self.fragments = self.within.pop()
        return None

    def _outside(self, tag: int, length: int, start: int) -> Ending | None:
        if (tag <= self.last or tag >> 16 == _DELIMITERS) and self._over():
            return self._ended(self.at)
        self.last = max(self.last, tag)
        return self._keep(tag, length, start)

    def _enter(self, tag: int, start: int) -> Ending | None:
        """Go into what has no length; an item without one ends with a delimiter that is stepped over."""
        self.at = start
        if tag == _ITEM:
            return None
        if len(self.within) >= _DEEPEST:
            return UNKNOWN
        self.within.append((self.explicit, self.order, self.fragments))
        self.fragments = tag == _PIXELS and len(self.within) == 1
        if self.explicit and self._value(start - 8, 2) == b"UN":  # implicit little endian within (PS3.5, 6.2.2)
            self.explicit = False
            self.order = ">" if self._value(start, 4) == b"\xff\xfe\xe0\x00" else "<"
        return None

    def _keep(self, tag: int, length: int, start: int) -> Ending | None:
        """Keep what the pixel data are judged by; judge those that have a length."""
        self.tags.add(tag)
        self.elsewhere = self.elsewhere or tag == _PROVIDER
        if tag in _NUMBERS and length == 2:  # noqa: PLR2004 - US
            setattr(self.image, _NUMBERS[tag], struct.unpack(f"{self.order}H", self._value(start, 2))[0])
        elif tag == _FRAMES and length < 64:  # noqa: PLR2004 - a number
            self.image.frames = values.frames(self._value(start, length))
        elif tag == _PHOTOMETRIC and length < 64:  # noqa: PLR2004 - a word
            self.image.photometric = self._value(start, length).decode("ascii", "replace").strip(" \0")
        elif tag == _CLASS and length <= 64:  # noqa: PLR2004 - a UID
            self.sop_class = self._value(start, length).rstrip(b"\0 ") or self.sop_class
        elif tag in _DATA:
            self.pixels = True
            if length != _UNDEFINED:
                image = self.image if self.syntax in _NATIVE else _Image()
                return _short(image, tag, length, start, self.size)
        return None

    def _over(self) -> bool:
        """Return True if what begins here belongs to the file no more: zero bytes, or anything behind the pixels."""
        return self.pixels or not self._value(self.at, min(self.size - self.at, 1 << 16)).strip(b"\0")

    def _rest(self, at: int, why: str) -> Ending:
        """Judge what cannot be walked: before the pixels the file is cut off, after them it is something else."""
        padding = any(one.startswith(self._value(at, 2)) for one in _AFTER_PIXELS)
        if self.pixels and not self.within and not padding:
            return self._ended(at)
        return cut(f"cut off: {self.size:,} bytes are held, {why}")

    def _ended(self, at: int) -> Ending:
        if self.within:
            return cut(f"cut off: {self.size:,} bytes are here, and a sequence has no delimiter")
        wanted = sop_classes.wants_pixels(self.sop_class.decode("ascii", "replace"))
        if not (self.pixels or self.elsewhere) and (self.image.rows or wanted):
            return cut("cut off: it has no pixel data (7fe0,0010), and is an object that has them")
        needed = sop_classes.last_element(self.sop_class.decode("ascii", "replace"))
        if needed is not None and needed not in self.tags:
            return cut(f"cut off: it lacks {_written(needed)}, which its class has")
        return Ending("whole", trailing=self.size - at)

    def _value(self, start: int, length: int) -> bytes:
        self.stream.seek(start)
        return self.stream.read(length)


def _written(tag: int) -> str:
    return f"({tag >> 16:04x},{tag & 0xFFFF:04x})"


def _element(stream: BinaryIO, at: int, order: str, *, explicit: bool) -> tuple[int, int, int] | None:
    """Return an element's tag, its length, and where its value starts; None at the end."""
    stream.seek(at)
    raw = stream.read(12)
    if len(raw) < 8:  # noqa: PLR2004 - a tag and a length
        return None
    group, element, length = struct.unpack_from(f"{order}HHI", raw)
    if explicit and group != _DELIMITERS:
        if raw[4:6] not in LONG:
            length = struct.unpack_from(f"{order}H", raw, 6)[0]
        elif len(raw) == 12:  # noqa: PLR2004 - and the longer length
            return group << 16 | element, struct.unpack_from(f"{order}I", raw, 8)[0], at + 12
        else:
            return None
    return group << 16 | element, length, at + 8
