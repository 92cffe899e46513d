"""Does a file's own format prove that it ends where it ends?

Asked where nobody promised a length or a checksum: a body without Content-Length that breaks off early is accepted in
silence by every Python HTTP library that was tried.
"""

from __future__ import annotations

import bz2
import lzma
import struct
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, BinaryIO

_CHUNK = 1 << 20
_PAGES = 10_000
_TAIL = 66_000  # a zip's end record with the longest comment


def _tail(stream: BinaryIO, size: int, count: int) -> bytes:
    stream.seek(max(0, size - count))
    return stream.read(count)


def _zip(stream: BinaryIO, size: int) -> bool:
    tail = _tail(stream, size, _TAIL)
    at = tail.rfind(b"PK\5\6")
    return at >= 0 and len(tail) >= at + 22 and at + 22 + int.from_bytes(tail[at + 20 : at + 22], "little") == len(tail)


def _png(stream: BinaryIO, size: int) -> bool:
    return _tail(stream, size, 12) == b"\0\0\0\0IEND\xaeB`\x82"


def _jpeg(stream: BinaryIO, size: int) -> bool:
    return _tail(stream, size, 64).rstrip(b"\0").endswith(b"\xff\xd9")


def _gif(stream: BinaryIO, size: int) -> bool:
    return _tail(stream, size, 1) == b";"


def _pdf(stream: BinaryIO, size: int) -> bool:
    return b"%%EOF" in _tail(stream, size, 1024)


def _tar(stream: BinaryIO, size: int) -> bool:
    return size >= 1024 and size % 512 == 0 and not _tail(stream, size, 1024).strip(b"\0")  # noqa: PLR2004 - two blocks


def _packed(make: Callable[[], Any]) -> Callable[[BinaryIO, int], bool]:
    def proof(stream: BinaryIO, size: int) -> bool:
        del size
        stream.seek(0)
        one = make()
        try:
            while chunk := stream.read(1 << 16):
                rest = chunk
                while rest:
                    if one.eof:
                        one = make()  # another member follows: gzip and xz may be put end to end
                    one.decompress(rest, _CHUNK)
                    rest = _left(one)
        except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError):
            return False
        return bool(one.eof)

    return proof


def _left(one: Any) -> bytes:  # noqa: ANN401 - the objects of three libraries
    if one.eof:
        return bytes(one.unused_data).lstrip(b"\0")
    tail = getattr(one, "unconsumed_tail", b"")
    if tail:
        return bytes(tail)
    while not getattr(one, "needs_input", True) and not one.eof:
        one.decompress(b"", _CHUNK)
    return bytes(one.unused_data).lstrip(b"\0") if one.eof else b""


def _tiff(stream: BinaryIO, size: int) -> bool:
    """Every strip or tile of every page lies within the file."""
    import warnings

    from PIL import Image

    try:
        stream.seek(0)
        with warnings.catch_warnings(action="ignore"), Image.open(stream, formats=["TIFF"]) as image:
            for page in range(min(getattr(image, "n_frames", 1), _PAGES)):
                image.seek(page)
                tags = getattr(image, "tag_v2", {})
                pairs = [
                    pair
                    for starts, counts in ((273, 279), (324, 325))
                    for pair in zip(tags.get(starts, ()), tags.get(counts, ()), strict=False)
                ]
                if not pairs or any(start + count > size for start, count in pairs):
                    return False
    except (OSError, EOFError, ValueError, SyntaxError, TypeError, KeyError, struct.error):
        return False
    return True


def _nifti(stream: BinaryIO, size: int) -> bool:
    from fetchers.checks.formats.volume import expected_size

    stream.seek(0)
    expected = expected_size(stream.read(544))
    return expected is not None and expected <= size


def _dicom(stream: BinaryIO, size: int) -> bool:
    from fetchers.checks.dicom.end_of_file import ends_whole

    stream.seek(0)
    return ends_whole(stream, size)


PROOFS: dict[str, Callable[[BinaryIO, int], bool]] = {
    "zip": _zip,
    "gzip": _packed(lambda: zlib.decompressobj(31)),
    "bz2": _packed(bz2.BZ2Decompressor),
    "xz": _packed(lzma.LZMADecompressor),
    "png": _png,
    "jpeg": _jpeg,
    "gif": _gif,
    "tiff": _tiff,
    "tar": _tar,
    "pdf": _pdf,
    "nifti": _nifti,
    "dicom": _dicom,
}
