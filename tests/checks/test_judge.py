"""Each content is judged against each promised container."""

# ruff: noqa: E501 - tables of cases, and helpers that hand anything on
from __future__ import annotations

import gzip
import io

import pytest

from fetchers.checks.dicom.header_process import HeaderProcess
from fetchers.checks.dicom.samples import CT, MR, scanner_file
from fetchers.checks.formats.classify import HEAD, Judgement, judge
from tests.checks.shipped import shipped
from tests.checks.test_container import nifti, picture, zipped
from tests.checks.test_image import colour

CONTENT: dict[str, tuple[str, bytes]] = {
    "dicom": ("a/1.dcm", scanner_file(CT)),
    "png": ("a/1.png", picture("png")),
    "jpeg": ("a/1.jpg", picture("jpeg")),
    "tiff": ("a/1.tif", picture("tiff")),
    "gif": ("a/1.gif", picture("gif")),
    "nifti": ("a/1.nii", nifti()),
    "nifti.gz": ("a/1.nii.gz", gzip.compress(nifti())),
    "hdr": ("a/1.hdr", nifti(magic=b"\0\0\0\0")),
    "img": ("a/1.img", bytes(range(256)) * 20),
    "img.gz": ("a/1.img.gz", gzip.compress(bytes(range(256)) * 20)),
    "zip": ("a/1.zip", zipped()),
    "text": ("a/README.txt", b"Hello.\nThis is a data set.\n"),
    "csv": ("a/list.csv", b"a,b\n1,2\n"),
    "json": ("a/1.json", b'{"a": 1}'),
    "docx": ("a/1.docx", zipped()),
    "licence": ("a/LICENSE", b"You may use it."),
    "pdf": ("a/1.pdf", b"%PDF-1.4\n%%EOF"),
    "empty": ("a/1", b""),
    "no.words": ("a/README.txt", b""),
    "no.table": ("a/tbl.csv", b""),
    "no.notes": ("a/notes", b""),
    "no.licence": ("a/LICENSE.TXT", b""),
    ".gitkeep": ("a/.gitkeep", b""),
    "no.dcm": ("a/1.dcm", b""),
    "noise": ("a/1", bytes(range(200, 0, -1)) * 9),
    "dicomdir": ("DICOMDIR", shipped()["dicomdirtests/DICOMDIR"]),
}
# good: judged and unverifiable or with a modality; beside; or the rule of its one problem (with ? as a warning).
TABLE = """
          dicom        png              jpeg             tiff             nifti            analyze          raw     mixed
dicom     good         container-wrong  container-wrong  container-wrong  container-wrong  container-wrong  good    good
png       not-dicom    good             container-wrong  container-wrong  container-wrong  container-wrong  good    good
jpeg      not-dicom    container-wrong  good             container-wrong  container-wrong  container-wrong  good    good
tiff      not-dicom    container-wrong  container-wrong  good             container-wrong  container-wrong  good    good
gif       not-dicom    container-wrong  container-wrong  good             container-wrong  good             good    good
nifti     not-dicom    container-wrong  container-wrong  container-wrong  good             good             good    good
nifti.gz  not-dicom    container-wrong  container-wrong  container-wrong  good             good             good    good
hdr       not-dicom    container-wrong  container-wrong  container-wrong  good             good             good    good
img       not-dicom    not-an-image?    not-an-image?    not-an-image?    good             good             good    good
img.gz    not-dicom    container-wrong? container-wrong? container-wrong? good             good             good    good
zip       not-dicom    container-wrong? container-wrong? container-wrong? container-wrong? container-wrong? good    good
text      beside       beside           beside           beside           beside           beside           beside  beside
csv       beside       beside           beside           beside           beside           beside           beside  beside
json      beside       beside           beside           beside           beside           beside           beside  beside
docx      beside       beside           beside           beside           beside           beside           good    beside
licence   beside       beside           beside           beside           beside           beside           beside  beside
pdf       beside       beside           beside           beside           beside           beside           beside  beside
empty     not-dicom    not-an-image     not-an-image     not-an-image     not-an-image     not-an-image     good    empty-file?
no.words  beside       beside           beside           beside           beside           beside           beside  empty-file?
no.table  beside       beside           beside           beside           beside           beside           beside  empty-file?
no.notes  beside       beside           beside           beside           beside           beside           beside  empty-file?
no.licence beside      beside           beside           beside           beside           beside           beside  empty-file?
.gitkeep  beside       beside           beside           beside           beside           beside           beside  empty-file?
no.dcm    not-dicom    not-an-image?    not-an-image?    not-an-image?    not-an-image?    not-an-image?    good    empty-file
noise     not-dicom    not-an-image     not-an-image     not-an-image     not-an-image     not-an-image     good    good
dicomdir  beside       beside           beside           beside           beside           beside           beside  beside
"""
_ROWS = [line.split() for line in TABLE.strip().splitlines()]
CASES = [(row[0], box, says) for row in _ROWS[1:] for box, says in zip(_ROWS[0], row[1:], strict=True)]


def judged(name: str, data: bytes, container: str, *modalities: str, guard: HeaderProcess | None = None) -> Judgement:
    """Judge what is at hand."""
    return judge(
        data[:HEAD], name=name, size=len(data), container=container, modalities=modalities,
        open_=lambda: io.BytesIO(data), guard=guard,
    )  # fmt: skip


@pytest.mark.parametrize(("content", "container", "says"), CASES)
def test_content_against_container(content: str, container: str, says: str) -> None:
    """Each file is counted once: by a modality, as unverifiable, as standing beside, or by a problem that names it."""
    name, data = CONTENT[content]
    with HeaderProcess() as guard:
        found = judged(name, data, container, guard=guard if content == "dicomdir" else None)
    if says == "beside":
        assert found.beside
        assert not found.problems
    elif says == "good":
        assert not found.problems
        assert not found.beside
        assert bool(found.modality) is not found.unverifiable
    else:
        assert [one.rule for one in found.problems] == [says.rstrip("?")]
        assert (found.problems[0].severity == "warning") is says.endswith("?")


@pytest.mark.parametrize(
    "data",
    [
        b"1 2 3\n4 5 6\n",
        b"<!doctype html><p>1",
        b"II*\0" + bytes(range(256)) * 2,
        picture("png")[:-5],
        nifti(magic=b"\0\0\0\0")[:348] + b"\xff" * 100,
        bytes(128) + b"DICM" + b"\xff" * 100,
    ],
)
def test_raw_takes_any_bytes(data: bytes) -> None:
    """What they look like by accident is no promise of theirs."""
    with HeaderProcess() as guard:
        found = judged("a/1.raw", data, "raw", guard=guard)
    assert (found.problems, found.unverifiable) == ((), True)


def test_a_bad_name_for_a_good_image() -> None:
    """A file that bears the promised ending and is something else is an error."""
    found = judged("a/1.png", zipped(), "png")
    assert [(one.rule, one.severity) for one in found.problems] == [("container-wrong", "error")]


def test_broken_and_cut_images_are_reported() -> None:
    """A picture that is cut is said to be cut; one whose header is broken is no image."""
    found = judged("a/1.png", picture("png")[:-5], "png")
    assert [one.rule for one in found.problems] == ["truncated"]
    found = judged("a/1.png", picture("png")[:16] + b"\1" + picture("png")[17:], "png")
    assert [one.rule for one in found.problems] == ["not-an-image"]


def test_colour_is_evidence_only() -> None:
    """A colour picture in a set of radiographs is a warning; in an ophthalmic set it is none."""
    assert [one.severity for one in judged("a.png", colour("png"), "png", "XR").problems] == ["warning"]
    assert not judged("a.png", colour("png"), "png", "OP").problems


@pytest.mark.parametrize(
    ("file", "modality", "rule"), [(CT, "CT", None), (CT, "MR", "modality-wrong"), (MR, "MR", None)]
)
def test_the_header_is_compared_with_the_declared_modality(file: str, modality: str, rule: str | None) -> None:
    """The header is held against what was declared."""
    found = judged("1", scanner_file(file), "dicom", modality)
    assert [one.rule for one in found.problems] == ([rule] if rule else [])


@pytest.mark.parametrize(
    "name",
    [
        "ExplVR_BigEnd.dcm", "ExplVR_BigEndNoMeta.dcm", "ExplVR_LitEndNoMeta.dcm", "MR_small_bigendian.dcm",
        "image_dfl.dcm", "MR_small_implicit.dcm", "no_meta_group_length.dcm", "meta_missing_tsyntax.dcm", "UN_sequence.dcm",
    ],
)  # fmt: skip
def test_every_syntax_is_recognised(name: str) -> None:
    """Without extension, preamble or meta header, in every syntax, by the slow road where it must be."""
    with HeaderProcess() as guard:
        found = judged("1", shipped()[name], "dicom", guard=guard)
    assert found.kind == "dicom", found.problems
    assert not any(one.rule in ("not-dicom", "header-broken") for one in found.problems)


def test_a_broken_header_is_named() -> None:
    """What says DICM and cannot be read is DICOM whose header is broken."""
    data = bytes(128) + b"DICM" + b"\x08\0\x16\0UI\xff\xff1.2"
    with HeaderProcess() as guard:
        found = judged("1.dcm", data, "dicom", guard=guard)
    assert found.kind == "dicom"
    assert found.problems
    assert found.problems[0].severity == "error"


def test_nothing_but_a_preamble() -> None:
    """A file that ends after `DICM` is not passed in silence."""
    with HeaderProcess() as guard:
        found = judged("1.dcm", bytes(128) + b"DICM", "dicom", "CT", guard=guard)
    assert [one.severity for one in found.problems] == ["error"]
