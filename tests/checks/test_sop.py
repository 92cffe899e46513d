"""Does the table of SOP classes agree with an outside list, and allow what the standard allows?"""

from __future__ import annotations

import pytest
from pydicom._uid_dict import UID_dictionary

from fetchers.checks.dicom.sop_classes import _TABLE, DIRECTORY, lawful


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
def test_classes(suffix: str, codes: str) -> None:
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
def test_no_opinion(uid: str | None) -> None:
    """Secondary captures, documents and unknown classes contradict nothing."""
    assert lawful(uid) is None
