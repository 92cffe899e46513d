"""The source physionet: what it lists, and what it refuses."""

from __future__ import annotations

import json

import pytest

from fetchers.dataset import Dataset, RemoteFile, Selection
from fetchers.errors import AccessError, NothingMatched, SourceError
from fetchers.sources import load
from tests.sources.places import PAGE, Answer, Context, conversation, read, running

SHA = "a" * 64
API = "/api/v1/project/published/mimic-x/"
ABOUT = {
    "title": "MIMIC-X",
    "doi": "10.13026/abcd-1234",
    "license": {"name": "PhysioNet Credentialed Health Data License 1.5.0"},
}
ANSWERS: dict[str, Answer] = {
    API: json.dumps([{"version": "2.0.0"}, {"version": "2.1.0"}, {"version": "1.0.0"}]).encode(),
    f"{API}2.1.0/": json.dumps(ABOUT).encode(),
    "/files/mimic-x/2.1.0/SHA256SUMS.txt": f"{SHA} LICENSE.txt\n{SHA.upper()} files/p10/a b.dcm\r\n\n".encode(),
}


def dataset(place: Context, **options: object) -> Dataset:
    """Make the dataset of `physionet:mimic-x`."""
    return Dataset(name="physionet-mimic-x", options={"host": place.url(), "project": "mimic-x", **options})


def listed(answers: dict[str, Answer], **options: object) -> list[RemoteFile]:
    """List it."""
    with running(answers) as place, conversation() as client:
        return read(load("physionet"), dataset(place, **options), Selection(), client)


@pytest.mark.parametrize("options", [{}, {"version": "2.1.0"}])
def test_a_project_is_its_list_of_sums(options: dict[str, object]) -> None:
    """The newest version where none is named; SHA-256, no sizes, and the list itself."""
    first, second, sums = listed(ANSWERS, **options)
    assert (first.path, first.checksum, first.size) == ("LICENSE.txt", f"sha256:{SHA}", None)
    assert second.url.endswith("/files/mimic-x/2.1.0/files/p10/a%20b.dcm")
    assert (second.path, second.checksum) == ("files/p10/a b.dcm", f"sha256:{SHA}")
    assert sums.path == "SHA256SUMS.txt"


def test_what_the_project_says() -> None:
    """A credentialed licence is an application with its steps; an open one is open."""
    with running(ANSWERS) as place, conversation() as client:
        told = load("physionet").describe(dataset(place), client)
    assert (told.title, told.version, told.access, dict(told.pinned)) == (
        "MIMIC-X",
        "2.1.0",
        "application",
        {"version": "2.1.0"},
    )
    assert [step.key for step in told.steps] == ["account", "credentialing", "agreement", "login"]
    assert told.steps[2].url == "https://physionet.org/sign-dua/mimic-x/2.1.0/"
    about = json.dumps({"license": {"name": "Open Data Commons Attribution License v1.0"}}).encode()
    with running({**ANSWERS, f"{API}2.1.0/": about}) as place, conversation() as client:
        told = load("physionet").describe(dataset(place), client)
    assert (told.licence, told.access, told.steps) == ("ODC-By-1.0", "open", ())


def test_it_is_asked_as_wget() -> None:
    """PhysioNet heeds a password from Wget and libwfdb alone."""
    assert (load("physionet").agent or "").startswith("Wget/")


@pytest.mark.parametrize(
    ("path", "answer", "kind"),
    [
        ("/files/mimic-x/2.1.0/SHA256SUMS.txt", 403, AccessError),
        ("/files/mimic-x/2.1.0/SHA256SUMS.txt", PAGE, SourceError),
        ("/files/mimic-x/2.1.0/SHA256SUMS.txt", b"", SourceError),
        ("/files/mimic-x/2.1.0/SHA256SUMS.txt", b"no hash here\n", SourceError),
        ("/files/mimic-x/2.1.0/SHA256SUMS.txt", 404, NothingMatched),
        (API, 404, NothingMatched),
        (API, b"[]", NothingMatched),
        (API, PAGE, SourceError),
    ],
)
def test_broken_answers_are_named(path: str, answer: Answer, kind: type[Exception]) -> None:
    """A refused password is never an empty listing."""
    with pytest.raises(kind):
        listed({**ANSWERS, path: answer})
