"""Identifying fields are found, and no value is ever shown."""

# ruff: noqa: ANN401 - tables of cases, and helpers that hand anything on
from __future__ import annotations

import io
import json
import struct
import zlib
from typing import Any

import pytest
from PIL import Image, PngImagePlugin
from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file
from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.dataelem import DataElement
from pydicom.filewriter import write_file_meta_info
from pydicom.sequence import Sequence

from fetchers.checks.phi import dicom_phi
from fetchers.checks.phi.deid_profile import TAGS, UIDS
from fetchers.checks.phi.findings import PhiReport

CANARY = "Zq7Canary"
DAY = "19870623"
PLAIN = "1.2.840.10008.1.2.1"


def made(fill: Any = None, *, syntax: str = PLAIN, **values: Any) -> bytes:
    """Make a DICOM file of nothing but what is given; `fill` may add to the data set."""
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.4", "1.2.3"
    for name, value in values.items():
        setattr(dataset, name, value)
    if fill:
        fill(dataset)
    dataset.file_meta = Dataset()  # type: ignore[assignment]  # written below
    stream = io.BytesIO()
    meta = Dataset()
    meta.TransferSyntaxUID = syntax
    from pydicom.dataset import FileMetaDataset
    from pydicom.filebase import DicomBytesIO
    from pydicom.filewriter import write_dataset

    head = DicomBytesIO()
    head.is_little_endian, head.is_implicit_VR = True, False
    write_file_meta_info(head, FileMetaDataset(meta), enforce_standard=False)
    body = DicomBytesIO()
    body.is_little_endian, body.is_implicit_VR = True, False
    write_dataset(body, dataset)
    stream.write(bytes(128) + b"DICM" + head.getvalue() + body.getvalue())
    return stream.getvalue()


def examine_phi(kind: str, data: bytes, name: str) -> PhiReport:
    """Look through bytes."""
    return dicom_phi.examine_phi(kind, io.BytesIO(data), len(data), name)


def tags(report: PhiReport) -> set[str]:
    """Return the tags of a report."""
    return {found.tag for found in report.findings}


def value_of(tag: int) -> Any:
    """Return a value that identifies, lawful for the tag's VR."""
    vr = dictionary_VR(tag)
    texts = {
        "DA": DAY,
        "DT": DAY + "101112",
        "TM": "101112.5",
        "AS": "044Y",
        "CS": "ZQCANARY",
        "DS": "1.75",
        "IS": "17",
    }
    if vr in texts:
        return texts[vr]
    if vr == "SQ":
        inner = Dataset()
        inner.CodeMeaning = CANARY
        return Sequence([inner])
    if vr in ("US", "FD", "FL", "SS", "UL"):
        return 3
    if vr in ("OB", "UN", "OW"):
        return CANARY.encode() + b"."
    return [0x00080008] if vr == "AT" else CANARY


@pytest.mark.filterwarnings("ignore:Invalid value for VR UI")
@pytest.mark.parametrize("nested", [False, True])
def test_every_tag_of_the_table(*, nested: bool) -> None:
    """Each of the table's tags is found at the top and within a sequence, and no value stands in the report."""
    assert (len(TAGS), len(UIDS)) == (595, 55)  # with X/Z/U*'s two: as many as edition 2026c has
    lost = []
    for tag in sorted(TAGS | UIDS):
        if tag >> 16 < 8 or not dictionary_has_tag(tag):
            continue  # of messages and of the file's own header; or younger than the dictionary

        def fill(dataset: Dataset, tag: int = tag) -> None:
            element = DataElement(tag, dictionary_VR(tag), value_of(tag))
            if not nested:
                dataset.add(element)
                return
            inner = Dataset()
            inner.add(element)
            dataset.add_new(0x00081140, "SQ", Sequence([inner]))

        report = examine_phi("dicom", made(fill), "a.dcm")
        if f"({tag >> 16:04x},{tag & 0xFFFF:04x})" not in tags(report):
            lost.append(f"{tag:08x}")
        assert CANARY not in repr(report)
        assert DAY not in repr(report)
    assert not lost


def test_canary_everywhere_at_once() -> None:
    """Names, private groups, curves, overlays and what is nested are counted; the report holds none of the values."""

    def fill(dataset: Dataset) -> None:
        inner = Dataset()
        inner.PatientName = CANARY
        dataset.add_new(0x00081140, "SQ", Sequence([inner, inner]))
        dataset.add_new(0x00090010, "LO", CANARY)
        dataset.add_new(0x00091001, "LO", CANARY)
        dataset.add_new(0x50003000, "OW", CANARY.encode() + b".")
        dataset.add_new(0x60003000, "OW", CANARY.encode() + b".")
        dataset.add_new(0x60024000, "LT", CANARY)

    report = examine_phi("dicom", made(fill, PatientName=CANARY, PatientIdentityRemoved="YES"), f"{CANARY}.dcm")
    assert tags(report) == {"(0010,0010)", "(0009,----)", "(5000,3000)", "(6000,3000)", "(6002,4000)"}
    assert next(one.count for one in report.findings if one.tag == "(0010,0010)") == 3
    assert report.claims_removed is True
    assert CANARY not in repr(report)


def test_clean_files_have_no_findings() -> None:
    """UIDs, empty values, a creator without a block and a sequence of references are no findings."""

    def fill(dataset: Dataset) -> None:
        inner = Dataset()
        inner.ReferencedSOPInstanceUID = "1.2.3"
        dataset.add_new(0x00081140, "SQ", Sequence([inner]))
        dataset.add_new(0x00090010, "LO", "A MAKER")

    data = made(fill, PatientName="", PatientID="", StudyInstanceUID="1.2.3.4", Modality="MR", StudyDate="")
    assert examine_phi("dicom", data, "a.dcm") == PhiReport()


@pytest.mark.parametrize(
    ("values", "weak"),
    [
        ({"PatientName": "ANONYMOUS"}, True),
        ({"PatientName": "Anon^0001"}, True),
        ({"InstitutionName": "REMOVED"}, True),
        ({"StudyDate": "20100101"}, True),
        ({"StudyDate": "20100102"}, False),
        ({"StudyTime": "000000"}, True),
        ({"StudyTime": "101500"}, False),
        ({"AcquisitionDateTime": "20100101000000"}, True),
        ({"AcquisitionDateTime": "20100101101500"}, False),
        ({"PatientName": "LIDC-IDRI-0001", "PatientID": "LIDC-IDRI-0001"}, True),
        ({"PatientName": "Doe^Jane", "PatientID": "LIDC-IDRI-0001"}, False),
        ({"PatientName": "Anonymous Bosch"}, False),
        ({"PatientID": "Doe-Jane-1960", "PatientName": "Doe^Jane"}, False),
        ({"ReferringPhysicianName": "None Such Doctor Name"}, False),
        ({"PatientName": "xxx"}, True),
        ({"StudyDate": "20110512", "LongitudinalTemporalInformationModified": "MODIFIED"}, True),
    ],
)
def test_placeholders_are_reported_as_such(values: dict[str, str], *, weak: bool) -> None:
    """What a removal leaves behind is still told, as a placeholder; what only looks like it a little is not."""
    found = examine_phi("dicom", made(**values), "a.dcm").findings
    assert found
    assert all(one.placeholder for one in found) is weak


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"BurnedInAnnotation": "YES"}, "says YES"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7"}, "absent"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7", "BurnedInAnnotation": "NO"}, None),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7.2"}, "absent"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.77.1.4"}, "absent"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.104.1"}, "absent"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.6.1"}, "ultrasound"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.66.4"}, None),
        ({"Modality": "US"}, "ultrasound"),
        ({"ImageType": ["DERIVED", "SECONDARY", "SCREEN SAVE"]}, "screen"),
        ({"DateOfSecondaryCapture": "20110101"}, "secondary capture"),
        ({"Modality": "CT"}, None),
        ({"Modality": "MR", "BodyPartExamined": "BRAIN", "SliceThickness": "1.0"}, "face"),
        ({"Modality": "MR", "BodyPartExamined": "BRAIN", "SliceThickness": "6"}, None),
        ({"Modality": "MR", "BodyPartExamined": "KNEE", "SliceThickness": "1"}, None),
        ({"RecognizableVisualFeatures": "YES"}, "recognised"),
    ],
)
def test_burned_in_risk_is_judged_without_pixels(values: dict[str, Any], word: str | None) -> None:
    """The rule is by class, image type and the file's own word; nobody reads pixels."""
    said = examine_phi("dicom", made(**values), "a.dcm").burned_in
    assert (said is None) if word is None else (said is not None and word in said)


def test_files_that_pydicom_ships() -> None:
    """Every syntax is read, and no value of a tag in the table stands in the report."""
    for name in ("CT_small.dcm", "MR_small_bigendian.dcm", "MR_small_implicit.dcm", "image_dfl.dcm", "no_meta.dcm"):
        path = get_testdata_file(name, download=False)
        assert isinstance(path, str)
        with open(path, "rb") as file:  # noqa: PTH123 - a path of pydicom's
            data = file.read()
        report = examine_phi("dicom", data, name)
        # no_meta.dcm begins in the middle of an element; two of the others are cut off.
        assert report.unreadable is None or name in ("no_meta.dcm", "rtplan_truncated.dcm"), name
        name_there = str(dcmread(io.BytesIO(data), force=True).get("PatientName", ""))
        assert ("(0010,0010)" in tags(report)) is bool(name_there), name
        assert not name_there or name_there not in repr(report)


@pytest.mark.parametrize(
    ("hostile", "word"),
    [
        (made(syntax="1.2.840.10008.1.2.1.99") + b"", "cannot be unpacked"),
        (
            made(syntax="1.2.840.10008.1.2.1.99")[:132]
            + made(syntax="1.2.840.10008.1.2.1.99")[132:192]
            + zlib.compress(bytes(64 << 20), 9)[2:-4],
            "cannot be unpacked",
        ),
        (
            bytes(128) + b"DICM" + b"\x08\0\x40\x11SQ\0\0\xff\xff\xff\xff" + b"\xfe\xff\0\xe0\0\0\0\0" * 300_000,
            "elements",
        ),
        (
            bytes(128) + b"DICM" + (b"\x08\0\x40\x11SQ\0\0\xff\xff\xff\xff" + b"\xfe\xff\0\xe0\xff\xff\xff\xff") * 5000,
            "it ",  # too deep for whoever reads it first: the interpreter, or pydicom
        ),
    ],
)
def test_hostile_files_end_soon_with_a_reason(hostile: bytes, word: str) -> None:
    """A bomb, a heap of items and a tower of sequences end soon, with a reason."""
    report = examine_phi("dicom", hostile, "a.dcm")
    assert report.unreadable is not None
    assert word in report.unreadable
    assert not report.findings


def test_random_bytes_raise_nothing() -> None:
    """Whatever the kind, broken bytes give a report."""
    for kind in ("dicom", "nifti", "analyze", "jpeg", "png", "tiff", "csv", "json", "pdf", "unknown"):
        for data in (b"", b"\0", b"\x1f\x8b" + bytes(20), b"{" * 100_000, b"%PDF-1.4 /Author (", bytes(400)):
            assert isinstance(examine_phi(kind, data, "a"), PhiReport)


def _nifti(text: bytes) -> bytes:
    head = bytearray(352)
    struct.pack_into("<i", head, 0, 348)
    head[344:348] = b"n+1\0"
    head[148 : 148 + len(text)] = text
    return bytes(head)


def _picture(kind: str) -> bytes:
    stream = io.BytesIO()
    image = Image.new("L", (4, 4))
    exif = Image.Exif()
    exif[315] = CANARY
    more = PngImagePlugin.PngInfo()
    more.add_text("Author", CANARY)
    more.add_text(CANARY, "x")
    if kind == "png":
        image.save(stream, kind, pnginfo=more)
    else:
        image.save(stream, kind, exif=exif)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("kind", "data", "name", "where"),
    [
        ("nifti", _nifti(CANARY.encode()), "a.nii", {"descrip"}),
        ("nifti", zlib.compress(_nifti(CANARY.encode()), wbits=31), "a.nii.gz", {"descrip"}),
        ("nifti", _nifti(b""), "a.nii", set()),
        ("jpeg", _picture("jpeg"), "a.jpg", {"EXIF 315"}),
        ("tiff", _picture("tiff"), "a.tif", {"EXIF 315"}),
        ("png", _picture("png"), "a.png", {"text author"}),
        ("csv", f"id,PatientName,dob\n1,{CANARY},\n".encode(), "a.csv", {"column 2"}),
        ("csv", f"{CANARY} birth date,x\n19700203,1\n".encode(), "a.csv", {"column 1"}),
        ("csv", b"file_name,series name,update,dataset,candidate\na,b,c,d,e\n", "a.csv", set()),
        (
            "json",
            json.dumps({"a": {"InstitutionName": CANARY, "EchoTime": 1}}).encode(),
            "a.json",
            {"key InstitutionName"},
        ),
        ("pdf", f"%PDF-1.4\n<< /Author ({CANARY}) /Title () >>".encode(), "a.pdf", {"property Author"}),
        ("text", f"name\n{CANARY}\n".encode(), "notes.txt", set()),
    ],
)
def test_supporting_files_are_reported_by_place_without_values(
    kind: str, data: bytes, name: str, where: set[str]
) -> None:
    """Free fields, EXIF, columns, keys and properties are told by place; no value and no stranger's column title."""
    report = examine_phi(kind, data, name)
    assert report.unreadable is None
    assert tags(report) == where
    assert CANARY not in repr(report)


def _el(tag: tuple[int, int], vr: bytes, value: bytes, order: str = "<") -> bytes:
    return struct.pack(f"{order}HH", *tag) + vr + struct.pack(f"{order}H", len(value)) + value


_NAME = _el((0x10, 0x10), b"PN", b"Zebra^Quagga")
_PIXELS = struct.pack("<HH2sHI", 0x7FE0, 0x10, b"OB", 0, 0xFFFFFFFF) + struct.pack("<HHI", 0xFFFE, 0xE000, 0)
_START = bytes(128) + b"DICM" + _el((2, 0x10), b"UI", b"1.2.840.10008.1.2.1\0")


@pytest.mark.parametrize(
    ("data", "unreadable"),
    [
        (_START + _NAME + _PIXELS, "no end"),
        (_START + _NAME + _PIXELS + bytes(8), "no end"),
        (_START + _NAME + struct.pack("<HH2sHI", 0x7FE0, 0x10, b"OW", 0, 40 << 20) + bytes(40 << 20), None),
        (_START + _el((8, 0x70), b"??", b"ACME") + _NAME, None),
        (_START + _el((8, 0x70), b"\0\0", b"ACME") + _NAME, None),
        (_START + _el((8, 0x70), b"lo", b"ACME") + _NAME, None),
        (_START + _NAME + _el((0x10, 0x20), b"LO", b"1234")[:-2], "ends within element (0010,0020)"),
        (
            _START
            + struct.pack("<HH2sHI", 8, 0x1140, b"UN", 0, 0xFFFFFFFF)
            + struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)
            + struct.pack("<HHI", 0x10, 0x10, 6) + b"Zebra^" + struct.pack("<HHI", 0xFFFE, 0xE00D, 0)
            + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0),
            None,
        ),
    ],
)  # fmt: skip
def test_no_file_is_passed_over_in_silence(data: bytes, unreadable: str | None) -> None:
    """No delimiter, 40 MiB of pixels, odd value representations, a cut: the name is told, and how far it came."""
    report = examine_phi("dicom", data, "a.dcm")
    assert "(0010,0010)" in tags(report)
    assert (report.unreadable is None) is (unreadable is None)
    assert unreadable is None or unreadable in str(report.unreadable)


@pytest.mark.parametrize(
    ("kind", "name"), [("zip", "a.zip"), ("hdf5", "a.h5"), ("unknown", "a.bin"), ("7z", "a.7z"), ("minc", "a.mnc")]
)
def test_what_is_not_looked_into_is_said(kind: str, name: str) -> None:
    """A format that nothing here can look through is no silence."""
    assert examine_phi(kind, b"x" * 99, name).unreadable is not None


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("Zebra^Quagga/1.dcm", True),
        ("Quagga, Zebra.png", True),
        ("patient_name=zebra/1.png", True),
        ("Zebra_Quagga/1.dcm", True),
        ("MRN123456/x.nii.gz", True),
        ("zebra@example.org.csv", True),
        ("born_1961-02-03.png", True),
        ("sub-01/anat/sub-01_T1w.nii.gz", False),
        ("LIDC-IDRI-0001/1.3.6.1.4.1.14519.5.2.1/1-001.dcm", False),
        ("Training_Set/Normal_Chest/img_0001.png", False),
        ("CHNCXR_0001_0.png", False),
    ],
)
def test_names_of_files_and_folders(path: str, found: bool) -> None:  # noqa: FBT001 - a table
    """What a path may say is told, and not repeated; the names that data sets give their files are nobody's."""
    report = examine_phi("voxels", b"x", path)
    assert bool([one for one in report.findings if not one.placeholder]) is found
    assert not {"Zebra", "zebra", "123456"} & set(repr(report).replace("^", " ").split())


def test_a_patient_in_the_header_is_looked_for_in_the_path() -> None:
    """Whatever the name looks like: the file itself says whose it is."""
    report = examine_phi("dicom", _START + _NAME, "quagga01/1.dcm".replace("01", "_1"))
    assert [one.name for one in report.findings if one.tag == "path"] == [
        "the name that stands in the file stands in its path, too"
    ]


def test_eight_megabytes_take_no_more_than_a_moment() -> None:
    """Two seconds and 100 MB for 8 MB, whatever they are."""
    import resource
    import time

    many = 8 << 20
    files = {
        "a.dcm": ("dicom", _START + _NAME + _el((0x10, 0x1010), b"AS", b"0" * 4) * (many // 12)),
        "a.csv": ("csv", b"PatientName\n" + b"x\n" * (many // 2)),
        "a.json": ("json", b'{"PatientName": "x", "a": [' + b"{}," * (many // 3) + b"{}]}"),
        "a.txt": ("text", b"Patient: x\nPatient name: xy\n" * (many // 30)),
    }
    for name, (kind, data) in files.items():
        before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
        report = examine_phi(kind, data, name)
        assert time.process_time() - began < 6, name  # of a machine that others use, too
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 << 10, name
        assert report.findings, name
