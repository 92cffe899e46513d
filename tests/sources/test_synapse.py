"""The source synapse: what it lists, and what it refuses."""

from __future__ import annotations

import json

import pytest

from fetchers.dataset import Dataset, RemoteFile, Selection
from fetchers.errors import AccessError, NothingMatched, SourceError
from fetchers.sources import load
from tests.sources.places import PAGE, Answer, Context, conversation, read, running

MD5 = "0123456789abcdef0123456789abcdef"
REPO = "/repo/v1"
KIND = "org.sagebionetworks.repo.model"


def row(identifier: str, name: str, kind: str = "FileEntity") -> dict[str, object]:
    """Make a row of a folder."""
    return {"id": identifier, "name": name, "type": f"{KIND}.{kind}", "versionNumber": 1}


def children(asked: dict[str, str]) -> bytes:
    """Answer page by page; `includeTypes` is required."""
    assert asked["includeTypes"]
    if asked["parentId"] == "syn2":
        return json.dumps({"page": [row("syn12", "b.nii.gz")], "nextPageToken": None}).encode()
    if "nextPageToken" in asked:
        return json.dumps({"page": [row("syn2", "sub", "Folder"), row("syn3", "t", "TableEntity")]}).encode()
    return json.dumps({"page": [row("syn11", "a.zip")], "nextPageToken": "50a50"}).encode()


def handles(name: str) -> bytes:
    """Make the handles of a file: a preview, and the file."""
    preview = {"id": "1", "fileName": "preview.csv", "isPreview": True}
    return json.dumps({"list": [preview, {"id": "2", "fileName": name, "contentMd5": MD5, "contentSize": 7}]}).encode()


ANSWERS: dict[str, Answer] = {
    f"{REPO}/entity/syn1": json.dumps({"id": "syn1", "name": "BTCV", "concreteType": f"{KIND}.Project"}).encode(),
    f"{REPO}/entity/syn1/permissions": b'{"canDownload": true}',
    f"{REPO}/entity/children": children,
    f"{REPO}/entity/syn11/filehandles": handles("a.zip"),
    f"{REPO}/entity/syn12/filehandles": handles("b.nii.gz"),
}


def dataset(place: Context, entity: str = "syn1") -> Dataset:
    """Make the dataset of an entity."""
    return Dataset(
        name=f"synapse-{entity}", link="https://www.synapse.org/", options={"api": place.url(REPO), "entity": entity}
    )


def listed(answers: dict[str, Answer], entity: str = "syn1") -> list[RemoteFile]:
    """List it."""
    with running(answers) as place, conversation() as client:
        return read(load("synapse"), dataset(place, entity), Selection(), client)


def test_a_project_is_its_folders() -> None:
    """Pages, folders, MD5 and size by the file's own handle, not its preview's."""
    first, second = listed(ANSWERS)
    assert (first.path, first.size, first.checksum) == ("a.zip", 7, f"md5:{MD5}")
    assert first.url.endswith("/entity/syn11/file")
    assert second.path == "sub/b.nii.gz"


def test_a_file_is_itself() -> None:
    """An entity may be one file."""
    about = json.dumps(
        {"id": "syn11", "name": "a.zip", "concreteType": f"{KIND}.FileEntity", "versionNumber": 4}
    ).encode()
    answers = {**ANSWERS, f"{REPO}/entity/syn11": about, f"{REPO}/entity/syn11/permissions": b'{"canDownload": true}'}
    assert [remote.path for remote in listed(answers, "syn11")] == ["a.zip"]


def test_who_may_not_download_sees_no_empty_set() -> None:
    """`canDownload` decides before anything is listed."""
    answers = {**ANSWERS, f"{REPO}/entity/syn1/permissions": b'{"canDownload": false}'}
    with pytest.raises(AccessError, match="does not let this account"):
        listed(answers)


@pytest.mark.parametrize(
    ("path", "answer", "kind"),
    [
        (f"{REPO}/entity/syn1", 404, NothingMatched),
        (f"{REPO}/entity/syn1", 403, AccessError),
        (f"{REPO}/entity/syn1", PAGE, SourceError),
        (f"{REPO}/entity/children", b'{"page": []}', NothingMatched),
        (f"{REPO}/entity/children", b"{}", SourceError),
        (f"{REPO}/entity/children", b'{"page": [], "nextPageToken": "x"}', SourceError),
        (f"{REPO}/entity/syn11/filehandles", b'{"list": []}', SourceError),
        (f"{REPO}/entity/syn11/filehandles", 403, AccessError),
    ],
)
def test_broken_answers_are_named(path: str, answer: Answer, kind: type[Exception]) -> None:
    """Refusals, pages, circles and missing fields."""
    with pytest.raises(kind):
        listed({**ANSWERS, path: answer})
