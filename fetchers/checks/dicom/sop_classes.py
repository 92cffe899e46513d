"""Which modalities may an object of this SOP class lawfully name?

SOP Class UIDs from DICOM PS3.6 (2026a), Annex A; modalities from the IODs of PS3.3 (2026a), where C.7.3.1 or the IOD's
own text fixes them. A class that is not here, or that any modality may use (Secondary Capture), contradicts nothing.
"""

from __future__ import annotations

_ROOT = "1.2.840.10008.5.1.4.1.1."

_LAWFUL: dict[str, str] = {
    "1": "CR",
    "1.1": "DX CR RG PX",  # C.8.11.1: panoramic images are DX objects, too
    "1.1.1": "DX CR RG PX",
    "1.2": "MG",
    "1.2.1": "MG",
    "1.3": "IO",
    "1.3.1": "IO",
    "2": "CT",
    "2.1": "CT",
    "2.2": "CT",
    "3": "US",  # retired
    "3.1": "US IVUS",
    "4": "MR",
    "4.1": "MR",
    "4.2": "MR",
    "4.3": "MR",
    "4.4": "MR",
    "5": "NM",  # retired
    "6": "US",  # retired
    "6.1": "US IVUS",
    "6.2": "US",
    "6.3": "US",
    "9.1.1": "ECG",
    "9.1.2": "ECG",
    "9.1.3": "ECG",
    "9.2.1": "HD",
    "9.3.1": "EPS",
    "9.4.1": "AU",
    "9.4.2": "AU",
    "11.1": "PR",
    "11.2": "PR",
    "11.3": "PR",
    "11.4": "PR",
    "12.1": "XA RF",  # C.8.7: the XA IOD may name RF
    "12.1.1": "XA RF",
    "12.2": "RF XA",
    "12.2.1": "RF XA",
    "12.3": "XA",  # retired
    "13.1.1": "XA DX CR",
    "13.1.2": "XA DX CR",
    "13.1.3": "MG",
    "13.1.4": "MG",
    "13.1.5": "MG",
    "14.1": "IVOCT",
    "14.2": "IVOCT",
    "20": "NM",
    "66": "REG",
    "66.1": "REG",
    "66.2": "FID",
    "66.3": "REG",
    "66.4": "SEG",
    "66.5": "SEG",
    "66.7": "SEG",
    "77.1.1": "ES",
    "77.1.2": "GM",
    "77.1.3": "SM",
    "77.1.4": "XC OP DMS",
    "77.1.5.1": "OP",
    "77.1.5.2": "OP",
    "77.1.5.3": "OPM",
    "77.1.5.4": "OPT",
    "77.1.5.5": "OP",
    "77.1.5.6": "OP",
    "77.1.5.7": "OPTBSV",
    "77.1.5.8": "OPTENF",
    "77.1.6": "SM",
    "77.1.7": "DMS",
    "78.1": "LEN",
    "78.2": "AR",
    "78.3": "KER",
    "78.4": "SRF",
    "78.5": "VA",
    "78.6": "IOL",
    "78.7": "OAM IOL",
    "88.11": "SR",
    "88.22": "SR",
    "88.33": "SR",
    "88.34": "SR",
    "88.35": "SR",
    "88.40": "SR",
    "88.50": "SR",
    "88.59": "KO",
    "88.65": "SR",
    "88.67": "SR",
    "88.68": "SR",
    "88.69": "SR",
    "104.3": "M3D",
    "104.4": "M3D",
    "104.5": "M3D",
    "128": "PT",
    "128.1": "PT",
    "130": "PT",
    "481.1": "RTIMAGE",
    "481.2": "RTDOSE",
    "481.3": "RTSTRUCT",
    "481.4": "RTRECORD",
    "481.5": "RTPLAN",
    "481.6": "RTRECORD",
    "481.7": "RTRECORD",
    "481.8": "RTPLAN",
    "481.9": "RTRECORD",
    "481.23": "RTIMAGE",
}
_TABLE = {_ROOT + suffix: frozenset(codes.split()) for suffix, codes in _LAWFUL.items()}

DIRECTORY = "1.2.840.10008.1.3.10"  # Media Storage Directory: a DICOMDIR


def lawful(sop_class: str | None) -> frozenset[str] | None:
    """Give the modalities that the class allows; None where it allows any, or is not known."""
    return _TABLE.get(sop_class or "")
