"""The source medpix: what it lists, and what it refuses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from fetchers.dataset import Dataset, Selection
from fetchers.errors import SourceError
from fetchers.sources import load
from tests.sources.places import PAGE, Answer, Body, Context, conversation, read, recorded, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from fetchers.dataset import RemoteFile

LIST, CASE = "/rest/caseofweek/list", "/rest/encounter.json"


def case(query: dict[str, str]) -> Body:
    """Return a case; the second one shares an image with the first."""
    whole = json.loads(recorded("medpix/encounter.json"))
    if query["encounterID"].startswith("90ab"):
        whole["imageList"] = [
            {"imageURL": "/images/full/synpic12345.jpg"},
            {"imageURL": "images/full/synpic%20777.png"},
        ]
    return json.dumps(whole).encode()


ANSWERS: dict[str, Answer] = {LIST: recorded("medpix/list.xml"), CASE: case}


def files_of(place: Context, client: httpx.Client) -> Iterator[RemoteFile]:
    """List MedPix."""
    return load("medpix").files(Dataset(name="medpix", options={"host": place.url()}), Selection(), client)


def test_cases_are_asked_for_one_by_one() -> None:
    """An image of two cases comes once; two of one name in two folders are two; each case is asked for once."""
    with running(ANSWERS) as place, conversation() as client:
        found = list(files_of(place, client))
        assert [remote.path for remote in found] == [
            "full/synpic12345.jpg",
            "cow/synpic12345.jpg",
            "full/synpic 777.png",
        ]
        assert found[2].url == place.url("/images/full/synpic%20777.png")
        assert len([asked for asked in place.asked if CASE in asked]) == 2


def test_only_what_is_read_is_asked_for() -> None:
    """`--limit 1` asks for one case of thousands."""
    with running(ANSWERS) as place, conversation() as client:
        next(files_of(place, client))
        assert len(place.asked) == 2


def test_the_place_is_treated_gently() -> None:
    """Public code waits 0.2 s between two requests."""
    assert load("medpix").pause == 0.2


GOOD = recorded("medpix/list.xml")
BROKEN: list[tuple[dict[str, Answer], str]] = [
    ({LIST: b""}, "no XML"),
    ({LIST: PAGE}, "no XML|no case is listed"),
    ({LIST: b"<html><body/></html>"}, "no case is listed in <html>"),
    ({LIST: GOOD[:-60]}, "breaks off"),
    ({LIST: b"<cases></cases>"}, "encounterID is missing"),
    ({LIST: b"<cases><encounterID>../x?y</encounterID></cases>"}, r"encounterID\[0\] is no identifier"),
    ({LIST: b'<!DOCTYPE x [<!ENTITY a "b">]><cases><encounterID>&a;</encounterID></cases>'}, "no XML"),
    ({CASE: b""}, "empty"),
    ({CASE: PAGE}, "a page"),
    ({CASE: recorded("medpix/encounter.json")[:-9]}, "breaks off"),
    ({CASE: b"{}"}, "field imageList is missing"),
    ({CASE: b'{"imageList": {}}'}, "imageList should be a list"),
    ({CASE: b'{"imageList": "x"}'}, "imageList should be a list"),
    ({CASE: b'{"imageList": [{}]}'}, r"field imageList\[0\].imageURL is missing"),
    ({CASE: b'{"imageList": [{"imageURL": 7}]}'}, r"imageList\[0\].imageURL should be a text"),
    ({CASE: b'{"imageList": [{"imageURL": "javascript:x"}]}'}, "gives an address that is none"),
    ({CASE: b'{"imageList": [{"imageURL": "/"}]}'}, "names no file"),
]


@pytest.mark.parametrize(("answers", "said"), BROKEN, ids=lambda value: str(value)[:30])
def test_a_wrong_answer_is_named(answers: dict[str, Answer], said: str) -> None:
    """Every way in which the list or a case can be wrong names the address and the field."""
    with running({**ANSWERS, **answers}) as place, conversation() as client:
        with pytest.raises(SourceError, match=said) as caught:
            read(load("medpix"), Dataset(name="medpix", options={"host": place.url()}), Selection(), client)
        assert place.url("/rest/") in caught.value.what
