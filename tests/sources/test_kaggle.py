"""The source kaggle: what it lists, and what it refuses."""

from __future__ import annotations

import json

import pytest

from fetchers.dataset import Dataset, RemoteFile, Selection
from fetchers.errors import AccessError, NothingMatched, SourceError
from fetchers.sources import load
from tests.sources.places import PAGE, Answer, Context, conversation, read, running

API = "/api/v1"
VIEW = {
    "title": "Nodules",
    "licenseName": "CC BY-NC-SA 4.0",
    "currentVersionNumber": 3,
    "ownerName": "Ada",
    "totalBytes": 9,
}
FILES = [{"name": f"images/{number}.png", "totalBytes": 7} for number in range(3)] + [
    {"name": "t.csv", "totalBytes": 9}
]


def pages(query: dict[str, str]) -> bytes:
    """Return two files a page."""
    start = int(query.get("pageToken") or "0")
    token = str(start + 2) if start + 2 < len(FILES) else ""
    return json.dumps({"datasetFiles": FILES[start : start + 2], "nextPageToken": token}).encode()


ANSWERS: dict[str, Answer] = {
    f"{API}/datasets/view/ada/nodules": json.dumps(VIEW).encode(),
    f"{API}/datasets/list/ada/nodules": pages,
    f"{API}/competitions/data/list/rsna-x": json.dumps({"files": FILES}).encode(),
}


def dataset(place: Context, **options: object) -> Dataset:
    """Make a dataset of Kaggle's."""
    return Dataset(name="kaggle-x", options={"api": place.url(API), **(options or {"dataset": "ada/nodules"})})


def listed(answers: dict[str, Answer], **options: object) -> list[RemoteFile]:
    """List it."""
    with running(answers) as place, conversation() as client:
        return read(load("kaggle"), dataset(place, **options), Selection(), client)


def test_a_data_set_is_its_pages() -> None:
    """All pages, with the pinned version in each address; of a table no size, since it may come zipped."""
    found = listed(ANSWERS, dataset="ada/nodules", version=3)
    assert [remote.path for remote in found] == ["images/0.png", "images/1.png", "images/2.png", "t.csv"]
    assert found[0].url.endswith("/datasets/download/ada/nodules/images/0.png?datasetVersionNumber=3")
    assert [remote.size for remote in found] == [7, 7, 7, None]


def test_a_competition_is_its_files() -> None:
    """The list is there before the rules are accepted."""
    found = listed(ANSWERS, competition="rsna-x")
    assert found[0].url.endswith("/competitions/data/download/rsna-x/images/0.png")


def test_what_kaggle_says() -> None:
    """Title, licence, version."""
    with running(ANSWERS) as place, conversation() as client:
        told = load("kaggle").describe(dataset(place), client)
        rules = list(load("kaggle").steps(dataset(place, competition="rsna-x")))
    assert (told.title, told.version, told.licence) == ("Nodules", "3", "CC-BY-NC-SA-4.0")
    assert rules[-1].url == "https://www.kaggle.com/competitions/rsna-x/rules"


@pytest.mark.parametrize(
    ("words", "licence"), [("Unknown", None), (None, None), ("Other (specified in description)", ...)]
)
def test_unknown_stays_unknown(words: str | None, licence: object) -> None:
    """What the place does not say is not recorded as a licence."""
    answers: dict[str, Answer] = {
        f"{API}/datasets/view/ada/nodules": json.dumps(VIEW | {"licenseName": words}).encode()
    }
    with running(answers) as place, conversation() as client:
        found = load("kaggle").describe(dataset(place), client).licence
    assert found == licence or (licence is ... and (found or "").startswith("LicenseRef-"))


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (401, AccessError),
        ((403, {"Content-Type": "application/json"}, b'{"message": "You must accept the rules"}'), AccessError),
        (404, NothingMatched),
        (PAGE, SourceError),
        (b"{}", SourceError),
        (b'{"datasetFiles": [{}]}', SourceError),
        (b'{"datasetFiles": [{"name": "a"}], "nextPageToken": "1"}', SourceError),
    ],
)
def test_broken_answers_are_named(answer: Answer, kind: type[Exception]) -> None:
    """A refusal is never an empty listing; a token that leads back ends it."""
    with pytest.raises(kind) as caught:
        listed({f"{API}/datasets/list/ada/nodules": answer})
    if isinstance(answer, tuple):
        assert "You must accept the rules" in str(caught.value)
