"""List the files of a Zenodo record: https://zenodo.org/api/records/ID

The record's JSON names each file with its size, its MD5 and its address, and the record's licence. A missing address
is https://zenodo.org/records/ID/files/NAME.

Archives that were cut into pieces (`.aa`, `.ab`, ... as `split` names them) are put end to end again. Record 162231
(I2CVB) tells its readers to join `ge-1-5t*` to `ge-1-5t.tar.gz`, so the pieces' names may or may not say what they are
pieces of: where they do not, a gzipped tar is taken, which its content then has to prove.
"""

from __future__ import annotations

import re
from itertools import takewhile
from string import ascii_lowercase
from typing import TYPE_CHECKING
from urllib.parse import quote

from fetchers.dataset import Dataset, Description, RemoteFile, Selection
from fetchers.errors import AccessError, CatalogueError, SourceError
from fetchers.source import Source, store_name
from fetchers.sources import json_answers
from fetchers.sources.datacite import with_citation
from fetchers.sources.licence_ids import identifier_of
from fetchers.sources.reading.citations import cited

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from fetchers.source import Asker
    from fetchers.sources.json_answers import Fields

API = "https://zenodo.org/api/"
_PIECE = re.compile(r"(?P<stem>.+?)\.(?P<piece>[a-z]{2}|[0-9]{3})")
_ARCHIVE = re.compile(r".+\.(?:zip|tar|tgz|tbz2|txz|7z|(?:tar\.)?(?:gz|bz2|xz|zst))", re.IGNORECASE)
_FIRST = ("aa", "000", "001")
_MD5 = re.compile(r"md5:([0-9a-f]{32})", re.IGNORECASE)


_ADDRESS = re.compile(
    r"(?:zenodo:|doi:10\.5281/zenodo\.|https?://(?:www\.)?zenodo\.org/(?:api/)?records?/"
    r"|https?://(?:www\.)?zenodo\.org/doi/10\.5281/zenodo\.)(?P<number>[1-9]\d{0,11})(?:[/?#].*)?",
    re.IGNORECASE,
)
_SHUT = frozenset({"restricted", "closed", "embargoed"})


class Zenodo(Source):
    """One record, by its number in `options.record`; `options.api` is the interface's address."""

    def at(self, address: str, client: Asker) -> Dataset | None:
        """Return the record that `zenodo:N`, its page or its DOI names."""
        del client
        found = _ADDRESS.fullmatch(address)
        if found is None:
            return None
        number = int(found["number"])
        return Dataset(
            name=store_name("zenodo", str(number)),
            title=f"Zenodo record {number}",
            source="zenodo",
            link=f"https://zenodo.org/records/{number}",
            options={"record": number},
        )

    def describe(self, dataset: Dataset, client: httpx.Client) -> Description:
        """Return title, version, licence and DOI as the record has them.

        The number of all versions of a record leads to the newest one: then that one's number is the version.
        """
        number = _record_of(dataset)
        record = _asked(dataset, client)
        metadata = record.fields_or_none("metadata")
        words, page = _said(metadata)
        title = metadata.text_or_none("title") if metadata else None
        here = _number(record)
        version = metadata.text_or_none("version") if metadata and here in (None, number) else None
        said = Description(
            title=title or record.text_or_none("title"),
            version=version or str(here or number),
            licence=identifier_of(words, page, record=dataset.name),
            licence_words=words,
            licence_url=page,
            citations=cited(
                doi=record.text_or_none("doi") or (metadata.text_or_none("doi") if metadata else None),
                title=title,
                authors=[row.text("name") for row in metadata.rows_or_none("creators") if "name" in row]
                if metadata
                else (),
                year=((metadata.text_or_none("publication_date") if metadata else None) or "")[:4],
                publisher="Zenodo",
            ),
            link=dataset.link,
            pinned={} if here in (None, number) else {"record": here},
        )
        return with_citation(said, f"10.5281/zenodo.{here or number}", dataset, client)

    def files(self, dataset: Dataset, wanted: Selection, client: httpx.Client) -> Iterator[RemoteFile]:
        """Yield the record's files with their MD5s and the record's licence."""
        del wanted
        number = _record_of(dataset)
        api = str(dataset.options.get("api") or API)
        record = _asked(dataset, client)
        number = _number(record) or number
        words, page = _said(record.fields_or_none("metadata"))
        licence = identifier_of(words, page, record=f"zenodo-{number}")
        _check_access(dataset, record)
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


def _said(metadata: Fields | None) -> tuple[str | None, str | None]:
    """Return (words, page). They are a text in old records (`cc-by-4.0`), an object in new ones (`{"id": ...}`)."""
    if metadata is None or "license" not in metadata:
        return None, None
    told = metadata.get_object("license")
    if told is None:
        return metadata.text_or_none("license"), None
    return told.text_or_none("id") or told.text_or_none("title"), told.text_or_none("url")


def _asked(dataset: Dataset, client: httpx.Client) -> Fields:
    api = str(dataset.options.get("api") or API)
    return json_answers.record(client, json_answers.address_of(api, f"records/{_record_of(dataset)}"), dataset.address)


def _number(record: Fields) -> int | None:
    """Return the record's own number, which is another than was asked for where that means all versions."""
    return record.count_or_none("id") or None


def _check_access(dataset: Dataset, record: Fields) -> None:
    """Raise `AccessError` where the record shows its files to whom its owner lets see them: it lists none."""
    metadata = record.fields_or_none("metadata")
    right = (metadata.text_or_none("access_right") if metadata else None) or "open"
    if right.lower() in _SHUT and not ("files" in record and record.rows("files")):
        raise AccessError(
            f"{dataset.address}: the record's files are {right.lower()}: its owner must give access first, "
            f"https://zenodo.org/records/{_record_of(dataset)}",
            hint=f"ask there; then fetch login https://zenodo.org/ and fetch get {dataset.address}",
        )


def _joins(names: list[str]) -> dict[str, str]:
    """Return which whole each piece belongs to. Pieces follow a first one without a gap, at least two of one stem."""
    pieces: dict[str, dict[str, str]] = {}
    for name in names:
        if found := _PIECE.fullmatch(name):
            pieces.setdefault(found["stem"], {})[found["piece"]] = name
    joined: dict[str, str] = {}
    for stem, mine in pieces.items():
        first = next((piece for piece in _FIRST if piece in mine), None)
        row = list(takewhile(mine.__contains__, _following(first))) if first else []
        if len(row) > 1:
            joined |= {mine[piece]: _whole(stem) for piece in row}
    return joined


def _following(piece: str) -> Iterator[str]:
    """Yield the endings that `split` gives from `piece` on: aa, ab ... or 000, 001 ..."""
    if piece.isdecimal():
        yield from (f"{number:03d}" for number in range(int(piece), 1000))
    else:
        yield from (one + two for one in ascii_lowercase for two in ascii_lowercase)


def _whole(stem: str) -> str:
    return stem if _ARCHIVE.fullmatch(stem) else f"{stem}.tar.gz"
