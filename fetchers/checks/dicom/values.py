"""What may be kept of the values of a DICOM header: coded words and numbers, never a stranger's free text."""

from __future__ import annotations

import re
from functools import lru_cache
from math import inf

_LONGEST_NUMBER = 64  # bytes; DS has 16 at most
_uid = re.compile(r"[0-9.]{1,64}").fullmatch
_word = re.compile(r"[A-Z0-9_ \-]{1,16}").fullmatch
_modality = re.compile(r"[A-Z0-9_ \-?*/.\\]{1,64}").fullmatch  # what strangers write for it, too


def uid(text: str) -> str | None:
    """Keep a UID that is one; a stranger's free text is not kept."""
    return text if _uid(text) else None


def word(text: str) -> str | None:
    """Keep a coded word in upper case; free text is not kept."""
    upper = text.upper()
    return upper if _word(upper) else None


def modality(text: str) -> str | None:
    """Keep a modality in upper case as it is written, several with a backslash between; `verdict` says what is odd."""
    upper = text.upper()
    return upper if _modality(upper) else None


def frames(raw: bytes) -> int:
    """Read Number of Frames; what is no number counts as one frame."""
    text = raw.strip(b" \0")
    return int(text) if text.isdigit() and len(text) <= 9 and int(text) else 1  # noqa: PLR2004 - 10^9 frames are none


@lru_cache(1024)  # a series says the same thousands of times
def millimetres(raw: bytes) -> float | None:
    """Read a length (DS) in millimetres; what is no number above zero is none."""
    if len(raw) > _LONGEST_NUMBER:
        return None
    try:
        value = float(raw.strip(b" \0"))
    except ValueError:
        return None
    return value if 0 < value < inf else None


@lru_cache(1024)
def spacings(raw: bytes) -> tuple[float, float] | None:
    """Read the spacing of rows and of columns (two DS) in millimetres; None where one of them is none."""
    first, _, second = raw.partition(b"\\")
    rows, columns = millimetres(first), millimetres(second)
    return None if rows is None or columns is None else (rows, columns)


def patient(raw: bytes) -> str | None:
    """Read a Patient ID, byte by byte: it is hashed, never shown."""
    return raw.strip(b" \0").decode("latin-1") or None
