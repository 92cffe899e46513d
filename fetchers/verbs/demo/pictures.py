"""Draw a chest radiograph: a grey PNG made of a few ellipses. No patient was ever involved."""

from __future__ import annotations

import struct
import zlib

WIDTH, HEIGHT = 160, 160
# (centre x, centre y, half width, half height, brightness added) in tenths of the picture
_BODY = ((5.0, 5.6, 4.4, 5.2, 96), (5.0, 0.8, 1.1, 2.0, 60))
_LUNGS = ((3.2, 5.2, 1.3, 3.0, -84), (6.8, 5.2, 1.3, 3.0, -84))
_HEART = ((5.6, 6.6, 1.3, 1.5, 62),)
_SPINE = ((5.0, 5.0, 0.35, 5.0, 46),)
_SPOT = ((3.3, 3.6, 0.35, 0.35, 70), (6.9, 4.2, 0.25, 0.25, 60))


def radiograph(number: int, *, ill: bool) -> bytes:
    """Draw one; `number` moves it a little, as patients do. Returns the bytes of an 8-bit grey PNG."""
    shift = (number * 7 % 5 - 2) / 20
    shapes = _BODY + _LUNGS + _HEART + _SPINE + (_SPOT if ill else ())
    rows = bytearray()
    for y in range(HEIGHT):
        rows.append(0)  # the filter of the line: none
        rows.extend(_brightness(x * 10 / WIDTH + shift, y * 10 / HEIGHT, shapes, x * y + number) for x in range(WIDTH))
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 0, 0, 0, 0)
    body = _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(bytes(rows), 6)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def _brightness(x: float, y: float, shapes: tuple[tuple[float, float, float, float, int], ...], noise: int) -> int:
    level = 18 + noise % 5
    for across, down, width, height, added in shapes:
        inside = 1 - ((x - across) / width) ** 2 - ((y - down) / height) ** 2
        if inside > 0:
            level += int(added * min(1.0, inside * 3))
    return max(0, min(255, level))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
