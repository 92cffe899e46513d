"""The source osf: what it lists, and what it refuses."""

from __future__ import annotations

import json

import pytest

from fetchers.dataset import Dataset, RemoteFile, Selection
from fetchers.errors import AccessError, NothingMatched, SourceError
from fetchers.sources import load
from tests.sources.places import PAGE, Answer, Context, conversation, read, running

SHA = "a" * 64
NODE = {
    "data": {
        "id": "4skx2",
        "attributes": {"title": "VerSe", "date_created": "2020-01-01T00:00:00"},
        "embeds": {
            "license": {"data": {"attributes": {"name": "CC-By Attribution-ShareAlike 4.0 International", "url": None}}}
        },
    }
}


def file(name: str, folder: str = "/", **hashes: str) -> dict[str, object]:
    """Make a row of a file."""
    return {
        "id": name,
        "links": {"download": f"https://osf.io/download/{name}/"},
        "attributes": {
            "kind": "file",
            "name": name,
            "materialized_path": folder + name,
            "size": 7,
            "extra": {"hashes": hashes},
        },
    }


def answers_of(place_url: str = "") -> dict[str, Answer]:
    """Make the place: one file on the first page, a folder on the second."""
    root = "/v2/nodes/4skx2/files/osfstorage/"

    def first(query: dict[str, str]) -> bytes:
        if "page" not in query:
            return json.dumps({"data": [file("a.zip", sha256=SHA)], "links": {"next": f"{root}?page=2"}}).encode()
        related = {"files": {"links": {"related": {"href": f"{root}folder/"}}}}
        folder = {"id": "f", "attributes": {"kind": "folder", "name": "sub"}, "links": {}, "relationships": related}
        return json.dumps({"data": [folder], "links": {"next": None}}).encode()

    inner = {"data": [file("b.nii.gz", "/sub/", md5="b" * 32)], "links": {"next": None}}
    return {"/v2/nodes/4skx2/": json.dumps(NODE).encode(), root: first, f"{root}folder/": json.dumps(inner).encode()}


def dataset(place: Context) -> Dataset:
    """Make the dataset of `osf:4skx2`."""
    return Dataset(name="osf-4skx2", options={"api": place.url("/v2/"), "project": "4skx2"})


def listed(answers: dict[str, Answer]) -> list[RemoteFile]:
    """List it."""
    with running(answers) as place, conversation() as client:
        return read(load("osf"), dataset(place), Selection(), client)


def test_a_project_is_its_folders() -> None:
    """Pages by `links.next`, folders by their own listing, the strongest hash that there is."""
    first, second = listed(answers_of())
    assert (first.path, first.checksum, first.size) == ("a.zip", f"sha256:{SHA}", 7)
    assert (second.path, second.checksum) == ("sub/b.nii.gz", f"md5:{'b' * 32}")


def test_what_the_project_says() -> None:
    """Title and licence."""
    with running(answers_of()) as place, conversation() as client:
        told = load("osf").describe(dataset(place), client)
    assert (told.title, told.licence) == ("VerSe", "CC-BY-SA-4.0")


def test_a_registration_is_asked_for_where_no_project_is() -> None:
    """The same identifiers stand for both."""
    answers = answers_of()
    answers = {
        path.replace("nodes", "registrations"): answer for path, answer in answers.items() if "folder" not in path
    }
    answers["/v2/registrations/4skx2/files/osfstorage/"] = json.dumps({"data": [file("r.zip")]}).encode()
    assert [remote.path for remote in listed(answers)] == ["r.zip"]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (401, AccessError),
        (PAGE, SourceError),
        (b"{}", SourceError),
        (b'{"data": [{"id": "x"}]}', SourceError),
        (
            json.dumps({"data": [file("a")], "links": {"next": "/v2/nodes/4skx2/files/osfstorage/"}}).encode(),
            SourceError,
        ),
        (json.dumps({"data": [file("a", md5="no")]}).encode(), SourceError),
    ],
)
def test_broken_answers_are_named(answer: Answer, kind: type[Exception]) -> None:
    """A private project is a refusal and no empty listing."""
    with pytest.raises(kind):
        listed({**answers_of(), "/v2/nodes/4skx2/files/osfstorage/": answer})


def test_an_unknown_project_is_named() -> None:
    """Exit 3."""
    with pytest.raises(NothingMatched):
        listed({})
