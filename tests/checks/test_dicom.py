"""The fast reader of headers agrees with pydicom wherever it answers."""

from __future__ import annotations

import gzip
import io
import logging
import random
import warnings
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import dcmread

from fetchers.checks.dicom import values
from fetchers.checks.dicom.fast_header import walk
from fetchers.checks.dicom.signature import looks_like
from tests.checks.shipped import shipped

_NO_DICOM = ("no_meta.dcm", ".txt", ".json", ".gz", ".icc", ".dump", "README")
FILES = {name: data for name, data in shipped().items() if not name.endswith(_NO_DICOM)}
_KEYWORDS = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "Modality", "Rows", "Columns")
# `no_meta.dcm` begins with a stray space: pydicom finds nothing in it, either.
_WITHOUT_PREAMBLE = ("ExplVR_BigEndNoMeta.dcm", "ExplVR_LitEndNoMeta.dcm")


def _theirs(data: bytes) -> dict[str, Any] | None:
    """Ask pydicom; None where it raises, or drops all elements because a later one has a VR that it does not know."""
    logging.getLogger("pydicom").setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            dataset = dcmread(io.BytesIO(data), force=True, stop_before_pixels=True, specific_tags=list(_KEYWORDS))
            found: dict[str, Any] = {}
            for keyword in _KEYWORDS:
                value = dataset.get(keyword)
                text = "" if value is None else str(value).strip(" \0")
                if keyword.endswith("UID"):
                    found[keyword] = values.uid(text)
                elif keyword == "Modality":
                    found[keyword] = values.word(text)
                else:
                    found[keyword] = value if isinstance(value, int) else None
    except Exception:  # noqa: BLE001 - whatever it raises over a mutant
        return None
    return found if found["SOPClassUID"] else None


def _ours(data: bytes) -> dict[str, Any] | None:
    header = walk(data[: 1 << 16], whole=len(data) <= 1 << 16)
    if header is None:
        return None
    values = (header.sop_class, header.sop_instance, header.study, header.series, header.modality, header.rows)
    return dict(zip(_KEYWORDS, (*values, header.columns), strict=True))


@pytest.mark.parametrize("name", sorted(FILES))
def test_files_that_pydicom_ships(name: str) -> None:
    """Each is seen to be DICOM, and the walker either agrees with pydicom or leaves it to it."""
    data = FILES[name]
    assert looks_like(data[: 1 << 16])
    ours = _ours(data)
    assert ours is None or ours == _theirs(data)


def test_most_take_the_fast_road() -> None:
    """More than three quarters need no pydicom."""
    fast = [name for name, data in FILES.items() if _ours(data) is not None and "DICOMDIR" not in name]
    assert len(fast) > 0.75 * len(FILES), sorted(FILES.keys() - set(fast))


def test_mutants_agree() -> None:
    """On 2,000 mutants: wherever the walker answers, pydicom gives the same class, series, modality and size."""
    chance = random.Random(20)
    sound = [data[:6000] for data in FILES.values()]
    answered, differing = 0, []
    for number in range(2000):
        data = bytearray(sound[number % len(sound)])
        for _ in range(chance.randint(1, 4)):
            where = chance.randrange(128, min(len(data), 1600))
            choice = chance.choice((0, 0, 0, 1, 2, 3, 3, 3))
            if choice == 0:
                data[where] = chance.randrange(256)
            elif choice == 1:
                del data[where : where + chance.choice((1, 2, 8))]
            elif choice == 2:
                data[where:where] = chance.randbytes(chance.choice((1, 2, 8)))
            else:
                data[where] ^= 1 << chance.randrange(8)
        ours = _ours(bytes(data))
        if ours is None or _theirs(bytes(data)) is None:
            continue  # over a fault further on pydicom raises, where the walker had all it needs
        answered += 1
        if ours != _theirs(bytes(data)):
            theirs = _theirs(bytes(data)) or {}
            differing.append(
                (number, {key: (ours[key], theirs.get(key, ...)) for key in ours if ours[key] != theirs.get(key)})
            )
    assert answered > 350
    assert not differing, (len(differing), differing[:12])


def _element(tag: tuple[int, int], value: bytes, vr: bytes = b"") -> bytes:
    head = tag[0].to_bytes(2, "little") + tag[1].to_bytes(2, "little")
    return head + (vr + len(value).to_bytes(2, "little") if vr else len(value).to_bytes(4, "little")) + value


_VALUES = {
    "UI": st.sampled_from([b"1.2.840.10008.5.1.4.1.1.2\0", b"2.25.7", b"1.2\\1.3", b"free text!", b"1.\x1f2\0", b""]),
    "CS": st.sampled_from([b"CT", b"MR", b"ct", b"CT\\MR ", b"Jane Doe", b"\xc3\xa9", b""]),
    "US": st.sampled_from([b"\x10\0", b"\x10\0\x20\0", b"\x10", b""]),
    "IS": st.sampled_from([b"1 ", b"abc ", b"7\\8 "]),
    "LO": st.binary(max_size=12),
    "OB": st.binary(max_size=12),
    "SQ": st.sampled_from(
        [b"", b"\xfe\xff\0\xe0\0\0\0\0", b"\xfe\xff\0\xe0\x0a\0\0\0\x08\0\x60\0CS\2\0MR", b"\xfe\xff\0\xe0\xff\xff"]
    ),
}
_TAGS = [
    (8, 5), (8, 8), (8, 0x16), (8, 0x18), (8, 0x60), (8, 0x1140), (9, 0x1001), (0x18, 0x15), (0x20, 0xD), (0x20, 0xE),
    (0x28, 8), (0x28, 0x10), (0x28, 0x11), (0x29, 0x10), (0x40, 0x275), (0x7FE0, 0x10),
]  # fmt: skip
_ELEMENT = st.sampled_from([*_VALUES, "UI", "CS"]).flatmap(
    lambda vr: st.tuples(st.sampled_from(_TAGS), st.just(vr), _VALUES[vr])
)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.lists(_ELEMENT, max_size=9), st.booleans(), st.booleans(), st.booleans())
def test_made_headers_agree(
    elements: list[tuple[tuple[int, int], str, bytes]],
    preamble: bool,  # noqa: FBT001 - hypothesis hands it over
    explicit: bool,  # noqa: FBT001 - the same
    tidy: bool,  # noqa: FBT001 - the same
) -> None:
    """Any elements in any order, with any VR: one answer on both roads, or none on the fast one."""
    body = b"\x08\0\x05\0CS\0\0" if explicit else b"\x08\0\x05\0\0\0\0\0"
    for tag, vr, value in sorted(elements) if tidy else elements:
        long = explicit and vr in ("OB", "SQ")
        body += (
            _element(tag, b"", vr.encode()) + len(value).to_bytes(4, "little") + value
            if long
            else _element(tag, value, vr.encode() if explicit else b"")
        )
    syntax = b"1.2.840.10008.1.2.1\0" if explicit else b"1.2.840.10008.1.2\0"
    data = bytes(128) + b"DICM" + _element((2, 0x10), syntax, b"UI") + body if preamble else body
    ours, theirs = _ours(data), _theirs(data)
    assert ours is None or theirs is None or ours == theirs


def test_cut_files_raise_nothing() -> None:
    """Cut anywhere, a file is answered as pydicom answers it, or not at all; nothing is raised."""
    data = FILES["CT_small.dcm"]
    for size in range(0, 3000, 7):
        ours = _ours(data[:size])
        assert ours is None or ours == _theirs(data[:size])


def test_noise_is_no_dicom() -> None:
    """Of 5,000 files by chance none is taken for DICOM, whatever its first bytes are."""
    chance = random.Random(4)
    starts = (b"", b"\x08\0\5\0CS", b"\x08\0\x16\0UI\x1a\0", b"\2\0\0\0UL\4\0", b"\x08\0\0\0\4\0\0\0")
    for number in range(5000):
        data = starts[number % len(starts)] + chance.randbytes(chance.choice((20, 300, 3000)))
        assert walk(data, whole=True) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x08",
        b"hello, world, this is a text",
        b"PK\3\4" + bytes(40),
        b"\x1f\x8b\x08\0" + bytes(40),
        gzip.compress(b"x" * 90, mtime=0),
        bytes(200),
        b'{"a": 1}' * 40,
        *(shipped()[name] for name in shipped() if name.endswith(_NO_DICOM) and "DICOMDIR" not in name),
    ],
)
def test_what_does_not_look_like_dicom(data: bytes) -> None:
    """Pydicom's `force` reads a README; here it does not even look like one, or the walker does not take it."""
    assert not looks_like(data) or walk(data, whole=True) is None


@pytest.mark.parametrize("explicit", [True, False])
@pytest.mark.parametrize("first", [0x0000, 0x0001, 0x0005, 0x0008, 0x0016])
def test_data_sets_without_preamble_are_read(first: int, *, explicit: bool) -> None:
    """A file may begin with group 0008's length, its character set, its image type or its class."""
    values = {
        0x0000: (b"\x64\0\0\0", b"UL"), 0x0001: (b"\x64\0\0\0", b"UL"), 0x0005: (b"ISO_IR 100", b"CS"),
        0x0008: (b"ORIGINAL\\PRIMARY ", b"CS"), 0x0016: (b"1.2.840.10008.5.1.4.1.1.2\0", b"UI"),
    }  # fmt: skip
    data = b""
    for element in sorted({first, 0x0016}):
        value, vr = values[element]
        data += _element((8, element), value, vr if explicit else b"")
    data += _element((8, 0x60), b"CT", b"CS" if explicit else b"")
    data += _element((0x28, 0x10), b"\x10\0", b"US" if explicit else b"")
    assert looks_like(data)
    header = walk(data, whole=True)
    assert header is not None
    assert (header.modality, header.rows, header.transfer_syntax) == ("CT", 16, None)


_CLASS = _element((8, 0x16), b"1.2.840.10008.5.1.4.1.1.2\0", b"UI")
_REST = _element((0x20, 0xD), b"2.25.1", b"UI") + _element((0x20, 0xE), b"2.25.2", b"UI")


@pytest.mark.parametrize(
    "data",
    [
        _CLASS + _element((8, 0x60), b"CT", b"US") + _REST,
        _CLASS + _element((8, 0x60), b"CT\\MR ", b"CS") + _REST,
        _element((8, 0x16), b"\x1e.2.840.10008.5.1.4.1.1.2\0", b"UI") + _REST,
        _CLASS + _REST + _element((0x28, 0x10), b"\x10\0\x20\0", b"US"),
        _CLASS + _element((0x80, 0x31), b"12", b"TM") + _element((0x808, 0x33), b"12", b"TM") + _REST,
        _CLASS + _element((8, 0x60), b"CT", b"ZZ") + _REST,
        _REST,
        _CLASS + _REST + _element((0x28, 0x10), b"\x10\0", b"US")[:-1],
    ],
    ids=["vr", "values", "control", "rows", "two-accidents", "no-vr", "no-class", "cut"],
)
def test_what_is_left_to_pydicom(data: bytes) -> None:
    """A word that is a number, two values, an early end that is none: the slow road's to say."""
    assert walk(_CLASS + _REST, whole=True) is not None
    assert walk(data, whole=True) is None


def test_elements_out_of_order() -> None:
    """What comes too late is not overlooked: the fast road leaves such a file to pydicom."""
    picture = _element((8, 0x16), b"1.2.840.10008.5.1.4.1.1.2\0", b"UI") + _element((0x28, 0x10), b"\x10\0", b"US")
    late = _element((8, 0x60), b"CT", b"CS")
    for data in (picture + late, late + picture + late, picture + picture):
        assert walk(data, whole=True) is None


def test_files_without_preamble_are_recognised() -> None:
    """Files without preamble look like what they are."""
    for name in _WITHOUT_PREAMBLE:
        assert FILES[name][128:132] != b"DICM"
        assert looks_like(FILES[name]), name


@pytest.mark.parametrize(
    ("raw", "count"),
    [
        (b"", 1),
        (b"3 ", 3),
        (b"0", 1),
        (b"abc", 1),
        (b"1000000000", 1),
        (b"-4", 1),
        (b"12\0", 12),
        ("\u0663".encode(), 1),
    ],
)
def test_a_wrong_number_of_frames_counts_as_one(raw: bytes, count: int) -> None:
    """What is no number of frames counts as one."""
    assert values.frames(raw) == count


def test_free_text_is_not_kept() -> None:
    """A name that a stranger wrote where a code belongs is no code."""
    assert values.word("Jane Doe, 12 Some Street") is None
    assert values.word("ct") == "CT"
    assert values.uid("1.2.x") is None
