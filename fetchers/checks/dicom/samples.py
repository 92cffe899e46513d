"""Find the real scanner files that pydicom ships for its own tests.

`fetch demo` and the tests need DICOM as scanners write it; nothing is downloaded for them.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.errors import InvalidDicomError
from pydicom.uid import UID

CT = "CT_small.dcm"  # GE MEDICAL SYSTEMS, 128 x 128, explicit little endian
MR = "MR_small.dcm"  # TOSHIBA_MEC, 64 x 64, explicit little endian


def scanner_file(name: str) -> bytes:
    """Return the bytes of one of pydicom's test files; raises FileNotFoundError where this pydicom has it not."""
    found = get_testdata_file(name, download=False)
    if found is None:
        raise FileNotFoundError(name)
    return Path(str(found)).read_bytes()


def in_series(data: bytes, *, series: str, instance: str, modality: str | None = None) -> bytes:
    """Return the same object as a member of another series; with `modality` its header says so, whatever it is.

    Raises `InvalidDicomError` where `data` is no DICOM.
    """
    if not data:
        raise InvalidDicomError
    dataset = dcmread(BytesIO(data))
    dataset.SeriesInstanceUID = series
    dataset.SOPInstanceUID = instance
    dataset.file_meta.MediaStorageSOPInstanceUID = UID(instance)
    if modality is not None:
        dataset.Modality = modality
    out = BytesIO()
    dataset.save_as(out, enforce_file_format=True)
    return out.getvalue()
