"""Recognise the kind of content by its bytes.

Names and what a server calls them decide nothing. The magic numbers are those of the formats' own specifications.
"""

from __future__ import annotations

import re
import struct

from fetchers.checks.dicom.signature import has_preamble

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"II+\0", "tiff"),
    (b"MM\0+", "tiff"),
    (b"PK\3\4", "zip"),
    (b"PK\5\6", "zip"),
    (b"\x1f\x8b\x08", "gzip"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"\x89HDF\r\n\x1a\n", "hdf5"),
    (b"%PDF-", "pdf"),
    (b"NRRD000", "nrrd"),
    (b"CDF\1", "minc"),
    (b"CDF\2", "minc"),
)
# What follows the four letters of a bzip2: a block, or the end of an empty one. `BZhang` is a word.
_bzip2 = re.compile(rb"BZh[1-9](1AY&SY|\x17rE8P\x90|.{0,5}\Z)", re.DOTALL).match
_BY_FIRST = {magic[0]: [pair for pair in _MAGIC if pair[0][0] == magic[0]] for magic, _ in _MAGIC}
_NIFTI1, _NIFTI2 = 348, 540  # bytes of the header, with which it begins, in either order of bytes
_LENGTHS_1 = (struct.pack("<i", _NIFTI1), struct.pack(">i", _NIFTI1))
_LENGTHS_2 = (struct.pack("<i", _NIFTI2), struct.pack(">i", _NIFTI2))
_ODD = re.compile("[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f-\x9f]")  # no text is full of these
_OCTAL = re.compile(rb"[ \0]*([0-7]+)[ \0]*").fullmatch
_SPACE = b" \t\r\n\f"


def sniff(head: bytes, size: int | None = None) -> str:
    """Return the kind of content that begins with `head` (64 KiB, or all of a smaller file).

    One of: empty dicom png jpeg tiff gif nifti analyze zip gzip tar bz2 xz zstd 7z rar hdf5 pdf nrrd minc html xml json
    csv text unknown. DICOM is told here by its preamble only; `DICM` that stands there by chance tells nothing.
    """
    if not head:
        return "empty"
    if has_preamble(head):
        return "dicom"
    if _bzip2(head):
        return "bz2"
    for magic, kind in _BY_FIRST.get(head[0], ()):
        if head.startswith(magic):
            return kind
    if _is_tar(head):
        return "tar"
    found = _volume(head) or _text(head, whole=size is None or size <= len(head))
    return found or ("dicom" if head[128:132] == b"DICM" else "unknown")


def _volume(head: bytes) -> str | None:
    if len(head) < _NIFTI1:
        return None
    begin = head[:4]
    if begin in _LENGTHS_1:
        return "nifti" if head[344:348] in (b"n+1\0", b"ni1\0") else "analyze"
    return "nifti" if begin in _LENGTHS_2 and head[4:8] in (b"n+2\0", b"ni2\0") else None


def _is_tar(head: bytes) -> bool:
    """Return True for a tar by its header's checksum: old ones have no magic number."""
    block = head[:512]
    if len(block) < 512 or not block[0]:  # noqa: PLR2004 - a tar's block
        return False
    digits = _OCTAL(block[148:156])
    return digits is not None and int(digits[1], 8) == sum(block[:148]) + 8 * 32 + sum(block[156:])


def _text(head: bytes, *, whole: bool) -> str | None:
    text = _decoded(head, whole=whole)
    if text is None:
        return None
    plain = text.encode() if head[:2] in (b"\xff\xfe", b"\xfe\xff") else head
    body = plain.removeprefix(b"\xef\xbb\xbf").lstrip(_SPACE)
    start = body[:512].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<script")) or (
        start.startswith(b"<") and b"<html" in body[:4096].lower()
    ):
        return "html"
    if start.startswith(b"<?xml") or (start[:1] == b"<" and start[1:2].isalpha() and b">" in start):
        return "xml"
    if start[:1] in (b"{", b"[") and _is_json(text, whole=whole):
        return "json"
    lines = text.splitlines()[:6]
    commas = {line.count(",") for line in lines[:5] if line}
    return "csv" if len(lines) > 1 and len(commas) == 1 and commas != {0} else "text"


def _decoded(head: bytes, *, whole: bool) -> str | None:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        even = head[: (len(head) if whole else len(head) - 4) // 2 * 2]
        try:
            return even.decode("utf-16")
        except UnicodeDecodeError:
            return None
    if b"\0" in head:
        return None
    try:
        text = (head if whole else head[:-4]).decode("utf-8-sig")
    except UnicodeDecodeError:
        text = head.decode("latin-1")
    odd = len(_ODD.findall(text, 0, 4096))
    return text if odd <= len(text[:4096]) // 100 else None


def _is_json(text: str, *, whole: bool) -> bool:
    import json

    try:
        json.loads(text)
    except ValueError as error:
        return not whole and isinstance(error, json.JSONDecodeError) and error.pos > len(text) - 1024
    except RecursionError:
        return True
    return True
