"""Images are opened, and files that are none are reported."""

from __future__ import annotations

import gzip
import io
import struct
import zlib

import pytest
from PIL import Image

from fetchers.checks.formats.image import examine
from tests.checks.test_container import nifti, picture


def colour(kind: str) -> bytes:
    """Make a picture in colour."""
    stream = io.BytesIO()
    Image.new("RGB", (9, 7), (200, 3, 4)).save(stream, kind)
    return stream.getvalue()


def header(width: int, height: int, depth: int = 8, kind: int = 0) -> bytes:
    """Make a PNG that is a header and an end."""
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n\0\0\0\r" + body + struct.pack(">I", zlib.crc32(body)) + b"\0\0\0\0IEND\xaeB`\x82"


@pytest.mark.parametrize(
    ("kind", "data", "size", "in_colour"),
    [
        ("png", picture("png"), (40, 30), False),
        ("jpeg", picture("jpeg"), (40, 30), False),
        ("tiff", picture("tiff"), (40, 30), False),
        ("gif", picture("gif"), (40, 30), None),
        ("png", colour("png"), (9, 7), True),
        ("jpeg", colour("jpeg"), (9, 7), True),
        ("tiff", colour("tiff"), (9, 7), True),
        ("png", header(2, 3, 16, 4), (2, 3), False),
        ("png", header(2, 3, 8, 3), (2, 3), None),
        ("nifti", nifti(), (4, 3), None),
        ("nifti", nifti(version=2), (4, 3), None),
        ("nifti", nifti(order=">"), (4, 3), None),
        ("analyze", nifti(magic=b"\0\0\0\0"), (4, 3), None),
        ("nifti", gzip.compress(nifti(), mtime=0), (None, None), None),
    ],
)
def test_sound_images_have_their_size(kind: str, data: bytes, size: tuple[int, int], *, in_colour: bool | None) -> None:
    """A sound image has its size and nothing wrong."""
    found = examine(kind, data[: 1 << 16], lambda: io.BytesIO(data), len(data))
    assert (found.problems, (found.width, found.height), found.colour) == ((), size, in_colour)


@pytest.mark.parametrize(
    ("kind", "data", "why"),
    [
        ("png", picture("png")[:20], "first chunk"),
        ("png", picture("png")[:16] + b"\1" + picture("png")[17:], "checksum"),
        ("png", header(0, 3), "0 x 3"),
        ("png", header(3, 3, 8, 5), "colour type 5"),
        ("png", header(3, 3, 3), "depth 3"),
        ("jpeg", picture("jpeg")[:30], "opened"),
        ("jpeg", b"\xff\xd8\xff" + bytes(500), "opened"),
        ("gif", b"GIF89a", "opened"),
        ("tiff", b"II*\0" + b"\xff" * 60, "there should be a directory at byte"),
        ("tiff", b"II*\0\x08\0\0\0\1\0" + b"\xff" * 60, "describes no picture"),
        ("nifti", nifti()[:40] + b"\xff\xff" + nifti()[42:], "cannot be"),
        ("nifti", gzip.compress(nifti()[:40] + b"\xff\xff" + nifti()[42:], mtime=0), "cannot be"),
        ("nifti", b"\x1f\x8b" + bytes(30), "unpacked"),
        ("nifti", b"\x1f\x8b\x08", "no header"),
        ("nifti", gzip.compress(b"hello, no volume at all", mtime=0), "no header"),
    ],
)
def test_broken_images_are_reported(kind: str, data: bytes, why: str) -> None:
    """What only begins like an image is named, and no library's exception comes out."""
    found = examine(kind, data[: 1 << 16], lambda: io.BytesIO(data), len(data))
    assert [problem[0] for problem in found.problems] == ["not-an-image"]
    assert why in found.problems[0][2]


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("kind", ["png", "jpeg", "tiff"])
def test_a_grey_picture_in_three_channels_is_not_in_colour(kind: str, mode: str) -> None:
    """What is asked for is colour, not a colour type; a few coloured pixels of a marker make none."""
    if kind == "jpeg" and mode == "RGBA":
        return
    grey = Image.effect_noise((300, 200), 90).convert(mode)
    grey.putpixel((5, 5), (255, 0, 0, 255)[: len(mode)])
    red = Image.new(mode, (300, 200), (200, 3, 4, 255)[: len(mode)])
    for image, in_colour in ((grey, False), (red, True)):
        made = io.BytesIO()
        image.save(made, kind)
        data = made.getvalue()
        found = examine(kind, data[: 1 << 16], lambda data=data: io.BytesIO(data), len(data), ask_colour=True)  # type: ignore[misc]
        assert found.colour is in_colour


@pytest.mark.parametrize("kind", ["png", "jpeg", "tiff", "gif", "nifti"])
def test_mutants_raise_nothing(kind: str) -> None:
    """Each of 300 mutants is judged without an exception, in words that are known."""
    import random

    chance = random.Random(5)
    sound = nifti() if kind == "nifti" else picture(kind)
    for _ in range(300):
        data = bytearray(sound)
        for _ in range(chance.randint(1, 8)):
            data[chance.randrange(4, len(data))] = chance.randrange(256)
        mutant = bytes(data[: chance.randint(4, len(data))])
        examined = examine(kind, mutant, lambda mutant=mutant: io.BytesIO(mutant), len(mutant))  # type: ignore[misc]
        assert {severity for _, severity, _, _ in examined.problems} <= {"error", "warning"}
