"""List the files of a Dataverse dataset: https://dataverse.harvard.edu/api/datasets/:persistentId/

    GET api/datasets/:persistentId/?persistentId=doi:10....                     the newest version
    GET api/datasets/:persistentId/versions/V?persistentId=doi:10....           one version
    GET api/access/datafile/ID[?format=original]                                a file

A table that a Dataverse took in is handed out as it was uploaded (`format=original`): its MD5 is usually the
original's (IQSS/dataverse#5321). Files that are restricted answer 403 to whom they are not open.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlsplit

from fetchers.dataset import Dataset, Description, RemoteFile, Selection
from fetchers.errors import CatalogueError
from fetchers.source import Source, store_name
from fetchers.sources import json_answers
from fetchers.sources.datacite import with_citation
from fetchers.sources.licence_ids import identifier_of
from fetchers.sources.reading.citations import cited, doi_of
from fetchers.sources.reading.rows import taken

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from fetchers.source import Asker
    from fetchers.sources.json_answers import Fields

_BY_PREFIX = {"10.7910": "dataverse.harvard.edu", "10.34894": "dataverse.nl", "10.18710": "dataverse.no"}
_HOST = re.compile(r"[a-z0-9.-]+(?::\d{1,5})?", re.IGNORECASE)
_KINDS = {"MD5": ("md5", 32), "SHA-1": ("sha1", 40), "SHA-256": ("sha256", 64)}
_DIGEST = re.compile(r"[0-9a-f]+", re.IGNORECASE)


class Dataverse(Source):
    """One data set, by `options.host` and `options.doi`; `options.version` pins one of its versions."""

    def at(self, address: str, client: Asker) -> Dataset | None:
        """Return the data set that `dataverse:HOST/DOI`, its page, or a DOI of a known installation names."""
        del client
        host, doi, version = _read(address)
        if not host or not doi:
            return None
        return Dataset(
            name=store_name("dataverse", host, doi),
            title=f"{doi} at {host}",
            source="dataverse",
            link=f"https://{host}/dataset.xhtml?persistentId=doi:{doi}",
            options={"host": host, "doi": doi} | ({"version": version} if version else {}),
        )

    def describe(self, dataset: Dataset, client: httpx.Client) -> Description:
        """Return title, version, licence and DOI as the newest version has them."""
        version = _version(dataset, client)
        licence = version.get_object("license")
        name = licence.text_or_none("name") if licence else version.text_or_none("license")
        page = licence.text_or_none("uri") if licence else None
        if name is None and "termsOfUse" in version:
            name = "custom"
        number = ".".join(
            str(version.count(field)) for field in ("versionNumber", "versionMinorNumber") if field in version
        )
        title, authors = _citation_block(version)
        said = Description(
            title=title,
            version=number or None,
            licence=identifier_of(name, page, record=dataset.name),
            licence_words=version.text_or_none("termsOfUse") if name == "custom" else name,
            licence_url=page,
            citations=cited(
                doi=str(dataset.options.get("doi") or ""),
                title=title,
                authors=authors,
                year=(version.text_or_none("publicationDate") or version.text_or_none("releaseTime") or "")[:4],
                publisher=str(dataset.options.get("host") or "Dataverse"),
            ),
            link=dataset.link,
            pinned={"version": number} if number else {},
        )
        return with_citation(said, str(dataset.options.get("doi") or ""), dataset, client)

    def files(self, dataset: Dataset, wanted: Selection, client: httpx.Client) -> Iterator[RemoteFile]:
        """Yield the files in their folders, a table that was taken in as it was uploaded."""
        del wanted
        base = _base(dataset)
        rows = _version(dataset, client).rows("files")
        yield from taken(rows, partial(_file, base), self.refused)
        restricted = sum(row.flag("restricted") for row in rows)
        if restricted:
            self.remarks.append(
                f"{restricted} files are restricted: the page tells how to ask for them, {dataset.link}"
            )


def _read(address: str) -> tuple[str | None, str | None, str | None]:
    if address.lower().startswith("dataverse:"):
        host, _, rest = address.partition(":")[2].partition("/")
        return (host.lower(), doi_of(rest), None) if _HOST.fullmatch(host) else (None, None, None)
    if address.lower().startswith("doi:"):
        doi = doi_of(address)
        return _BY_PREFIX.get((doi or "").partition("/")[0]), doi, None
    if address.lower().startswith(("https://", "http://")) and "persistentid=" in address.lower():
        parts = urlsplit(address)
        query = {name.lower(): values[0] for name, values in parse_qs(parts.query).items()}
        version = query.get("version")
        pinned = version if version and re.fullmatch(r"\d{1,4}(?:\.\d{1,4})?", version) else None
        return (parts.netloc.lower(), doi_of(query.get("persistentid")), pinned)
    return None, None, None


def _base(dataset: Dataset) -> str:
    host, doi = dataset.options.get("host"), dataset.options.get("doi")
    if not isinstance(host, str) or not isinstance(doi, str) or doi_of(doi) is None:
        raise CatalogueError(
            f"{dataset.address}: options.host and options.doi should name a data set and are {host!r}, {doi!r}",
            hint=f'[datasets.{dataset.name}.options] host = "dataverse.harvard.edu", doi = "10.7910/DVN/X"',
        )
    return host.rstrip("/") if host.startswith(("https://", "http://")) else f"https://{host}"


def _version(dataset: Dataset, client: httpx.Client) -> Fields:
    base = _base(dataset)
    which = f"persistentId=doi:{quote(str(doi_of(str(dataset.options['doi']))), safe='/')}"
    version = dataset.options.get("version")
    if isinstance(version, str | int) and not isinstance(version, bool):
        asked = f"{base}/api/datasets/:persistentId/versions/{quote(str(version), safe='')}?{which}"
        return json_answers.record(client, asked, dataset.address).fields("data")
    asked = f"{base}/api/datasets/:persistentId/?{which}"
    return json_answers.record(client, asked, dataset.address).fields("data").fields("latestVersion")


def _citation_block(version: Fields) -> tuple[str | None, list[str]]:
    blocks = version.get_object("metadataBlocks")
    block = blocks.get_object("citation") if blocks else None
    title, authors = None, []
    for row in block.rows_or_none("fields") if block else ():
        kind = row.text_or_none("typeName")
        if kind == "title":
            title = row.text_or_none("value")
        elif kind == "author":
            for author in row.rows_or_none("value"):
                name = author.get_object("authorName")
                if name is not None and "value" in name:
                    authors.append(name.text("value"))
    return title, authors


def _file(base: str, row: Fields) -> RemoteFile:
    file = row.fields("dataFile")
    original = file.text_or_none("originalFileName")
    name = original or file.text_or_none("filename") or row.text("label")
    folder = row.text_or_none("directoryLabel")
    return RemoteFile(
        url=f"{base}/api/access/datafile/{file.count('id')}" + ("?format=original" if original else ""),
        path=f"{folder.strip('/')}/{name}" if folder else name,
        size=file.count_or_none("originalFileSize") if original else file.count("filesize"),
        checksum=_checksum(file),
    )


def _checksum(file: Fields) -> str | None:
    told = file.get_object("checksum")
    kind, digits = _KINDS.get((told.text_or_none("type") if told else None) or "MD5", (None, 0))
    found = told.text_or_none("value") if told else file.text_or_none("md5")
    if kind is None or found is None:
        return None
    if len(found) != digits or not _DIGEST.fullmatch(found):
        raise file.fault("checksum", f"should have {digits} hexadecimal digits and is {found[:80]!r}")
    return f"{kind}:{found.lower()}"
