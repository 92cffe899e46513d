"""Derive what a file's name, or its dataset's container, promises, and name what came in its place.

An error text, a page, a bucket's XML or a git-lfs pointer under the name of a binary format is not even of the promised
kind: it is turned away where it is a file of its own.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

_POINTER = b"version https://git-lfs.github.com/spec/"
_pointer = re.compile(rb"oid sha256:([0-9a-f]{64})\s+size (\d{1,15})\s*\Z").search
_POINTER_MOST = 1024  # bytes; the specification's own limit
_RAW = "raw.githubusercontent.com"

TEXTS = frozenset(("text", "csv", "html", "xml", "json"))
# What bears one of these names is an image of that kind, or wrong.
IMAGES = {
    ".dcm": "dicom", ".dicom": "dicom", ".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".tif": "tiff",
    ".tiff": "tiff", ".gif": "gif", ".nii": "nifti", ".nii.gz": "nifti",
}  # fmt: skip
# Formats that are never a text.
_BINARY = (
    *IMAGES, ".gz", ".tgz", ".bz2", ".xz", ".zst", ".zip", ".tar", ".7z", ".rar", ".mgz", ".mgh", ".mnc", ".nrrd",
    ".mha", ".npy", ".npz", ".h5", ".hdf5", ".pt", ".pth", ".pkl", ".parquet", ".feather", ".edf", ".bdf", ".svs",
    ".ndpi", ".mrxs", ".scn", ".vsi", ".czi", ".lif", ".jp2", ".j2k", ".bmp", ".webp", ".mp4", ".avi", ".mov", ".mkv",
    ".wav", ".pdf", ".docx", ".xlsx", ".pptx", ".brik", ".rec", ".onnx", ".sqlite",
)  # fmt: skip
_SELDOM_TEXTS = (".mat", ".img", ".raw", ".bin", ".dat")  # FSL's matrices are texts; an error text is none of them
# Data whose own header stands in a text, beside it or in front of it: no text that could be read like a table.
_HEADERS = (".mhd", ".nhdr", ".par", ".head", ".v", ".hdr", ".mha", ".nrrd")
_CONTAINERS = frozenset(("dicom", "png", "jpeg", "tiff", "nifti", "analyze"))
_error = re.compile(
    r"(?i)not found|\berror\b|denied|forbidden|expired|unauthori[sz]ed|does not exist|no such|unavailable|invalid|quota"
    r"|too many requests|bad gateway|timed? ?out|\b[45]\d\d\b"
).search
_ERROR_MOST = 2048  # bytes of an error text
_BARE = re.compile(r"[^.]+").fullmatch


class Pointer(NamedTuple):
    """A git-lfs pointer: the SHA-256 and the bytes of the file that it stands for."""

    sha256: str
    size: int


_ENDINGS = tuple(IMAGES)


def pointer(head: bytes) -> Pointer | None:
    """Read a git-lfs pointer; None for anything else."""
    if not head.startswith(_POINTER) or len(head) > _POINTER_MOST:
        return None
    found = _pointer(head)
    return Pointer(found[1].decode("ascii"), int(found[2])) if found else None


def way_on(url: str, address: str) -> str:
    """Return what to type to get the file that a git-lfs pointer stands for."""
    parts = urlsplit(url)
    if parts.hostname == _RAW:
        return (
            f"the file itself is at https://media.githubusercontent.com/media{parts.path}: put that into the catalogue"
        )
    return f"git lfs pull, in a clone of its repository; then: fetch adopt {address} PATH"


def promises_binary(name: str) -> bool:
    """Return True if a file's ending promises a format that is never a text."""
    return name.lower().endswith(_BINARY)


def image_by_name(name: str) -> str | None:
    """Return the image format that a file's ending promises."""
    lower = name.lower()
    if not lower.endswith(_ENDINGS):  # asked of each file of a set of any kind
        return None
    return next(kind for ending, kind in IMAGES.items() if lower.endswith(ending))


def is_header(name: str) -> bool:
    """Return True for a text that is the header of data: MetaImage, NRRD, PAR/REC, AFNI, Interfile."""
    return name.lower().endswith(_HEADERS)


def text_in_place(kind: str, head: bytes, name: str, container: str) -> bool:
    """Return True if a text of `kind` stands where a binary format was promised.

    In a set of images, a short error text under a name without an ending is one, too: DICOM objects bear such names.
    """
    if kind not in TEXTS:
        return False
    if promises_binary(name) and not (is_header(name) and kind == "text"):
        return True
    if container in _CONTAINERS and error_in_place(kind, head, name):
        return True
    return name.lower().endswith(_SELDOM_TEXTS) and _says_error(head)


def error_in_place(kind: str, head: bytes, name: str) -> bool:
    """Return True for a short error text under a name without an ending, which promises nothing."""
    return kind in TEXTS and _BARE(name.rpartition("/")[2]) is not None and _says_error(head)


def _says_error(head: bytes) -> bool:
    return len(head) <= _ERROR_MOST and _error(head.decode("latin-1")) is not None


def title(kind: str, head: bytes) -> str:
    """Return in words what stands there instead: of a stranger's text nothing is repeated."""
    if pointer(head) is not None:
        return "a git-lfs pointer"
    if kind == "text" and _says_error(head):
        return "an error text"
    return {"html": "a web page", "xml": "XML", "json": "JSON", "csv": "a table"}.get(kind, "a text")
