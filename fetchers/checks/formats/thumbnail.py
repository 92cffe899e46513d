"""Make a thumbnail: PNG or JPEG bytes in, the bytes of a small grey or colour PNG out."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, UnidentifiedImageError

_MOST_PIXELS = 60_000_000  # a decompressed picture of more is not worth the memory of a thumbnail
_DEEP = ("I", "F", "I;16", "I;16B", "I;16L")


def thumbnail(data: bytes, edge: int = 160) -> bytes | None:
    """Draw a picture within `edge` x `edge` pixels; None where it is no picture, or too large a one.

    Deep grey levels (12 or 16 bits, as in radiographs) are spread from the darkest to the brightest pixel.
    """
    try:
        with Image.open(BytesIO(data), formats=("PNG", "JPEG")) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                return None
            picture.draft(None, (edge * 2, edge * 2))
            shown = _levelled(picture) if picture.mode in _DEEP else picture.convert(_plain(picture.mode))
            shown.thumbnail((edge, edge))
            out = BytesIO()
            shown.save(out, "PNG", optimize=True)
            return out.getvalue()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def _plain(mode: str) -> str:
    return "L" if mode in ("1", "L", "LA") else "RGB"


def _levelled(picture: Image.Image) -> Image.Image:
    deep = picture.convert("I") if picture.mode != "F" else picture
    deep.thumbnail((512, 512))
    low, high = deep.getextrema()
    if not isinstance(low, (int, float)) or not isinstance(high, (int, float)):
        return deep.convert("L")
    scale = 255 / ((high - low) or 1)
    return deep.point(lambda level: level * scale - low * scale).convert("L")
