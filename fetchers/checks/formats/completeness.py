"""Hold a file to the end that its own format knows: wherever it comes in, with or without a promised length.

Formats of streams are followed while their bytes pass by (`follower`), the others are asked at their structure: where
does the last strip, element, entry or voxel end? What a format does not say is not guessed at (`unknown`).
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from fetchers.checks.formats import volume
from fetchers.checks.formats.ending import UNKNOWN, WHOLE, Ending, cut

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

    from fetchers.checks.dicom.fast_header import Walked
    from fetchers.checks.formats.ending import Follower

COMPRESSED = frozenset(("gzip", "bz2", "xz", "zstd"))
FOLLOWED = COMPRESSED | {"png", "jpeg", "gif"}
_CHUNK = 1 << 20
_TAIL = 66_000  # a zip's end record with the longest comment
_BLOCK = 512  # of a tar


def follower(kind: str) -> Follower | None:
    """Return what follows a file of `kind` while its bytes pass by; None for a kind that is asked at its structure."""
    if kind in COMPRESSED:
        from fetchers.checks.formats.compressed_end import CompressedEnd

        return CompressedEnd(kind)
    if kind in FOLLOWED:
        from fetchers.checks.formats import picture_end

        if kind == "jpeg":
            return picture_end.JpegEnd()
        return picture_end.PngEnd() if kind == "png" else picture_end.GifEnd()
    return None


def followed(one: Follower) -> Ending:
    """Return the answer of a follower to whose file no more bytes come; a volume in it must have its voxels."""
    found = one.ending()
    head = getattr(one, "head", b"")
    return found if found.state != "whole" or not head else _voxels(head, getattr(one, "inflated", 0), found)


def ending(kind: str, open_: Callable[[], BinaryIO], size: int, head: bytes, walked: Walked | None = None) -> Ending:
    """Judge one file of `kind` and `size` bytes; `head` are its first ones, or all of a small file.

    Raises `OSError` for this machine, and nothing for what is in the file.
    """
    one = follower(kind)
    if one is not None:
        if size <= len(head):
            one.update(head)
        else:
            with open_() as stream:
                while chunk := stream.read(_CHUNK):
                    one.update(chunk)
        return followed(one)
    if kind in ("nifti", "analyze"):
        return _voxels(head, size, WHOLE if volume.expected_size(head) else UNKNOWN)
    if kind == "hdf5":
        return _hdf5(head, size)
    proof = _STRUCTURES.get(kind)
    if proof is None and kind != "dicom":
        return UNKNOWN
    if kind == "dicom":
        return _dicom(open_, size, head, walked)
    with open_() as stream:
        return proof(stream, size) if proof is not None else UNKNOWN


def _dicom(open_: Callable[[], BinaryIO], size: int, head: bytes, walked: Walked | None) -> Ending:
    """Judge a DICOM file; nearly all are answered without being opened once more."""
    from fetchers.checks.dicom import end_of_file

    if size > len(head) and walked is not None:
        found = end_of_file.native(head, size, walked)
        if found is not None:
            return found
    with BytesIO(head) if size <= len(head) else open_() as stream:
        return end_of_file.ending(stream, size, head, walked)


def knows_its_end(kind: str) -> bool:
    """Return True for a format that says where it ends."""
    return kind in FOLLOWED or kind in _STRUCTURES or kind in ("nifti", "hdf5", "dicom")


def _voxels(head: bytes, size: int, otherwise: Ending) -> Ending:
    """Hold a NIfTI file of `size` bytes to the voxels that its header promises."""
    expected = volume.expected_size(head)
    if expected is not None and expected > size:
        return cut(f"cut off: {size:,} bytes are here, the header of the volume promises {expected:,}")
    return otherwise


def _tail(stream: BinaryIO, size: int, count: int) -> bytes:
    stream.seek(max(0, size - count))
    return stream.read(count)


def _zip(stream: BinaryIO, size: int) -> Ending:
    """Look for the end record, and for the directory that it names where it says."""
    tail = _tail(stream, size, _TAIL)
    at = tail.rfind(b"PK\5\6")
    while at >= 0:
        record = tail[at : at + 22]
        end = at + 22 + int.from_bytes(record[20:22], "little")
        length = int.from_bytes(record[12:16], "little")
        start = size - len(tail) + at - length
        if len(record) == 22 and end <= len(tail) and (length == 0xFFFFFFFF or _is_directory(stream, start, length)):  # noqa: PLR2004
            return Ending("whole", trailing=len(tail) - end)
        at = tail.rfind(b"PK\5\6", 0, at)
    return cut(f"cut off: {size:,} bytes are here, and the directory at the end of the zip is not among them")


def _is_directory(stream: BinaryIO, start: int, length: int) -> bool:
    if not length:
        return True  # a zip without members
    stream.seek(max(start, 0))
    return start >= 0 and stream.read(4) == b"PK\1\2"


def _pdf(stream: BinaryIO, size: int) -> Ending:
    if b"%%EOF" in _tail(stream, size, 1024):
        return WHOLE
    return cut(f"cut off: {size:,} bytes are here, and the end of the PDF (%%EOF) is not among them")


def _tar(stream: BinaryIO, size: int) -> Ending:
    if size >= 2 * _BLOCK and size % _BLOCK == 0 and not _tail(stream, size, 2 * _BLOCK).strip(b"\0"):
        return WHOLE
    return cut(f"cut off: {size:,} bytes are here, and the two empty blocks at the end of the tar are not among them")


def _tiff(stream: BinaryIO, size: int) -> Ending:
    from fetchers.checks.formats import tiff_directories

    return tiff_directories.ending(stream, size)


def _seven_zip(stream: BinaryIO, size: int) -> Ending:
    """Add up what the first 32 bytes say of where the last header ends (7zFormat.txt)."""
    stream.seek(0)
    head = stream.read(32)
    end = 32 + int.from_bytes(head[12:20], "little") + int.from_bytes(head[20:28], "little")
    if len(head) < 32 or end > size:  # noqa: PLR2004 - the same
        return cut(f"cut off: {size:,} bytes are here, the 7z ends at byte {end:,}")
    return Ending("whole", trailing=size - end)


def _hdf5(head: bytes, size: int) -> Ending:
    """Read the end-of-file address of the superblock (HDF5 file format 3.0, II.A)."""
    version = head[8] if len(head) > 8 else 9  # noqa: PLR2004 - after the signature
    if version > 3:  # noqa: PLR2004 - what later ones say is not known
        return UNKNOWN
    if len(head) < 14:  # noqa: PLR2004 - up to the size of offsets
        return cut(f"cut off: {size:,} bytes are here, a superblock has more")
    width = head[13] if version < 2 else head[9]  # noqa: PLR2004 - size of offsets
    at = (24, 28)[version] + 2 * width if version < 2 else 12 + 2 * width  # noqa: PLR2004
    end = int.from_bytes(head[at : at + width], "little")
    if width not in (4, 8) or end >= 1 << 62:
        return UNKNOWN
    return cut(f"cut off: {size:,} bytes are here, its superblock says {end:,}") if end > size else WHOLE


_STRUCTURES: dict[str, Callable[[BinaryIO, int], Ending]] = {
    "zip": _zip,
    "tar": _tar,
    "tiff": _tiff,
    "pdf": _pdf,
    "7z": _seven_zip,
}
