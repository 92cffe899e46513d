"""Find what may identify a person in files that are not DICOM.

Free fields of volumes, headers of NRRD and PAR/REC, columns of tables, keys of JSON sidecars, lines of texts,
properties of a PDF; pictures are for `picture_phi`. What is not looked through is said. Columns and keys are reported
by what they are recognised as, not as they are spelt: a stranger may spell a name there.
"""

from __future__ import annotations

import csv
import io
import json
import re
import time
import zlib
from itertools import islice
from typing import TYPE_CHECKING

from fetchers.checks.formats.sniff import sniff
from fetchers.checks.phi.deid_profile import TAGS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

Found = tuple[str, str, int, bool]  # where, what it is called, how many, a placeholder
_SECONDS = 2.0
_PARSED = 2 << 20  # bytes of JSON that are made into objects, which take twenty times as much
_HEAD = 1 << 20  # bytes of a format whose words all stand in front
_MOST = 32 << 20  # bytes of a file that are looked through
_LINES = 1 << 20  # bytes of a header
_WORDED = 8 << 20  # bytes of a text
_TITLES = 5  # lines among which the titles of a table stand
_NAMELESS = frozenset(("voxels", "raw"))  # nothing but samples
_HEADED = frozenset(("nifti", "analyze", "nrrd"))  # all words stand in front
_NRRD = re.compile(r"^(?:DICOM_\w{4}_\w{4}_)?([^#:\n=]{1,80}):=?[ \t]*\S", re.MULTILINE)
_PAR = re.compile(r"^\.[ \t]*([^:\n]{1,80}?)[ \t]*:[ \t]*\S", re.MULTILINE)
_OF_SOMEBODY = frozenset(("a name", "a birth date", "a number"))  # a readme has dates and addresses of its own
_KEY = re.compile(r'"([^"\\]{1,80})"\s*:\s*(?!null|""|\[\s*\]|\{\s*\}|\{)[^\s]')
_TEXT = re.compile(r"([A-Za-z'_ -]{3,40}?)[\"']?[ \t]*[:=][ \t]*[\"']?\w{2,}")
# Offsets and lengths: nifti1.h, nifti2.h, and the data_history of Analyze 7.5.
_Fields = tuple[tuple[str, int, int], ...]
_NIFTI1: _Fields = (("descrip", 148, 80), ("aux_file", 228, 24), ("db_name", 14, 18), ("intent_name", 328, 16))
_NIFTI2: _Fields = (("descrip", 240, 80), ("aux_file", 320, 24), ("intent_name", 508, 16))
_ANALYZE: _Fields = (
    ("descrip", 148, 80),
    ("aux_file", 228, 24),
    ("db_name", 14, 18),
    ("originator", 253, 10),
    ("generated", 263, 10),
    ("scannum", 273, 10),
    ("patient_id", 283, 10),
    ("exp_date", 293, 10),
    ("exp_time", 303, 10),
)
_TOOLS = re.compile(r"(?i)(fsl|spm|freesurfer|afni|itk|ants|nibabel|simpleitk|mrtrix|vtk)[\w.: -]{0,12}").fullmatch
_WORDS = {
    "birth": "a birth date", "birthdate": "a birth date", "birthday": "a birth date", "dob": "a birth date",
    "date": "a date", "datetime": "a date", "surname": "a name", "forename": "a name", "firstname": "a name",
    "lastname": "a name", "fullname": "a name", "patientname": "a name", "address": "an address",
    "street": "an address",
    "zip": "an address", "zipcode": "an address", "postcode": "an address", "city": "an address", "phone": "a number",
    "telephone": "a number", "mobile": "a number", "fax": "a number", "email": "an address", "mail": "an address",
    "ssn": "a number", "mrn": "a number", "nhs": "a number", "insurance": "a number", "accession": "a number",
    "physician": "a name", "doctor": "a name", "radiologist": "a name", "operator": "a name", "institution": "a place",
    "hospital": "a place", "clinic": "a place", "serial": "a device",
}  # fmt: skip
_OF_PEOPLE = frozenset(
    ("patient", "first", "last", "full", "family", "given", "middle", "maiden", "sur", "subject", "person", "doctor")
)
_PDF = re.compile(rb"/(Author|Title|Subject|Keywords|CreationDate|ModDate)\s*(?:\(\s*[^)\s]|<\s*[0-9A-Fa-f])")
_XMP = re.compile(
    rb"<(dc:creator|dc:title|dc:description|pdf:Author|xmp:CreateDate)\b[^>]*>[^<]*(?:<[^/][^>]*>)*[^<\s]"
)


def examine(kind: str, stream: BinaryIO, size: int, name: str) -> Iterator[Found | str]:
    """Yield what one file of `kind` holds, and in words what was not looked through; raises what its reader raises."""
    from fetchers.checks.phi import picture_phi

    lower = name.lower()
    if kind in ("jpeg", "tiff", "png", "gif"):
        yield from picture_phi.examine(kind, stream, size)
        return
    stream.seek(0)
    most = _HEAD if kind in _HEADED or kind in ("unknown", *_NAMELESS) else _MOST
    data = stream.read(most)
    if kind in ("gzip", "nifti") and data[:2] == b"\x1f\x8b":
        data, kind, lower, rest = _unpacked(data, kind, lower, most)
    else:
        rest = size > len(data)
    looked = _by_kind(kind, data, lower)
    if looked is None:
        if kind not in _NAMELESS and not (kind == "empty" or not size):
            yield f"a {kind} file is not looked into" if kind != "unknown" else "its format is not known"
        return
    told = None
    for one in looked:
        told = one if isinstance(one, str) else told
        yield one
    if rest and told is None and kind not in _HEADED:
        yield f"what comes after the first {len(data) >> 20} MiB"


def _unpacked(data: bytes, kind: str, lower: str, most: int) -> tuple[bytes, str, str, bool]:
    inflater = zlib.decompressobj(31)
    plain = inflater.decompress(data, most)
    lower = lower.removesuffix(".gz")
    inner = kind if kind == "nifti" else sniff(plain[: 1 << 16])
    return plain, inner, lower, not inflater.eof


def _by_kind(kind: str, data: bytes, lower: str) -> Iterator[Found | str] | None:
    """Return what looks through content of this kind; None where nothing does."""
    readers = {"nifti": _volume, "analyze": _volume, "json": _sidecar, "pdf": _document}
    if kind in readers:
        return readers[kind](data)
    if data.startswith(b"NRRD000"):
        return _header_lines(data, _NRRD)
    if lower.endswith(".par") or b"DATA DESCRIPTION FILE" in data[:400]:
        return _header_lines(data, _PAR)
    if kind == "csv" or (kind in ("text", "unknown") and lower.endswith((".csv", ".tsv", ".tab"))):
        return _table(data)
    return _header_lines(data, _TEXT, _WORDED) if kind in ("text", "html", "xml") else None


def _volume(data: bytes) -> Iterator[Found | str]:
    head = data[:4096]
    fields = _ANALYZE
    if head[:4] in (b"\x1c\x02\0\0", b"\0\0\x02\x1c"):
        fields = _NIFTI2
    elif head[344:347] in (b"n+1", b"ni1"):
        fields = _NIFTI1
    for name, at, length in fields:
        text = head[at : at + length].split(b"\0")[0].strip().decode("latin-1")
        if text:
            yield name, "a free field of the header", 1, _TOOLS(text) is not None
    at = 540 if fields is _NIFTI2 else 348
    if fields is not _ANALYZE and head[at : at + 1] not in (b"", b"\0"):
        yield "extension", "a header extension", 1, False


def _encoding(data: bytes) -> str:
    """Return the encoding of a text, of those in common use."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if b"\0" in data[:2]:
        return "utf-16-le" if data[1:2] == b"\0" else "utf-16-be"
    try:
        data[:_LINES].decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return "utf-8-sig" if error.start > min(len(data), _LINES) - 4 else "latin-1"
    return "utf-8-sig"


def _decoded(data: bytes) -> str:
    return data.decode(_encoding(data), "replace")


def _lines(data: bytes) -> Iterator[str]:
    """Yield the lines of a table, one after the other: a list of all would take many times their bytes."""
    encoding = _encoding(data)
    for line in io.TextIOWrapper(io.BytesIO(data), encoding=encoding, errors="replace", newline=None):
        if line.strip() and not line.lstrip().startswith(("#", "//")):
            yield line


def _table(data: bytes) -> Iterator[Found | str]:
    for number, title in enumerate(islice(_lines(data), _TITLES)):
        rows = csv.reader(islice(_lines(data), number, None), delimiter=max(",\t;|", key=title.count))
        columns = {place: what for place, one in enumerate(next(rows, [])) if (what := _column(one))}
        if columns:
            yield from _filled_columns(rows, columns)
            return


def _filled_columns(rows: Iterator[list[str]], columns: dict[int, str]) -> Iterator[Found | str]:
    counts, until = dict.fromkeys(columns, 0), time.monotonic() + _SECONDS
    for seen, row in enumerate(rows, start=1):
        for number in columns:
            counts[number] += number < len(row) and bool(row[number].strip())
        if not seen % 1000 and time.monotonic() > until:
            yield f"what comes after {seen:,} rows"
            break
    for number, count in counts.items():
        if count:
            yield f"column {number + 1}", columns[number], count, False


def _header_lines(data: bytes, pattern: re.Pattern[str], most: int = 0) -> Iterator[Found | str]:
    """Count the filled fields of a header, or of a text, by what they are called."""
    counts: dict[str, int] = {}
    for found in pattern.finditer(_decoded(data[: most or _LINES])):
        what = _column(found[1]) if pattern is not _TEXT else _key("", found[1].strip())
        if what and (pattern is not _TEXT or what in _OF_SOMEBODY):
            counts[what] = counts.get(what, 0) + 1
    for what, count in sorted(counts.items()):
        yield "field", what, count, False
    if pattern is _TEXT and len(data) > (most or _LINES):
        yield f"what comes after the first {(most or _LINES) >> 20} MiB"


def _column(title: str) -> str | None:
    """Return what a column, a key or a field is, by its title; None for what is nobody's."""
    words = re.findall(r"[a-z]+", re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", title).lower())
    people = _OF_PEOPLE & {word.removesuffix("s") for word in words}
    if {"name", "names"} & set(words) and (len(words) == 1 or people):
        return "a name"
    return next((_WORDS[one] for word in words for one in (word, word.removesuffix("s")) if one in _WORDS), None)


def _sidecar(data: bytes) -> Iterator[Found | str]:
    from pydicom.datadict import tag_for_keyword

    if len(data) > _PARSED:
        yield from _header_lines(data, _KEY, most=len(data))
        return
    counts: dict[tuple[str, str], int] = {}
    left: list[tuple[str, object]] = [("", json.loads(_decoded(data)))]
    while left:
        above, one = left.pop()
        if isinstance(one, dict):
            for key, value in one.items():
                known = (tag_for_keyword(str(key)) or 0) in TAGS
                what = "named as in DICOM" if known else _key(above, str(key))
                if what and value not in (None, "", [], {}) and not isinstance(value, dict):
                    told = f"key {key}" if known else "key"
                    counts[told, what] = counts.get((told, what), 0) + 1
                if isinstance(value, (dict, list)):
                    left.append((str(key), value))
        elif isinstance(one, list):
            left.extend((above, inner) for inner in one)
    for (told, what), count in sorted(counts.items()):
        yield told, what, count, False


def _key(above: str, key: str) -> str | None:
    """Return what a key is, with the one above it: `name` alone is a data set's, `patient: {name}` is somebody's."""
    alone = re.fullmatch(r"(?i)names?", key)
    return _column(f"{above} {key}") if above or not alone else None


def _document(data: bytes) -> Iterator[Found]:
    counts: dict[str, int] = {}
    for found in (*_PDF.finditer(data), *_XMP.finditer(data)):
        name = found.group(1).decode("ascii")
        counts[name] = counts.get(name, 0) + 1
    for name, count in sorted(counts.items()):
        yield f"property {name}", "a property of the document", count, False
