"""An image that no program could show is named, and no broken one gets an exception out of the check."""

from __future__ import annotations

import io
import random
import struct
import zlib

import pytest
from PIL import Image

from fetchers.checks.formats.completeness import ending
from fetchers.checks.formats.image import ImageCheck, examine
from fetchers.checks.formats.sniff import sniff


def _saved(kind: str, mode: str = "L", size: tuple[int, int] = (40, 30)) -> bytes:
    made = io.BytesIO()
    Image.new(mode, size, 7).save(made, kind.upper())
    return made.getvalue()


def _examined(kind: str, data: bytes) -> ImageCheck:
    """Look at an image as a whole: at its beginning, then at its end."""
    found = examine(kind, data[:65536], lambda: io.BytesIO(data), len(data))
    end = ending(sniff(data[:65536], len(data)), lambda: io.BytesIO(data), len(data), data[:65536])
    return found._replace(
        problems=found.problems or tuple((one.rule, one.severity, one.message, one.hint) for one in end.problems)
    )


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _png(width: int = 4, height: int = 4, depth: int = 8, colour: int = 0) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    rows = zlib.compress(bytes(20))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def _volume(
    *, order: str = "<", dims: tuple[int, ...] = (4, 5, 6), datatype: int = 4, magic: bytes = b"n+1\0", bits: int = 16
) -> bytes:
    head = bytearray(352)
    struct.pack_into(f"{order}i", head, 0, 348)
    struct.pack_into(f"{order}8h", head, 40, len(dims), *dims, *(1,) * (7 - len(dims)))
    struct.pack_into(f"{order}hh", head, 70, datatype, bits)
    struct.pack_into(f"{order}f", head, 108, 352.0)
    head[344:348] = magic
    return bytes(head) + bytes(240)


@pytest.mark.parametrize(
    ("kind", "mode", "colour"),
    [
        ("png", "L", False),
        ("png", "I;16", False),
        ("png", "LA", False),
        ("png", "1", False),
        ("png", "RGB", True),
        ("png", "RGBA", True),
        ("png", "P", None),
        ("jpeg", "L", False),
        ("jpeg", "RGB", True),
        ("jpeg", "CMYK", True),
        ("tiff", "L", False),
        ("tiff", "I;16", False),
        ("tiff", "F", False),
        ("tiff", "RGB", True),
        ("gif", "P", None),
    ],
)
def test_a_whole_image_is_measured(kind: str, mode: str, *, colour: bool | None) -> None:
    """Width, height, whether it is in colour; no problem."""
    assert _examined(kind, _saved(kind, mode)) == ImageCheck(width=40, height=30, colour=colour)


@pytest.mark.parametrize(
    ("data", "width", "height"),
    [
        (_volume(), 4, 5),
        (_volume(order=">"), 4, 5),
        (_volume(dims=(4, 5, 6, 1)), 4, 5),
        (_volume(dims=(120,)), 120, 1),
        (_volume(magic=b"ni1\0")[:352], 4, 5),
    ],
)
def test_a_volume_is_measured(data: bytes, width: int, height: int) -> None:
    """NIfTI in both byte orders; the voxels of a pair lie in another file."""
    assert _examined("nifti", data) == ImageCheck(width=width, height=height)
    if data[344:348] != b"n+1\0":
        assert _examined("analyze", data[:344] + bytes(4)) == ImageCheck(width=width, height=height)


_BROKEN: dict[str, tuple[str, bytes]] = {
    "png, cut within its header": ("png", _png()[:30]),
    "png, another chunk first": ("png", _png()[:8] + _chunk(b"IDAT", b"") + _png()[8:]),
    "png, one bit of the header": ("png", _png()[:19] + b"\x05" + _png()[20:]),
    "png without width": ("png", _png(width=0)),
    "png without height": ("png", _png(height=0)),
    "png, depth 3": ("png", _png(depth=3)),
    "png, colour type 5": ("png", _png(colour=5)),
    "png, cut before its end": ("png", _png()[:-1]),
    "png and more": ("png", _png() + b"<html>"),
    "jpeg, two bytes": ("jpeg", b"\xff\xd8\xff\xe0"),
    "jpeg, cut within its header": ("jpeg", _saved("jpeg")[:100]),
    "tiff, cut before its directory": ("tiff", b"II*\0\xff\xff\0\0" + bytes(40)),
    "gif, six bytes": ("gif", b"GIF89a"),
    "gif, a png": ("gif", _png()),
    "nifti without dimensions": ("nifti", _volume(dims=())),
    "nifti, a dimension below one": ("nifti", _volume(dims=(4, -5, 6))),
    "nifti, a first dimension of nought": ("nifti", _volume(dims=(0, 5, 6))),
    "nifti of no known datatype": ("nifti", _volume(datatype=3)),
    "nifti, a byte short": ("nifti", _volume()[:-1]),
    "nifti, cut within its header": ("nifti", _volume()[:100]),
    "nifti, dimensions beyond all disks": ("nifti", _volume(dims=(32767,) * 7)),
    "analyze of no known datatype": ("analyze", _volume(datatype=5, magic=bytes(4), bits=17)),
}


@pytest.mark.parametrize(("kind", "data"), _BROKEN.values(), ids=_BROKEN)
def test_a_broken_image_is_an_error_and_no_exception(kind: str, data: bytes) -> None:
    """One problem: rule, severity and a sentence that says what is wrong."""
    (problem,) = _examined(kind, data).problems
    rule, severity, message, _ = problem
    if severity == "info":
        assert (rule, message) == ("trailing-bytes", "6 bytes follow after the end of the format")
    elif rule == "truncated":
        assert (severity, message[:7]) == ("error", "cut off")
    else:
        assert (rule, severity) == ("not-an-image", "error")
        assert kind.upper() in message


def test_a_bomb_is_refused_by_its_header() -> None:
    """Four thousand million pixels are named, and not decoded."""
    tiff = bytearray(_saved("gif"))
    tiff[6:10] = struct.pack("<HH", 65535, 65535)
    (problem,) = _examined("gif", bytes(tiff)).problems
    assert problem[0] == "not-an-image"


def test_the_end_of_a_long_png_is_looked_up_in_the_file() -> None:
    """The head is 64 KiB; only the file itself has the end."""
    noise = random.Random(1).randbytes(100_000)
    body = _png()[:-12] + _chunk(b"tEXt", b"x\0" + noise)
    assert not _examined("png", body + _png()[-12:]).problems
    assert _examined("png", body + bytes(12)).problems


@pytest.mark.parametrize("kind", ["png", "jpeg", "tiff", "gif", "nifti", "analyze"])
def test_changed_bytes_bring_no_exception(kind: str) -> None:
    """Two hundred times some bytes are changed or the file is cut; the answer is an examination each time."""
    whole = _saved(kind) if kind in ("png", "jpeg", "tiff", "gif") else _volume()
    dice = random.Random(kind)
    for _ in range(200):
        data = bytearray(whole)
        for _ in range(dice.randint(1, 4)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        cut = dice.choice((len(data), dice.randrange(1, len(data))))
        assert isinstance(_examined(kind, bytes(data[:cut])), ImageCheck)


def test_a_png_is_looked_at_without_pillow() -> None:
    """Ten thousand files come at once: the check opens nothing that the head already holds."""

    def never() -> io.BytesIO:
        raise AssertionError("the file was opened")

    data = _saved("png")
    assert not examine("png", data, never, len(data)).problems
