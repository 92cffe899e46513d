"""What beside DICOM may still say who somebody is?

Free fields of volumes, EXIF and texts of pictures, columns of tables, keys of JSON sidecars, properties of a PDF.
Columns and keys are reported by what they are recognised as, not as they are spelt: a stranger may spell a name there.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zlib
from typing import TYPE_CHECKING

from fetchers.checks.phi.deid_profile import TAGS

if TYPE_CHECKING:
    from collections.abc import Iterator

Found = tuple[str, str, int, bool]  # where, what it is called, how many, a placeholder
_ROWS = 200_000
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
# TIFF 6.0 and EXIF 2.32: who, when, where and with which device.
_EXIF = {
    269: "DocumentName", 270: "ImageDescription", 285: "PageName", 306: "DateTime", 315: "Artist", 316: "HostComputer",
    33432: "Copyright", 34853: "GPSInfo", 36867: "DateTimeOriginal", 36868: "DateTimeDigitized", 37500: "MakerNote",
    37510: "UserComment", 40091: "XPTitle", 40092: "XPComment", 40093: "XPAuthor", 40094: "XPKeywords",
    40095: "XPSubject",
    42016: "ImageUniqueID", 42032: "CameraOwnerName", 42033: "BodySerialNumber", 42037: "LensSerialNumber",
}  # fmt: skip
_EXIF_FOLDER = 34665
_PNG_TEXTS = frozenset(
    ("author", "description", "copyright", "creation time", "comment", "title", "source", "disclaimer")
)
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


def examine(kind: str, data: bytes, name: str) -> Iterator[Found]:
    """Yield what one file of `kind` holds; raises what its reader raises."""
    if kind in ("nifti", "analyze"):
        yield from _volume(data)
    elif kind in ("jpeg", "tiff", "png", "gif"):
        yield from _picture(kind, data)
    elif kind == "csv" or (kind == "text" and name.lower().endswith((".csv", ".tsv"))):
        yield from _table(data)
    elif kind == "json":
        yield from _sidecar(data)
    elif kind == "pdf":
        yield from _document(data)


def _volume(data: bytes) -> Iterator[Found]:
    head = zlib.decompressobj(31).decompress(data[: 1 << 16], 4096) if data[:2] == b"\x1f\x8b" else data[:4096]
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


def _picture(kind: str, data: bytes) -> Iterator[Found]:
    from PIL import Image

    with Image.open(io.BytesIO(data), formats=[kind.upper()]) as image:
        exif = image.getexif()
        tags = {**dict(exif), **dict(exif.get_ifd(_EXIF_FOLDER))}
        for tag in sorted(tags.keys() & _EXIF.keys()):
            if str(tags[tag]).strip(" \0"):
                yield f"EXIF {tag}", _EXIF[tag], 1, False
        for key, value in image.info.items():
            if isinstance(value, (str, bytes)) and str(key).lower() in _PNG_TEXTS and value.strip():
                yield f"text {str(key).lower()}", "a text in the picture", 1, False


def _table(data: bytes) -> Iterator[Found]:
    text = data.decode("utf-8-sig", "replace")
    first = text[: text.find("\n") + 1] or text
    rows = csv.reader(io.StringIO(text), delimiter=max(",\t;", key=first.count))
    columns = {number: what for number, title in enumerate(next(rows, [])) if (what := _column(title))}
    counts = dict.fromkeys(columns, 0)
    for _, row in zip(range(_ROWS), rows, strict=False):
        for number in columns:
            counts[number] += number < len(row) and bool(row[number].strip())
    for number, count in counts.items():
        if count:
            yield f"column {number + 1}", columns[number], count, False


def _column(title: str) -> str | None:
    words = re.findall(r"[a-z]+", re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", title).lower())
    if "name" in words and (len(words) == 1 or _OF_PEOPLE & set(words)):
        return "a name"
    return next((_WORDS[word] for word in words if word in _WORDS), None)


def _sidecar(data: bytes) -> Iterator[Found]:
    from pydicom.datadict import tag_for_keyword

    counts: dict[str, int] = {}
    left = [json.loads(data)]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            for key, value in one.items():
                if (tag_for_keyword(key) or 0) in TAGS and value not in (None, "", [], {}):
                    counts[key] = counts.get(key, 0) + 1
            left.extend(one.values())
        elif isinstance(one, list):
            left.extend(one)
    for key, count in sorted(counts.items()):
        yield f"key {key}", "named as in DICOM", count, False


def _document(data: bytes) -> Iterator[Found]:
    counts: dict[str, int] = {}
    for found in (*_PDF.finditer(data), *_XMP.finditer(data)):
        name = found.group(1).decode("ascii")
        counts[name] = counts.get(name, 0) + 1
    for name, count in sorted(counts.items()):
        yield f"property {name}", "a property of the document", count, False
