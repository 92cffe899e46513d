"""Content is recognised by its bytes, and a format's own end proves that a file is complete."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import struct
import tarfile
import zipfile

import pytest
import zstandard
from PIL import Image

from fetchers.checks.dicom.samples import CT, MR, scanner_file
from fetchers.checks.formats.sniff import sniff
from tests.checks.ends import KINDS as END_PROVING
from tests.checks.ends import proves_end


def picture(kind: str) -> bytes:
    """Make a small picture."""
    stream = io.BytesIO()
    Image.effect_noise((40, 30), 50).save(stream, kind)
    return stream.getvalue()


def nifti(*, version: int = 1, magic: bytes = b"n+1\0", order: str = "<") -> bytes:
    """Make a volume of 4 x 3 x 2 voxels of 16 bits."""
    if version == 2:
        head = bytearray(544)
        struct.pack_into(order + "i", head, 0, 540)
        head[4:12] = b"n+2\0\r\n\x1a\n"
        struct.pack_into(order + "h", head, 12, 4)
        struct.pack_into(order + "8q", head, 16, 3, 4, 3, 2, 1, 1, 1, 1)
        struct.pack_into(order + "q", head, 168, 544)
        return bytes(head) + bytes(48)
    head = bytearray(352)
    struct.pack_into(order + "i", head, 0, 348)
    struct.pack_into(order + "8h", head, 40, 3, 4, 3, 2, 1, 1, 1, 1)
    struct.pack_into(order + "h", head, 70, 4)
    struct.pack_into(order + "f", head, 108, 352)
    head[344:348] = magic
    return bytes(head) + (bytes(48) if magic == b"n+1\0" else b"")


def zipped() -> bytes:
    """Make a zip with a comment."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.txt", b"hello" * 200)
        archive.comment = b"a comment"
    return stream.getvalue()


def tarred() -> bytes:
    """Make a tar of one file."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        info = tarfile.TarInfo("a.txt")
        info.size = 5
        archive.addfile(info, io.BytesIO(b"hello"))
    return stream.getvalue()


WHOLE = {
    "png": picture("png"), "jpeg": picture("jpeg"), "gif": picture("gif"), "tiff": picture("tiff"), "zip": zipped(),
    "tar": tarred(), "gzip": gzip.compress(b"x" * 9000) + gzip.compress(b"y"), "bz2": bz2.compress(b"x" * 9000),
    "xz": lzma.compress(b"x" * 9000), "nifti": nifti(), "dicom": scanner_file(CT),
    "pdf": b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\nstartxref\n9\n%%EOF\n",
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        *WHOLE.items(),
        ("dicom", scanner_file(MR)),
        ("empty", b""),
        ("nifti", nifti(order=">")),
        ("nifti", nifti(version=2)),
        ("nifti", nifti(magic=b"ni1\0")),
        ("analyze", nifti(magic=b"\0\0\0\0")),
        ("zip", b"PK\5\6" + bytes(18)),
        ("zstd", zstandard.compress(b"x" * 900)),
        ("7z", b"7z\xbc\xaf\x27\x1c\0\4"),
        ("rar", b"Rar!\x1a\x07\x01\0"),
        ("hdf5", b"\x89HDF\r\n\x1a\n\0"),
        ("html", b"\xef\xbb\xbf \n<!DOCTYPE html><p>x"),
        ("html", b"<!-- a comment --><HTML><p>x"),
        ("html", b"<script>location='/login'</script>"),
        ("html", "<!doctype html><p>x".encode("utf-16")),
        ("xml", b"<?xml version='1.0'?><a/>"),
        ("xml", b"<Error><Code>AccessDenied</Code></Error>"),
        ("json", b'{"a": 1}'),
        ("json", b'[{"a": 1}]'),
        ("json", json.dumps([{"a": "x" * 40}] * 3000).encode()[: 1 << 16]),
        ("csv", b"a,b\n1,2\n3,4\n"),
        ("text", b"hello\nworld\n"),
        ("text", b"{not json"),
        ("text", "M\u00fcller\n".encode("latin-1")),
        ("text", b"<3 this data set"),
        ("unknown", bytes(range(256)) * 4),
        ("unknown", bytes(1000)),
        ("unknown", b"PK\1\2 nothing\0\1\2\3"),
    ],
)
def test_content_is_recognised_by_its_bytes(kind: str, data: bytes) -> None:
    """Bytes decide; a text encoded in UTF-16 and a JSON cut at 64 KiB are told, too."""
    assert sniff(data, 10_000_000 if len(data) == 1 << 16 else len(data)) == kind


@pytest.mark.parametrize("kind", sorted(WHOLE))
def test_whole_files_prove_their_end(kind: str) -> None:
    """A whole file is proven by its format."""
    assert kind in END_PROVING
    assert proves_end(kind, io.BytesIO(WHOLE[kind]), len(WHOLE[kind]))


@pytest.mark.parametrize("kind", sorted(set(WHOLE) - {"tar"}))
def test_no_cut_file_proves_its_end(kind: str) -> None:
    """Cut at every twentieth part, and by one byte, it is not."""
    data = WHOLE[kind]
    for size in {*(len(data) * part // 20 for part in range(20)), len(data) - 2}:
        assert not proves_end(kind, io.BytesIO(data[:size]), size), size


def test_a_tar_without_its_end_is_not_proven() -> None:
    """A tar ends with two zero blocks."""
    data = tarred()
    for size in (512, 700, 1024, 1500):
        assert not proves_end("tar", io.BytesIO(data[:size]), size), size


def test_a_bomb_is_not_taken_into_memory() -> None:
    """64 MiB of zeros are looked through 1 MiB at a time."""
    for kind, data in (("gzip", gzip.compress(bytes(64 << 20))), ("xz", lzma.compress(bytes(8 << 20)))):
        assert proves_end(kind, io.BytesIO(data), len(data))


def test_kinds_without_a_proof() -> None:
    """A text may end anywhere."""
    assert not proves_end("text", io.BytesIO(b"hello"), 5)
