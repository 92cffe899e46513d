"""List the files of a dataset or competition at Kaggle: https://www.kaggle.com/api/v1

    GET datasets/view/OWNER/SLUG                         title, licence, the newest version's number
    GET datasets/list/OWNER/SLUG?pageSize=&pageToken=    its files, page by page (`nextPageToken`)
    GET datasets/download/OWNER/SLUG/FILE?datasetVersionNumber=N
    GET competitions/data/list/C                         the files, also before the rules are accepted
    GET competitions/data/download/C/FILE                a file; 403 before the rules are accepted

The person's key goes as Basic authorization. Listings have no checksums. A table may come zipped (`NAME.csv.zip`), so
what a listing says of a table's size promises nothing of what is sent, and a zip in place of it is unpacked.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from fetchers.dataset import Dataset, Description, RemoteFile, Selection, Step
from fetchers.errors import AbsentError, CatalogueError
from fetchers.source import Source, store_name
from fetchers.sources import json_answers
from fetchers.sources.licence_ids import identifier_of
from fetchers.sources.reading.citations import cited
from fetchers.sources.reading.paging import Paging
from fetchers.sources.reading.rows import taken

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import httpx

    from fetchers.source import Asker
    from fetchers.sources.json_answers import Fields

HOST = "https://www.kaggle.com"
_SLUG = r"[A-Za-z0-9][\w-]*"
_ADDRESS = re.compile(
    rf"(?:kaggle:c/(?P<competition>{_SLUG})"
    rf"|https?://(?:www\.)?kaggle\.com/(?:competitions|c)/(?P<page_competition>{_SLUG})(?:/[\w/-]*)?(?:[?#].*)?"
    rf"|kaggle:(?P<short>{_SLUG}/{_SLUG})(?:@v?(?P<short_version>\d{{1,6}}))?"
    rf"|https?://(?:www\.)?kaggle\.com/datasets/(?P<page>{_SLUG}/{_SLUG})"
    r"(?:/versions/(?P<page_version>\d{1,6}))?(?:/[\w-]*)?(?:[?#].*)?)"
)
_TEXTS = (".csv", ".tsv", ".json", ".txt")  # no zip is one of these, so a zip in their place is their dress
_TABLES = (".csv", ".tsv", ".json", ".txt", ".xlsx", ".xls", ".sqlite", ".parquet")


class Kaggle(Source):
    """One data set (`options.dataset`, `options.version`) or one competition (`options.competition`)."""

    gatekeeper = f"{HOST}/"
    connections = 4

    def at(self, address: str, client: Asker) -> Dataset | None:
        """Return what `kaggle:OWNER/SLUG[@V]`, `kaggle:c/COMPETITION` or its page names."""
        del client
        found = _ADDRESS.fullmatch(address)
        if found is None:
            return None
        competition = found["competition"] or found["page_competition"]
        if competition:
            return _competition(competition)
        reference = found["short"] or found["page"]
        version = found["short_version"] or found["page_version"]
        return Dataset(
            name=store_name("kaggle", reference),
            title=f"{reference} at Kaggle",
            source="kaggle",
            link=f"{HOST}/datasets/{reference}",
            options={"dataset": reference} | ({"version": int(version)} if version else {}),
        )

    def describe(self, dataset: Dataset, client: httpx.Client) -> Description:
        """Return title, licence and version of a data set; of a competition only what its address tells."""
        if "competition" in dataset.options:
            return Description(access="registration", steps=tuple(_steps(dataset)), link=dataset.link)
        asked = f"{_api(dataset)}/datasets/view/{_reference(dataset)}"
        record = json_answers.record(client, asked, dataset.address)
        named = dataset.options.get("version")
        version = named if isinstance(named, int) else record.count_or_none("currentVersionNumber")
        words = record.text_or_none("licenseName")
        title = record.text_or_none("title")
        return Description(
            title=title,
            version=None if version is None else str(version),
            licence=None if _says_nothing(words) else identifier_of(words, None, record=dataset.name),
            licence_words=words,
            citations=cited(
                doi=record.text_or_none("doi"),
                title=title,
                authors=[name for name in (record.text_or_none("ownerName"),) if name],
                year=(record.text_or_none("lastUpdated") or "")[:4],
                publisher="Kaggle",
            ),
            link=dataset.link,
            bytes=record.count_or_none("totalBytes"),
            pinned={} if version is None else {"version": version},
        )

    def steps(self, dataset: Dataset) -> Iterable[Step]:
        """Return the catalogue's steps, else those of the place: a key, and a competition's rules."""
        return dataset.steps or _steps(dataset)

    def files(self, dataset: Dataset, wanted: Selection, client: httpx.Client) -> Iterator[RemoteFile]:
        """Yield the files as the pages of the listing come."""
        del wanted
        if "competition" in dataset.options:
            name = _slug(dataset)
            listing = f"{_api(dataset)}/competitions/data/list/{name}"
            download, query, field = f"{_api(dataset)}/competitions/data/download/{name}", "", "files"
        else:
            name = _reference(dataset)
            version = dataset.options.get("version")
            query = f"?datasetVersionNumber={version}" if isinstance(version, int) else ""
            listing = f"{_api(dataset)}/datasets/list/{name}{query}"
            download, field = f"{_api(dataset)}/datasets/download/{name}", "datasetFiles"
        paging = Paging()
        token: str | None = ""
        while token is not None:
            joint = "&" if "?" in listing else "?"
            asked = f"{listing}{joint}pageSize=200" + (f"&pageToken={quote(token, safe='')}" if token else "")
            try:
                page = json_answers.one(client, asked)
            except AbsentError as error:
                raise json_answers.nothing_there(asked, dataset.address) from error
            rows = page.rows(field)
            token = page.text_or_none("nextPageToken")
            if paging.turn(asked, [row.text_or_none("name") or "" for row in rows], token):
                yield from taken(rows, partial(_file, download, query), self.refused)


def _file(download: str, query: str, row: Fields) -> RemoteFile:
    path = row.text("name").lstrip("/")
    lower = path.lower()
    return RemoteFile(
        url=f"{download}/{quote(path)}{query}",
        path=path,
        size=None if lower.endswith(_TABLES) else row.count_or_none("totalBytes"),
        unpack=True if lower.endswith(_TEXTS) else None,
    )


def _competition(name: str) -> Dataset:
    dataset = Dataset(
        name=store_name("kaggle-c-", name),
        title=f"{name}, a competition at Kaggle",
        source="kaggle",
        access="registration",
        link=f"{HOST}/competitions/{name}",
        options={"competition": name},
    )
    return dataset._replace(steps=tuple(_steps(dataset)))


def _api(dataset: Dataset) -> str:
    return str(dataset.options.get("api") or f"{HOST}/api/v1").rstrip("/")


def _reference(dataset: Dataset) -> str:
    reference = dataset.options.get("dataset")
    if not isinstance(reference, str) or not re.fullmatch(f"{_SLUG}/{_SLUG}", reference):
        raise CatalogueError(
            f"{dataset.address}: options.dataset should be OWNER/SLUG and is {reference!r}",
            hint=f'[datasets.{dataset.name}.options] dataset = "OWNER/SLUG"',
        )
    return reference


def _slug(dataset: Dataset) -> str:
    name = dataset.options.get("competition")
    if not isinstance(name, str) or not re.fullmatch(_SLUG, name):
        raise CatalogueError(
            f"{dataset.address}: options.competition should be its name in the address and is {name!r}",
            hint=f'[datasets.{dataset.name}.options] competition = "NAME"',
        )
    return name


def _says_nothing(words: str | None) -> bool:
    return words is None or words.strip().lower() == "unknown"


def _steps(dataset: Dataset) -> Iterator[Step]:
    yield Step(
        key="key",
        title=f"Make an API token and keep it: fetch login {HOST}/ --user NAME",
        url=f"{HOST}/settings",
    )
    if "competition" in dataset.options:
        name = dataset.options["competition"]
        yield Step(
            key="rules",
            title="Sign in and accept the competition's rules",
            url=f"{HOST}/competitions/{name}/rules",
            needs=(),
        )
