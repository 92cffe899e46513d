"""Real scanner files are at hand."""

from __future__ import annotations

from io import BytesIO

import pytest
from pydicom import dcmread

from fetchers.checks.dicom.samples import CT, MR, in_series, scanner_file


@pytest.mark.parametrize(("name", "modality"), [(CT, "CT"), (MR, "MR")])
def test_what_pydicom_ships(name: str, modality: str) -> None:
    """The files are in the wheel and are what their names say."""
    assert dcmread(BytesIO(scanner_file(name))).Modality == modality


def test_another_series_keeps_the_picture() -> None:
    """Only the identifiers change; with `modality` the header says so, too."""
    made = dcmread(BytesIO(in_series(scanner_file(MR), series="1.2.3", instance="1.2.3.4", modality="CT")))
    assert (made.SeriesInstanceUID, made.SOPInstanceUID, made.Modality) == ("1.2.3", "1.2.3.4", "CT")
    assert made.file_meta.MediaStorageSOPInstanceUID == "1.2.3.4"
    assert made.PixelData == dcmread(BytesIO(scanner_file(MR))).PixelData


def test_what_is_not_shipped() -> None:
    """A name that this pydicom does not ship is said, never downloaded."""
    with pytest.raises(FileNotFoundError):
        scanner_file("no-such-file.dcm")
