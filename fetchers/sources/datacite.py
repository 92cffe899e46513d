"""Ask DataCite of a DOI: to which page it leads, and how its data are cited. https://api.datacite.org/dois/"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import quote

from fetchers.errors import FetchError
from fetchers.sources import json_answers
from fetchers.sources.reading.citations import cited, doi_of
from fetchers.transport.extensions import ONCE

if TYPE_CHECKING:
    import httpx

    from fetchers.dataset import Citation, Dataset, Description
    from fetchers.sources.json_answers import Fields

API = "https://api.datacite.org/dois/"


def attributes(doi: str, client: httpx.Client, *, once: bool = False) -> Fields:
    """Return what DataCite has of a DOI; with `once` a failure is final."""
    answer = client.get(f"{API}{quote(doi, safe='/')}", extensions={ONCE: once})
    return json_answers.parsed(answer).fields("data").fields("attributes")


def with_citation(told: Description, doi: str, dataset: Dataset, client: httpx.Client) -> Description:
    """Return a description with DataCite's citation where the place itself gives none that can be printed.

    `doi` is the record's by the place's own pattern; another installation of its software has another one. A DOI that
    DataCite does not have, or an answer that does not come, leaves the description as it is.
    """
    known = next((one.doi for one in told.citations if one.doi), None)
    known = known or (doi_of(doi) if "api" not in dataset.options else None)
    if known is None or any(one.bibtex for one in told.citations):
        return told
    with suppress(FetchError):
        found = _citation(known, attributes(known, client, once=True))
        return told._replace(citations=found or told.citations)
    return told


def _citation(doi: str, said: Fields) -> tuple[Citation, ...]:
    titles = [row.text("title") for row in said.rows_or_none("titles") if "title" in row]
    publisher = said.get_object("publisher")  # a text in the older answers
    return cited(
        doi=doi,
        title=next(iter(titles), None),
        authors=[row.text("name") for row in said.rows_or_none("creators") if "name" in row],
        year=said.number_as_text("publicationYear"),
        publisher=publisher.text_or_none("name") if publisher else said.text_or_none("publisher"),
    )
