"""The source medpix: images that Open-i hands out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from fetchers.dataset import Dataset, Selection
from fetchers.errors import AccessError, FetchError, SourceError
from fetchers.sources import load
from tests.sources.places import PAGE, Answer, Body, conversation, read, running

if TYPE_CHECKING:
    from collections.abc import Callable

SEARCH = "/api/search"


def row(number: int, **said: object) -> dict[str, object]:
    """Return a hit as Open-i shapes it."""
    name = f"MPX{number:04}_synpic{number}"
    return {"uid": f"u{number}", "image": {"id": name}, "imgLarge": f"/imgs/512/1/MPX/{name}.png?keywords=x", **said}


def hits(count: int) -> Callable[[dict[str, str]], Body]:
    """Answer the search for `count` images, in pages from `m` to `n`."""

    def answer(query: dict[str, str]) -> Body:
        assert query["coll"] == "mpx"
        numbers = range(int(query["m"]), min(int(query["n"]), count) + 1)
        return json.dumps({"total": count, "list": [row(number) for number in numbers]}).encode()

    return answer


def listing(rows: list[object], total: int = 1) -> bytes:
    """Return one page."""
    return json.dumps({"total": total, "list": rows}).encode()


def test_every_page_is_read_once() -> None:
    """A hundred hits a page, counted from 1; each image lies below `openi/` by its own name."""
    with running({SEARCH: hits(230)}) as place, conversation() as client:
        found = list(load("openi").files(Dataset(name="medpix", options={"openi": place.url()}), Selection(), client))
        assert len(found) == 230
        assert found[0].path == "openi/MPX0001_synpic1.png"
        assert found[0].url == place.url("/imgs/512/1/MPX/MPX0001_synpic1.png?keywords=x")
        assert len(place.asked) == 3


def test_the_licence_is_the_images_own() -> None:
    """Open-i says it image by image; unknown words are no permission, and no word is none."""
    rows: list[object] = [
        row(1, ccLicense="https://creativecommons.org/licenses/by/4.0/"),
        row(2, licenseType="ask the author"),
        row(3),
    ]
    with running({SEARCH: listing(rows, 3)}) as place, conversation() as client:
        found = list(load("openi").files(Dataset(name="medpix", options={"openi": place.url()}), Selection(), client))
    assert found[0].licence == "CC-BY-4.0"
    assert (found[1].licence or "").startswith("LicenseRef-")
    assert found[2].licence is None


BROKEN: list[tuple[Answer, str]] = [
    (PAGE, "a page"),
    (b"", "empty"),
    (b"{}", "field list is missing"),
    (b'{"list": []}', "field total is missing"),
    (listing([], 9), "no image is listed"),
    (listing([{"uid": "x"}]), r"list\[0\].imgLarge is missing"),
    (listing([row(1, imgLarge="javascript:x")]), "gives an address that is none"),
    (listing([row(1, imgLarge="/imgs/")]), "names no file"),
    (listing([row(1)], 5000), "brings nothing new"),
]


@pytest.mark.parametrize(("answer", "said"), BROKEN, ids=lambda value: str(value)[:30])
def test_a_wrong_answer_is_named(answer: Answer, said: str) -> None:
    """Every way in which the search can be wrong names the address and what is wrong; a circle ends."""
    with running({SEARCH: answer}) as place, conversation() as client:
        with pytest.raises(SourceError, match=said) as caught:
            read(load("openi"), Dataset(name="medpix", options={"openi": place.url()}), Selection(), client)
        assert place.url(SEARCH) in caught.value.what


@pytest.mark.parametrize(("status", "kind"), [(401, AccessError), (403, AccessError), (404, FetchError)])
def test_a_refusal_is_no_empty_listing(status: int, kind: type[FetchError]) -> None:
    """What is refused is told as that."""
    with running({SEARCH: status}) as place, conversation() as client, pytest.raises(kind):
        list(load("openi").files(Dataset(name="medpix", options={"openi": place.url()}), Selection(), client))
