"""Whole or not, from outside: what is cut off is turned away or said, and said again as long as it is held."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import json
import lzma
import random
import struct
import zipfile
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from pydicom.data import get_testdata_file

from tests.commands import Ran, fetch

if TYPE_CHECKING:
    from pathlib import Path

NOISE = random.Random(3).randbytes(200 * 200)


def _picture(kind: str) -> bytes:
    made = io.BytesIO()
    Image.frombytes("L", (200, 200), NOISE).save(made, kind)
    return made.getvalue()


def _nifti(magic: bytes = b"n+1\0") -> bytes:
    head = bytearray(352)
    struct.pack_into("<i", head, 0, 348)
    struct.pack_into("<8h", head, 40, 3, 40, 50, 10, 1, 1, 1, 1)
    struct.pack_into("<hh", head, 70, 4, 16)
    struct.pack_into("<f", head, 108, 352 if magic == b"n+1\0" else 0)
    head[344:348] = magic
    return bytes(head) + NOISE


def _file(name: str) -> bytes:
    with open(str(get_testdata_file(name)), "rb") as file:  # noqa: PTH123 - a path of the library's
        return file.read()


def _zip(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return made.getvalue()


WHOLE = {
    "a.png": _picture("PNG"),
    "a.jpg": _picture("JPEG"),
    "a.tif": _picture("TIFF"),
    "a.gif": _picture("GIF"),
    "a.nii": _nifti(),
    "a.nii.gz": gzip.compress(_nifti()),
    "a.csv.gz": gzip.compress(NOISE),
    "a.bz2": bz2.compress(NOISE),
    "a.xz": lzma.compress(NOISE),
    "native.dcm": _file("MR_small.dcm"),
    "packed.dcm": _file("MR_small_RLE.dcm"),
    "deflated.dcm": _file("image_dfl.dcm"),
    "big.dcm": _file("MR_small_bigendian.dcm"),
    "implicit.dcm": _file("rtdose.dcm"),
}


def _home(tmp_path: Path, container: str = "mixed", files: str = "") -> Path:
    home = tmp_path / "home"
    (home / "cache").mkdir(parents=True)
    table = f'[datasets.x]\ntitle = "X"\naccess = "open"\ncontainer = "{container}"\n{files}'
    (home / "catalogue.toml").write_text(table, encoding="utf-8")
    return home


def _brought(tmp_path: Path, **files: bytes) -> str:
    folder = tmp_path / "brought"
    for name, body in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(body)
    return str(folder)


def _rules(ran: Ran) -> set[tuple[str, str, str | None]]:
    document = json.loads(ran.out)
    found = document["findings"] if "findings" in document else document["datasets"][0]["findings"]
    return {(one["rule"], one["severity"], one["path"]) for one in found if one["rule"] != "unverifiable"}


@pytest.mark.parametrize("name", WHOLE)
def test_whole_is_whole_and_half_is_turned_away(tmp_path: Path, name: str) -> None:
    """Nothing under the final name, 4, and `truncated` by name; the whole one is taken without a word."""
    home, data = _home(tmp_path), WHOLE[name]
    half = fetch(home, "adopt", "x", _brought(tmp_path, **{name: data[: len(data) // 2]}), "--json")
    assert half.status == 4, half.out
    assert ("truncated", "error", name) in _rules(half)
    assert not (home / "cache" / "x" / name).exists()
    assert fetch(home, "verify", "x", "--json").status == 3
    whole = fetch(home, "adopt", "x", _brought(tmp_path, **{name: data}), "--json")
    assert (whole.status, {one[0] for one in _rules(whole)}) == (0, set()), whole.out
    assert fetch(home, "verify", "x", "--json").status == 0


@pytest.mark.parametrize("words", [[], ["--quick"], ["--headers"]])
def test_a_member_of_a_sound_archive_is_held_and_told_each_time(tmp_path: Path, words: list[str]) -> None:
    """The finding is recorded: `adopt`, `verify` however it looks, and `get` of what is held say it, and end with 4."""
    home = _home(tmp_path, files='[[datasets.x.files]]\nurl = "https://data.example.org/a.zip"\n')
    members = {name: data[: len(data) // 2] for name, data in WHOLE.items() if name.endswith(("png", "dcm", "nii.gz"))}
    ran = fetch(
        home, "adopt", "x", _brought(tmp_path, **{"a.zip": _zip(**members, **{"good.png": WHOLE["a.png"]})}), "--json"
    )
    expected = {("truncated", "error", name) for name in members}
    assert (ran.status, expected <= _rules(ran)) == (4, True), ran.out
    verified = fetch(home, "verify", "x", "--json", *words)
    assert (verified.status, expected <= _rules(verified)) == (4, True), verified.out
    again = fetch(home, "get", "x", "--json", "--offline")
    assert (again.status, expected <= _rules(again)) == (4, True), again.out
    status = json.loads(fetch(home, "status", "--json").out)
    assert expected <= {(one["rule"], one["severity"], one["path"]) for one in status["findings"]}
    assert not {path for _, _, path in _rules(verified)} & {"good.png"}


def test_what_a_checksum_promised_is_held_with_its_finding(tmp_path: Path) -> None:
    """A pinned checksum says that these very bytes were promised."""
    half = WHOLE["a.png"][:900]
    sha256 = hashlib.sha256(half).hexdigest()
    home = _home(tmp_path, files=f'[[datasets.x.files]]\nurl = "https://data.example.org/a.png"\nsha256 = "{sha256}"\n')
    ran = fetch(home, "adopt", "x", _brought(tmp_path, **{"a.png": half}), "--json")
    assert (ran.status, _rules(ran)) == (4, {("truncated", "error", "a.png")}), ran.out
    assert (home / "cache" / "x" / "a.png").read_bytes() == half


@pytest.mark.parametrize("first", ["a.hdr", "a.img"])
def test_both_halves_of_a_volume_are_there(tmp_path: Path, first: str) -> None:
    """What lacks its other half is said, until that comes; voxels that are too few are turned away."""
    home, data = _home(tmp_path, "analyze"), _nifti(b"\0\0\0\0")
    halves = {"a.hdr": data[:348], "a.img": NOISE}
    ran = fetch(home, "adopt", "x", _brought(tmp_path, **{first: halves[first]}), "--json")
    assert (ran.status, _rules(ran)) == (4, {("truncated", "error", first)}), ran.out
    assert fetch(home, "verify", "x", "--json").status == 4
    assert fetch(home, "adopt", "x", _brought(tmp_path, **halves), "--json").status == 0
    assert fetch(home, "verify", "x", "--json").status == 0


def test_a_volume_with_too_few_voxels(tmp_path: Path) -> None:
    """The header promises more: the voxels are turned away, and the header says what it lacks."""
    home, data = _home(tmp_path, "nifti"), _nifti(b"ni1\0")
    ran = fetch(home, "adopt", "x", _brought(tmp_path, **{"a.hdr": data[:352], "a.img": NOISE[:-1]}), "--json")
    assert (ran.status, {one[0] for one in _rules(ran)}) == (9, {"truncated"}), ran.out
    assert not (home / "cache" / "x" / "a.img").exists()


POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"6f" * 32 + b"\nsize 90405214\n"


@pytest.mark.parametrize(
    ("name", "container", "body", "says"),
    [
        ("im.nii.gz", "mixed", POINTER, "git-lfs pointer"),
        ("list.csv", "mixed", POINTER, "git-lfs pointer"),
        ("d.mat", "mixed", b"File not found.\n", "an error text"),
        ("im.dcm", "dicom", b"404: Not Found", "an error text"),
        ("IM0001", "dicom", b"Access denied", "an error text"),
        ("im.png", "png", b'<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>', "page"),
        ("im.tif", "mixed", b'{"message": "API rate limit exceeded"}', "page"),
        ("im.png", "mixed", b"", "empty"),
        ("im.nii.gz", "nifti", b"", "empty"),
    ],
)
def test_what_is_not_of_the_promised_kind(tmp_path: Path, name: str, container: str, body: bytes, says: str) -> None:
    """An error text, a bucket's XML, JSON, a git-lfs pointer or nothing in place of data: turned away, by name."""
    home = _home(tmp_path, container)
    ran = fetch(home, "adopt", "x", _brought(tmp_path, **{name: body}), "--json")
    assert ran.status == 4, ran.out
    assert says in ran.out
    assert not (home / "cache" / "x" / name).exists()


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.nii.gz", "a.bz2", "native.dcm", "packed.dcm"])
def test_bytes_after_an_end_are_no_fault(tmp_path: Path, name: str) -> None:
    """They are said (info), and nothing else."""
    home = _home(tmp_path)
    ran = fetch(home, "adopt", "x", _brought(tmp_path, **{name: WHOLE[name] + b"\0\0\0more"}), "--json")
    assert (ran.status, _rules(ran)) == (0, {("trailing-bytes", "info", name)}), ran.out


def test_a_mixed_set_has_no_blind_spot(tmp_path: Path) -> None:
    """Data of a format that is not known is unverifiable; what stands beside are texts, tables and litter."""
    home = _home(tmp_path)
    volume = bytes(range(256)) * 4
    files = {
        "a.nrrd": b"NRRD0004\ntype: short\ndimension: 3\nsizes: 8 8 8\nencoding: raw\n\n" + volume,
        "a.mhd": b"ObjectType = Image\nNDims = 3\nElementDataFile = a.raw\n",
        "a.raw": volume,
        "a.mnc": b"CDF\1" + volume,
        "a+orig.BRIK": volume,
        "readme.txt": b"please read\n",
        "list.csv": b"a,b\n1,2\n",
        ".DS_Store": b"\0\0\0\1Bud1" + volume,
        "empty.json": b"",
    }
    ran = fetch(home, "adopt", "x", _brought(tmp_path, **files), "--json")
    assert ran.status == 0, ran.out
    verified = json.loads(fetch(home, "verify", "x", "--json").out)
    assert (verified["unverifiable"], verified["beside"], verified["checked_files"]) == (5, 4, 9)
    assert _rules(fetch(home, "verify", "x", "--json")) == {("empty-file", "warning", "empty.json")}


def test_an_adopted_set_that_is_short_is_said(tmp_path: Path) -> None:
    """Fewer images than the catalogue counts: a warning of `adopt` and of `verify`, until the others come."""
    home = _home(tmp_path, "raw", "images = 3\n")
    table = _brought(tmp_path, **{"a.img": b"1" * 99, "b.img": b"2" * 99, "readme.txt": b"please read\n"})
    short = {("count-short", "warning", None)}
    ran = fetch(home, "adopt", "x", table, "--json")
    assert (ran.status, _rules(ran)) == (0, short), ran.out
    verified = fetch(home, "verify", "x", "--json")
    assert (verified.status, _rules(verified)) == (0, short)
    ran = fetch(home, "adopt", "x", _brought(tmp_path, **{"c.img": b"3" * 99}), "--json")
    assert (ran.status, _rules(ran)) == (0, set()), ran.out
    assert _rules(fetch(home, "verify", "x", "--json")) == set()
