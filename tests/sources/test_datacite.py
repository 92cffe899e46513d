"""DataCite: the citation of a record whose place gives none."""

from __future__ import annotations

import json

import pytest

from fetchers.dataset import Citation, Dataset, Description
from fetchers.sources.datacite import with_citation
from tests.sources.places import PAGE, Answer, conversation, running

DOI = "10.17605/OSF.IO/AB12C"
RECORD = {
    "titles": [{"title": "Lungs"}],
    "creators": [{"name": "Roe, Ada"}],
    "publicationYear": 2021,
    "publisher": {"name": "OSF"},
}
THIN = Description(title="Lungs")


def cited(answer: Answer, told: Description = THIN, **options: object) -> tuple[Description, list[str]]:
    """Complete a description at a DataCite that answers so; return it, and what was asked."""
    with (
        running({f"/dois/{DOI}": answer}) as place,
        conversation({"https://api.datacite.org/": place.url("/")}) as client,
    ):
        return with_citation(told, DOI, Dataset(name="x", options=options), client), place.asked


def answered(**more: object) -> bytes:
    """Answer as DataCite does."""
    return json.dumps({"data": {"attributes": {**RECORD, **more}}}).encode()


@pytest.mark.parametrize("publisher", ["OSF", {"name": "OSF"}])
def test_a_record_without_a_citation_has_datacites(publisher: object) -> None:
    """With authors, title, year, publisher and DOI; one request."""
    found, asked = cited(answered(publisher=publisher))
    (citation,) = found.citations
    assert citation.doi == DOI
    for word in ("Roe, Ada", "Lungs", "2021", "OSF"):
        assert word in (citation.bibtex or "")
    assert len(asked) == 1


def test_what_the_place_says_stays() -> None:
    """Nobody is asked where it can be cited, nor for an installation whose DOIs have another pattern."""
    mine = THIN._replace(citations=(Citation(doi="10.1/x", bibtex="@misc{x}"),))
    assert cited(answered(), mine) == (mine, [])
    assert cited(answered(), api="https://other.example.org/") == (THIN, [])


@pytest.mark.parametrize("answer", [404, 503, 401, PAGE, b"{}", b"[]", b""])
def test_without_an_answer_it_is_as_it_was(answer: Answer) -> None:
    """No get fails for a citation, and the question is asked once."""
    found, asked = cited(answer)
    assert found == THIN
    assert len(asked) == 1
