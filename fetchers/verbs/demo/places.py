"""Small stand-ins for three archives, in the layouts of the real ones.

* an open set of drawn radiographs, laid out as ChinaSet_AllFiles.zip is;
* a DICOM archive that lists three series as NBIA does; the files are real scanners', from pydicom's own test data, and
  one series is listed as CT although its header says MR;
* a set that is handed out to those who were granted access.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs

from fetchers.checks.dicom.samples import CT, MR, in_series, scanner_file
from fetchers.verbs.demo.packing import zipped
from fetchers.verbs.demo.pictures import radiograph

if TYPE_CHECKING:
    from collections.abc import Mapping

COLLECTION = "Phantom-Demo"
_ROOT = "1.2.826.0.1.3680043.8.498.7"  # below pydicom's own UID root, as its generated UIDs are
_LICENCE = ("Creative Commons Attribution 3.0 Unported License", "http://creativecommons.org/licenses/by/3.0/")
_README = "Drawn by `fetch demo`: no patient was ever involved.\n"


class Series(NamedTuple):
    """One series as the archive lists it: `listed` is what the listing says, whatever the header says."""

    uid: str
    listed: str
    body_part: str
    patient: str
    files: Mapping[str, bytes]


def chest_set(normal: int = 4, ill: int = 4) -> bytes:
    """Pack the open set: `normal` + `ill` radiographs with their readings; the last digit of a name is the label."""
    members: dict[str, bytes] = {}
    for number in range(1, normal + ill + 1):
        label = int(number > normal)
        name = f"CHNCXR_{number:04}_{label}"
        reading = "male 45yrs\n" + ("bilateral PTB\n" if label else "normal\n")
        members[f"ChinaSet_AllFiles/CXR_png/{name}.png"] = radiograph(number, ill=bool(label))
        members[f"ChinaSet_AllFiles/ClinicalReadings/{name}.txt"] = reading.encode()
    members["ChinaSet_AllFiles/README.txt"] = _README.encode()
    return zipped(members)


def gated_set() -> bytes:
    """Pack the dataset that requires an application."""
    slices = {
        f"atlas/slice-{number:02}.dcm": in_series(scanner_file(MR), series=f"{_ROOT}.9", instance=f"{_ROOT}.9.{number}")
        for number in range(1, 4)
    }
    return zipped({**slices, "atlas/README.txt": _README.encode()})


def archive() -> tuple[Series, ...]:
    """Make the series of the DICOM archive; the third contradicts its listing."""
    plan = (("CT", CT, "CHEST"), ("MR", MR, "BRAIN"), ("CT", MR, "BRAIN"))
    made = []
    for index, (listed, sample, body_part) in enumerate(plan, 1):
        uid = f"{_ROOT}.{index}"
        data = scanner_file(sample)
        files = {f"{number:08}.dcm": in_series(data, series=uid, instance=f"{uid}.{number}") for number in range(1, 4)}
        made.append(Series(uid=uid, listed=listed, body_part=body_part, patient=f"PHANTOM-{index}", files=files))
    return tuple(made)


def nbia(series: tuple[Series, ...], endpoint: str, query: str) -> tuple[str, bytes] | None:
    """Answer one request as NBIA does: (content type, body). No rows are an empty body; None: no such request."""
    asked = {key.lower(): values[0] for key, values in parse_qs(query).items()}
    wanted = [row for row in series if _matches(row, asked)]
    kind, _, question = endpoint.rpartition("/")
    del kind
    if question in ("getImage", "getImageWithMD5Hash"):
        return ("application/zip", _zip(wanted[0])) if wanted else None
    rows: dict[str, list[dict[str, object]]] = {
        "getCollectionValues": [{"Collection": COLLECTION}],
        "getSeries": [_row(row) for row in wanted],
        "getSeriesMetaData": [_row(row) for row in wanted],
        "getSeriesSize": [{"TotalSizeInBytes": _bytes(row), "ObjectCount": len(row.files)} for row in wanted],
    }
    if question not in rows:
        return None
    return "application/json", json.dumps(rows[question]).encode() if rows[question] else b""


def _matches(row: Series, asked: Mapping[str, str]) -> bool:
    facts = {
        "collection": COLLECTION,
        "seriesinstanceuid": row.uid,
        "modality": row.listed,
        "bodypartexamined": row.body_part,
        "patientid": row.patient,
    }
    return all(asked.get(key, value) == value for key, value in facts.items())


def _row(row: Series) -> dict[str, object]:
    return {
        "SeriesInstanceUID": row.uid,
        "StudyInstanceUID": f"{row.uid}.0",
        "Modality": row.listed,
        "BodyPartExamined": row.body_part,
        "Collection": COLLECTION,
        "PatientID": row.patient,
        "ImageCount": len(row.files),
        "FileSize": _bytes(row),
        "LicenseName": _LICENCE[0],
        "LicenseURI": _LICENCE[1],
    }


def _bytes(row: Series) -> int:
    return sum(map(len, row.files.values()))


def _zip(row: Series) -> bytes:
    sums = "".join(
        f"{name},{hashlib.md5(data, usedforsecurity=False).hexdigest()}\n" for name, data in row.files.items()
    )
    licence = "\n".join(_LICENCE)
    return zipped({"LICENSE": licence.encode(), **row.files, "md5hashes.csv": f"Filename,MD5Hash\n{sums}".encode()})
