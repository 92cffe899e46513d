"""Read which series a manifest asks for, in every dialect that people have.

`.tcia`   NBIA's own: settings `key=value`, then one SeriesInstanceUID a line; some writers put the first one, or all of
          them, behind `ListOfSeriesToDownload=`.
table     CSV or TSV with a column of UIDs, of addresses (`imageUrl`, `series_aws_url`) or of DRS names (`drs_uri`).
s5cmd     lines `cp s3://BUCKET/FOLDER/* TARGET` of the Imaging Data Commons, also with `gs://` and single objects. The
          folder is a series' UUID there and no SeriesInstanceUID, so it is given as it is.
list      UIDs or addresses, some a line or one; an `aria2` list is one of addresses.

What is neither a comment, a setting nor understood is given in `unread`, by its line: nothing is lost in silence.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs, urlsplit

from fetchers.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

_UID = re.compile(r"[0-9]+(?:\.[0-9]+)+").fullmatch
_LONGEST_UID = 64
_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060\u00ad")) | {0xA0: " "}
# Columns by their names without case, spaces, dashes and underscores; the first that has a value counts.
_COLUMNS = ("seriesinstanceuid", "seriesuid", "seriesawsurl", "seriesgcsurl", "awsurl", "gcsurl", "imageurl", "drsuri")
_CAPTIONS = (*_COLUMNS, "seriesid")
_NAME = "filename"
_SETTING = re.compile(r"\s*(?P<key>[A-Za-z][\w.-]*)\s*=(?P<value>.*)")
_LIST = "listofseriestodownload"
_COMMENT = re.compile(r"(?:^|\s)(?:#|//).*")
_TITLE = 20  # lines in which a table's captions are looked for
_STORED = re.compile(r"(?P<kind>s3|gs)://(?P<bucket>[a-z0-9][a-z0-9.-]+)/(?P<folder>[^/\s*]+)(?:/(?P<file>[^/\s]*))?")
_BUCKET_HOST = re.compile(r"(?P<bucket>[a-z0-9][a-z0-9.-]*)\.s3(?:[.-][a-z0-9-]+)*\.amazonaws\.com").fullmatch
_STORES = ("s3.amazonaws.com", "storage.googleapis.com")
# The Commons keep the same folders at Google and at Amazon, in buckets of different names.
_AT_AMAZON = {
    "idc-open-data": "idc-open-data",
    "public-datasets-idc": "idc-open-data",
    "idc-open-idc1": "idc-open-data-two",
    "idc-open-cr": "idc-open-data-cr",
}


class SeriesManifest(NamedTuple):
    """What a manifest asks for.

    `series` are SeriesInstanceUIDs, `folders` are `BUCKET/FOLDER` or `BUCKET/FOLDER/FILE` at the Data Commons, `urls`
    are addresses of files, each perhaps with a tab and its name. `unread` are lines that are not understood: their
    number, from 1, and what stands there.
    """

    series: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    unread: tuple[tuple[int, str], ...] = ()


class _Found:
    """What was understood so far."""

    def __init__(self) -> None:
        self.kinds: dict[str, dict[str, None]] = {"series": {}, "folders": {}, "urls": {}}
        self.unread: dict[int, str] = {}

    def take(self, word: str, name: str = "") -> bool:
        """Take one UID, address (of a file called `name`) or storage path; return whether it is one."""
        kind, what = _kind(word)
        if kind:
            self.kinds[kind][f"{what}\t{name}" if name and kind == "urls" else what] = None
        return bool(kind)


def decoded(body: bytes) -> str:
    """Decode a manifest file: UTF-8 or UTF-16, with a mark or without, else as Western Europe wrote."""
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return body.decode("utf-16", "replace")
    for encoding, at in (("utf-16-le", 1), ("utf-16-be", 0)):
        if body[at:200:2] and not any(body[at:200:2]):
            return body.decode(encoding, "replace")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def wishes_of(text: str, name: str) -> SeriesManifest:
    """Read a manifest; `name` is its file's name, for the message.

    Raises `SourceError` where it asks for nothing that can be fetched, and names the columns that it has instead.
    """
    lines = re.split(r"\r\n|\r|\n", text.translate(_INVISIBLE))
    found, captions = _Found(), _captions(lines)
    if captions is not None:
        _table(lines, captions, found)
    elif not _other_table(lines):
        _lines(lines, found)
    series, folders, urls = (tuple(kind) for kind in found.kinds.values())
    if not (series or folders or urls):
        raise _nothing(lines, name)
    return SeriesManifest(series, folders, urls, tuple(sorted(found.unread.items())))


def _nothing(lines: list[str], name: str) -> SourceError:
    header = next((line for line in lines if line.strip()), "")
    columns = [cell.strip().strip('"') for cell in re.split(r"[,\t;]", header)]
    if len(columns) > 2:  # noqa: PLR2004 - no line of UIDs
        return SourceError(
            f"{name}: no column SeriesInstanceUID; its columns are {', '.join(columns)[:300]}",
            hint="save the list of series from the archive with its UIDs, or give them with --series",
        )
    count = len(lines) - (not lines[-1])
    return SourceError(
        f"{name}: no SeriesInstanceUID in {count} lines",
        hint="wanted: a .tcia or s5cmd manifest, a table with a column SeriesInstanceUID, or one UID a line",
    )


class _Captions(NamedTuple):
    """A table's captions: their line, what parts the columns, which columns are of use, the best first."""

    line: int
    separator: str
    columns: list[int]
    name: int | None  # the column of files' names


def _other_table(lines: list[str]) -> bool:
    """Return True for a table without a column of use: a UID in another column may be a study's, or a class's."""
    header = next((line for line in lines if line.strip()), "")
    cells = [cell.strip().strip('"') for cell in re.split(r"[,\t;]", header)]
    return len(cells) > 2 and all(cell and not _kind(cell)[0] for cell in cells)  # noqa: PLR2004 - no list of UIDs


def _captions(lines: list[str]) -> _Captions | None:
    """Find a table's captions among the first lines."""
    for number, line in enumerate(lines[:_TITLE]):
        if _kind(line.strip().strip("\"'"))[0]:
            return None
        for separator in sorted(",\t;", key=line.count, reverse=True):
            names = [_plain(cell) for cell in next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])]
            columns = [names.index(one) for one in _COLUMNS if one in names]
            if columns:
                return _Captions(number, separator, columns, names.index(_NAME) if _NAME in names else None)
    return None


def _plain(caption: str) -> str:
    return re.sub(r"[\s_-]", "", caption).casefold()


def _table(lines: list[str], captions: _Captions, found: _Found) -> None:
    start, separator, columns, name = captions
    rows = csv.reader(io.StringIO("\n".join(lines[start + 1 :])), delimiter=separator, skipinitialspace=True)
    try:
        for row in rows:
            line = "".join(row).strip()
            if not line or line.startswith("#") or not _plain(line):
                continue
            cells = [cell for number in columns if number < len(row) and (cell := _cell(row[number]))]
            called = row[name].strip() if name is not None and name < len(row) else ""
            if not any(found.take(cell, called) for cell in cells):
                found.unread[start + 1 + rows.line_num] = separator.join(row)
    except csv.Error as error:
        found.unread[start + 1 + rows.line_num] = str(error)


def _cell(text: str) -> str:
    """Take off what spreadsheets write around a UID so that it stays a text: `="1.2.3"`."""
    return text.strip().strip("='\" ")


def _lines(lines: list[str], found: _Found) -> None:
    begun = False
    for number, line in enumerate(lines, 1):
        text = _COMMENT.sub("", line) if "://" not in line else re.sub(r"\s#.*|^\s*#.*", "", line)
        setting = _SETTING.fullmatch(text)
        if setting is not None and setting["key"].casefold() == _LIST:
            text = setting["value"]
        elif setting is not None and (not begun or line[:1].isspace()):
            continue  # one of NBIA's settings, or an option of aria2
        text = text.strip()
        if not text or _plain(text.strip("\"',;")) in _CAPTIONS:
            continue
        words = list(_words(text))
        begun = begun or any(_kind(word)[0] for word in words)
        if not all(list(map(found.take, words))):
            found.unread[number] = line.strip()


def _words(text: str) -> Iterator[str]:
    """Yield what stands in one line; of a command only what it copies from."""
    stored = [word.strip("\"'") for word in text.split() if re.match(r"[\"']?(?:s3|gs)://", word)]
    if stored and re.match(r"(?:s5cmd|cp|sync|gsutil|aws)\b", text):
        yield stored[0]
    elif "://" in text:
        yield from (cell for word in text.split() if (cell := _cell(word.strip(",;"))))
    else:
        yield from (cell for word in re.split(r"[,;\s]+", text) if (cell := _cell(word)))


def _kind(word: str) -> tuple[str, str]:
    """Return the kind of selection that one word is, and its value; an empty kind for any other word."""
    if len(word) <= _LONGEST_UID and _UID(word):
        return "series", word
    if stored := _STORED.fullmatch(word):
        return _stored(stored["kind"], stored["bucket"], stored["folder"], stored["file"])
    if word.startswith("drs://"):
        return "urls", word
    if word.startswith(("https://", "http://")):
        return _address(word)
    return "", word


def _stored(kind: str, bucket: str, folder: str, file: str | None) -> tuple[str, str]:
    at = _AT_AMAZON.get(bucket, "") if kind == "gs" else bucket
    if not at:
        return "", bucket
    return "folders", f"{at}/{folder}" if file in (None, "", "*") else f"{at}/{folder}/{file}"


def _address(word: str) -> tuple[str, str]:
    """Return what an address selects: a series of NBIA's, something in a bucket of the Commons', or a file."""
    try:
        parts = urlsplit(word)
        asked = {name.casefold(): values for name, values in parse_qs(parts.query).items()}
    except ValueError:
        return "", word
    uid = asked.get("seriesinstanceuid", [""])[0]
    if _UID(uid) and len(uid) <= _LONGEST_UID:
        return "series", uid
    host, path = parts.hostname or "", parts.path.lstrip("/")
    in_host = _BUCKET_HOST(host)
    bucket, _, key = path.partition("/") if host in _STORES else (in_host["bucket"] if in_host else "", "", path)
    if bucket in _AT_AMAZON or bucket in _AT_AMAZON.values():
        folder, _, file = key.partition("/")
        if folder and "/" not in file:
            return _stored("gs" if host == _STORES[1] else "s3", bucket, folder, file)
    return ("urls", word) if host else ("", word)
