"""A header's modality is compared with the declared one, the listing's, and its own SOP class."""

from __future__ import annotations

import pytest

from fetchers.checks.dicom.modality import COMPANIONS, covers, expand, verdict
from fetchers.records import Header

_CLASS = "1.2.840.10008.5.1.4.1.1."


@pytest.mark.parametrize(
    ("code", "sop", "declared", "listing", "rules"),
    [
        ("MR", "4", ("MR",), None, []),
        ("MR", "4", (), None, []),
        ("CT", "2", ("MR",), None, ["modality-wrong"]),
        ("CT", "2", ("MR", "CT"), None, []),
        (None, "2", ("CT",), None, ["modality-missing"]),
        ("", "2", ("CT",), None, ["modality-missing"]),
        ("CR", "1", ("XR",), None, []),
        ("DX", "1.1", ("XR",), None, []),
        ("RG", "1.1", ("XR",), None, []),
        ("MG", "1.2", ("XR",), None, []),
        ("IO", "1.3", ("XR",), None, []),
        ("PX", "1.1", ("XR",), None, []),
        ("RF", "12.2", ("XR",), None, []),
        ("XA", "12.1", ("XR",), None, []),
        ("CT", "2", ("XR",), None, ["modality-wrong"]),
        ("PT", "128", ("PE",), None, []),
        ("NM", "20", ("PE",), None, []),
        ("MR", "4", ("PE",), None, ["modality-wrong"]),
        ("IVUS", "6.1", ("US",), None, []),
        ("MG", "1.2", ("DX",), None, ["modality-wrong"]),
        ("PE", "128", ("PE",), None, ["modality-nonstandard"]),
        ("PE", "128", ("PT",), None, ["modality-nonstandard"]),
        ("PE", "128", ("MR",), None, ["modality-nonstandard", "modality-wrong"]),
        ("XR", "1", ("XR",), None, ["modality-nonstandard"]),
        ("XR", "1.1", ("CR",), None, ["modality-nonstandard"]),
        ("DR", "1.1", ("XR",), None, ["modality-nonstandard"]),
        ("MRI", "4", ("MR",), None, ["modality-nonstandard"]),
        ("FOO", "2", ("CT",), None, ["modality-nonstandard", "modality-wrong", "sop-contradiction"]),
        ("MR", "2", ("MR",), None, ["sop-contradiction"]),
        ("CT", "2", ("MR",), "CT", ["modality-wrong"]),
        ("CT", "2", ("CT",), "MR", ["modality-wrong"]),
        ("PT", "128", ("PT",), "PET", []),
        ("RF", "12.1", ("XA", "RF"), None, []),
        ("OT", "7", ("CT",), None, ["modality-wrong"]),
        ("CT", "7", ("CT",), None, []),
        ("CT", "1.2.3.4", ("CT",), None, []),
        ("SEG", "66.4", ("CT",), None, []),
        ("RTSTRUCT", "481.3", ("CT",), "CT", []),
        ("SEG", "2", ("CT",), None, ["sop-contradiction"]),
        ("SR", "88.22", ("MR",), None, []),
        ("DOC", "104.1", ("MR",), None, []),
        ("KO", "88.59", ("MR",), None, []),
    ],
)
def test_declared_and_found_modalities_are_compared(
    code: str | None, sop: str, declared: tuple[str, ...], listing: str | None, rules: list[str]
) -> None:
    """The list's umbrellas cover their terms, companions are never wrong, a wrong word is a warning."""
    found = verdict(Header(modality=code, sop_class=_CLASS + sop), declared, listing)
    assert [one.rule for one in found] == rules
    assert all((one.severity == "warning") is (one.rule == "modality-nonstandard") for one in found)
    for one in found:
        assert one.rule != "modality-wrong" or (str(code) in one.message and (declared[0] in one.message or listing))


def test_companions_are_never_wrong() -> None:
    """Whatever was declared, an object that accompanies images is counted."""
    for code in COMPANIONS:
        assert verdict(Header(modality=code), ("US",), "US") == ()


@pytest.mark.parametrize(
    ("declared", "code", "yes"),
    [(("XR",), "MG", True), (("PE",), "PT", True), (("US",), "IVUS", True), (("CT",), "MR", False), ((), "CT", False)],
)
def test_an_umbrella_code_covers_its_terms(declared: tuple[str, ...], code: str, *, yes: bool) -> None:
    """An umbrella stands for its terms, every other code for itself."""
    assert covers(declared, code) is yes
    assert expand("CT") == {"CT"}


@pytest.mark.parametrize(("declared", "listing"), [(("CT",), None), (("MR", "CT"), "CT")])
def test_another_modality_is_an_error(declared: tuple[str, ...], listing: str | None) -> None:
    """A radiograph in a CT set, or against the place's own listing, is no mere remark."""
    (found,) = verdict(Header(sop_class="1.2.840.10008.5.1.4.1.1.4", modality="MR"), declared, listing)
    assert (found.rule, found.severity) == ("modality-wrong", "error")


@pytest.mark.parametrize(
    ("code", "declared", "rules", "word"),
    [
        ("COMPUTED TOMOGRAPHY", ("CT",), ["modality-nonstandard"], "CT is meant"),
        ("?", ("CT",), ["modality-nonstandard"], "? is no DICOM term"),
        ("CT\\PT", ("PT",), ["modality-nonstandard", "sop-contradiction"], "several modalities (CT, PT)"),
        ("CT\\PT", ("CT",), ["modality-nonstandard"], "several modalities (CT, PT)"),
    ],
)
def test_odd_values_are_named_as_what_they_are(
    code: str, declared: tuple[str, ...], rules: list[str], word: str
) -> None:
    """A word for a term, a sign that says nothing, two values where one is allowed."""
    found = verdict(Header(sop_class="1.2.840.10008.5.1.4.1.1.2", modality=code), declared, None)
    assert [one.rule for one in found] == rules
    assert word in found[0].message
