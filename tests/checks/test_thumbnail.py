"""Thumbnails are made of pictures, and of nothing else."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from fetchers.checks.formats.thumbnail import thumbnail


def _picture(mode: str, form: str = "PNG", size: tuple[int, int] = (400, 200)) -> bytes:
    out = BytesIO()
    Image.new(mode, size, color=None if mode == "P" else 1).save(out, form)
    return out.getvalue()


@pytest.mark.parametrize(("mode", "form"), [("L", "PNG"), ("RGB", "JPEG"), ("RGBA", "PNG"), ("1", "PNG"), ("P", "PNG")])
def test_thumbnail_fits_the_edge(mode: str, form: str) -> None:
    """The longer side is `edge` pixels; the shape is kept."""
    made = thumbnail(_picture(mode, form), edge=100)
    assert made is not None
    with Image.open(BytesIO(made)) as small:
        assert small.format == "PNG"
        assert small.size == (100, 50)


def test_deep_grey_is_spread() -> None:
    """A 12-bit radiograph in a 16-bit file is neither black nor white."""
    deep = Image.new("I;16", (64, 64))
    for x in range(64):
        for y in range(64):
            deep.putpixel((x, y), 1000 + x * 48)
    out = BytesIO()
    deep.save(out, "PNG")
    made = thumbnail(out.getvalue())
    assert made is not None
    with Image.open(BytesIO(made)) as small:
        low, high = small.getextrema()
        assert (low, high) == (0, 255)


@pytest.mark.parametrize(
    "data", [b"", b"\x89PNG\r\n\x1a\n", b"not a picture", _picture("L")[:60], _picture("L", "TIFF")], ids=range(5)
)
def test_what_is_no_picture_has_none(data: bytes) -> None:
    """Broken, foreign and empty files are passed over; nothing is raised."""
    assert thumbnail(data) is None


def test_a_bomb_is_not_unpacked() -> None:
    """A small file that says it is enormous is left alone."""
    bomb = bytearray(_picture("L"))
    bomb[16:24] = (9000).to_bytes(4, "big") + (9000).to_bytes(4, "big")
    assert thumbnail(bytes(bomb)) is None
