"""List the files that a Croissant description names: http://mlcommons.org/croissant/1.0

JSON-LD: `distribution` lists objects with `contentUrl` (perhaps relative to the description), `contentSize` ("N B") and
`sha256` or `md5`. A `FileSet`, and what is `containedIn` another object, lies inside an archive and comes with it.
The description lies at an address, or in a file of this machine that a person names.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from fetchers.dataset import Citation, Dataset, Description, RemoteFile, Selection
from fetchers.errors import CatalogueError
from fetchers.source import Source, store_name
from fetchers.sources import json_answers
from fetchers.sources.json_answers import Fields
from fetchers.sources.licence_ids import identifier_of
from fetchers.sources.reading.citations import cited, doi_of
from fetchers.sources.reading.rows import taken

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from fetchers.source import Asker

_LARGEST = 64 << 20  # bytes of a description on this machine
_SIZE = re.compile(r"(\d{1,18})(?:\s*B)?")
_DIGEST = re.compile(r"[0-9a-f]+", re.IGNORECASE)
_DIGITS = {"sha256": 64, "md5": 32}
_OBJECT = frozenset({"cr:FileObject", "sc:FileObject", "FileObject", "sc:DataDownload", "DataDownload"})


class Croissant(Source):
    """One description, at the address or in the file that `options.description` names."""

    def at(self, address: str, client: Asker) -> Dataset | None:
        """Return the data set that `croissant:ADDRESS-or-FILE` describes; its name is the description's own."""
        if not address.lower().startswith("croissant:"):
            return None
        where = address.partition(":")[2].strip()
        if not where:
            raise CatalogueError("croissant: names no description", hint="croissant:https://host/croissant.json")
        if not _remote(where):
            where = str(Path(where).absolute())
        told = _description(where, client() if _remote(where) else None)
        name = told.text_or_none("name") or unquote(urlsplit(where).path).rpartition("/")[2]
        return Dataset(
            name=store_name("croissant", name),
            title=name,
            source="croissant",
            link=told.text_or_none("url") if _remote(told.text_or_none("url") or "") else None,
            options={"description": where},
        )

    def describe(self, dataset: Dataset, client: httpx.Client) -> Description:
        """Return name, version, licence and citation as the description has them."""
        told = _description(_where(dataset), client)
        said = told.texts("license")
        page = said[0] if said and _remote(said[0]) else None
        words = None if page or not said else " AND ".join(said)
        nested = told.get_object("license")
        if nested is not None:
            words, page = nested.text_or_none("name"), nested.text_or_none("url")
        text = told.text_or_none("citeAs") or told.text_or_none("citation")
        return Description(
            title=told.text_or_none("name"),
            version=_plain(told, "version"),
            licence=identifier_of(words, page, record=dataset.name),
            licence_words=words or page,
            licence_url=page,
            citations=_citations(told, text),
            link=dataset.link,
        )

    def files(self, dataset: Dataset, wanted: Selection, client: httpx.Client) -> Iterator[RemoteFile]:
        """Yield the objects that have an address of their own; what lies inside one of them comes with it."""
        del wanted
        where = _where(dataset)
        inside = 0

        def file(row: Fields) -> RemoteFile | None:
            nonlocal inside
            if "containedIn" in row or _plain(row, "@type") not in _OBJECT:
                inside += 1
                return None
            found = row.text("contentUrl")
            if not _remote(where) and not _remote(found):
                raise row.fault("contentUrl", f"is relative, and the description lies on this machine: {found[:200]!r}")
            url = json_answers.within(where, found, where if _remote(where) else found)
            name = _plain(row, "name") or _plain(row, "@id") or ""
            last = unquote(urlsplit(url).path).rpartition("/")[2]
            return RemoteFile(
                url=url,
                path=name if "." in name and not _remote(name) else last or name,
                size=_size(row),
                checksum=_checksum(row),
            )

        yield from taken(_description(where, client).rows("distribution"), file, self.refused)
        if inside:
            self.remarks.append(f"{inside} entries of the description lie inside its archives")


def _remote(where: str) -> bool:
    return where.lower().startswith(("https://", "http://"))


def _where(dataset: Dataset) -> str:
    where = dataset.options.get("description")
    if not isinstance(where, str) or not where:
        raise CatalogueError(
            f"{dataset.address}: options.description should be an address or a file and is {where!r}",
            hint=f'[datasets.{dataset.name}.options] description = "https://host/croissant.json"',
        )
    return where


def _description(where: str, client: httpx.Client | None) -> Fields:
    if _remote(where) and client is not None:
        return json_answers.record(client, where, where)
    path = Path(where)
    try:
        if path.stat().st_size > _LARGEST:
            raise CatalogueError(f"{where}: a description of more than {_LARGEST >> 20} MiB", hint="name another file")
        found = json.loads(path.read_bytes())
    except OSError as error:
        raise CatalogueError(f"{where} cannot be read: {error.strerror}", hint="name a file that is there") from error
    except (ValueError, RecursionError) as error:
        raise json_answers.faulty(where, "no JSON, or JSON that breaks off") from error
    if not isinstance(found, dict):
        raise json_answers.faulty(where, "should be an object")
    return Fields(where, found)


def _citations(told: Fields, text: str | None) -> tuple[Citation, ...]:
    doi = next((found for one in (*told.texts("identifier"), *told.texts("url")) if (found := doi_of(one))), None)
    authors = [name for row in _people(told) if (name := row.text_or_none("name"))]
    if text and text.lstrip().startswith("@"):
        return (Citation(doi=doi, bibtex=text),)
    year = (told.text_or_none("datePublished") or "")[:4]
    return cited(doi=doi, title=told.text_or_none("name"), authors=authors, year=year, text=text)


def _people(told: Fields) -> list[Fields]:
    one = told.get_object("creator")
    if one is not None:
        return [one]
    return told.rows("creator") if told.is_list("creator") else []


def _plain(row: Fields, name: str) -> str | None:
    """Return a text; of a list its first one, of a number its digits: JSON-LD writes all of them."""
    texts = row.texts(name)
    if texts:
        return texts[0]
    return row.number_as_text(name)


def _size(row: Fields) -> int | None:
    found = _SIZE.fullmatch(_plain(row, "contentSize") or "")
    return int(found[1]) if found else None


def _checksum(row: Fields) -> str | None:
    for kind, digits in _DIGITS.items():
        found = row.text_or_none(kind)
        if found is not None:
            if len(found) != digits or not _DIGEST.fullmatch(found):
                raise row.fault(kind, f"should have {digits} hexadecimal digits and is {found[:80]!r}")
            return f"{kind}:{found.lower()}"
    return None
