"""Is this image an image?

PNG is looked at here (its header's CRC and its end: thousands of files come at once); JPEG, TIFF and GIF are opened by
Pillow; NIfTI and Analyze by `volume`. No exception of a library leaves this module.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, NamedTuple

from fetchers.checks.formats import volume

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

    from fetchers.records import Severity
    from fetchers.rules import Rule

    Fault = tuple[Rule, Severity, str, str | None]  # rule, severity, message, hint

_IEND = b"\0\0\0\0IEND\xaeB`\x82"
_COLOUR_TYPES = {0: False, 2: True, 3: None, 4: False, 6: True}  # PNG 11.2.2; a palette may be either
_MOST_PIXELS = 1 << 31


class ImageCheck(NamedTuple):
    """What an image is: pixels, whether it is in colour (None: not told), and what is wrong with it."""

    width: int | None = None
    height: int | None = None
    colour: bool | None = None
    problems: tuple[Fault, ...] = ()


def examine(kind: str, head: bytes, open_: Callable[[], BinaryIO], size: int) -> ImageCheck:
    """Look at one image of `kind`; `head` are its first 64 KiB."""
    if kind == "png":
        return _png(head, open_, size)
    if kind in ("nifti", "analyze"):
        return _volume(kind, head, size)
    if kind == "jpeg" and (lossless := _lossless(head)) is not None:
        return lossless
    return _pillow(kind, open_)


def _broken(kind: str, why: str) -> ImageCheck:
    return ImageCheck(problems=(("not-an-image", "error", f"begins like {kind.upper()}, but {why}", None),))


def _png(head: bytes, open_: Callable[[], BinaryIO], size: int) -> ImageCheck:
    if len(head) < 33 or head[12:16] != b"IHDR":  # noqa: PLR2004 - signature and first chunk
        return _broken("png", "its first chunk is missing")
    if zlib.crc32(head[12:29]) != int.from_bytes(head[29:33], "big"):
        return _broken("png", "its header's checksum is wrong")
    width, height, depth, colour = struct.unpack(">IIBB", head[16:26])
    if not width or not height or colour not in _COLOUR_TYPES or depth not in (1, 2, 4, 8, 16):
        return _broken("png", f"its header says {width} x {height} pixels, depth {depth}, colour type {colour}")
    if size <= len(head):
        end = head[-12:]
    else:
        with open_() as stream:
            stream.seek(size - 12)
            end = stream.read(12)
    if end != _IEND:
        return _broken("png", "its end is missing")
    return ImageCheck(width=width, height=height, colour=_COLOUR_TYPES[colour])


def _volume(kind: str, head: bytes, size: int) -> ImageCheck:
    if head[:2] == b"\x1f\x8b":
        return _packed(kind, head)
    found = volume.read(head)
    if found is None:
        return _broken(kind, "its header says what cannot be")
    if found.bytes and size < found.offset + found.bytes:
        return _broken(kind, f"{size} bytes are here, its header promises {found.offset + found.bytes}")
    return ImageCheck(width=found.dims[0], height=found.dims[1] if len(found.dims) > 1 else 1)


def _packed(kind: str, head: bytes) -> ImageCheck:
    try:
        plain = zlib.decompressobj(31).decompress(head, 4096)
    except zlib.error:
        return _broken(kind, "it cannot be unpacked")
    if volume.read(plain) is None:
        there = int.from_bytes(plain[:4], "little") in (348, 540) or int.from_bytes(plain[:4], "big") in (348, 540)
        return _broken(kind, "its header says what cannot be" if there else "no header of a volume is in it")
    return ImageCheck()


def _lossless(head: bytes) -> ImageCheck | None:
    """Read the frame of a lossless JPEG, which Pillow does not open: all of DDSM is of that kind.

    Markers: ITU-T T.81, table B.1; SOF3, 7, 11 and 15 are the lossless processes. None for every other JPEG.
    """
    at = 2
    while at + 9 < len(head) and head[at] == 0xFF:  # noqa: PLR2004 - every marker begins so
        marker, length = head[at + 1], int.from_bytes(head[at + 2 : at + 4], "big")
        if marker in (0xC3, 0xC7, 0xCB, 0xCF):
            height, width = struct.unpack(">HH", head[at + 5 : at + 9])
            return ImageCheck(width=width, height=height) if width else _broken("jpeg", "its frame has no width")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):  # noqa: PLR2004 - the other frames
            return None
        at += 2 + length
    return None


def _pillow(kind: str, open_: Callable[[], BinaryIO]) -> ImageCheck:
    import warnings

    from PIL import Image

    try:
        with warnings.catch_warnings(), open_() as stream:
            warnings.simplefilter("ignore")
            with Image.open(stream, formats=[kind.upper()]) as image:
                width, height = image.size
                if width * height > _MOST_PIXELS:
                    return _broken(kind, f"its header says {width} x {height} pixels")
                colour = image.mode in ("RGB", "RGBA", "CMYK", "YCbCr") if image.mode != "P" else None
                if kind != "gif":
                    image.verify()
    except Exception as error:  # noqa: BLE001 - Pillow's decoders raise many kinds over broken files
        return _broken(kind, f"it cannot be opened ({type(error).__name__})")
    return ImageCheck(width=width, height=height, colour=colour)
