"""Check that an image can be read, and whether it is in colour.

PNG is looked at here (its header and the CRC of it: thousands of files come at once), TIFF by its directories, NIfTI
and Analyze by `volume`; JPEG and GIF are opened by Pillow. Whether a file is whole is for `completeness` to say. No
exception of a library leaves this module.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.checks.formats import volume

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

    from fetchers.records import Severity
    from fetchers.rules import Rule

    Fault = tuple[Rule, Severity, str, str | None]  # rule, severity, message, hint

_COLOUR_TYPES = {0: False, 2: True, 3: None, 4: False, 6: True}  # PNG 11.2.2; a palette may be either
_COLOUR_MODES = ("RGB", "RGBA", "CMYK", "YCbCr")
_MOST_PIXELS = 1 << 31  # of a JPEG or a GIF
_MOST_DECODED = 64_000_000  # pixels; a larger picture is not decoded to see whether it is in colour
_APART = 24  # levels of 256 by which the channels of a grey picture differ at most: JPEG's rounding
_FEW = 2000  # one pixel in so many may be in colour: a marker, a logo


class ImageCheck(NamedTuple):
    """What an image is: pixels, whether it is in colour (None: not told), and what is wrong with it."""

    width: int | None = None
    height: int | None = None
    colour: bool | None = None
    problems: tuple[Fault, ...] = ()


def examine(
    kind: str, head: bytes, open_: Callable[[], BinaryIO], size: int, *, ask_colour: bool = False
) -> ImageCheck:
    """Look at one image of `kind`; `head` are its first 64 KiB.

    With `ask_colour`, a picture that has three channels is decoded: many a grey one has them.
    """
    if kind == "png":
        found = _png(head)
    elif kind in ("nifti", "analyze"):
        return _volume(kind, head)
    elif kind == "tiff":
        found = _tiff(open_, size)
    else:
        found = (_lossless(head) if kind == "jpeg" else None) or _pillow(kind, open_)
    if ask_colour and found.colour and not found.problems:
        found = found._replace(colour=_in_colour(kind, open_, found))
    return found


def _broken(kind: str, why: str) -> ImageCheck:
    return ImageCheck(problems=(("not-an-image", "error", f"begins like {kind.upper()}, but {why}", None),))


def _png(head: bytes) -> ImageCheck:
    if len(head) < 33 or head[12:16] != b"IHDR":  # noqa: PLR2004 - signature and first chunk
        return _broken("png", "its first chunk is missing")
    if zlib.crc32(head[12:29]) != int.from_bytes(head[29:33], "big"):
        return _broken("png", "its header's checksum is wrong")
    width, height, depth, colour = struct.unpack(">IIBB", head[16:26])
    if not width or not height or colour not in _COLOUR_TYPES or depth not in (1, 2, 4, 8, 16):
        return _broken("png", f"its header says {width} x {height} pixels, depth {depth}, colour type {colour}")
    return ImageCheck(width=width, height=height, colour=_COLOUR_TYPES[colour])


def _tiff(open_: Callable[[], BinaryIO], size: int) -> ImageCheck:
    from fetchers.checks.formats import tiff_directories

    try:
        with open_() as stream:
            first = next(tiff_directories.directories(stream, size))
    except ValueError as error:
        return _broken("tiff", str(error))
    if not first.width or not first.height or first.end is None:
        return _broken("tiff", "its first directory describes no picture")
    return ImageCheck(width=first.width, height=first.height, colour=first.photometric in tiff_directories.COLOURS)


def _volume(kind: str, head: bytes) -> ImageCheck:
    if head[:2] == b"\x1f\x8b":
        return _packed(kind, head)
    found = volume.read(head)
    if found is None:
        return _broken(kind, "its header says what cannot be")
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

    try:
        with warnings.catch_warnings(), open_() as stream:
            warnings.simplefilter("ignore")
            image = _plugin(kind)(stream)
            width, height = image.size
            if width * height > _MOST_PIXELS:
                return _broken(kind, f"its header says {width} x {height} pixels")
            colour = image.mode in _COLOUR_MODES if image.mode != "P" else None
    except Exception as error:  # noqa: BLE001 - Pillow's readers raise many kinds over broken files
        return _broken(kind, f"it cannot be opened ({type(error).__name__})")
    return ImageCheck(width=width, height=height, colour=colour)


def _plugin(kind: str) -> Callable[[BinaryIO], Any]:
    """Return Pillow's reader of a format. `Image.open` refuses large pictures, whole slides among them."""
    from PIL import GifImagePlugin, JpegImagePlugin, PngImagePlugin, TiffImagePlugin

    return {
        "png": PngImagePlugin.PngImageFile,
        "jpeg": JpegImagePlugin.JpegImageFile,
        "gif": GifImagePlugin.GifImageFile,
        "tiff": TiffImagePlugin.TiffImageFile,
    }[kind]


def _in_colour(kind: str, open_: Callable[[], BinaryIO], found: ImageCheck) -> bool | None:
    """Return whether pixels differ between the channels, not only whether there are three; None: not told."""
    import warnings

    from PIL import ImageChops

    if (found.width or 0) * (found.height or 0) > _MOST_DECODED:
        return None
    try:
        with warnings.catch_warnings(), open_() as stream:
            warnings.simplefilter("ignore")
            image = _plugin(kind)(stream)
            image.draft("RGB", (512, 512))
            red, green, blue = image.convert("RGB").split()
            apart = 0
            for one, other in ((red, green), (green, blue)):
                histogram = ImageChops.difference(one, other).histogram()
                apart = max(apart, sum(histogram[_APART:]))
            return bool(apart > red.width * red.height // _FEW)
    except Exception:  # noqa: BLE001 - what cannot be decoded tells nothing of its colour
        return None
