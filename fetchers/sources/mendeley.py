"""List the files of a Mendeley dataset: https://data.mendeley.com/public-api/datasets/ID

    GET datasets/ID                                  the newest version: name, version, licence, DOI
    GET datasets/ID/folders/V                        the folders of a version, each with its parent
    GET datasets/ID/files?folder_id=root&version=V   the files of one folder, with size and SHA-256

Without `folder_id` the interface answers 400, so each folder is asked for by itself. A version that is not named is
the newest one, which is then pinned.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from fetchers.dataset import Dataset, Description, RemoteFile, Selection
from fetchers.errors import AbsentError, CatalogueError
from fetchers.source import Source, store_name
from fetchers.sources import json_answers
from fetchers.sources.datacite import with_citation
from fetchers.sources.licence_ids import identifier_of
from fetchers.sources.reading.citations import cited
from fetchers.sources.reading.rows import taken

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import httpx

    from fetchers.source import Asker
    from fetchers.sources.json_answers import Fields

API = "https://data.mendeley.com/public-api/"
_DEEPEST = 32
_ADDRESS = re.compile(
    r"(?:mendeley:|doi:10\.17632/|https?://data\.mendeley\.com/datasets/)(?P<id>[a-z0-9]{6,16})"
    r"(?:[/.@]v?(?P<version>\d{1,4}))?/?(?:[?#].*)?",
    re.IGNORECASE,
)
_ID = re.compile(r"[a-z0-9]{6,16}", re.IGNORECASE)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.IGNORECASE)


class Mendeley(Source):
    """One data set, by its identifier in `options.dataset`; `options.version` pins one of its versions."""

    def at(self, address: str, client: Asker) -> Dataset | None:
        """Return the data set that `mendeley:ID[/V]`, its page or its DOI names."""
        del client
        found = _ADDRESS.fullmatch(address)
        if found is None:
            return None
        identifier, version = found["id"].lower(), found["version"]
        return Dataset(
            name=store_name("mendeley", identifier),
            title=f"Mendeley Data {identifier}",
            source="mendeley",
            link=f"https://data.mendeley.com/datasets/{identifier}" + (f"/{version}" if version else ""),
            options={"dataset": identifier} | ({"version": int(version)} if version else {}),
        )

    def describe(self, dataset: Dataset, client: httpx.Client) -> Description:
        """Return name, version, licence and DOI as the record has them."""
        record = _record(dataset, client)
        version = _version(dataset, record)
        licence = record.get_object("data_licence")
        name = licence.text_or_none("short_name") or licence.text_or_none("full_name") if licence else None
        page = licence.text_or_none("url") if licence else None
        doi = record.get_object("doi")
        authors = [_author(row) for row in record.rows_or_none("contributors")]
        said = Description(
            title=record.text_or_none("name"),
            version=str(version),
            licence=identifier_of(name, page, record=dataset.name),
            licence_words=name,
            licence_url=page,
            citations=cited(
                doi=doi.text_or_none("id") if doi else record.text_or_none("doi"),
                title=record.text_or_none("name"),
                authors=[name for name in authors if name],
                year=(record.text_or_none("publish_date") or "")[:4],
                publisher="Mendeley Data",
            ),
            link=dataset.link,
            pinned={"version": version},
        )
        return with_citation(said, f"10.17632/{dataset.options.get('dataset')}.{version}", dataset, client)

    def files(self, dataset: Dataset, wanted: Selection, client: httpx.Client) -> Iterator[RemoteFile]:
        """Yield the files of one folder after the other, with their SHA-256."""
        del wanted
        base = _base(dataset)
        version = _version(dataset, None) if "version" in dataset.options else None
        if version is None:
            version = _version(dataset, _record(dataset, client))
        try:
            folders = _folders(client, f"{base}/folders/{version}")
            for folder, path in {"root": "", **folders}.items():
                asked = f"{base}/files?folder_id={quote(folder, safe='')}&version={version}"
                yield from taken(json_answers.rows(client, asked), partial(_file, folder=path), self.refused)
        except AbsentError as error:
            raise json_answers.nothing_there(
                f"{base}/folders/{version}", f"{dataset.address}, version {version}"
            ) from error


def _base(dataset: Dataset) -> str:
    identifier = dataset.options.get("dataset")
    if not isinstance(identifier, str) or not _ID.fullmatch(identifier):
        raise CatalogueError(
            f"{dataset.address}: options.dataset should be an identifier and is {identifier!r}",
            hint=f'[datasets.{dataset.name}.options] dataset = "wxy1234567"',
        )
    return json_answers.address_of(str(dataset.options.get("api") or API), f"datasets/{identifier}")


def _record(dataset: Dataset, client: httpx.Client) -> Fields:
    version = dataset.options.get("version")
    which = f"?version={version}" if isinstance(version, int) else ""
    return json_answers.record(client, f"{_base(dataset)}{which}", dataset.address)


def _version(dataset: Dataset, record: Fields | None) -> int:
    named = dataset.options.get("version")
    if isinstance(named, int) and not isinstance(named, bool):
        return named
    if record is None:
        raise CatalogueError(
            f"{dataset.address}: options.version should be a number and is {named!r}",
            hint=f"[datasets.{dataset.name}.options] version = 1",
        )
    return record.count("version")


def _folders(client: httpx.Client, asked: str) -> dict[str, str]:
    """Return the path of each folder by its identifier. A folder that is its own ancestor is a fault."""
    rows = {row.text("id"): (row.text("name"), row) for row in json_answers.rows(client, asked)}
    return {identifier: _path(identifier, rows) for identifier in rows}


def _path(identifier: str, rows: Mapping[str, tuple[str, Fields]]) -> str:
    names: list[str] = []
    at: str | None = identifier
    while at is not None and at in rows:
        name, row = rows[at]
        names.append(name)
        if len(names) > _DEEPEST:
            raise row.fault("parent_id", "leads in a circle, or too deep")
        at = row.text_or_none("parent_id")
    return "/".join(reversed(names)) + "/"


def _file(row: Fields, folder: str) -> RemoteFile:
    content = row.fields("content_details")
    checksum = content.text_or_none("sha256_hash")
    if checksum is not None and not _SHA256.fullmatch(checksum):
        raise content.fault("sha256_hash", f"should be a SHA-256 and is {checksum[:80]!r}")
    return RemoteFile(
        url=content.address("download_url"),
        path=f"{folder}{row.text('filename')}",
        size=content.count("size") if "size" in content else row.count("size"),
        checksum=f"sha256:{checksum.lower()}" if checksum else None,
    )


def _author(row: Fields) -> str:
    last, first = row.text_or_none("last_name"), row.text_or_none("first_name")
    return ", ".join(name for name in (last, first) if name)
