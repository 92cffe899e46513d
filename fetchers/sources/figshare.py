"""List the files of a figshare article: https://api.figshare.com/v2/articles/N

    GET articles/N                              the article: title, version, licence, DOI, and its first ten files
    GET articles/N/versions/V                   the same of one version
    GET articles/N/files?page=1&page_size=100   all of its files, page by page

Each file has its size and the MD5 that figshare computed. The article itself lists ten files at most, so the pages are
asked where it lists ten. Two files of one article may bear the same name: the later one lies below its number. An
article under embargo lists no files, and its web firewall answers 202 without content: neither is an empty article.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fetchers.dataset import Dataset, Description, RemoteFile, Selection
from fetchers.errors import AccessError, CatalogueError
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

API = "https://api.figshare.com/v2/"
_IN_ARTICLE = 10  # files that an article lists itself
_PAGE = 100
_ADDRESS = re.compile(
    r"(?:figshare:(?P<plain>\d{1,12})(?:[/@.]v?(?P<plain_version>\d{1,4}))?"
    r"|doi:10\.6084/m9\.figshare\.(?:c\.)?(?P<doi>\d{1,12})(?:\.v(?P<doi_version>\d{1,4}))?"
    r"|https?://(?:[\w-]+\.)?figshare\.com/articles/(?:[^?#]*/)?(?P<page>\d{4,12})(?:/(?P<page_version>\d{1,4}))?/?(?:[?#].*)?)",
    re.IGNORECASE,
)
_MD5 = re.compile(r"[0-9a-f]{32}", re.IGNORECASE)


class Figshare(Source):
    """One article, by its number in `options.article`, pinned to one of its versions by `options.version`."""

    def at(self, address: str, client: Asker) -> Dataset | None:
        """Return the article that `figshare:N`, its page or its DOI names."""
        del client
        found = _ADDRESS.fullmatch(address)
        if found is None:
            return None
        number = int(found["plain"] or found["doi"] or found["page"])
        version = found["plain_version"] or found["doi_version"] or found["page_version"]
        return Dataset(
            name=store_name("figshare", str(number)),
            title=f"figshare article {number}",
            source="figshare",
            link=f"https://figshare.com/articles/dataset/_/{number}",
            options={"article": number} | ({"version": int(version)} if version else {}),
        )

    def describe(self, dataset: Dataset, client: httpx.Client) -> Description:
        """Return title, version, licence and citation as the article has them."""
        article = _article(dataset, client)
        licence = article.get_object("license")
        words = licence.text_or_none("name") if licence else article.text_or_none("license")
        page = licence.text_or_none("url") if licence else None
        version = article.count_or_none("version")
        said = Description(
            title=article.text_or_none("title"),
            version=None if version is None else str(version),
            licence=identifier_of(words, page, record=dataset.name),
            licence_words=words,
            licence_url=page,
            citations=cited(
                doi=article.text_or_none("doi"),
                title=article.text_or_none("title"),
                authors=[row.text("full_name") for row in article.rows_or_none("authors") if "full_name" in row],
                year=(article.text_or_none("published_date") or "")[:4],
                publisher="figshare",
                text=article.text_or_none("citation"),
            ),
            link=article.text_or_none("url_public_html") or dataset.link,
            pinned={} if version is None else {"version": version},
        )
        return with_citation(said, f"10.6084/m9.figshare.{dataset.options.get('article')}", dataset, client)

    def files(self, dataset: Dataset, wanted: Selection, client: httpx.Client) -> Iterator[RemoteFile]:
        """Yield the article's files with figshare's MD5s; a link to elsewhere is no file and is said."""
        del wanted
        article = _article(dataset, client)
        rows = article.rows("files")
        if not rows and _embargoed(article):
            until = article.text_or_none("embargo_date")
            raise AccessError(
                f"{dataset.address}: figshare holds its files under embargo{f' until {until}' if until else ''}",
                hint=f"ask the authors: {article.text_or_none('url_public_html') or dataset.link}",
            )
        listed = rows if len(rows) < _IN_ARTICLE else self._pages(dataset, client)
        names: set[str] = set()

        def file(row: Fields) -> RemoteFile | None:
            name = row.text("name")
            if row.flag("is_link_only"):
                self.remarks.append(f"{name} is a link to another place and was left out: {row.text('download_url')}")
                return None
            path = name if name not in names else f"{row.count('id')}/{name}"
            names.add(path)
            return RemoteFile(
                url=row.address("download_url"), path=path, size=row.count("size"), checksum=_checksum(row)
            )

        yield from taken(listed, file, self.refused)

    def _pages(self, dataset: Dataset, client: httpx.Client) -> Iterator[Fields]:
        paging = Paging()
        number = 0
        while True:
            number += 1
            asked = json_answers.address_of(_base(dataset), f"files?page={number}&page_size={_PAGE}")
            rows = list(json_answers.rows(client, asked))
            new = paging.turn(asked, [str(row.count("id")) for row in rows])
            yield from rows if new else ()
            if len(rows) < _PAGE:
                return


def _base(dataset: Dataset) -> str:
    number, version = dataset.options.get("article"), dataset.options.get("version")
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        raise CatalogueError(
            f"{dataset.address}: options.article should be the article's number and is {number!r}",
            hint=f"[datasets.{dataset.name}.options] article = 14825193",
        )
    api = json_answers.address_of(str(dataset.options.get("api") or API), f"articles/{number}")
    return f"{api}/versions/{version}" if isinstance(version, int) else api


def _article(dataset: Dataset, client: httpx.Client) -> Fields:
    return json_answers.record(client, _base(dataset), dataset.address)


def _embargoed(article: Fields) -> bool:
    return article.flag("is_embargoed") or article.flag("is_confidential")


def _checksum(row: Fields) -> str | None:
    for field in ("computed_md5", "supplied_md5"):
        found = row.text_or_none(field)
        if found is not None:
            if not _MD5.fullmatch(found):
                raise row.fault(field, f"should be an MD5 and is {found[:80]!r}")
            return f"md5:{found.lower()}"
    return None
