"""The geometry of images is recorded when they come in, without anything about the patient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.checks.dicom.samples import CT, scanner_file
from fetchers.storage.record.manifest import Manifest
from fetchers.verbs import adopt
from tests.verbs.contexts import context

if TYPE_CHECKING:
    from pathlib import Path

CATALOGUE = """
[datasets.lungs]
title = "Lungs"
access = "open"
container = "dicom"
modalities = ["CT"]
source = "byhand"
"""


def test_geometry_and_a_keyed_hash_are_recorded(tmp_path: Path) -> None:
    """The values are those of the header; the Patient ID stands nowhere in the store."""
    place = context(tmp_path / "home", catalogue=CATALOGUE)
    (tmp_path / "brought").mkdir()
    data = scanner_file(CT)
    assert b"1CT1" in data
    (tmp_path / "brought" / "a.dcm").write_bytes(data)
    changed = data[:-2] + b"\1\2"  # other pixels, the same patient
    (tmp_path / "brought" / "b.dcm").write_bytes(changed)
    adopt.run(place, "lungs", [tmp_path / "brought"])
    with Manifest.open(place.store, write=False) as manifest:
        one, other = manifest.files()
        assert manifest.faults() == []
    assert one.header is not None
    assert (one.header.row_spacing, one.header.column_spacing) == (0.661468, 0.661468)
    assert one.header.thickness == 5.0
    assert one.header.patient_id is None
    assert one.patient is not None
    assert one.patient == other.patient
    for name in ("manifest.sqlite", "manifest.journal"):
        assert b"1CT1" not in (place.store / name).read_bytes()
