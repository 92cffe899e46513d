"""Read a usual DICOM header fast, from the first bytes of the file.

A walker for explicit and implicit little endian, with or without preamble and meta header, which stops after group
0028. Whatever is unusual (big endian, deflated, an odd value representation, more nesting than usual, a header longer
than the bytes at hand) gets no answer here: that file goes to pydicom in a limited process (`guard`). Measured, this is
twelve times pydicom; both give the same answer wherever this one gives any (a property test holds them together).
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from typing import NamedTuple

from fetchers.checks.dicom.signature import begins_at
from fetchers.checks.dicom.values import frames, millimetres, modality, patient, spacings, uid, word
from fetchers.checks.dicom.vr import LONG, SHORT
from fetchers.records import Header

_EXPLICIT = "1.2.840.10008.1.2.1"
_IMPLICIT = "1.2.840.10008.1.2"
_DEFLATED = "1.2.840.10008.1.2.1.99"
_BIG = "1.2.840.10008.1.2.2"
_JPIP_DEFLATED = frozenset(("1.2.840.10008.1.2.4.95", "1.2.840.10008.1.2.4.205"))
_SQ, _UN, _LENGTH = b"SQ", b"UN", 0xFFFFFFFF
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_CLASS, _LAST = 0x00080016, 0x0028FFFF
_SYNTAX = 0x0010  # in group 0002
_PIXELS = 0x7FE00010
_DEEPEST = 16
_MOST = 5000
_shorts = struct.Struct("<HH").unpack_from
# The size of an element's head by its VR, read as a number: 8 bytes, 12, or 0 for what is no VR.
_SIZES = [0] * 0x10000
for _vr in SHORT | LONG:
    _SIZES[int.from_bytes(_vr, "little")] = 8 if _vr in SHORT else 12
_quick = struct.Struct("<HHHH").unpack_from
_explicit = struct.Struct("<HH2sH").unpack_from
_implicit = struct.Struct("<HHI").unpack_from
_length = struct.Struct("<I").unpack_from

WANTED = {
    0x00080016: "sop_class",
    0x00080018: "sop_instance",
    0x00080060: "modality",
    0x00100020: "patient_id",
    0x00180015: "body_part",
    0x00180050: "thickness",
    0x00181164: "imager_spacing",
    0x0020000D: "study",
    0x0020000E: "series",
    0x00280008: "frames",
    0x00280010: "rows",
    0x00280011: "columns",
    0x00280030: "pixel_spacing",
}
_SAMPLES, _PHOTOMETRIC, _BITS = 0x00280002, 0x00280004, 0x00280100
_KEPT = frozenset((*WANTED, _SAMPLES, _PHOTOMETRIC, _BITS))  # what the length of the pixel data is reckoned from, too
_ALWAYS = frozenset((_CLASS, 0x00080018, 0x0020000D, 0x0020000E))  # what every image and companion has
_STOPS = (*sorted(WANTED), _LAST + 1)  # the tags at which the loops look up
_ALL_STOPS = (*sorted(_KEPT), _LAST + 1)  # and where the end of the file is judged, too
_TEXTS = frozenset((0x00080060, 0x00180015))
_NUMBERS = frozenset((0x00280010, 0x00280011))
_RAW = frozenset((0x00280008, 0x00100020, 0x00180050, 0x00181164, 0x00280030))  # read by a function of their own
_NONE = (None, None)
_VR_OF = dict.fromkeys(WANTED, b"UI") | dict.fromkeys(_TEXTS, b"CS") | dict.fromkeys(_NUMBERS, b"US")
_VR_OF |= {0x00280008: b"IS", 0x00100020: b"LO", 0x00180050: b"DS", 0x00181164: b"DS", 0x00280030: b"DS"}


class _Unusual(Exception):  # noqa: N818 - it is no error, only not for this road
    """Raised where the slow path is to decide."""


class Walked(NamedTuple):
    """A header, and what the end of the file is judged from.

    `at` is where the first element after group 0028 begins, or the end of the bytes; `explicit` says in which syntax it
    stands there. Bits allocated and samples are None where the header has none that can be read.
    """

    header: Header
    at: int
    explicit: bool
    samples: int | None
    bits: int | None
    photometric: str


def walk(head: bytes, *, whole: bool) -> Header | None:
    """Read the header from the first bytes of a file; None where it is not for this road.

    `whole` says that `head` is all of the file. Raises nothing.
    """
    found = walked(head, whole=whole, stops=_STOPS)
    return None if found is None else found.header


def walked(head: bytes, *, whole: bool, stops: tuple[int, ...] = _ALL_STOPS) -> Walked | None:
    """Read the same, with what the end of the file is judged from. Raises nothing."""
    try:
        return _walk(head, stops, whole=whole)
    except (_Unusual, struct.error, IndexError, ValueError):
        return None


def _walk(head: bytes, stops: tuple[int, ...], *, whole: bool) -> Walked:
    syntax, at = _meta(head, begins_at(head))
    if syntax is None:
        vr = head[at + 4 : at + 6]
        explicit = vr in SHORT or vr in LONG
    elif syntax in (_DEFLATED, _BIG) or syntax in _JPIP_DEFLATED:
        raise _Unusual
    else:
        explicit = syntax != _IMPLICIT
    values, ended, at = _values(head, at, stops, explicit=explicit)
    if not (whole or ended) or (ended and not values.keys() >= _ALWAYS):
        raise _Unusual  # cut off, or seemingly ended by an accident in the middle
    return Walked(
        _header(values, syntax),
        at,
        explicit,
        _number(values.get(_SAMPLES)),
        _number(values.get(_BITS)),
        values.get(_PHOTOMETRIC, b"").decode("ascii", "replace").strip(" \0"),
    )


def _number(raw: bytes | None) -> int | None:
    return raw[0] | raw[1] << 8 if raw is not None and len(raw) == 2 else None  # noqa: PLR2004 - US is two bytes


def _values(head: bytes, at: int, stops: tuple[int, ...], *, explicit: bool) -> tuple[dict[int, bytes], bool, int]:
    """Collect the wanted values; say whether the header ended before the bytes did, and where.

    The two loops read the heads of elements themselves and compare each tag with the next one that matters only: they
    are the whole cost of a header.
    """
    values: dict[int, bytes] = {}
    at, ended = (_explicit_values if explicit else _implicit_values)(head, at, values, stops)
    if at > len(head):
        raise _Unusual
    return values, ended, at


def _explicit_values(head: bytes, at: int, values: dict[int, bytes], stops: tuple[int, ...]) -> tuple[int, bool]:
    unpack, sizes = _quick, _SIZES
    end, last, coming = len(head), -1, stops[0]
    while at < end:
        group, element, vr, length = unpack(head, at)
        tag = group << 16 | element
        if tag <= last:
            raise _Unusual  # out of order: what pydicom makes of it is pydicom's to say
        last = tag
        size = sizes[vr]
        if size == 8 and tag < coming:  # noqa: PLR2004 - nearly all are short and not wanted
            at += length + 8
            continue
        at += size
        if size != 8:  # noqa: PLR2004 - the head of a short one
            if not size:
                raise _Unusual
            (length,) = _length(head, at - 4)
        if tag >= coming:
            if tag > _LAST:
                _look_on(head, at, tag, head[at - size + 4 : at - size + 6], length, explicit=True)
                return at - size, True
            if tag in WANTED and head[at - size + 4 : at - size + 6] != _VR_OF[tag]:
                raise _Unusual
            _keep(values, tag, head, at, length)
            coming = stops[bisect_right(stops, tag)]
        at = at + length if length != _LENGTH else _skip(head, at, head[at - 8 : at - 6], explicit=True)
    return at, False


def _implicit_values(head: bytes, at: int, values: dict[int, bytes], stops: tuple[int, ...]) -> tuple[int, bool]:
    end, last, coming = len(head), -1, stops[0]
    while at < end:
        group, element, length = _implicit(head, at)
        tag = group << 16 | element
        if tag <= last:
            raise _Unusual  # as above
        last = tag
        at += 8
        if tag >= coming:
            if tag > _LAST:
                _look_on(head, at, tag, b"", length, explicit=False)
                return at - 8, True
            _keep(values, tag, head, at, length)
            coming = stops[bisect_right(stops, tag)]
        at = at + length if length != _LENGTH else _skip(head, at, b"", explicit=False)
    return at, False


def _keep(values: dict[int, bytes], tag: int, head: bytes, at: int, length: int) -> None:
    if tag in _KEPT:
        if length == _LENGTH:
            raise _Unusual  # a sequence where a word belongs
        values[tag] = head[at : at + length]


def _look_on(head: bytes, at: int, tag: int, vr: bytes, length: int, *, explicit: bool) -> None:
    """Look one element further than needed: where a lower tag follows, the high one was an accident in the middle."""
    if length == _LENGTH:
        if tag == _PIXELS:
            return
        at = _skip(head, at, vr, explicit=explicit)
    else:
        at += length
    if at + 8 <= len(head) and _element(head, at, explicit=explicit)[0] <= tag:
        raise _Unusual


def _meta(head: bytes, at: int) -> tuple[str | None, int]:
    """Read group 0002, which is explicit little endian always; return the transfer syntax and where the data begin."""
    syntax = None
    while head[at : at + 2] == b"\x02\x00":
        _, element, vr, length = _quick(head, at)
        size = _SIZES[vr]
        at += size
        if size != 8:  # noqa: PLR2004 - the head of a short one
            length = _length(head, at - 4)[0] if size else _LENGTH
        if length == _LENGTH or at + length > len(head):
            raise _Unusual
        if element == _SYNTAX:
            syntax = head[at : at + length].rstrip(b"\0 ").decode("ascii")
        at += length
    return syntax, at


def _element(head: bytes, at: int, *, explicit: bool) -> tuple[int, bytes, int, int]:
    """Read one element's head: tag, VR, length, where the value begins."""
    if not explicit:
        group, element, length = _implicit(head, at)
        return group << 16 | element, b"", length, at + 8
    group, element, vr, length = _explicit(head, at)
    if vr in SHORT:
        return group << 16 | element, vr, length, at + 8
    if vr in LONG:
        return group << 16 | element, vr, _length(head, at + 8)[0], at + 12
    raise _Unusual


def _skip(head: bytes, at: int, vr: bytes, *, explicit: bool, depth: int = 0) -> int:
    """Return where a sequence of undefined length ends; its items may have lengths of their own or none."""
    if depth > _DEEPEST or (explicit and vr != _SQ):
        raise _Unusual  # UN of undefined length is implicit inside (PS3.5, 6.2.2): not for this road
    for _ in range(_MOST):
        group, element, length = _implicit(head, at)
        tag = group << 16 | element
        at += 8
        if tag == _SEQUENCE_END:
            return at
        if tag != _ITEM:
            raise _Unusual
        if length != _LENGTH:
            at += length
            continue
        while True:
            group, element = _shorts(head, at)
            if group << 16 | element == _ITEM_END:
                at += 8
                break
            _, inner, length, at = _element(head, at, explicit=explicit)
            at = _skip(head, at, inner, explicit=explicit, depth=depth + 1) if length == _LENGTH else at + length
    raise _Unusual


def _header(values: dict[int, bytes], syntax: str | None) -> Header:
    if _CLASS not in values:
        raise _Unusual
    found: dict[str, object] = {}
    for tag, name in WANTED.items():
        raw = values.get(tag)
        if raw is None or tag in _RAW:
            continue
        if tag in _NUMBERS:
            if len(raw) != 2:  # noqa: PLR2004 - US is two bytes
                raise _Unusual
            found[name] = raw[0] | raw[1] << 8
        else:
            text = raw.decode("ascii", "strict").strip(" \0")
            if "\\" in text or not text.isprintable():
                raise _Unusual
            found[name] = modality(text) if name == "modality" else word(text) if tag in _TEXTS else uid(text)
    row_spacing, column_spacing = (
        spacings(values.get(0x00280030, b"")) or spacings(values.get(0x00181164, b"")) or _NONE
    )
    return Header(
        transfer_syntax=uid(syntax or ""),
        frames=frames(values.get(0x00280008, b"")),
        row_spacing=row_spacing,
        column_spacing=column_spacing,
        thickness=millimetres(values.get(0x00180050, b"")),
        patient_id=patient(values.get(0x00100020, b"")),
        **found,  # type: ignore[arg-type]  # the names are Header's own
    )


def _up_to(head: bytes, at: int, tag: int) -> int:
    """Return where the first element from `at` on begins whose tag is `tag` or higher, or the end of the bytes."""
    unpack, sizes, end = _quick, _SIZES, len(head) - 8
    while at <= end:
        group, element, vr, length = unpack(head, at)
        if group << 16 | element >= tag:
            break
        if sizes[vr] == 8:  # noqa: PLR2004 - the head of a short one
            at += length + 8
            continue
        if not sizes[vr]:
            raise _Unusual
        (length,) = _length(head, at + 8)
        at += 12
        at = at + length if length != _LENGTH else _skip(head, at, head[at - 8 : at - 6], explicit=True)
    return at


def find(head: bytes, at: int, tag: int, *, explicit: bool) -> tuple[int, int, int] | None:
    """Return the first element from `at` on whose tag is `tag` or higher: tag, length, and where its value starts.

    None where the bytes end before it, or where it is not for this road.
    """
    try:
        if explicit:
            at = _up_to(head, at, tag)
        while at + 8 <= len(head):
            found, vr, length, start = _element(head, at, explicit=explicit)
            if found >= tag:
                return found, length, start
            at = start + length if length != _LENGTH else _skip(head, start, vr, explicit=explicit)
    except (_Unusual, struct.error, IndexError):
        return None
    return None
