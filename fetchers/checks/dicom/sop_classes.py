"""Table of SOP classes: the modalities that each may have, and whether it has pixels.

SOP Class UIDs from DICOM PS3.6 (2026a), annex A, and PS3.4 (2026a), table B.5-1; modalities from the IODs of PS3.3
(2026a), where C.7.3.1.1.1 or the IOD's own series module fixes them. A class that is not here contradicts nothing.
A test holds the table against pydicom's dictionary of PS3.6: every storage class in it is here.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

_ROOT = "1.2.840.10008.5.1.4."

# Suffix, then the modalities: `*` any, `-` none by design (the IOD has no series module). A trailing `+` says that the
# object has pixel data. Suffixes are below 1.2.840.10008.5.1.4.
_CLASSES = """
1.1.1 CR +
1.1.1.1 DX CR RG PX +
1.1.1.1.1 DX CR RG PX +
1.1.1.2 MG +
1.1.1.2.1 MG +
1.1.1.3 IO +
1.1.1.3.1 IO +
1.1.2 CT +
1.1.2.1 CT +
1.1.2.2 CT +
1.1.3 US +
1.1.3.1 US IVUS +
1.1.4 MR +
1.1.4.1 MR +
1.1.4.2 MR
1.1.4.3 MR +
1.1.4.4 MR +
1.1.5 NM +
1.1.6 US IVUS +
1.1.6.1 US IVUS +
1.1.6.2 US IVUS +
1.1.6.3 PA +
1.1.7 * +
1.1.7.1 * +
1.1.7.2 * +
1.1.7.3 * +
1.1.7.4 * +
1.1.8 *
1.1.9 *
1.1.9.1 *
1.1.9.1.1 ECG
1.1.9.1.2 ECG
1.1.9.1.3 ECG
1.1.9.1.4 ECG
1.1.9.2.1 HD
1.1.9.3.1 EPS
1.1.9.4.1 AU
1.1.9.4.2 AU
1.1.9.5.1 HD
1.1.9.6.1 RESP
1.1.9.6.2 RESP
1.1.9.7.1 EEG
1.1.9.7.2 EMG
1.1.9.7.3 EOG
1.1.9.7.4 EEG
1.1.9.8.1 POS
1.1.10 *
1.1.11 *
1.1.11.1 PR
1.1.11.2 PR
1.1.11.3 PR
1.1.11.4 PR
1.1.11.5 PR
1.1.11.6 PR
1.1.11.7 PR
1.1.11.8 PR
1.1.11.9 PR
1.1.11.10 PR
1.1.11.11 PR
1.1.11.12 PR
1.1.12.1 XA RF +
1.1.12.1.1 XA RF +
1.1.12.2 RF XA +
1.1.12.2.1 RF XA +
1.1.12.3 XA RF +
1.1.13.1.1 XA DX CR CT +
1.1.13.1.2 XA DX CR CT +
1.1.13.1.3 MG +
1.1.13.1.4 MG +
1.1.13.1.5 MG +
1.1.14.1 IVOCT +
1.1.14.2 IVOCT +
1.1.20 NM +
1.1.30 * +
1.1.66 *
1.1.66.1 REG
1.1.66.2 FID
1.1.66.3 REG
1.1.66.4 SEG +
1.1.66.5 SEG
1.1.66.6 *
1.1.66.7 SEG +
1.1.66.8 SEG +
1.1.67 RWV
1.1.68.1 OSS
1.1.68.2 OSS
1.1.77.1 * +
1.1.77.2 * +
1.1.77.1.1 ES +
1.1.77.1.1.1 ES +
1.1.77.1.2 GM +
1.1.77.1.2.1 GM +
1.1.77.1.3 SM +
1.1.77.1.4 XC OP DMS +
1.1.77.1.4.1 XC OP DMS +
1.1.77.1.5.1 OP +
1.1.77.1.5.2 OP +
1.1.77.1.5.3 SMR
1.1.77.1.5.4 OPT +
1.1.77.1.5.5 OP +
1.1.77.1.5.6 OP +
1.1.77.1.5.7 OPTENF +
1.1.77.1.5.8 OPTBSV +
1.1.77.1.6 SM +
1.1.77.1.7 DMS +
1.1.77.1.8 CFM +
1.1.77.1.9 CFM +
1.1.78.1 LEN
1.1.78.2 AR
1.1.78.3 KER
1.1.78.4 SRF
1.1.78.5 VA
1.1.78.6 SR
1.1.78.7 OAM
1.1.78.8 IOL
1.1.79.1 *
1.1.80.1 OPV
1.1.81.1 OPM +
1.1.82.1 OPM +
1.1.88.1 SR
1.1.88.2 SR
1.1.88.3 SR
1.1.88.4 SR
1.1.88.11 SR
1.1.88.22 SR
1.1.88.33 SR
1.1.88.34 SR
1.1.88.35 SR
1.1.88.40 SR
1.1.88.50 SR
1.1.88.59 KO
1.1.88.65 SR
1.1.88.67 SR
1.1.88.68 SR
1.1.88.69 SR
1.1.88.70 SR
1.1.88.71 SR
1.1.88.72 SR
1.1.88.73 SR
1.1.88.74 SR
1.1.88.75 SR
1.1.88.76 SR
1.1.88.77 SR
1.1.90.1 ASMT
1.1.91.1 ANN
1.1.104.1 *
1.1.104.2 *
1.1.104.3 M3D
1.1.104.4 M3D
1.1.104.5 M3D
1.1.128 PT +
1.1.128.1 PT +
1.1.129 *
1.1.130 PT +
1.1.131 *
1.1.200.1 CTPROTOCOL
1.1.200.2 CTPROTOCOL
1.1.200.3 *
1.1.200.7 XAPROTOCOL
1.1.200.8 XAPROTOCOL
1.1.201.1 -
1.1.481.1 RTIMAGE +
1.1.481.2 RTDOSE
1.1.481.3 RTSTRUCT
1.1.481.4 RTRECORD
1.1.481.5 RTPLAN
1.1.481.6 RTRECORD
1.1.481.7 RTRECORD
1.1.481.8 RTPLAN
1.1.481.9 RTRECORD
1.1.481.10 *
1.1.481.11 *
1.1.481.12 *
1.1.481.13 *
1.1.481.14 *
1.1.481.15 *
1.1.481.16 *
1.1.481.17 *
1.1.481.18 *
1.1.481.19 *
1.1.481.20 *
1.1.481.21 *
1.1.481.22 *
1.1.481.23 RTIMAGE +
1.1.481.24 RTIMAGE +
1.1.481.25 *
1.1.501.1 *
1.1.501.2.1 *
1.1.501.2.2 *
1.1.501.3 *
1.1.501.4 *
1.1.501.5 *
1.1.501.6 *
1.1.601.1 *
1.1.601.2 *
34.1 *
34.7 *
34.10 *
38.1 -
39.1 -
43.1 -
44.1 -
45.1 -
"""
# Pairs that sound archives have in good faith: plates of a CR reader that took a mammogram, say. A warning at most.
_GOOD_FAITH = {
    "1.1.1": "MG DX IO PX RG RF XA",
    "1.1.1.1": "MG IO RF XA",
    "1.1.1.1.1": "MG IO RF XA",
    "1.1.77.1.1": "XC GM SM OP DMS",
    "1.1.77.1.2": "XC ES SM OP DMS",
    "1.1.77.1.3": "XC ES GM OP DMS",
    "1.1.77.1.4": "ES GM SM",
    "1.1.77.1.7": "XC ES OP",
}
# The one element without which an object of these classes is nothing: waveforms, an encapsulated document.
_LAST = {"1.1.9.": 0x54000100, "1.1.104.": 0x00420011}


class _Class(NamedTuple):
    lawful: frozenset[str] | None  # None: any
    pixels: bool
    modality: bool  # False: it has none by design


def _row(codes: list[str]) -> _Class:
    pixels = codes[-1:] == ["+"]
    codes = codes[: len(codes) - pixels]
    return _Class(None if codes in (["*"], ["-"]) else frozenset(codes), pixels, codes != ["-"])


_TABLE = {_ROOT + suffix: _row(codes) for suffix, *codes in map(str.split, _CLASSES.split("\n")[1:-1])}
_TOLERATED = {_ROOT + suffix: frozenset(codes.split()) for suffix, codes in _GOOD_FAITH.items()}

DIRECTORY = "1.2.840.10008.1.3.10"  # Media Storage Directory: a DICOMDIR


def lawful(sop_class: str | None) -> frozenset[str] | None:
    """Return the modalities that the class allows; None where it allows any, or is not known."""
    found = _TABLE.get(sop_class or "")
    return found.lawful if found else None


def contradiction(sop_class: str | None, code: str) -> Literal["error", "warning"] | None:
    """Return how grave it is that an object of this class says `code`; None where it may."""
    allowed = lawful(sop_class)
    if allowed is None or code in allowed:
        return None
    return "warning" if code == "OT" or code in _TOLERATED.get(sop_class or "", ()) else "error"


def has_modality(sop_class: str | None) -> bool:
    """Return False for a class whose objects have no modality by design."""
    found = _TABLE.get(sop_class or "")
    return found is None or found.modality


def wants_pixels(sop_class: str | None) -> bool:
    """Return True for a class whose objects all have pixel data."""
    found = _TABLE.get(sop_class or "")
    return found is not None and found.pixels


def last_element(sop_class: str | None) -> int | None:
    """Return the tag of an element without which an object of this class broke off; None where none is known."""
    suffix = (sop_class or "").removeprefix(_ROOT)
    if sop_class not in _TABLE:
        return None
    return next((tag for begin, tag in _LAST.items() if suffix.startswith(begin)), None)
