"""A file is what its bytes say, and where its format proves its end, a piece of it is never taken for the whole."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import random
import struct
import tarfile
import zipfile

import pytest
from PIL import Image, TiffImagePlugin

from fetchers.checks.dicom.samples import scanner_file
from fetchers.checks.formats.sniff import sniff
from tests.checks.ends import KINDS as END_PROVING
from tests.checks.ends import proves_end

_TEXT = b"patient,finding,side\n1,none,left\n2,nodule,right\n"


def _picture(kind: str) -> bytes:
    image = Image.new("L", (40, 30))
    image.putdata([(x * 7 + x * x) % 251 for x in range(1200)])
    made = io.BytesIO()
    image.save(made, kind)
    return made.getvalue()


def _zip() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", _TEXT * 20)
        archive.comment = b"what a comment"
    return made.getvalue()


def _tar(form: int = tarfile.USTAR_FORMAT) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=form) as archive:
        member = tarfile.TarInfo("a.csv")
        member.size = len(_TEXT)
        archive.addfile(member, io.BytesIO(_TEXT))
    return made.getvalue()


def _old_tar() -> bytes:
    """Make a tar of the time before `ustar`: a checksum and no magic."""
    block = bytearray(_tar())
    block[257:265] = bytes(8)
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block[:512])
    return bytes(block)


def _nifti(order: str = "<", *, voxels: bool = True) -> bytes:
    head = bytearray(352)
    struct.pack_into(f"{order}i", head, 0, 348)
    struct.pack_into(f"{order}8h", head, 40, 3, 4, 5, 6, 1, 1, 1, 1)
    struct.pack_into(f"{order}hh", head, 70, 4, 16)
    struct.pack_into(f"{order}f", head, 108, 352.0)
    head[344:348] = b"n+1\0" if voxels else b"ni1\0"
    return bytes(head) + (bytes(range(240)) if voxels else b"")


def _nifti2(order: str = "<") -> bytes:
    head = bytearray(544)
    struct.pack_into(f"{order}i", head, 0, 540)
    head[4:12] = b"n+2\0\r\n\x1a\n"
    struct.pack_into(f"{order}hh", head, 12, 2, 8)
    struct.pack_into(f"{order}8q", head, 16, 2, 4, 5, 1, 1, 1, 1, 1)
    struct.pack_into(f"{order}q", head, 168, 544)
    return bytes(head) + bytes(range(20))


def _analyze(order: str = "<") -> bytes:
    return _nifti(order)[:344] + bytes(4)


def _dicom() -> bytes:
    meta = struct.pack("<HH2sH", 2, 0x10, b"UI", 20) + b"1.2.840.10008.1.2.1\0"
    rows = struct.pack("<HH2sHH", 0x28, 0x10, b"US", 2, 4)
    pixels = struct.pack("<HH2sHI", 0x7FE0, 0x10, b"OW", 0, 64) + bytes(range(64))
    return bytes(128) + b"DICM" + meta + rows + pixels


def _encapsulated() -> bytes:
    fragments = struct.pack("<HHI", 0xFFFE, 0xE000, 0) + struct.pack("<HHI", 0xFFFE, 0xE000, 40) + bytes(range(1, 41))
    pixels = struct.pack("<HH2sHI", 0x7FE0, 0x10, b"OB", 0, 0xFFFFFFFF) + fragments
    return _dicom()[: 132 + 28] + pixels + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)


_WHOLE: dict[str, tuple[str, bytes]] = {
    "dicom": ("dicom", _dicom()),
    "dicom, encapsulated": ("dicom", _encapsulated()),
    "png": ("png", _picture("PNG")),
    "jpeg": ("jpeg", _picture("JPEG")),
    "tiff": ("tiff", _picture("TIFF")),
    "gif": ("gif", _picture("GIF")),
    "nifti": ("nifti", _nifti()),
    "nifti, big endian": ("nifti", _nifti(">")),
    "nifti 2": ("nifti", _nifti2()),
    "nifti 2, big endian": ("nifti", _nifti2(">")),
    "zip": ("zip", _zip()),
    "zip without members": ("zip", b"PK\5\6" + bytes(18)),
    "gzip": ("gzip", gzip.compress(_TEXT)),
    "gzip, two end to end": ("gzip", gzip.compress(_TEXT) + gzip.compress(_TEXT)),
    "bz2": ("bz2", bz2.compress(_TEXT)),
    "xz": ("xz", lzma.compress(_TEXT)),
    "tar": ("tar", _tar()),
    "tar, GNU": ("tar", _tar(tarfile.GNU_FORMAT)),
    "tar, pax": ("tar", _tar(tarfile.PAX_FORMAT)),
    "tar, old": ("tar", _old_tar()),
}

_SNIFFED: dict[str, tuple[str, bytes]] = {
    **_WHOLE,
    "nothing": ("empty", b""),
    "nifti header of a pair": ("nifti", _nifti(voxels=False)),
    "analyze": ("analyze", _analyze()),
    "analyze, big endian": ("analyze", _analyze(">")),
    "zstd": ("zstd", b"\x28\xb5\x2f\xfd\x04\x00\x09\x00\x00x\x99\xe9\xd8\x51"),
    "7z": ("7z", b"7z\xbc\xaf\x27\x1c\0\4" + bytes(24)),
    "rar 4": ("rar", b"Rar!\x1a\x07\x00" + bytes(20)),
    "rar 5": ("rar", b"Rar!\x1a\x07\x01\x00" + bytes(20)),
    "hdf5": ("hdf5", b"\x89HDF\r\n\x1a\n" + bytes(40)),
    "pdf": ("pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"),
    "big tiff": ("tiff", b"II+\0\x08\0\0\0" + bytes(16)),
    "tiff, big endian": ("tiff", b"MM\0*" + bytes(16)),
    "html": ("html", b"<!DOCTYPE html><p>hello"),
    "html after a BOM and lines": ("html", b"\xef\xbb\xbf\r\n \t<HTML><body>x</body></HTML>"),
    "html after a comment": ("html", b"<!-- made by hand -->\n<html></html>"),
    "html, declared as xml": ("html", b'<?xml version="1.0"?>\n<html xmlns="http://www.w3.org/1999/xhtml"></html>'),
    "xml": ("xml", b'<?xml version="1.0"?><study/>'),
    "xml without a declaration": ("xml", b'<annotation id="1"><nodule/></annotation>'),
    "json": ("json", b'{"a": [1, 2]}'),
    "json after a BOM": ("json", b"\xef\xbb\xbf" + json.dumps([1, {"b": None}]).encode()),
    "csv": ("csv", _TEXT),
    "text": ("text", b"Read me first.\nThank you.\n"),
    "text, latin-1": ("text", "Größe in Bögen: fünf\n".encode("latin-1")),
    "text, UTF-8": ("text", "部位\n胸部\n".encode()),
    "brackets that are no json": ("text", b"[section]\nkey = value\n"),
    "a brace that is no json": ("text", b"{not json, but prose}"),
    "noise": ("unknown", bytes(range(1, 256)) * 3),
    "zeros": ("unknown", bytes(2000)),
    "DICM elsewhere": ("unknown", bytes(127) + b"DICM" + bytes(400)),
    "a tar's wrong checksum": ("unknown", _tar()[:148] + b"000001\0 " + _tar()[156:]),
}


@pytest.mark.parametrize(("kind", "data"), _SNIFFED.values(), ids=_SNIFFED)
def test_content_is_told_by_its_bytes(kind: str, data: bytes) -> None:
    """The first 64 KiB suffice, whatever the name was."""
    assert sniff(data[:65536], len(data)) == kind


def test_a_cut_within_a_letter_leaves_a_text_a_text() -> None:
    """The first 64 KiB of a long text may end within a letter, and those of a JSON within anything."""
    text = ("ö" * 79 + "\n").encode() * 1000
    assert sniff(text[:65536], len(text)) == "text"
    rows = json.dumps([{"name": "ü" * 10, "n": n} for n in range(5000)]).encode()
    assert sniff(rows[:65536], len(rows)) == "json"


def test_deep_brackets_bring_nothing_down() -> None:
    """A hundred thousand brackets are an answer like any other."""
    assert sniff(b"[" * 65536, 100_000) in ("json", "text")


@pytest.mark.parametrize(("kind", "data"), _WHOLE.values(), ids=_WHOLE)
def test_a_whole_file_proves_its_end(kind: str, data: bytes) -> None:
    """What is wholly here is never thrown away for want of a length."""
    assert kind in END_PROVING
    assert proves_end(kind, io.BytesIO(data), len(data))


@pytest.mark.parametrize("name", [name for name in _WHOLE if name not in ("gzip, two end to end", "gif", "tiff")])
def test_no_piece_of_a_file_proves_its_end(name: str) -> None:
    """Cut after every byte in turn, nothing is taken for the whole."""
    kind, data = _WHOLE[name]
    pieces = [data[:cut] for cut in range(len(data))]
    taken = [len(one) for one in pieces if sniff(one) == kind and proves_end(kind, io.BytesIO(one), len(one))]
    # A tar of one block of padding less still has its two blocks of zeros; nothing of its members is lost.
    allowed = [cut for cut in taken if kind == "tar" and cut >= 2048]
    assert taken == allowed


_SCANNED = [
    *("CT_small.dcm", "MR_small.dcm", "MR_small_bigendian.dcm", "MR_small_RLE.dcm", "MR_small_jp2klossless.dcm"),
    *("MR_small_jpeg_ls_lossless.dcm", "examples_palette.dcm", "image_dfl.dcm", "liver_1frame.dcm"),
    *("meta_missing_tsyntax.dcm", "nested_priv_SQ.dcm", "rtdose_expb_1frame.dcm", "waveform_ecg.dcm"),
]


@pytest.mark.parametrize("name", _SCANNED)
def test_a_scanners_file_proves_its_end_and_no_piece_of_it_does(name: str) -> None:
    """Sequences without lengths, big endian, deflated and encapsulated: whole is whole; one byte less is not."""
    data = scanner_file(name)
    assert proves_end("dicom", io.BytesIO(data), len(data))
    dice = random.Random(name)
    cuts = {len(data) - 9, *(dice.randrange(len(data) // 2, len(data) - 9) for _ in range(40))}
    assert [cut for cut in cuts if proves_end("dicom", io.BytesIO(data[:cut]), cut)] == []


@pytest.mark.parametrize("name", ["MR_truncated.dcm", "rtplan_truncated.dcm"])
def test_a_scanners_file_that_broke_off_does_not_prove_its_end(name: str) -> None:
    """Two that pydicom ships are not whole."""
    data = scanner_file(name)
    assert not proves_end("dicom", io.BytesIO(data), len(data))


def test_a_dicom_cut_between_two_elements_is_not_whole() -> None:
    """It has rows and no pixels; an object without pictures has neither."""
    data = _dicom()
    before = len(data) - 76
    assert data[before : before + 4] == struct.pack("<HH", 0x7FE0, 0x10)
    assert not proves_end("dicom", io.BytesIO(data[:before]), before)
    assert proves_end("dicom", io.BytesIO(data[: before - 10] + struct.pack("<HH2sH", 8, 0x60, b"CS", 0)), before - 2)


def test_an_unknown_sequence_is_implicit_within_and_only_there() -> None:
    """PS3.5, 6.2.2: UN without a length; what follows its end is explicit again."""
    data = _dicom()
    inner = struct.pack("<HHI", 0x08, 0x60, 0x4142) + bytes(0x4142)  # this length reads like a VR
    item = struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF) + inner + struct.pack("<HHI", 0xFFFE, 0xE00D, 0)
    unknown = struct.pack("<HH2sHI", 0x09, 0x10, b"UN", 0, 0xFFFFFFFF) + item + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
    whole = data[:160] + unknown + data[160:]
    assert proves_end("dicom", io.BytesIO(whole), len(whole))
    for cut in range(160, len(whole), 11):
        assert cut == 160 + len(unknown) or not proves_end("dicom", io.BytesIO(whole[:cut]), cut)


def test_nothing_is_no_tar() -> None:
    """Two blocks of zeros are asked for, and none are there."""
    assert not proves_end("tar", io.BytesIO(b""), 0)


def test_a_tiff_is_asked_for_all_its_pages() -> None:
    """The second page's strips may be what is missing; nothing is printed. Padding may follow the last strip."""
    made = io.BytesIO()
    pages = [Image.new("L", (40, 30), shade) for shade in (1, 2, 3)]
    pages[0].save(made, "TIFF", save_all=True, append_images=pages[1:])
    data = made.getvalue()
    assert proves_end("tiff", io.BytesIO(data), len(data))
    for cut in range(len(data) - 200, len(data) - 20, 7):
        assert not proves_end("tiff", io.BytesIO(data[:cut]), cut)


def test_a_gzip_is_whole_where_one_of_its_members_ends() -> None:
    """Members are put end to end without any mark of the last: only between two of them is a cut not seen."""
    first = len(gzip.compress(_TEXT))
    data = _WHOLE["gzip, two end to end"][1]
    assert [cut for cut in range(len(data)) if proves_end("gzip", io.BytesIO(data[:cut]), cut)] == [first]


def test_a_tiff_cut_within_its_strips_is_not_whole() -> None:
    """Directory first, strips last: what is missing are pixels."""
    pixels = bytes(range(200)) * 3
    entries = [(256, 4, 20), (257, 4, 30), (258, 4, 8), (259, 4, 1), (262, 4, 1), (273, 4, 98), (278, 4, 30)]
    entries.append((279, 4, len(pixels)))
    head = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(entries))
    head += b"".join(struct.pack("<HHII", tag, form, 1, value) for tag, form, value in entries) + bytes(4)
    head = head.ljust(98 + 16, b"\0")
    head = head.replace(struct.pack("<HHII", 273, 4, 1, 98), struct.pack("<HHII", 273, 4, 1, len(head)))
    data = head + pixels
    with Image.open(io.BytesIO(data)) as image:
        assert isinstance(image, TiffImagePlugin.TiffImageFile)
        assert image.tobytes() == pixels
    assert proves_end("tiff", io.BytesIO(data), len(data))
    assert [cut for cut in range(len(data)) if proves_end("tiff", io.BytesIO(data[:cut]), cut)] == []


def test_a_packed_bomb_is_followed_in_small_steps() -> None:
    """64 MiB of zeros in 64 KiB: the end is found, and never more than a few MiB are held."""
    import tracemalloc

    bomb = gzip.compress(bytes(64 << 20))
    tracemalloc.start()
    try:
        assert proves_end("gzip", io.BytesIO(bomb), len(bomb))
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", ["text", "csv", "json", "html", "unknown", "empty", "analyze"])
def test_formats_without_an_end_prove_nothing(kind: str) -> None:
    """What has no end mark is said to be unproven, and not guessed at."""
    assert kind not in END_PROVING
    assert not proves_end(kind, io.BytesIO(b"anything"), 8)


@pytest.mark.parametrize("kind", sorted(END_PROVING))
def test_garbage_proves_nothing_and_raises_nothing(kind: str) -> None:
    """Whatever the bytes are, the answer is yes or no."""
    for data in (b"", b"x", bytes(20), bytes(range(256)) * 4, _WHOLE["png"][1][:50], b"\xff" * 700):
        assert proves_end(kind, io.BytesIO(data), len(data)) in (True, False)
        if data and data.strip(b"\0"):
            assert not proves_end(kind, io.BytesIO(data), len(data))
