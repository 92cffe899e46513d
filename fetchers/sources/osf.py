"""List the files of a project of the Open Science Framework: https://api.osf.io/v2/nodes/ID/

    GET nodes/ID/?embed=license        the project: title, licence
    GET nodes/ID/files/osfstorage/     the first level; `links.next` leads on, folders lead to their own listing

Registrations lie below `registrations/` and are asked for where no project has the identifier. A private project
answers 401. Each file has its size and, at OSF's own storage, its SHA-256 and MD5.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fetchers.dataset import Dataset, Description, RemoteFile, Selection
from fetchers.errors import AbsentError, CatalogueError
from fetchers.source import Source, store_name
from fetchers.sources import json_answers
from fetchers.sources.datacite import with_citation
from fetchers.sources.licence_ids import identifier_of
from fetchers.sources.reading.citations import cited
from fetchers.sources.reading.paging import Paging
from fetchers.sources.reading.rows import taken

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from fetchers.source import Asker
    from fetchers.sources.json_answers import Fields

API = "https://api.osf.io/v2/"
_DEEPEST = 32
_ADDRESS = re.compile(
    r"(?:osf:|doi:10\.17605/osf\.io/|https?://osf\.io/)(?P<id>[a-z0-9]{5,12})/?(?:(?:files|wiki)(?:/.*)?)?(?:[?#].*)?",
    re.IGNORECASE,
)
_ID = re.compile(r"[a-z0-9]{5,12}", re.IGNORECASE)
_DIGEST = re.compile(r"[0-9a-f]+", re.IGNORECASE)
_DIGITS = {"sha256": 64, "md5": 32}


class Osf(Source):
    """One project or registration, by its identifier in `options.project`."""

    def at(self, address: str, client: Asker) -> Dataset | None:
        """Return the project that `osf:ID`, its page or its DOI names."""
        del client
        found = _ADDRESS.fullmatch(address)
        if found is None:
            return None
        identifier = found["id"].lower()
        return Dataset(
            name=store_name("osf", identifier),
            title=f"OSF project {identifier}",
            source="osf",
            link=f"https://osf.io/{identifier}/",
            options={"project": identifier},
        )

    def describe(self, dataset: Dataset, client: httpx.Client) -> Description:
        """Return title and licence; OSF keeps no versions of a project."""
        _, answered = _node(dataset, client)
        project = answered.fields("data")
        attributes = project.fields("attributes")
        embedded = project.get_object("embeds")
        licence = embedded.get_object("license") if embedded else None
        data = licence.get_object("data") if licence else None
        told = data.get_object("attributes") if data else None
        name = told.text_or_none("name") if told else None
        page = told.text_or_none("url") if told else None
        said = Description(
            title=attributes.text_or_none("title"),
            licence=identifier_of(name, page, record=dataset.name),
            licence_words=name,
            licence_url=page,
            citations=cited(
                doi=attributes.text_or_none("doi") or attributes.text_or_none("article_doi"),
                title=attributes.text_or_none("title"),
                year=(attributes.text_or_none("date_created") or "")[:4],
                publisher="OSF",
            ),
            link=dataset.link,
        )
        return with_citation(said, f"10.17605/OSF.IO/{dataset.options.get('project')}".upper(), dataset, client)

    def files(self, dataset: Dataset, wanted: Selection, client: httpx.Client) -> Iterator[RemoteFile]:
        """Yield the files of OSF's own storage, folder by folder."""
        del wanted
        base, _ = _node(dataset, client)
        yield from self._below(f"{base}files/osfstorage/", client, 0)

    def _below(self, asked: str, client: httpx.Client, depth: int) -> Iterator[RemoteFile]:
        if depth > _DEEPEST:
            raise json_answers.faulty(asked, f"more than {_DEEPEST} folders in one another")
        paging = Paging()
        following: str | None = asked
        while following is not None:
            page = json_answers.one(client, following)
            rows = page.rows("data")
            links = page.fields_or_none("links")
            after = links.text_or_none("next") if links else None
            after = None if after is None else json_answers.within(following, after, following)
            new = paging.turn(following, [row.text_or_none("id") or "" for row in rows], after)
            yield from taken(rows if new else (), _file, self.refused)
            for row in rows if new else ():
                if _is_folder(row):
                    related = row.fields("relationships").fields("files").fields("links").fields("related")
                    yield from self._below(related.address("href"), client, depth + 1)
            following = after


def _base(dataset: Dataset, kind: str) -> str:
    identifier = dataset.options.get("project")
    if not isinstance(identifier, str) or not _ID.fullmatch(identifier):
        raise CatalogueError(
            f"{dataset.address}: options.project should be an identifier and is {identifier!r}",
            hint=f'[datasets.{dataset.name}.options] project = "abc12"',
        )
    return json_answers.address_of(str(dataset.options.get("api") or API), f"{kind}/{identifier}/")


def _node(dataset: Dataset, client: httpx.Client) -> tuple[str, Fields]:
    """Return the address of the project, or of the registration of that name, and what is said of it."""
    base = _base(dataset, "nodes")
    try:
        return base, json_answers.one(client, f"{base}?embed=license")
    except AbsentError:
        other = _base(dataset, "registrations")
        return other, json_answers.record(client, f"{other}?embed=license", dataset.address)


def _is_folder(row: Fields) -> bool:
    attributes = row.get_object("attributes")
    return attributes is not None and attributes.text_or_none("kind") == "folder"


def _file(row: Fields) -> RemoteFile | None:
    attributes = row.fields("attributes")
    if attributes.text("kind") == "folder":
        return None
    path = attributes.text_or_none("materialized_path") or attributes.text("name")
    extra = attributes.get_object("extra")
    hashes = extra.get_object("hashes") if extra else None
    return RemoteFile(
        url=row.fields("links").address("download"),
        path=path.lstrip("/"),
        size=attributes.count_or_none("size"),
        checksum=_checksum(hashes) if hashes else None,
    )


def _checksum(hashes: Fields) -> str | None:
    for kind, digits in _DIGITS.items():
        found = hashes.text_or_none(kind)
        if found is not None:
            if len(found) != digits or not _DIGEST.fullmatch(found):
                raise hashes.fault(kind, f"should have {digits} hexadecimal digits and is {found[:80]!r}")
            return f"{kind}:{found.lower()}"
    return None
