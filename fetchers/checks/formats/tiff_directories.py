"""Read the structure of a TIFF: its directories, and whether strips and tiles lie inside the file. No pixel is decoded.

The directories (IFDs) are read by Pillow's reader of them, which opens no image: any sample format, BigTIFF, pyramids
(SubIFDs) and pictures of any size are the same to it. TIFF 6.0; BigTIFF; ImageJ puts further slices behind the first
one without a directory for each.
"""

from __future__ import annotations

import re
import struct
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.checks.formats.ending import WHOLE, Ending, cut

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

_PAGES = 100_000
_SUB, _WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC, _SAMPLES = 330, 256, 257, 258, 259, 262, 277
_PLANAR, _ROWS_PER_STRIP, _DESCRIPTION = 284, 278, 270
_STRIPS, _TILES = (273, 279), (324, 325)
_OLD_JPEG = (513, 514)  # JPEGInterchangeFormat and its length: TIFF 6.0, section 22
COLOURS = frozenset((2, 5, 6, 8))  # photometric interpretations: RGB, CMYK, YCbCr, CIELAB
_imagej = re.compile(r"ImageJ=.*?^images=(\d{1,9})\s*$", re.DOTALL | re.MULTILINE).match


class Directory(NamedTuple):
    """One picture of a TIFF: its size in pixels, samples a pixel, photometric interpretation, and where its data end.

    `end` is None where the directory names no data.
    """

    width: int
    height: int
    samples: int
    photometric: int
    end: int | None


class _OutsideError(ValueError):
    """A directory, or a value of one, lies outside the file."""


def directories(stream: BinaryIO, size: int) -> Iterator[Directory]:
    """Yield each directory; raise `ValueError` where one cannot be read or is not inside the `size` bytes."""
    return map(_read, tags(stream, size))


def tags(stream: BinaryIO, size: int) -> Iterator[Any]:
    """Yield the tags of each directory, as a mapping; raise `ValueError` as above."""
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    stream.seek(0)
    head = stream.read(16)
    head = head if b"+" in head[2:4] else head[:8]
    try:
        waiting, seen = [ImageFileDirectory_v2(head).next], set[int]()
    except (SyntaxError, struct.error) as error:
        raise ValueError("its header names no directory") from error
    while waiting:
        at = waiting.pop()
        if not at or at in seen or len(seen) >= _PAGES:
            continue
        seen.add(at)
        one = ImageFileDirectory_v2(head)
        _load(one, stream, at, size)
        yield one
        subs = one.get(_SUB, ())
        waiting += [one.next, *(int(sub) for sub in (subs if isinstance(subs, tuple) else (subs,)))]
    if not seen:
        raise ValueError("its header names no directory")


def _load(one: Any, stream: BinaryIO, at: int, size: int) -> None:  # noqa: ANN401 - Pillow is loaded late
    if at >= size:
        raise _OutsideError(f"there should be a directory at byte {at:,}")
    stream.seek(at)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # Pillow warns of what it could not read
        try:
            one.load(stream)
        except (UserWarning, OSError) as error:
            raise _OutsideError(f"the directory at byte {at:,} is not all here") from error
        except (struct.error, OverflowError, MemoryError, TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"the directory at byte {at:,} cannot be read") from error


def _read(one: Any) -> Directory:  # noqa: ANN401 - the same
    with warnings.catch_warnings(action="ignore"):  # of tags with more values than they should have
        return _directory(one)


def _directory(one: Any) -> Directory:  # noqa: ANN401 - the same
    try:
        ends = [
            int(start) + int(count)
            for starts, counts in (_STRIPS, _TILES, _OLD_JPEG)
            for start, count in zip(_many(one, starts), _counts(one, starts, counts), strict=False)
        ]
        width, height = int(_first(one, _WIDTH, 0)), int(_first(one, _HEIGHT, 0))
        samples = int(_first(one, _SAMPLES, 1))
        end = max(ends, default=None)
        found = _imagej(str(one.get(_DESCRIPTION, "")))
        if found and end is not None and _first(one, _COMPRESSION, 1) == 1:
            bits = sum(map(int, _many(one, _BITS) or (1,)))
            start = min(map(int, _many(one, _STRIPS[0])), default=end)
            end = max(end, start + int(found[1]) * width * height * (bits * (samples if bits == 1 else 1)) // 8)
        return Directory(width, height, samples, int(_first(one, _PHOTOMETRIC, 0)), end)
    except (struct.error, TypeError, ValueError, OverflowError, KeyError) as error:
        raise ValueError("a directory says what cannot be") from error


def _many(one: Any, tag: int) -> tuple[Any, ...]:  # noqa: ANN401 - the same
    found = one.get(tag, ())
    return found if isinstance(found, tuple) else (found,)


def _first(one: Any, tag: int, default: int) -> Any:  # noqa: ANN401 - the same
    return next(iter(_many(one, tag)), default)


def _counts(one: Any, starts: int, counts: int) -> tuple[Any, ...]:  # noqa: ANN401 - the same
    """Return the lengths of strips; those of old writers, who left them out, are reckoned where nothing is packed."""
    found = _many(one, counts)
    if found or starts != _STRIPS[0] or _first(one, _COMPRESSION, 1) != 1:
        return found
    width, height, many = int(_first(one, _WIDTH, 0)), int(_first(one, _HEIGHT, 0)), len(_many(one, starts))
    bits = sum(map(int, _many(one, _BITS) or (1,)))
    rows = min(int(_first(one, _ROWS_PER_STRIP, height)) or height, height)
    return tuple(((width * bits + 7) // 8) * min(rows, max(height - rows * number, 0)) for number in range(many))


def ending(stream: BinaryIO, size: int) -> Ending:
    """Return whether every directory and every strip and tile of a TIFF lies inside its `size` bytes."""
    try:
        for number, one in enumerate(directories(stream, size), start=1):
            if one.end is not None and one.end > size:
                return cut(f"cut off: {size:,} bytes are here, picture {number} of the TIFF ends at byte {one.end:,}")
    except _OutsideError as error:
        return cut(f"cut off: {size:,} bytes are held, {error}")
    except ValueError as error:
        return cut(f"damaged: {error}")
    return WHOLE
