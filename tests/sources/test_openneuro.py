"""The source openneuro: what it lists, and what it refuses."""

from __future__ import annotations

import json

import pytest

from fetchers.dataset import Dataset, RemoteFile, Selection
from fetchers.errors import NothingMatched, SourceError
from fetchers.sources import load
from tests.sources.places import PAGE, Answer, Context, conversation, running

ABOUT = {
    "Name": "Balloon task",
    "License": "CC0",
    "Authors": ["Ada Roe"],
    "DatasetDOI": "doi:10.18112/openneuro.ds000001.v1.0.0",
}
MD5 = "0123456789abcdef0123456789abcdef"


def page(*keys: str) -> bytes:
    """Make a listing."""
    rows = "".join(f"<Contents><Key>{key}</Key><Size>7</Size><ETag>&quot;{MD5}&quot;</ETag></Contents>" for key in keys)
    return f"<ListBucketResult>{rows}<IsTruncated>false</IsTruncated></ListBucketResult>".encode()


ANSWERS: dict[str, Answer] = {
    "/openneuro.org/": page("ds000001/", "ds000001/sub-01/anat/a.nii.gz", "ds000001/CHANGES"),
    "/openneuro.org/ds000001/dataset_description.json": json.dumps(ABOUT).encode(),
}


def dataset(place: Context, **options: object) -> Dataset:
    """Make the dataset of `openneuro:ds000001`."""
    return Dataset(name="openneuro-ds000001", options={"endpoint": place.url(), "dataset": "ds000001", **options})


def listed(answers: dict[str, Answer]) -> list[RemoteFile]:
    """List it."""
    with running(answers) as place, conversation() as client:
        return list(load("openneuro").files(dataset(place), Selection(), client))


def test_a_data_set_is_what_lies_below_its_number() -> None:
    """Path style, paths below the number, size, the ETag of one piece as MD5."""
    image, changes = listed(ANSWERS)
    assert (image.path, image.size, image.checksum) == ("sub-01/anat/a.nii.gz", 7, f"md5:{MD5}")
    assert changes.url.endswith("/openneuro.org/ds000001/CHANGES")


def test_it_describes_itself() -> None:
    """The snapshot stands in the DOI."""
    with running(ANSWERS) as place, conversation() as client:
        told = load("openneuro").describe(dataset(place), client)
        with pytest.raises(NothingMatched, match=r"snapshot 1\.0\.0, not 0\.9\.0"):
            load("openneuro").describe(dataset(place, version="0.9.0"), client)
    assert (told.title, told.version, told.licence) == ("Balloon task", "1.0.0", "CC0-1.0")


@pytest.mark.parametrize(("answer", "kind"), [(page(), NothingMatched), (PAGE, SourceError), (404, NothingMatched)])
def test_broken_answers_are_named(answer: Answer, kind: type[Exception]) -> None:
    """Nothing below the number is an unknown number."""
    with pytest.raises(kind):
        listed({"/openneuro.org/": answer})
