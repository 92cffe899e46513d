"""Find texts in a picture that may identify a person: EXIF, XMP, IPTC, comments, and texts of a PNG.

The segments of a JPEG and the chunks of a PNG are walked here, to the end of the file: no pixel is decoded.
"""

from __future__ import annotations

import re
import struct
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

Found = tuple[str, str, int, bool]  # where, what it is called, how many, a placeholder
_MOST = 16 << 20  # bytes of one segment or chunk
_PACKET = 1 << 20  # bytes of XMP
_CHUNKS = 100_000
# TIFF 6.0 and EXIF 2.32: who, when, where and with which device.
_EXIF = {
    269: "DocumentName", 270: "ImageDescription", 285: "PageName", 306: "DateTime", 315: "Artist", 316: "HostComputer",
    33432: "Copyright", 34853: "GPSInfo", 36867: "DateTimeOriginal", 36868: "DateTimeDigitized", 37500: "MakerNote",
    37510: "UserComment", 40091: "XPTitle", 40092: "XPComment", 40093: "XPAuthor", 40094: "XPKeywords",
    40095: "XPSubject",
    42016: "ImageUniqueID", 42032: "CameraOwnerName", 42033: "BodySerialNumber", 42037: "LensSerialNumber",
}  # fmt: skip
_EXIF_FOLDER = 34665
_PNG_TEXTS = frozenset(
    ("author", "description", "copyright", "creation time", "comment", "title", "source", "disclaimer")
)
_IPTC_TAG, _XMP_TAG = 33723, 700
_IPTC = {
    5: "object name", 25: "keywords", 55: "date created", 80: "by-line", 90: "city", 105: "headline", 110: "credit",
    115: "source", 116: "copyright", 118: "contact", 120: "caption", 122: "caption writer",
}  # fmt: skip
_KEYS = re.compile(r"(?i)name|birth|mrn|address|phone|mail|physician|operator|institution|accession|^\(?0010,")
_xmp = re.compile(
    rb"<((?:dc:(?:creator|title|description|contributor|rights)|xmp:(?:CreateDate|Label)|photoshop:(?:AuthorsPosition|Credit|"
    rb"CaptionWriter|Headline|City)|pdf:Author|exif:\w+|xmpRights:Owner|Iptc4xmp\w+:\w+|[\w-]*:?[Pp]atient\w*))\b[^>]*>"
    rb"[^<]*(?:<[^/][^>]*>)*[^<\s]"
).finditer
_attribute = re.compile(rb"\b((?:dc|photoshop|xmp|pdf):\w+|[\w-]*:?[Pp]atient\w*)\s*=\s*[\"'][^\"']").finditer


def examine(kind: str, stream: BinaryIO, size: int) -> Iterator[Found | str]:
    """Yield what a picture says; raises what its reader raises."""
    if kind == "png":
        yield from _png(stream, size)
    elif kind == "jpeg":
        yield from _jpeg(stream, size)
    elif kind == "tiff":
        yield from _tiff(stream, size)
    else:
        yield from _gif(stream)


def _png(stream: BinaryIO, size: int) -> Iterator[Found | str]:
    at = 8
    for _ in range(_CHUNKS):
        stream.seek(at)
        head = stream.read(8)
        if len(head) < 8:  # noqa: PLR2004 - length and name
            return
        length, name = int.from_bytes(head[:4], "big"), head[4:]
        if name in (b"tEXt", b"zTXt", b"iTXt", b"eXIf"):
            yield from _chunk(name, stream.read(min(length, _MOST)))
        at += 12 + length
        if at > size:
            yield f"what comes after byte {size:,}, where the PNG is cut off"
            return
    yield f"what comes after {_CHUNKS:,} chunks"


def _chunk(name: bytes, body: bytes) -> Iterator[Found | str]:
    if name == b"eXIf":
        yield from _exif(body)
        return
    key, _, rest = body.partition(b"\0")
    if name == b"zTXt":
        rest = _inflated(rest[1:])
    elif name == b"iTXt":
        packed, text = rest[:1] == b"\1", rest[2:].split(b"\0", 2)[-1]
        rest = _inflated(text) if packed else text
    word = key.decode("latin-1").strip()
    if b"<x:xmpmeta" in rest or b"<rdf:RDF" in rest:
        yield from _packet(rest)
    elif rest.strip() and (word.lower() in _PNG_TEXTS or _KEYS.search(word)):
        shown = word.lower() if word.lower() in _PNG_TEXTS else "with a name of its own"
        yield f"text {shown}", "a text in the picture", 1, False


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, _MOST)
    except zlib.error:
        return b""


def _jpeg(stream: BinaryIO, size: int) -> Iterator[Found | str]:
    at = 2
    for _ in range(_CHUNKS):
        stream.seek(at)
        head = stream.read(4)
        if len(head) < 4 or head[0] != 0xFF or head[1] in (0xD9, 0xDA):  # noqa: PLR2004 - the picture itself begins
            break
        length = int.from_bytes(head[2:], "big")
        body = stream.read(max(length - 2, 0))
        if head[1] == 0xFE and body.strip(b" \0"):  # noqa: PLR2004 - COM
            yield "text comment", "a text in the picture", 1, False
        elif head[1] == 0xE1 and body.startswith(b"Exif\0"):  # noqa: PLR2004 - APP1
            yield from _exif(body)
        elif head[1] == 0xE1 and b"adobe.com/x" in body[:64]:  # noqa: PLR2004 - the same; the extension, too
            yield from _packet(body)
        elif head[1] == 0xED:  # noqa: PLR2004 - APP13
            yield from _resources(body)
        at += 2 + length
    if at >= size:
        yield f"what comes after byte {size:,}, where the JPEG is cut off"


def _tiff(stream: BinaryIO, size: int) -> Iterator[Found | str]:
    from PIL import Image

    from fetchers.checks.formats import tiff_directories

    seen: dict[int, int] = {}
    for tags in tiff_directories.tags(stream, size):
        for tag in tags.keys() & _EXIF.keys():
            if str(tags[tag]).strip(" \0"):
                seen[tag] = seen.get(tag, 0) + 1
        if _XMP_TAG in tags:
            yield from _packet(_bytes(tags[_XMP_TAG]))
        if _IPTC_TAG in tags:
            yield from _records(_bytes(tags[_IPTC_TAG]))
    for tag, count in sorted(seen.items()):
        yield f"EXIF {tag}", _EXIF[tag], count, False
    stream.seek(0)
    exif = Image.Exif()
    exif.load(stream.read(1 << 16))
    for tag in sorted(dict(exif.get_ifd(_EXIF_FOLDER)).keys() & _EXIF.keys()):
        yield f"EXIF {tag}", _EXIF[tag], 1, False


def _gif(stream: BinaryIO) -> Iterator[Found | str]:
    stream.seek(0)
    data = stream.read(_MOST)
    if b"\x21\xfe" in data:
        yield "text comment", "a text in the picture", 1, False
    if b"<x:xmpmeta" in data:
        yield from _packet(data)


def _exif(body: bytes) -> Iterator[Found]:
    from PIL import Image

    exif = Image.Exif()
    exif.load(body)
    tags = {**dict(exif), **dict(exif.get_ifd(_EXIF_FOLDER))}
    for tag in sorted(tags.keys() & _EXIF.keys()):
        if str(tags[tag]).strip(" \0"):
            yield f"EXIF {tag}", _EXIF[tag], 1, False


def _packet(data: bytes) -> Iterator[Found]:
    """Count the properties of an XMP packet that have a value."""
    counts: dict[str, int] = {}
    for found in (*_xmp(data[:_PACKET]), *_attribute(data[:_PACKET])):
        name = found[1].decode("ascii", "replace")
        counts[name] = counts.get(name, 0) + 1
    for name, count in sorted(counts.items()):
        yield f"XMP {name}", "a property of the picture", count, False


def _resources(body: bytes) -> Iterator[Found]:
    """Look for IPTC among the image resources of a JPEG (8BIM, number 0x0404)."""
    at = body.find(b"8BIM\4\4")
    if at < 0:
        return
    name = body[at + 6 : at + 7]
    start = at + 6 + (1 + (name[0] if name else 0) + 1) // 2 * 2
    length = int.from_bytes(body[start : start + 4], "big")
    yield from _records(body[start + 4 : start + 4 + length])


def _records(data: bytes) -> Iterator[Found]:
    """Read the datasets of record 2 (IPTC-IIM 4.2): 1C, record, dataset, length."""
    counts: dict[int, int] = {}
    at = data.find(b"\x1c\2")
    while at >= 0 and at + 5 <= len(data) and data[at] == 0x1C:  # noqa: PLR2004 - the tag marker
        number, length = data[at + 2], int.from_bytes(data[at + 3 : at + 5], "big")
        if data[at + 1] == 2 and number in _IPTC and data[at + 5 : at + 5 + length].strip(b" \0"):  # noqa: PLR2004
            counts[number] = counts.get(number, 0) + 1
        at += 5 + length
    for number, count in sorted(counts.items()):
        yield f"IPTC 2:{number}", _IPTC[number], count, False


def _bytes(value: Any) -> bytes:  # noqa: ANN401 - what Pillow makes of a tag
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode("latin-1", "replace")
    try:
        return bytes(value) if max(value) < 256 else struct.pack(f">{len(value)}I", *value)  # noqa: PLR2004 - bytes, or words
    except (TypeError, ValueError, struct.error):
        return b""
