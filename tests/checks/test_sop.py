"""The table of SOP classes agrees with an outside list and with the standard."""

from __future__ import annotations

import pytest
from pydicom._uid_dict import UID_dictionary

from fetchers.checks.dicom.sop_classes import _TABLE, DIRECTORY, contradiction, has_modality, lawful, wants_pixels


def test_every_class_is_one() -> None:
    """Each UID of the table is a storage class in pydicom's dictionary of PS3.6."""
    # Label map and height map segmentation came after that dictionary.
    newer = {"1.2.840.10008.5.1.4.1.1.66.7", "1.2.840.10008.5.1.4.1.1.66.8"}
    for uid in _TABLE.keys() - newer:
        assert uid in UID_dictionary, uid
        assert "Storage" in UID_dictionary[uid][0], uid


@pytest.mark.parametrize(
    ("suffix", "codes"),
    [
        ("2", "CT"), ("2.1", "CT"), ("4", "MR"), ("4.1", "MR"), ("128", "PT"), ("130", "PT"), ("20", "NM"), ("1", "CR"),
        ("1.2", "MG"), ("13.1.3", "MG"), ("1.3", "IO"), ("6.1", "US IVUS"), ("3.1", "US IVUS"), ("12.1", "XA RF"),
        ("66.4", "SEG"), ("481.1", "RTIMAGE"), ("481.2", "RTDOSE"), ("481.3", "RTSTRUCT"), ("481.5", "RTPLAN"),
        ("88.59", "KO"), ("77.1.6", "SM"), ("77.1.5.4", "OPT"), ("11.1", "PR"), ("88.11", "SR"),
    ],
)  # fmt: skip
def test_the_iod_fixes_the_modality(suffix: str, codes: str) -> None:
    """Where the IOD fixes the modality, it is fixed here."""
    assert lawful(f"1.2.840.10008.5.1.4.1.1.{suffix}") == frozenset(codes.split())


def test_the_digital_x_ray_family() -> None:
    """PS3.3, C.8.11: a DX image may be panoramic, and is CR or RG in practice."""
    allowed = lawful("1.2.840.10008.5.1.4.1.1.1.1")
    assert allowed is not None
    assert {"DX", "PX"} <= allowed


@pytest.mark.parametrize(
    "uid", [None, "", "1.2.840.10008.5.1.4.1.1.7", "1.2.840.10008.5.1.4.1.1.104.1", DIRECTORY, "1.2.3"]
)
def test_secondary_captures_contradict_nothing(uid: str | None) -> None:
    """Secondary captures, documents and unknown classes contradict nothing."""
    assert lawful(uid) is None


ROOT = "1.2.840.10008.5.1.4."


def test_every_storage_class_is_here() -> None:
    """The table is held against pydicom's dictionary of PS3.6: none is forgotten."""
    missing = {
        uid: name
        for uid, (name, kind, *_) in UID_dictionary.items()
        if kind == "SOP Class"
        and name.endswith("Storage")
        and uid.startswith("1.2.840.10008.5.1.4.")
        and uid not in _TABLE
    }
    assert missing == {}


@pytest.mark.parametrize(
    ("suffix", "code", "grave"),
    [
        ("66", "MR", None), ("66", "PT", None), ("77.1.5.3", "SMR", None), ("77.1.5.7", "OPTENF", None),
        ("77.1.5.8", "OPTBSV", None), ("77.1.5.7", "OPTBSV", "error"), ("78.6", "SR", None), ("6.3", "PA", None),
        ("1", "MG", "warning"), ("1", "DX", "warning"), ("1", "CT", "error"), ("1.1", "MG", "warning"),
        ("2", "MR", "error"),
        ("2", "OT", "warning"), ("4", "PT", "error"), ("128", "NM", "error"), ("20", "PT", "error"), ("7", "CT", None),
    ],
)  # fmt: skip
def test_how_grave_a_contradiction_is(suffix: str, code: str, grave: str | None) -> None:
    """Another acquisition is an error, what sound archives do in good faith a warning."""
    assert contradiction(f"1.2.840.10008.5.1.4.1.1.{suffix}", code) == grave


def test_objects_without_a_modality_and_without_pixels() -> None:
    """Some have none by design: hanging protocols, palettes, implant templates, inventories."""
    for suffix in ("38.1", "39.1", "43.1", "44.1", "45.1", "1.1.201.1"):
        assert not has_modality(f"1.2.840.10008.5.1.4.{suffix}")
    assert has_modality("1.2.840.10008.5.1.4.1.1.2")
    assert has_modality(None)
    assert wants_pixels("1.2.840.10008.5.1.4.1.1.2")
    assert not wants_pixels("1.2.840.10008.5.1.4.1.1.88.11")
