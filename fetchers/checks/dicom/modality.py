"""Compare a header's modality with the declared one, the listing's, and its own SOP class.

Both values are kept and nothing is rewritten. Defined terms: DICOM PS3.3 (2026a), C.7.3.1.1.1.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from fetchers.checks.dicom import sop_classes
from fetchers.records import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fetchers.records import Expected, Header

# The list's own words. Mammograms and intra-oral images are radiographs to it, positron emission is "PE".
UMBRELLAS: dict[str, frozenset[str]] = {
    "XR": frozenset(["CR", "DX", "RG", "MG", "IO", "PX", "RF", "XA"]),
    "PE": frozenset(("PT", "NM")),
    "US": frozenset(("US", "IVUS")),
}
COMPANIONS = frozenset(
    """
    SEG SR RTSTRUCT RTPLAN RTDOSE REG PR KO FID M3D DOC
    ANN ASMT RWV SMR RTRECORD RTINTENT RTRAD RTSEGANN CTPROTOCOL XAPROTOCOL
    """.split()  # noqa: SIM905 - a table of words
)
_TERMS = frozenset(
    """
    ANN AR ASMT AU BDUS BI BMD CFM CR CT CTPROTOCOL DG DMS DOC DX ECG EEG EMG EOG EPS ES FID GM HC HD IO IOL
    IVOCT IVUS KER KO LEN LS MG MR M3D NM OAM OCT OP OPM OPT OPTBSV OPTENF OPV OSS OT PA PLAN POS PR PT PX
    REG RESP RF RG RTDOSE RTIMAGE RTINTENT RTPLAN RTRAD RTRECORD RTSEGANN RTSTRUCT RWV SEG SM SMR SR SRF
    STAIN TEXTUREMAP TG US VA XA XAPROTOCOL XC
    """.split()  # noqa: SIM905 - a table of words
)
# What strangers write for a defined term: retired values (C.7.3.1.1.1) and everyday words.
MEANT = {
    "PE": "PT",
    "PET": "PT",
    "XR": "DX",
    "XRAY": "DX",
    "X-RAY": "DX",
    "CXR": "DX",
    "DR": "DX",
    "MRI": "MR",
    "DS": "XA",
    "CF": "RF",
    "DF": "RF",
    "VF": "RF",
    "MA": "MR",
    "MS": "MR",
    "EC": "US",
    "CD": "US",
    "DD": "US",
    "ST": "NM",
    "COMPUTED TOMOGRAPHY": "CT",
    "CAT": "CT",
    "CBCT": "CT",
    "MAGNETIC RESONANCE": "MR",
    "MAGNETIC RESONANCE IMAGING": "MR",
    "NMR": "MR",
    "POSITRON EMISSION TOMOGRAPHY": "PT",
    "ULTRASOUND": "US",
    "MAMMOGRAPHY": "MG",
    "MAMMO": "MG",
    "NUCLEAR MEDICINE": "NM",
    "SPECT": "NM",
    "COMPUTED RADIOGRAPHY": "CR",
    "DIGITAL RADIOGRAPHY": "DX",
    "RADIOGRAPHY": "DX",
    "FLUOROSCOPY": "RF",
    "ANGIOGRAPHY": "XA",
}


def expand(declared: str) -> frozenset[str]:
    """Return the defined terms that a declared code stands for."""
    return UMBRELLAS.get(declared, frozenset((declared,)))


def covers(declared: Iterable[str], code: str) -> bool:
    """Return True if any of the declared codes stands for `code`."""
    return any(code in expand(one) for one in declared)


def verdict(header: Header | Expected, declared: tuple[str, ...], listing: str | None) -> tuple[Problem, ...]:
    """Judge one header, or what is recorded of it; `listing` is the place's own word for this very series."""
    return _verdict(header.modality, header.sop_class, declared, listing)


@lru_cache(4096)  # a series says the same thousands of times
def _verdict(
    code: str | None, sop_class: str | None, declared: tuple[str, ...], listing: str | None
) -> tuple[Problem, ...]:
    if not code and not sop_classes.has_modality(sop_class):
        return ()  # a companion by design: hanging protocols, palettes, implant templates
    if not code:
        message = f"the header names no modality; {', '.join(declared) or 'one'} was declared"
        return (Problem(rule="modality-missing", severity="error", message=message),)
    found = []
    if "\\" in code:
        several = [one.strip() for one in code.split("\\") if one.strip()]
        message = f"the header names several modalities ({', '.join(several)}), DICOM allows one"
        found.append(Problem(rule="modality-nonstandard", severity="warning", message=message))
        code = next((one for one in several if covers(declared, MEANT.get(one, one))), several[0] if several else "?")
    meant = MEANT.get(code, code)
    if code not in _TERMS:
        says = f"; {meant} is meant" if meant != code else ""
        message = f"{code} is no DICOM term for a modality{says}"
        found.append(Problem(rule="modality-nonstandard", severity="warning", message=message))
        if not any(map(str.isalnum, code)) and _declared_by_class(sop_class, declared):
            return tuple(found)  # `?` contradicts nothing, and its class says what was declared
    if code in COMPANIONS:
        return (*found, *_contradiction(sop_class, code, code))
    if listing and not covers((listing.upper(), MEANT.get(listing.upper(), listing.upper())), meant):
        message = f"the header says {code}, the place's listing says {listing}"
        found.append(Problem(rule="modality-wrong", severity="error", message=message, hint=_HINT))
    elif declared and not (covers(declared, meant) or _same_umbrella(declared, code)):
        message = f"the header says {code}, the catalogue declares {', '.join(declared)}"
        found.append(Problem(rule="modality-wrong", severity="error", message=message, hint=_HINT))
    return (*found, *_contradiction(sop_class, code, meant))


_HINT = "it is held as it arrived; report it to the archive, and leave it out of what you train on"


def _declared_by_class(sop_class: str | None, declared: tuple[str, ...]) -> bool:
    allowed = sop_classes.lawful(sop_class)
    return allowed is not None and (not declared or any(covers(declared, code) for code in allowed))


def _same_umbrella(declared: tuple[str, ...], code: str) -> bool:
    """Return True if the file uses the list's own word for what was declared: `PE` in a set of PT."""
    return code in UMBRELLAS and any(expand(one) & UMBRELLAS[code] for one in declared)


def _contradiction(sop_class: str | None, written: str, code: str) -> tuple[Problem, ...]:
    severity, allowed = sop_classes.contradiction(sop_class, code), sop_classes.lawful(sop_class) or frozenset()
    if severity is None or not any(map(str.isalnum, code)) or allowed & UMBRELLAS.get(written, frozenset()):
        return ()
    message = f"the header says {code}, its SOP class {sop_class} is for {', '.join(sorted(allowed))}"
    return (Problem(rule="sop-contradiction", severity=severity, message=message),)
