"""Which files does a Zenodo record hold? https://zenodo.org/api/records/ID

The record's JSON names each file with its size, its MD5 and its address, and the record's licence. A missing address
is https://zenodo.org/records/ID/files/NAME.

Archives that were cut into pieces (`.aa`, `.ab`, ... as `split` names them) are put end to end again. Record 162231
(I2CVB) tells its readers to join `ge-1-5t*` to `ge-1-5t.tar.gz`, so the pieces' names may or may not say what they are
pieces of: where they do not, a gzipped tar is taken, which its content then has to prove.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import quote

from fetchers.dataset import Dataset, RemoteFile, Selection
from fetchers.errors import CatalogueError, SourceError
from fetchers.source import Source
from fetchers.sources import json_answers
from fetchers.sources.licence_ids import identifier_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from fetchers.sources.json_answers import Fields

API = "https://zenodo.org/api/"
_PIECE = re.compile(r"(?P<stem>.+?)\.(?P<piece>[a-z]{2}|[0-9]{3})")
_ARCHIVE = re.compile(r".+\.(?:zip|tar|tgz|tbz2|txz|7z|(?:tar\.)?(?:gz|bz2|xz|zst))", re.IGNORECASE)
_FIRST = ("aa", "000", "001")
_MD5 = re.compile(r"md5:([0-9a-f]{32})", re.IGNORECASE)


class Zenodo(Source):
    """One record, by its number in `options.record`; `options.api` is the interface's address."""

    def files(self, dataset: Dataset, wanted: Selection, client: httpx.Client) -> Iterator[RemoteFile]:
        """Yield the record's files with their MD5s and the record's licence."""
        del wanted
        number = _record_of(dataset)
        api = str(dataset.options.get("api") or API)
        record = json_answers.one(client, json_answers.address_of(api, f"records/{number}"))
        licence, page = _licence(record, f"zenodo-{number}")
        files = record.rows("files")
        found = []
        for file in files:
            try:
                found.append(_file(file, json_answers.address_of(_site(api), f"records/{number}/files/")))
            except SourceError as error:
                self.refused.add(file.place, error)
        joins = _joins([remote.path for remote in found])
        for remote in found:
            yield remote._replace(joins=joins.get(remote.path), licence=licence, licence_url=page)


def _record_of(dataset: Dataset) -> int:
    number = dataset.options.get("record")
    if isinstance(number, int) and not isinstance(number, bool) and number > 0:
        return number
    raise CatalogueError(
        f"{dataset.address}: options.record should be the record's number and is {number!r}",
        hint=f"[datasets.{dataset.name}.options] record = 162231",
    )


def _file(file: Fields, folder: str) -> RemoteFile:
    name = _name(file)
    return RemoteFile(
        url=_content(file, folder + quote(name)),
        path=name,
        size=file.count("size" if "size" in file else "filesize"),
        checksum=_checksum(file),
    )


def _name(file: Fields) -> str:
    return file.text("key" if "key" in file else "filename")


def _content(file: Fields, fallback: str) -> str:
    links = file.fields_or_none("links")
    address = None if links is None else links.text_or_none("self") or links.text_or_none("download")
    return fallback if address is None else json_answers.within(fallback, address, fallback)


def _site(api: str) -> str:
    return api.rstrip("/").removesuffix("/api")


def _checksum(file: Fields) -> str:
    found = file.text("checksum")
    # Old records give `md5:HEX`, some of them the digits alone.
    digits = _MD5.fullmatch(found if ":" in found else f"md5:{found}")
    if digits is None:
        raise file.fault("checksum", f"should be md5:HEX and is {found[:80]!r}")
    return f"md5:{digits[1].lower()}"


def _licence(record: Fields, called: str) -> tuple[str | None, str | None]:
    """Give (identifier, page). It is a text in old records (`cc-by-4.0`), an object in new ones (`{"id": ...}`)."""
    metadata = record.fields_or_none("metadata")
    if metadata is None or "license" not in metadata:
        return None, None
    told = metadata.get_object("license")
    if told is None:
        return identifier_of(metadata.text_or_none("license"), None, called), None
    page = told.text_or_none("url")
    return identifier_of(told.text_or_none("id") or told.text_or_none("title"), page, called), page


def _joins(names: list[str]) -> dict[str, str]:
    """Say which whole each piece belongs to. Pieces are those with a first one and the same stem, at least two."""
    pieces = {name: found for name in names if (found := _PIECE.fullmatch(name))}
    counts = Counter(found["stem"] for found in pieces.values())
    begun = {found["stem"] for found in pieces.values() if found["piece"] in _FIRST}
    return {
        name: _whole(found["stem"])
        for name, found in pieces.items()
        if counts[found["stem"]] > 1 and found["stem"] in begun
    }


def _whole(stem: str) -> str:
    return stem if _ARCHIVE.fullmatch(stem) else f"{stem}.tar.gz"
