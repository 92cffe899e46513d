"""Recognise a DICOM file, and find its first element."""

from __future__ import annotations

import struct

from fetchers.checks.dicom.vr import LONG, SHORT

_explicit = struct.Struct("<HH2sH").unpack_from
_length = struct.Struct("<I").unpack_from
_LONGEST = 1024  # bytes of the first elements, which are UIDs and short words
_BIG_FIRST = frozenset((b"UL", b"UI", b"CS", b"DA", b"LO", b"SH", b"OB"))


def begins_at(head: bytes) -> int:
    """Return where the first element of a DICOM file stands: 132 after a preamble, else 0.

    `DICM` may stand at byte 128 of any file by chance. It is believed where an element of group 0002 (or 0008) follows,
    or where nothing else can be made of the first bytes.
    """
    if head[128:132] != b"DICM":
        return 0
    return 132 if _plausible(head[132:140]) or not _plausible(head[:8]) else 0


def has_preamble(head: bytes) -> bool:
    """Return True if the bytes begin with a preamble, `DICM`, and an element; a preamble may be a TIFF's header."""
    if head[128:132] != b"DICM":
        return False
    return _plausible(head[132:140]) or len(head) < 140 or head[:2] in (b"II", b"MM")  # noqa: PLR2004 - tag and length


def looks_like(head: bytes) -> bool:
    """Return True if the first bytes may be DICOM: `DICM` at 128, or a first element of group 0002 or 0008 that parses.

    Only a hint to look closer: without preamble, a file is DICOM when its SOP Class UID is found.
    """
    return head[128:132] == b"DICM" or _plausible(head)


def is_acr_nema(head: bytes) -> bool:
    """Return True for a file of the standard before DICOM: its Recognition Code (0008,0010) says ACR-NEMA."""
    return head[:2] in (b"\x08\0", b"\0\x08") and b"ACR-NEMA" in head[:256]


def _plausible(head: bytes) -> bool:
    if len(head) < 8:  # noqa: PLR2004 - an element's tag and length
        return False
    group, element, vr, length = _explicit(head)
    if group not in (0x0002, 0x0008) or element > 0x0070 + 0xFF00 * (group == 0x0008):  # noqa: PLR2004
        group, element = struct.unpack_from(">HH", head)
        return group in (0x0002, 0x0008) and head[4:6] in _BIG_FIRST
    if vr in SHORT or vr in LONG:
        return bool(vr in LONG or length <= _LONGEST)
    return bool(_length(head, 4)[0] <= _LONGEST)  # the same, implicit
