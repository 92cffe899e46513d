"""`verify` from outside, as the contract has it: each held file is counted, each fault has its rule."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pydicom
import pytest
from PIL import Image
from pydicom.data import get_testdata_file
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from tests.commands import Ran, fetch

if TYPE_CHECKING:
    from collections.abc import Callable

CATALOGUE = """
[datasets.mydata]
title = "My data"
access = "open"
container = "{container}"
{modalities}
link = "https://data.example.org/"
[[datasets.mydata.files]]
url = "https://data.example.org/a.zip"
"""


def _sample(name: str) -> pydicom.Dataset:
    return pydicom.dcmread(str(get_testdata_file(name)))


def _written(dataset: pydicom.Dataset, syntax: str = ExplicitVRLittleEndian, **changes: object) -> bytes:
    """Write a data set in a syntax; None deletes an element."""
    for keyword, value in changes.items():
        if value is None:
            del dataset[keyword]
        else:
            setattr(dataset, keyword, value)
    if "MediaStorageSOPClassUID" in dataset.file_meta and "SOPClassUID" in dataset:
        dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    out = io.BytesIO()
    dataset.file_meta.TransferSyntaxUID = UID(syntax)
    pydicom.dcmwrite(
        out,
        dataset,
        implicit_vr=syntax == ImplicitVRLittleEndian,
        little_endian=syntax != ExplicitVRBigEndian,
        force_encoding=True,
    )
    return out.getvalue()


def _ct(syntax: str = ExplicitVRLittleEndian, **changes: object) -> bytes:
    return _written(_sample("CT_small.dcm"), syntax, **changes)


def _bare(body: bytes) -> bytes:
    """Take preamble and meta header away."""
    length = int.from_bytes(body[140:144], "little")
    return body[144 + length :]


def _zipped(name: str, body: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, body)
    return packed.getvalue()


def _png(shade: int = 1) -> bytes:
    picture = io.BytesIO()
    Image.new("L", (20, 10), shade).save(picture, "PNG")
    return picture.getvalue()


def _home(tmp_path: Path, files: dict[str, bytes], container: str = "dicom", modalities: str = '["CT"]') -> Path:
    home, folder = tmp_path / "home", tmp_path / "brought"
    home.mkdir()
    declared = f"modalities = {modalities}" if modalities else ""
    (home / "catalogue.toml").write_text(CATALOGUE.format(container=container, modalities=declared))
    for name, body in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(body)
    ran = fetch(home, "adopt", "mydata", str(folder), "--json")
    assert len([p for p in (home / "cache/mydata").rglob("*") if p.is_file()]) == len(files), ran.out + ran.err
    return home


def _found(ran: Ran) -> dict[str, set[str]]:
    """Return the rules per file's name."""
    found: dict[str, set[str]] = {}
    for finding in ran.document["findings"]:
        assert set(finding) >= {"rule", "severity", "dataset", "part", "path", "message", "hint"}
        found.setdefault((finding["path"] or "").rpartition("/")[2], set()).add(finding["rule"])
    return found


def _adds_up(ran: Ran, files: int) -> None:
    document = ran.document
    wrong = {f["path"] for f in document["findings"] if f["severity"] == "error" and f["path"]}
    counted = sum(document["modalities"].values()) + document["unverifiable"] + document["beside"]
    assert document["checked_files"] == files
    assert counted <= files <= counted + len(wrong), ran.out


GOOD: dict[str, Callable[[], bytes]] = {
    "explicit.dcm": _ct,
    "implicit": lambda: _ct(syntax=ImplicitVRLittleEndian),
    "big": lambda: _ct(syntax=ExplicitVRBigEndian),
    "deflated.xyz": lambda: _ct(syntax=DeflatedExplicitVRLittleEndian),
    "bare_explicit": lambda: _bare(_ct()),
    "bare_implicit.001": lambda: _bare(_ct(syntax=ImplicitVRLittleEndian)),
    "bare_big": lambda: _bare(_ct(syntax=ExplicitVRBigEndian)),
    "preamble_of_text": lambda: b"x" * 128 + _ct()[128:],
    "lower.dcm": lambda: _ct(Modality="CT"),
}


def test_dicom_is_recognised_in_every_dress(tmp_path: Path) -> None:
    """Without extension, preamble or meta header; implicit, explicit, big endian, deflated."""
    home = _home(tmp_path, {name: make() for name, make in GOOD.items()})
    ran = fetch(home, "verify", "mydata", "--json", "--offline")
    assert ran.status == 0, ran.out
    assert ran.document["modalities"] == {"CT": len(GOOD)}
    assert _found(ran) == {}
    assert ran.document["checked_bytes"] == sum(p.stat().st_size for p in (home / "cache/mydata").iterdir())


FAULTS: dict[str, tuple[Callable[[], bytes], set[str]]] = {
    "mr.dcm": (lambda: _written(_sample("MR_small.dcm")), {"modality-wrong"}),
    "missing.dcm": (lambda: _ct(Modality=None), {"modality-missing"}),
    "empty.dcm": (lambda: _ct(Modality=""), {"modality-missing"}),
    "contradiction.dcm": (lambda: _written(_sample("MR_small.dcm"), Modality="CT"), {"sop-contradiction"}),
    "picture.dcm": (_png, {"not-dicom"}),
    "picture.png": (_png, {"not-dicom"}),
    "noise.dcm": (lambda: b"\x07\x91\xfe\x33" * 5000, {"not-dicom"}),
    "broken.dcm": (lambda: _ct()[:132] + b"\xff" * 500, {"header-broken"}),
}
BESIDE = {
    "readme.txt": b"please read\n",
    "table.csv": b"a,b\n1,2\n",
    "LICENSE": b"you may\n",
    "page.html": b"<!DOCTYPE html><html><head><title>About</title></head><body>us</body></html>",
    "DICOMDIR": Path(str(get_testdata_file("DICOMDIR"))).read_bytes(),
}
COMPANIONS = {"rtdose.dcm": "RTDOSE", "rtplan.dcm": "RTPLAN", "test-SR.dcm": "SR"}


def test_each_fault_has_its_rule_and_the_counts_add_up(tmp_path: Path) -> None:
    """Companions and neighbours are never wrong; every held file is counted."""
    files = {name: make() for name, (make, _) in FAULTS.items()}
    files |= BESIDE | {"good.dcm": _ct()}
    files |= {name: Path(str(get_testdata_file(name))).read_bytes() for name in COMPANIONS}
    ran = fetch(_home(tmp_path, files), "verify", "mydata", "--json")
    assert ran.status == 4
    found = _found(ran)
    assert {name: rules for name, (_, rules) in FAULTS.items()} == {
        name: found.get(name, set()) - {"unverifiable"} for name in FAULTS
    }
    assert not {name for name in (*BESIDE, *COMPANIONS, "good.dcm") if name in found}
    document = ran.document
    assert {code: document["modalities"].get(code) for code in COMPANIONS.values()} == dict.fromkeys(
        COMPANIONS.values(), 1
    )
    assert document["beside"] >= len(BESIDE)
    _adds_up(ran, len(files))
    quick = fetch(tmp_path / "home", "verify", "mydata", "--json", "--quick")
    assert quick.document["checked_files"] == len(files)
    assert quick.document["beside"] == document["beside"]
    assert quick.document["modalities"] == document["modalities"]
    headers = fetch(tmp_path / "home", "verify", "mydata", "--json", "--headers")
    assert _found(headers) == found


_ROOT = "1.2.840.10008.5.1.4.1.1."
UMBRELLAS: dict[str, list[tuple[str, str, set[str]]]] = {
    "XR": [
        ("CR", "1", set()),
        ("MG", "1.2", set()),
        ("XA", "12.1", set()),
        ("CT", "2", {"modality-wrong"}),
        ("DR", "1.1", {"modality-nonstandard"}),
        ("XR", "7", {"modality-nonstandard"}),
    ],
    "PE": [("PT", "128", set()), ("NM", "20", set()), ("PE", "128", {"modality-nonstandard"})],
    "US": [("US", "6.1", set()), ("IVUS", "6.1", set()), ("SEG", "66.4", set())],
    "CR": [("CR", "1", set()), ("DX", "1.1", {"modality-wrong"})],
    "PT": [("PT", "128", set()), ("MR", "128", {"modality-wrong", "sop-contradiction"})],
}


@pytest.mark.parametrize("declared", UMBRELLAS)
def test_the_lists_codes_stand_for_dicom_terms(tmp_path: Path, declared: str) -> None:
    """XR, PE and US are umbrellas; used inside a file they are nonstandard, a warning; companions are never wrong."""
    table = UMBRELLAS[declared]
    files = {f"{code}.dcm": _ct(Modality=code, SOPClassUID=_ROOT + sop) for code, sop, _ in table}
    ran = fetch(_home(tmp_path, files, modalities=f'["{declared}"]'), "verify", "--json")
    assert _found(ran) == {f"{code}.dcm": rules for code, _, rules in table if rules}
    errors = set().union(*(rules for _, _, rules in table)) - {"modality-nonstandard"}
    assert ran.status == (4 if errors else 0)
    assert sum(ran.document["modalities"].values()) == len(table)


def test_bytes_that_changed_went_or_came(tmp_path: Path) -> None:
    """hash-mismatch, size-mismatch, file-missing, file-unknown; --quick sees the size, not the hash."""
    home = _home(tmp_path, {f"{n}.dcm": _ct(InstanceNumber=n) for n in range(5)})
    root = home / "cache/mydata"
    body = bytearray((root / "0.dcm").read_bytes())
    body[-50] ^= 1
    (root / "0.dcm").write_bytes(body)
    (root / "1.dcm").write_bytes((root / "1.dcm").read_bytes() + b"x")
    (root / "2.dcm").unlink()
    (root / "3.dcm").unlink()
    (root / "3.dcm").symlink_to("4.dcm")
    (root / "new.dcm").write_bytes(b"surprise")
    ran = fetch(home, "verify", "mydata", "--json", "--offline")
    assert ran.status == 4
    found = _found(ran)
    assert found.pop("3.dcm") & {"file-missing", "hash-mismatch", "size-mismatch"}
    assert found == {
        "0.dcm": {"hash-mismatch"},
        "1.dcm": {"size-mismatch"},
        "2.dcm": {"file-missing"},
        "new.dcm": {"file-unknown"},
    }
    assert ran.document["checked_files"] == 5
    _adds_up(ran, 5)
    quick = _found(fetch(home, "verify", "mydata", "--json", "--quick"))
    assert quick["1.dcm"] == {"size-mismatch"}
    assert "0.dcm" not in quick


@pytest.mark.parametrize(
    ("container", "name", "body", "rules"),
    [
        ("png", "good.png", _png(), set()),
        ("png", "cut.png", _png()[:-20], {"truncated"}),
        ("png", "noise.png", b"\x07\x91\xfe\x33" * 500, {"container-wrong", "not-an-image"}),
        ("jpeg", "png.jpg", _png(), {"container-wrong"}),
        ("nifti", "noise.nii.gz", b"\x07\x91\xfe\x33" * 500, {"container-wrong", "not-an-image"}),
        ("raw", "any.bin", b"\x07\x91\xfe\x33" * 500, set()),
        ("mixed", "any.bin", b"\x07\x91\xfe\x33" * 500, set()),
        ("mixed", "pic.png", _png(), set()),
    ],
)
def test_rules_of_other_containers(tmp_path: Path, container: str, name: str, body: bytes, rules: set[str]) -> None:
    """One of `rules`, or none where none is given; no modality passes silently.

    They come in a sound archive: by itself, what is cut off is turned away.
    """
    home = _home(tmp_path, {"a.zip": _zipped(name, body)}, container=container, modalities='["XR"]')
    ran = fetch(home, "verify", "mydata", "--json")
    found = _found(ran).get(name, set()) - {"unverifiable"}
    assert bool(found) == bool(rules), ran.out
    assert found <= rules
    assert ran.status == (4 if rules else 0)
    _adds_up(ran, 1)
    if name.endswith((".png", ".bin")) and not rules and container != "mixed":
        assert ran.document["unverifiable"] == 1


@pytest.mark.parametrize(
    ("words", "status"),
    [(["mydata"], 3), ([], 3), (["montgomery"], 3), (["nosuchthing"], 2), (["mydata", "--nosuchflag"], 2)],
)
def test_nothing_held_is_3_and_still_a_document(tmp_path: Path, words: list[str], status: int) -> None:
    """Every verb prints its document when it fails, too; nothing is created."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "catalogue.toml").write_text(CATALOGUE.format(container="png", modalities=""))
    ran = fetch(home, "verify", *words, "--json", "--offline")
    assert ran.status == status, ran.out + ran.err
    assert ran.document["exit"] == status
    assert [path.name for path in home.iterdir()] == ["catalogue.toml"]


def test_phi_names_tags_and_counts_never_values(tmp_path: Path) -> None:
    """A name in the header, pixels that say they are burned in."""
    body = _ct(PatientName="Canary^Maria", PatientBirthDate="19610203", BurnedInAnnotation="YES")
    home = _home(tmp_path, {"one.dcm": body})
    ran = fetch(home, "verify", "mydata", "--json", "--phi")
    assert _found(ran)["one.dcm"] >= {"phi-residual", "burned-in-risk"}
    assert "Canary" not in ran.out + ran.err
    assert "19610203" not in ran.out + ran.err


def test_an_unreadable_file_is_said_not_a_crash(tmp_path: Path) -> None:
    """A folder, a pipe and a link where files were."""
    home = _home(tmp_path, {f"{n}.dcm": _ct(InstanceNumber=n) for n in range(4)})
    root = home / "cache/mydata"
    for number in range(3):
        (root / f"{number}.dcm").unlink()
    (root / "0.dcm").mkdir()
    os.mkfifo(root / "1.dcm")
    (root / "2.dcm").symlink_to("3.dcm")
    ran = fetch(home, "verify", "mydata", "--json", timeout=20)
    assert ran.status == 4, ran.err
    assert _found(ran) == {f"{n}.dcm": {"file-missing"} for n in range(3)}
    _adds_up(ran, 4)


@pytest.mark.parametrize(("container", "name"), [("dicom", "text.dcm"), ("png", "text.png"), ("jpeg", "text.jpg")])
def test_words_under_an_images_name_are_no_image(tmp_path: Path, container: str, name: str) -> None:
    """A text that bears the promised container's ending is an error, not a readme; by itself it is turned away."""
    home = _home(tmp_path, {"a.zip": _zipped(name, b"only words here\n" * 20)}, container=container)
    assert fetch(home, "verify", "mydata", "--json").status == 4
