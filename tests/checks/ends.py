"""Ask the formats for their ends, in the words of the tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.checks.formats import completeness

if TYPE_CHECKING:
    from typing import BinaryIO

KINDS = ("zip", "gzip", "bz2", "xz", "zstd", "png", "jpeg", "gif", "tiff", "tar", "pdf", "nifti", "dicom", "7z", "hdf5")


def state(kind: str, data: bytes) -> str:
    """Return what the format says of its end: whole, cut, unknown."""
    import io

    return completeness.ending(kind, lambda: io.BytesIO(data), len(data), data[: 1 << 16]).state


def proves_end(kind: str, stream: BinaryIO, size: int) -> bool:
    """Return True if the format proves that all `size` bytes are the whole file."""
    stream.seek(0)
    return state(kind, stream.read(size)) == "whole"
