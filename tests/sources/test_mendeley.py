"""The source mendeley: what it lists, and what it refuses."""

from __future__ import annotations

import json

import pytest

from fetchers.dataset import Dataset, RemoteFile, Selection
from fetchers.errors import AccessError, NothingMatched, SourceError
from fetchers.sources import load
from tests.sources.places import PAGE, Answer, Context, conversation, read, running

SHA = "a" * 64
HERE = "/public-api/datasets/zr7vgbcyr2"
RECORD = {
    "id": "zr7vgbcyr2",
    "name": "PAD-UFES-20",
    "version": 1,
    "doi": {"id": "10.17632/zr7vgbcyr2.1"},
    "publish_date": "2020-07-07T00:00:00Z",
    "data_licence": {"short_name": "CC BY 4.0", "url": "http://creativecommons.org/licenses/by/4.0"},
    "contributors": [{"first_name": "Ada", "last_name": "Roe"}],
}
FOLDERS = [{"id": "f1", "name": "images"}, {"id": "f2", "name": "part 1", "parent_id": "f1"}]


def files(query: dict[str, str]) -> bytes | int:
    """Answer 400 without a folder, as the place does."""
    if "folder_id" not in query:
        return 400
    name = {"root": "meta.csv", "f1": "readme.txt", "f2": "a.png"}[query["folder_id"]]
    content = {
        "sha256_hash": SHA,
        "size": 7,
        "download_url": f"https://data.mendeley.com/public-files/{name}/file_downloaded",
    }
    return json.dumps([{"filename": name, "id": "1", "content_details": content, "size": 7}]).encode()


ANSWERS: dict[str, Answer] = {
    HERE: json.dumps(RECORD).encode(),
    f"{HERE}/folders/1": json.dumps(FOLDERS).encode(),
    f"{HERE}/files": files,
}


def dataset(place: Context, **options: object) -> Dataset:
    """Make the dataset of `mendeley:zr7vgbcyr2`."""
    return Dataset(
        name="mendeley-zr7vgbcyr2", options={"api": place.url("/public-api/"), "dataset": "zr7vgbcyr2", **options}
    )


def listed(answers: dict[str, Answer], **options: object) -> list[RemoteFile]:
    """List a set."""
    with running(answers) as place, conversation() as client:
        return read(load("mendeley"), dataset(place, **options), Selection(), client)


@pytest.mark.parametrize("options", [{}, {"version": 1}])
def test_each_folder_is_asked_for_by_itself(options: dict[str, object]) -> None:
    """Paths by the folders, SHA-256, size; the newest version where none is named."""
    found = listed(ANSWERS, **options)
    assert [remote.path for remote in found] == ["meta.csv", "images/readme.txt", "images/part 1/a.png"]
    assert {(remote.size, remote.checksum) for remote in found} == {(7, f"sha256:{SHA}")}


def test_what_the_record_says_of_itself() -> None:
    """Name, version, licence, DOI."""
    with running(ANSWERS) as place, conversation() as client:
        told = load("mendeley").describe(dataset(place), client)
    assert (told.title, told.version, told.licence) == ("PAD-UFES-20", "1", "CC-BY-4.0")
    assert told.citations[0].doi == "10.17632/zr7vgbcyr2.1"


@pytest.mark.parametrize(
    ("path", "answer", "kind"),
    [
        (HERE, 404, NothingMatched),
        (HERE, 403, AccessError),
        (HERE, PAGE, SourceError),
        (HERE, b"{}", SourceError),
        (f"{HERE}/folders/1", b'[{"id": "a", "name": "a", "parent_id": "a"}]', SourceError),
        (f"{HERE}/files", b'[{"filename": "x"}]', SourceError),
        (f"{HERE}/files", PAGE, SourceError),
        (f"{HERE}/files", 403, AccessError),
    ],
)
def test_broken_answers_are_named(path: str, answer: Answer, kind: type[Exception]) -> None:
    """A circle of folders, a page, a missing field, a refusal: never an empty listing."""
    with pytest.raises(kind):
        listed({**ANSWERS, path: answer})
