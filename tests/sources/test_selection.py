"""Selections are translated into an archive's terms."""

from __future__ import annotations

from fetchers.dataset import Dataset
from fetchers.sources.selection import codes_of, collection_of, some_of


def test_a_part_is_a_collection_unless_the_catalogue_names_one() -> None:
    """`ddsm/cbis` is CBIS-DDSM, `tcia/LIDC-IDRI` itself, plain `tcia` all of them."""
    assert collection_of(Dataset(name="tcia", part="LIDC-IDRI")) == "LIDC-IDRI"
    assert collection_of(Dataset(name="ddsm", part="cbis", options={"collection": "CBIS-DDSM"})) == "CBIS-DDSM"
    assert collection_of(Dataset(name="tcia")) is None


def test_the_lists_own_codes_stand_for_several() -> None:
    """`XR` and `PE` are no codes of DICOM; a code that is one stands for itself, in capitals."""
    assert codes_of(("ct", "CT")) == ("CT",)
    assert {"CR", "DX", "MG"} <= set(codes_of(("XR",)))
    assert "PT" in codes_of(("PE",))


def test_a_few_of_many_are_named() -> None:
    """A message names five and counts the rest."""
    assert some_of(["a", "b"]) == "a, b"
    assert some_of(list("abcdefg")) == "a, b, c, d, e and 2 more"
