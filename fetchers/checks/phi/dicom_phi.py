"""Find what may identify a person in a DICOM file: tags, names and counts, never a value.

Nothing here says that a file is free of identities: what was looked for (`profile` for DICOM, PS3.15 2026c) is all that
is told. Values are read as bytes and compared, and go nowhere: no finding, no message and no error holds one.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fetchers.checks.phi.deid_profile import TAGS, UIDS
from fetchers.checks.phi.elements import EndedError, walk
from fetchers.checks.phi.findings import PhiFinding, PhiReport

if TYPE_CHECKING:
    from typing import BinaryIO

    from fetchers.checks.phi.elements import Element

_KEPT = 128  # letters of a value that are compared
_REMOVED = re.compile(
    r"(?i)\W*(anon\w*|removed|de-?id\w*|none|null|unknown|n/?a|not (available|applicable)|no\s?name|x{2,}|0+(\.0+)?|-+"
    r"|pseudo\w*|redacted|blank(ed)?|deleted|withheld)\b(\W*(patient|subject|(?=\w*\d)\w{1,8}))?\W*"
).fullmatch
_SUBJECT = re.compile(r"(?=.*\d)[A-Za-z][A-Za-z0-9]*([-_.][A-Za-z0-9]+)+|\d{1,6}").fullmatch
_DAY = re.compile(r"(\d{4}[-.]?01[-.]?01|\d{4})(0{2,6}(\.0*)?)?([+-]\d{4})?").fullmatch
_UID = re.compile(r"[0-9.]{0,64}").fullmatch
_TIMES = frozenset(("DA", "DT", "TM"))
# The values of the top level by which others are judged: subject, claims, what the pixels may show.
_JUDGED_BY = frozenset((
    0x00080008, 0x00080016, 0x00080060, 0x00100010, 0x00100020, 0x00120040, 0x00120062, 0x00180015, 0x00180050,
    0x00181012, 0x00280301, 0x00280302, 0x00280303,
))  # fmt: skip
_SUBJECTS = frozenset((0x00100010, 0x00100020, 0x00101000, 0x00101001, 0x00120040))


def examine_phi(kind: str, stream: BinaryIO, size: int, name: str) -> PhiReport:
    """Look through one file of `kind` (as `judge` tells it) and through its name. Raises nothing but `OSError`."""
    from fetchers.checks.phi import names

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if kind in ("dicom", "dicomdir", "acr-nema"):
            report, people = _dicom(stream, size)
        else:
            report, people = _sidecar(kind, stream, size, name), ()
    return report._replace(findings=(*report.findings, *names.examine(name, people)))


def _sidecar(kind: str, stream: BinaryIO, size: int, name: str) -> PhiReport:
    from fetchers.checks.phi import sidecar_phi

    found: list[PhiFinding] = []
    unreadable = None
    try:
        for one in sidecar_phi.examine(kind, stream, size, name):
            if isinstance(one, str):
                unreadable = one
            else:
                found.append(PhiFinding(*one))
    except (RecursionError, MemoryError):
        unreadable = "it is nested too deeply, or takes too much memory"
    except Exception as error:  # noqa: BLE001 - Pillow, csv and json raise many kinds over broken files
        unreadable = f"it cannot be read ({type(error).__name__})"
    return PhiReport(findings=tuple(found), unreadable=unreadable)


def removed(text: str) -> bool:
    """Return True if a value is what a removal leaves in a value's place."""
    return _REMOVED(text) is not None


@dataclass(slots=True)
class _Found:
    """What one tag holds, all over the file."""

    count: int = 0
    placeholder: bool = True


@dataclass(slots=True)
class _Sums:
    """The sums of one file. `seen` are the filled places, with the beginning of what stands in each."""

    seen: list[tuple[int, str, str]] = field(default_factory=list)
    groups: dict[int, int] = field(default_factory=dict)
    top: dict[int, str] = field(default_factory=dict)  # values of the top level, by which others are judged

    def take(self, one: Element) -> None:
        """Take one element."""
        number = one.tag
        filled = one.filled if one.vr == "SQ" else _filled(one.value)
        if not one.depth and number in _JUDGED_BY:
            self.top.setdefault(number, _text(one.value).strip(" \0"))
        if number >> 16 & 1:
            if filled and not _is_creator(number):
                self.groups[number >> 16] = self.groups.get(number >> 16, 0) + 1
        elif not filled:
            return
        elif one.vr == "SQ":
            if number in TAGS:
                self.seen.append((number, "SQ", "a sequence"))
        elif number >> 24 == 0x50 or (number >> 24 == 0x60 and number & 0xFFFF in (0x3000, 0x4000)):  # noqa: PLR2004
            self.seen.append((number, "SQ", "a drawing"))
        elif number in TAGS or (number in UIDS and not _uids(one.value)):
            self.seen.append((number, one.vr, _text(one.value)[:_KEPT]))

    def first(self, number: int) -> str:
        """Return a value of the top level as it is written."""
        return self.top.get(number, "")

    def found(self) -> dict[int, _Found]:
        """Count the filled places by tag, and say of which all look like what a removal leaves."""
        subject = _subject(self)
        modified = self.first(0x00280303).upper() in ("MODIFIED", "REMOVED")
        found: dict[int, _Found] = {}
        for number, vr, text in self.seen:
            one = found.setdefault(number, _Found())
            one.count += 1
            one.placeholder = (
                one.placeholder and vr != "SQ" and _placeholder(number, vr, text, subject, modified=modified)
            )
        return found


def _placeholder(number: int, vr: str, text: str, subject: str, *, modified: bool) -> bool:
    texts = [one.strip(" \0") for one in text.split("\\") if one.strip(" \0")]
    return all(_weak(number, vr, one, subject, modified=modified) for one in texts)


def _weak(number: int, vr: str, text: str, subject: str, *, modified: bool) -> bool:
    if vr in _TIMES and (modified or (_DAY(text) if vr != "TM" else not text.strip("0.:"))):
        return True
    if number in _SUBJECTS and subject and text.strip("^") == subject:
        return True
    return removed(text)


def _dicom(stream: BinaryIO, size: int) -> tuple[PhiReport, tuple[str, ...]]:
    """Look through a DICOM file; return also the parts of names that stand in it, to be looked for in its own name."""
    sums, unreadable = _Sums(), None
    try:
        for one in walk(stream, size):
            sums.take(one)
    except EndedError as error:
        unreadable = str(error)
    found = sums.found()
    findings = [
        PhiFinding(_written(tag), _title(tag), one.count, one.placeholder) for tag, one in sorted(found.items())
    ]
    findings += [
        PhiFinding(f"({group:04x},----)", "private group", count, placeholder=False)
        for group, count in sorted(sums.groups.items())
    ]
    claim = sums.first(0x00120062).upper()
    name = found.get(0x00100010)
    people = () if name is None or name.placeholder else tuple(re.split(r"[\^=\s]+", sums.first(0x00100010)))
    return (
        PhiReport(
            findings=tuple(findings),
            claims_removed={"YES": True, "NO": False}.get(claim),
            burned_in=_burned_in(sums),
            unreadable=unreadable,
        ),
        people,
    )


def _title(number: int) -> str:
    from pydicom.datadict import dictionary_description, dictionary_has_tag

    return dictionary_description(number) if dictionary_has_tag(number) else "unnamed"


def _is_creator(number: int) -> bool:
    """Return True if a private element only names whose block it is (PS3.5, 7.8.1), or is a group's length."""
    element = number & 0xFFFF
    return element == 0 or 0x10 <= element <= 0xFF  # noqa: PLR2004 - the range of PS3.5


def _written(number: int) -> str:
    return f"({number >> 16:04x},{number & 0xFFFF:04x})"


def _filled(value: bytes) -> bool:
    return bool(value.strip(b" \0\\"))


def _uids(value: bytes) -> bool:
    """Return True if it is what it should be. Whether a UID was replaced by another cannot be seen."""
    return not _filled(value) or all(_UID(one.strip(" \0[]'")) for one in re.split(r"[\\,]", _text(value)))


def _text(value: bytes) -> str:
    return value.decode("latin-1")


def _subject(sums: _Sums) -> str:
    """Return the id that a bare subject has: that of the trial, or one that stands for the name, too."""
    trial, patient = sums.first(0x00120040), sums.first(0x00100020)
    name = sums.first(0x00100010).strip("^")
    if trial and patient == trial:
        return trial
    return patient if _SUBJECT(patient) and (name == patient or not name or removed(name)) else ""


_DRAWN_ON = ("1.2.840.10008.5.1.4.1.1.7", "1.2.840.10008.5.1.4.1.1.104.", "1.2.840.10008.5.1.4.1.1.77.1.")
_ULTRASOUND = ("1.2.840.10008.5.1.4.1.1.3", "1.2.840.10008.5.1.4.1.1.6")
_HEADS = ("HEAD", "BRAIN", "SKULL", "FACE", "NECK", "ORBIT", "SINUS")
_THIN = 3.0  # mm between slices up to which a face can be rebuilt


def _burned_in(sums: _Sums) -> str | None:
    """Return why the pixels may show who it is; they are not read."""
    said = sums.first(0x00280301).upper()
    sop_class, image = sums.first(0x00080016), sums.first(0x00080008).upper()
    reason = None
    if sop_class == _DRAWN_ON[0] or sop_class.startswith((_DRAWN_ON[0] + ".", *_DRAWN_ON[1:])):
        reason = "its class is one that captures screens, documents or visible light"
    elif (
        sums.first(0x00080060).upper() in ("US", "IVUS")
        or sop_class in _ULTRASOUND
        or sop_class.startswith(tuple(f"{one}." for one in _ULTRASOUND))
    ):
        reason = "ultrasound devices write names into the picture"
    elif "SAVE" in image or "SCREEN" in image:
        reason = "its image type says that a screen was saved"
    elif sums.first(0x00181012):
        reason = "it is a secondary capture"
    if said == "YES":
        return "(0028,0301) says YES: the picture holds burned-in annotation"
    if reason and said != "NO":
        return f"(0028,0301) Burned In Annotation is absent, and {reason}"
    return _face(sums)


def _face(sums: _Sums) -> str | None:
    said = sums.first(0x00280302).upper()
    if said == "YES":
        return "(0028,0302) says YES: somebody may be recognised in the picture"
    thickness = sums.first(0x00180050)
    thin = bool(re.fullmatch(r"\+?\d{1,4}(\.\d*)?", thickness)) and 0 < float(thickness) <= _THIN
    head = any(word in sums.first(0x00180015).upper() for word in _HEADS)
    if said != "NO" and thin and head and sums.first(0x00080060).upper() in ("CT", "MR"):
        return "thin slices of a head: a face can be rebuilt from them"
    return None
