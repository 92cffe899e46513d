"""What in a file may still say who somebody is? Tags, names and counts; never a value.

Nothing here says that a file is free of identities: what was looked for (`profile` for DICOM, PS3.15 2026c) is all that
is told. Values are read as bytes and compared, and go nowhere: no finding, no message and no error holds one.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING

from fetchers.checks.phi.deid_profile import TAGS, UIDS

if TYPE_CHECKING:
    from typing import Any

_MOST = 32 << 20  # bytes of a file that are looked at
_READS = 1_000_000  # calls that pydicom may make for one file; an honest header takes some thousands
_ITEMS = 200_000
_DEEPEST = 64
_REMOVED = re.compile(
    r"(?i)\W*(anon\w*|removed|de-?id\w*|none|null|unknown|n/?a|not (available|applicable)|no\s?name|x{2,}|0+(\.0+)?|-+"
    r"|pseudo\w*|redacted|blank(ed)?|deleted|withheld)\b(\W*(patient|subject|(?=\w*\d)\w{1,8}))?\W*"
).fullmatch
_SUBJECT = re.compile(r"(?=.*\d)[A-Za-z][A-Za-z0-9]*([-_.][A-Za-z0-9]+)+|\d{1,6}").fullmatch
_DAY = re.compile(r"(\d{4}[-.]?01[-.]?01|\d{4})(0{2,6}(\.0*)?)?([+-]\d{4})?").fullmatch
_UID = re.compile(r"[0-9.]{0,64}").fullmatch
_TIMES = frozenset(("DA", "DT", "TM"))
_SUBJECTS = frozenset((0x00100010, 0x00100020, 0x00101000, 0x00101001, 0x00120040))


@dataclass(frozen=True, slots=True)
class PhiFinding:
    """What stands where: `count` filled places. `placeholder`: the values look like what a removal leaves behind."""

    tag: str
    name: str
    count: int
    placeholder: bool


@dataclass(frozen=True, slots=True)
class PhiReport:
    """What was found in one file. `claims_removed` is the file's own word (0012,0062); None: it says nothing.

    `burned_in` says why the pixels themselves may show somebody; `unreadable` why not all could be looked at.
    """

    findings: tuple[PhiFinding, ...] = ()
    claims_removed: bool | None = None
    burned_in: str | None = None
    unreadable: str | None = None


class _TooMuch(ValueError):  # noqa: N818 - it is an answer: that it is too much
    """Raised where a file wants more work than any honest one."""


def examine_phi(kind: str, data: bytes, name: str) -> PhiReport:
    """Look through one file of `kind` (as `judge` tells it). `data` may be cut at 32 MiB. Raises nothing."""
    data = data[:_MOST]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if kind in ("dicom", "dicomdir"):
                return _dicom(data)
            from fetchers.checks.phi import sidecar_phi

            found = sidecar_phi.examine(kind, data, name)
            return PhiReport(findings=tuple(PhiFinding(where, what, count, weak) for where, what, count, weak in found))
    except RecursionError:
        return PhiReport(unreadable="it is nested too deeply")
    except MemoryError:
        return PhiReport(unreadable="it takes too much memory")
    except _TooMuch as error:
        return PhiReport(unreadable=str(error))
    except Exception as error:  # noqa: BLE001 - pydicom and Pillow raise many kinds over broken files
        return PhiReport(unreadable=f"it cannot be read ({type(error).__name__})")


def removed(text: str) -> bool:
    """Whether a value is what a removal leaves in a value's place."""
    return _REMOVED(text) is not None


class _Counted(BytesIO):
    """Bytes that may be read so many times: pydicom has no limit of its own."""

    left = _READS

    def read(self, size: int | None = -1, /) -> bytes:
        self.left -= 1
        if self.left < 0:
            raise _TooMuch("it has more elements than any honest file")
        return super().read(size)


@dataclass(slots=True)
class _Found:
    """What one tag holds, all over the file."""

    count: int = 0
    placeholder: bool = True


@dataclass(slots=True)
class _Walk:
    """The sums of one file; `subject` is its own bare subject id, or nothing."""

    subject: str = ""
    dates_modified: bool = False
    found: dict[int, _Found] = field(default_factory=dict)
    groups: dict[int, int] = field(default_factory=dict)
    elements: int = 0

    def dataset(self, dataset: Any, depth: int = 0) -> None:  # noqa: ANN401 - pydicom is loaded late
        """Walk one data set and all that is nested in it."""
        if depth > _DEEPEST:
            raise _TooMuch("it is nested too deeply")
        for tag in list(dataset.keys()):
            self.elements += 1
            if self.elements > _ITEMS:
                raise _TooMuch("it has more elements than any honest file")
            number = int(tag)
            raw = dataset.get_item(tag)
            vr = _vr(number, raw.VR)
            if number >> 16 & 1:
                if not _is_creator(number) and (len(raw.value) if vr == "SQ" else _filled(raw.value)):
                    self._group(number >> 16)
            elif vr == "SQ":
                self._sequence(number, dataset[tag].value, depth)
            elif number >> 24 == 0x50 or (number >> 24 == 0x60 and number & 0xFFFF in (0x3000, 0x4000)):  # noqa: PLR2004
                if _filled(raw.value):
                    self._count(number, placeholder=False)
            elif (number in TAGS and _filled(raw.value)) or (number in UIDS and not _uids(raw.value)):
                self._count(number, placeholder=self._placeholder(number, vr, raw.value))

    def _sequence(self, number: int, items: Any, depth: int) -> None:  # noqa: ANN401 - the same
        if number in TAGS and any(len(item) for item in items):
            self._count(number, placeholder=False)
        for item in items:
            self.dataset(item, depth + 1)

    def _count(self, number: int, *, placeholder: bool) -> None:
        found = self.found.setdefault(number, _Found())
        found.count += 1
        found.placeholder = found.placeholder and placeholder

    def _group(self, group: int) -> None:
        self.groups[group] = self.groups.get(group, 0) + 1

    def _placeholder(self, number: int, vr: str, value: Any) -> bool:  # noqa: ANN401 - bytes, or what pydicom makes
        texts = [one for one in _text(value).split("\\") if one.strip(" \0")]
        return all(self._weak(number, vr, one.strip(" \0")) for one in texts)

    def _weak(self, number: int, vr: str, text: str) -> bool:
        if vr in _TIMES and (self.dates_modified or (_DAY(text) if vr != "TM" else not text.strip("0.:"))):
            return True
        if number in _SUBJECTS and self.subject and text.strip("^") == self.subject:
            return True
        return removed(text)


def _dicom(data: bytes) -> PhiReport:
    from pydicom import dcmread
    from pydicom.datadict import dictionary_description, dictionary_has_tag

    from fetchers.checks.dicom.header_worker import bounded

    data = bounded(data)
    for item in (b"\xfe\xff\x00\xe0", b"\xff\xfe\xe0\x00"):
        if data.count(item) > _ITEMS:
            raise _TooMuch("it has more items than any honest file")
    dataset = dcmread(_Counted(data), force=True)
    walk = _Walk(
        subject=_subject(dataset), dates_modified=_first(dataset, 0x00280303).upper() in ("MODIFIED", "REMOVED")
    )
    walk.dataset(dataset)
    findings = [
        PhiFinding(
            _written(number),
            dictionary_description(number) if dictionary_has_tag(number) else "unnamed",
            one.count,
            one.placeholder,
        )
        for number, one in sorted(walk.found.items())
    ]
    findings += [
        PhiFinding(f"({group:04x},----)", "private group", count, placeholder=False)
        for group, count in sorted(walk.groups.items())
    ]
    claim = _first(dataset, 0x00120062).upper()
    return PhiReport(
        findings=tuple(findings),
        claims_removed={"YES": True, "NO": False}.get(claim),
        burned_in=_burned_in(dataset),
    )


def _is_creator(number: int) -> bool:
    """Whether a private element only names whose block it is (PS3.5, 7.8.1), or is a group's length."""
    element = number & 0xFFFF
    return element == 0 or 0x10 <= element <= 0xFF  # noqa: PLR2004 - the range of PS3.5


def _written(number: int) -> str:
    return f"({number >> 16:04x},{number & 0xFFFF:04x})"


def _vr(number: int, vr: str | None) -> str:
    if vr not in (None, "UN", ""):
        return str(vr)
    from pydicom.datadict import dictionary_has_tag, dictionary_VR

    return dictionary_VR(number) if dictionary_has_tag(number) else "UN"


def _filled(value: object) -> bool:
    if value is None:
        return False
    if isinstance(value, bytes):
        return bool(value.strip(b" \0\\"))
    return bool(_text(value).strip(" \0\\"))


def _uids(value: object) -> bool:
    """Whether it is what it should be. Whether a UID was replaced by another cannot be seen."""
    return not _filled(value) or all(_UID(one.strip(" \0[]'")) for one in re.split(r"[\\,]", _text(value)))


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _first(dataset: Any, number: int) -> str:  # noqa: ANN401 - pydicom is loaded late
    """Give a value of the top level as it is written, without letting pydicom convert (and warn of) it."""
    raw = dataset.get_item(number)
    return "" if raw is None or raw.value is None else _text(raw.value).strip(" \0")


def _subject(dataset: Any) -> str:  # noqa: ANN401 - the same
    """Give the id that a bare subject has: that of the trial, or one that stands for the name, too."""
    trial, patient = _first(dataset, 0x00120040), _first(dataset, 0x00100020)
    name = _first(dataset, 0x00100010).strip("^")
    if trial and patient == trial:
        return trial
    return patient if _SUBJECT(patient) and (name == patient or not name or removed(name)) else ""


_DRAWN_ON = ("1.2.840.10008.5.1.4.1.1.7", "1.2.840.10008.5.1.4.1.1.104.", "1.2.840.10008.5.1.4.1.1.77.1.")
_ULTRASOUND = ("1.2.840.10008.5.1.4.1.1.3", "1.2.840.10008.5.1.4.1.1.6")
_HEADS = ("HEAD", "BRAIN", "SKULL", "FACE", "NECK", "ORBIT", "SINUS")
_THIN = 3.0  # mm between slices up to which a face can be rebuilt


def _burned_in(dataset: Any) -> str | None:  # noqa: ANN401 - pydicom is loaded late
    """Say why the pixels may show who it is; nobody reads them here."""
    said = _first(dataset, 0x00280301).upper()
    sop_class, image = _first(dataset, 0x00080016), _first(dataset, 0x00080008).upper()
    reason = None
    if sop_class == _DRAWN_ON[0] or sop_class.startswith((_DRAWN_ON[0] + ".", *_DRAWN_ON[1:])):
        reason = "its class is one that captures screens, documents or visible light"
    elif (
        _first(dataset, 0x00080060).upper() in ("US", "IVUS")
        or sop_class in _ULTRASOUND
        or sop_class.startswith(tuple(f"{one}." for one in _ULTRASOUND))
    ):
        reason = "ultrasound devices write names into the picture"
    elif "SAVE" in image or "SCREEN" in image:
        reason = "its image type says that a screen was saved"
    elif _filled(_first(dataset, 0x00181012)):
        reason = "it is a secondary capture"
    if said == "YES":
        return "(0028,0301) says YES: the picture holds burned-in annotation"
    if reason and said != "NO":
        return f"(0028,0301) Burned In Annotation is absent, and {reason}"
    return _face(dataset)


def _face(dataset: Any) -> str | None:  # noqa: ANN401 - the same
    said = _first(dataset, 0x00280302).upper()
    if said == "YES":
        return "(0028,0302) says YES: somebody may be recognised in the picture"
    thickness = _first(dataset, 0x00180050)
    thin = bool(re.fullmatch(r"\+?\d{1,4}(\.\d*)?", thickness)) and 0 < float(thickness) <= _THIN
    head = any(word in _first(dataset, 0x00180015).upper() for word in _HEADS)
    if said != "NO" and thin and head and _first(dataset, 0x00080060).upper() in ("CT", "MR"):
        return "thin slices of a head: a face can be rebuilt from them"
    return None
