"""The source croissant: what it lists, and what it refuses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from fetchers.dataset import Dataset, RemoteFile, Selection
from fetchers.errors import CatalogueError, NothingMatched, SourceError
from fetchers.sources import load
from tests.sources.places import PAGE, Answer, conversation, read, running

if TYPE_CHECKING:
    from pathlib import Path

SHA = "a" * 64
ABOUT: dict[str, object] = {
    "@type": "sc:Dataset",
    "name": "Titanic",
    "version": "1.0",
    "license": "https://creativecommons.org/licenses/by/4.0/",
    "creator": {"name": "Ada Roe"},
    "identifier": "https://doi.org/10.1234/x",
    "datePublished": "2024-01-01",
    "distribution": [
        {
            "@type": "cr:FileObject",
            "@id": "a.csv",
            "name": "a.csv",
            "contentUrl": "data/a.csv",
            "contentSize": "117743 B",
            "sha256": SHA,
        },
        {"@type": "cr:FileSet", "@id": "set", "containedIn": {"@id": "b.zip"}, "includes": "*.png"},
        {
            "@type": "cr:FileObject",
            "@id": "inner",
            "name": "inner.csv",
            "contentUrl": "inner.csv",
            "containedIn": {"@id": "b.zip"},
        },
    ],
}


def listed(answer: Answer) -> list[RemoteFile]:
    """List the description at /x/croissant.json."""
    with running({"/x/croissant.json": answer}) as place, conversation() as client:
        dataset = Dataset(name="c", options={"description": place.url("/x/croissant.json")})
        return read(load("croissant"), dataset, Selection(), client)


def test_an_object_is_a_file() -> None:
    """Relative addresses are of the description; what lies inside an archive comes with it."""
    (remote,) = listed(json.dumps(ABOUT).encode())
    assert remote.url.endswith("/x/data/a.csv")
    assert (remote.path, remote.size, remote.checksum) == ("a.csv", 117743, f"sha256:{SHA}")


def test_its_name_is_the_descriptions_own() -> None:
    """And what it says of licence, version and citation."""
    with running({"/x/c.json": json.dumps(ABOUT).encode()}) as place, conversation() as client:
        found = load("croissant").at(f"croissant:{place.url('/x/c.json')}", lambda: client)
        assert found is not None
        told = load("croissant").describe(found, client)
    assert found.name == "croissant-titanic"
    assert (told.licence, told.version, told.citations[0].doi) == ("CC-BY-4.0", "1.0", "10.1234/x")


def test_a_file_of_this_machine_will_do(tmp_path: Path) -> None:
    """Its addresses must then be whole."""
    path = tmp_path / "c.json"
    path.write_text(json.dumps(ABOUT))
    with conversation() as client:
        found = load("croissant").at(f"croissant:{path}", lambda: client)
        assert found is not None
        with pytest.raises(SourceError, match="relative"):
            read(load("croissant"), found, Selection(), client)
        with pytest.raises(CatalogueError, match="cannot be read"):
            load("croissant").at(f"croissant:{tmp_path / 'none.json'}", lambda: client)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (404, NothingMatched),
        (PAGE, SourceError),
        (b"{}", SourceError),
        (b'{"distribution": [{"@type": "cr:FileObject"}]}', SourceError),
        (b'{"distribution": [{"@type": "cr:FileObject", "contentUrl": "a", "sha256": "no"}]}', SourceError),
    ],
)
def test_broken_answers_are_named(answer: Answer, kind: type[Exception]) -> None:
    """By address and field."""
    with pytest.raises(kind):
        listed(answer)
