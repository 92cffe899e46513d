"""Does a header's modality agree with what was declared, with the place's listing, and with its own SOP class?

Both values are kept and nothing is rewritten. Defined terms: DICOM PS3.3 (2026a), C.7.3.1.1.1.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from fetchers.checks.dicom.sop_classes import lawful
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
COMPANIONS = frozenset(["SEG", "SR", "RTSTRUCT", "RTPLAN", "RTDOSE", "REG", "PR", "KO", "FID", "M3D", "DOC"])
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
}


def expand(declared: str) -> frozenset[str]:
    """Give the defined terms that a declared code stands for."""
    return UMBRELLAS.get(declared, frozenset((declared,)))


def covers(declared: Iterable[str], code: str) -> bool:
    """Whether any of the declared codes stands for `code`."""
    return any(code in expand(one) for one in declared)


def verdict(header: Header | Expected, declared: tuple[str, ...], listing: str | None) -> tuple[Problem, ...]:
    """Judge one header, or what is recorded of it; `listing` is the place's own word for this very series."""
    return _verdict(header.modality, header.sop_class, declared, listing)


@lru_cache(4096)  # a series says the same thousands of times
def _verdict(
    code: str | None, sop_class: str | None, declared: tuple[str, ...], listing: str | None
) -> tuple[Problem, ...]:
    if not code:
        message = f"the header names no modality; {', '.join(declared) or 'one'} was declared"
        return (Problem(rule="modality-missing", severity="error", message=message),)
    found = []
    meant = MEANT.get(code, code)
    if code not in _TERMS:
        says = f"; {meant} is meant" if meant != code else ""
        message = f"{code} is no DICOM term for a modality{says}"
        found.append(Problem(rule="modality-nonstandard", severity="warning", message=message))
    if code in COMPANIONS:
        return (*found, *_contradiction(sop_class, code, code))
    if listing and not covers((listing.upper(), MEANT.get(listing.upper(), listing.upper())), meant):
        message = f"the header says {code}, the place's listing says {listing}"
        found.append(Problem(rule="modality-wrong", severity="error", message=message, hint=_HINT))
    elif declared and not (covers(declared, meant) or _same_umbrella(declared, code)):
        message = f"the header says {code}, the catalogue declares {', '.join(declared)}"
        found.append(Problem(rule="modality-wrong", severity="error", message=message, hint=_HINT))
    return (*found, *_contradiction(sop_class, code, meant))


_HINT = "it is held as it came; tell the place, and leave it out of what you train on"


def _same_umbrella(declared: tuple[str, ...], code: str) -> bool:
    """Whether the file uses the list's own word for what was declared: `PE` in a set of PT."""
    return code in UMBRELLAS and any(expand(one) & UMBRELLAS[code] for one in declared)


def _contradiction(sop_class: str | None, written: str, code: str) -> tuple[Problem, ...]:
    allowed = lawful(sop_class)
    if allowed is None or code in allowed or allowed & UMBRELLAS.get(written, frozenset()):
        return ()
    message = f"the header says {code}, its SOP class {sop_class} is for {', '.join(sorted(allowed))}"
    return (Problem(rule="sop-contradiction", severity="error", message=message),)
