"""The source dataverse: what it lists, and what it refuses."""

from __future__ import annotations

import json

import pytest

from fetchers.dataset import Dataset, RemoteFile, Selection
from fetchers.errors import AccessError, NothingMatched, SourceError
from fetchers.sources import load
from tests.sources.places import PAGE, Answer, Context, conversation, read, running

MD5 = "0123456789abcdef0123456789abcdef"
PATH = "/api/datasets/:persistentId/"
FILES = [
    {
        "label": "ham.zip",
        "directoryLabel": "images/a",
        "dataFile": {"id": 1, "filename": "ham.zip", "filesize": 7, "md5": MD5},
    },
    {
        "label": "meta.tab",
        "restricted": True,
        "dataFile": {
            "id": 2,
            "filename": "meta.tab",
            "filesize": 99,
            "checksum": {"type": "SHA-1", "value": "a" * 40},
            "originalFileName": "meta.csv",
            "originalFileSize": 5,
        },
    },
]
VERSION = {
    "versionNumber": 4,
    "versionMinorNumber": 0,
    "releaseTime": "2018-06-04T00:00:00Z",
    "license": {"name": "CC BY-NC 4.0", "uri": "http://creativecommons.org/licenses/by-nc/4.0"},
    "metadataBlocks": {
        "citation": {
            "fields": [
                {"typeName": "title", "value": "HAM10000"},
                {"typeName": "author", "value": [{"authorName": {"value": "Roe, Ada"}}]},
            ]
        }
    },
    "files": FILES,
}


def of(version: dict[str, object]) -> bytes:
    """Make an answer."""
    return json.dumps({"status": "OK", "data": {"id": 1, "latestVersion": version}}).encode()


def dataset(place: Context, **options: object) -> Dataset:
    """Make a dataset of a Dataverse."""
    return Dataset(
        name="dataverse-x", link="https://h/", options={"host": place.url(), "doi": "10.7910/DVN/X", **options}
    )


def listed(answer: Answer, **options: object) -> list[RemoteFile]:
    """List it."""
    with running({PATH: answer}) as place, conversation() as client:
        return read(load("dataverse"), dataset(place, **options), Selection(), client)


def test_a_version_is_its_files() -> None:
    """Folders, size, checksum; a table as it was uploaded."""
    image, table = listed(of(VERSION))
    assert (image.path, image.size, image.checksum) == ("images/a/ham.zip", 7, f"md5:{MD5}")
    assert image.url.endswith("/api/access/datafile/1")
    assert (table.path, table.size, table.checksum) == ("meta.csv", 5, f"sha1:{'a' * 40}")
    assert table.url.endswith("/api/access/datafile/2?format=original")


def test_a_pinned_version_is_asked_for() -> None:
    """By its number; the version stands in `data` itself then."""
    answers: dict[str, Answer] = {f"{PATH}versions/3.1": json.dumps({"data": VERSION}).encode()}
    with running(answers) as place, conversation() as client:
        assert len(read(load("dataverse"), dataset(place, version="3.1"), Selection(), client)) == 2


def test_what_the_version_says() -> None:
    """Title, author, version, licence."""
    with running({PATH: of(VERSION)}) as place, conversation() as client:
        told = load("dataverse").describe(dataset(place), client)
    assert (told.title, told.version, told.licence) == ("HAM10000", "4.0", "CC-BY-NC-4.0")
    assert "Roe, Ada" in (told.citations[0].bibtex or "")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (404, NothingMatched),
        (403, AccessError),
        (PAGE, SourceError),
        (b'{"data": {}}', SourceError),
        (of({**VERSION, "files": [{"label": "x"}]}), SourceError),
        (of({"versionNumber": 1}), SourceError),
    ],
)
def test_broken_answers_are_named(answer: Answer, kind: type[Exception]) -> None:
    """Never an empty listing."""
    with pytest.raises(kind):
        listed(answer)
