"""Which series does a manifest ask for?

`.tcia`   NBIA's own: lines of settings, then one SeriesInstanceUID a line; one sample of the archive has a stray line
          `Series ID` before them, so a line that is no UID is skipped, as NBIA's reader does.
table     CSV or TSV with a column SeriesInstanceUID or Series UID: the archive's newer manifests, and its spreadsheets.
s5cmd     lines `cp s3://BUCKET/FOLDER/* TARGET` of the Imaging Data Commons: the folder is a series' UUID there and no
          SeriesInstanceUID, so it is given as it is.
text      one UID a line.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, NamedTuple

from fetchers.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable

_UID = re.compile(r"[0-9]+(?:\.[0-9]+)+")
_LONGEST_UID = 64
_COLUMNS = ("SeriesInstanceUID", "Series UID", "Series Instance UID", "series_instance_uid")
_ELSEWHERE = ("imageUrl", "drs_uri")
_COPY = re.compile(
    r"(?:s5cmd\s+(?:\S+\s+){0,9}?)?(?:cp|sync)\s+(?:\S+\s+){0,9}?[\"']?s3://([a-z0-9][a-z0-9.-]+)/([^/\s*\"']+)/\*"
)


class SeriesManifest(NamedTuple):
    """What a manifest asks for: `series` are SeriesInstanceUIDs, `folders` are `BUCKET/FOLDER` at the Data Commons."""

    series: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()


def wishes_of(text: str, name: str) -> SeriesManifest:
    """Read a manifest; `name` is its file's name, for the message.

    Raises `SourceError` where it asks for nothing that can be fetched, and names the columns that it has instead.
    """
    lines = text.removeprefix("\ufeff").splitlines()
    folders = tuple(dict.fromkeys(f"{found[1]}/{found[2]}" for line in lines if (found := _COPY.match(line.strip()))))
    if folders:
        return SeriesManifest(folders=folders)
    header = next((line for line in lines if line.strip()), "")
    series = _of_table(lines, header, name) if _is_table(header) else _uids(lines)
    if not series:
        raise SourceError(
            f"{name}: no SeriesInstanceUID in {len(lines)} lines",
            hint="wanted: a .tcia or s5cmd manifest, a table with a column SeriesInstanceUID, or one UID a line",
        )
    return SeriesManifest(series=series)


def _is_table(header: str) -> bool:
    columns = {column.strip().strip('"') for column in re.split(r"[,\t;]", header)}
    return not columns.isdisjoint((*_COLUMNS, *_ELSEWHERE)) or len(columns) > 2  # noqa: PLR2004 - no line of UIDs


def _of_table(lines: list[str], header: str, name: str) -> tuple[str, ...]:
    separator = max(",\t;", key=header.count)
    rows = csv.DictReader(io.StringIO("\n".join(lines)), delimiter=separator, skipinitialspace=True)
    columns = [column.strip() for column in rows.fieldnames or ()]
    rows.fieldnames = columns
    column = next((wanted for wanted in _COLUMNS if wanted in columns), None)
    if column is None:
        kind = next((f"; {other} is an address of another road" for other in _ELSEWHERE if other in columns), "")
        raise SourceError(
            f"{name}: no column SeriesInstanceUID; its columns are {', '.join(columns)[:300]}{kind}",
            hint="save the list of series from the archive with its UIDs, or give them with --series",
        )
    try:
        return _uids(row[column] or "" for row in rows)
    except csv.Error as error:
        raise SourceError(
            f"{name}: no table: {error}", hint="save the list of series again, or give --series"
        ) from error


def _uids(found: Iterable[str]) -> tuple[str, ...]:
    stripped = (one.strip().strip("\"'") for one in found)
    return tuple(dict.fromkeys(uid for uid in stripped if len(uid) <= _LONGEST_UID and _UID.fullmatch(uid)))
