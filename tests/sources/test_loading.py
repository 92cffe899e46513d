"""Sources are loaded by name."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from fetchers.errors import CatalogueError
from fetchers.source import ByHand, Listed
from fetchers.sources import known, load

if TYPE_CHECKING:
    from pathlib import Path

STRANGERS = """
from fetchers.source import RemoteFile, Source

class Good(Source):
    def files(self, dataset, wanted, client):
        yield RemoteFile(url="https://example.org/a.zip", path="a.zip")

class Greedy(Source):
    def __init__(self, key):
        self.key = key
    def files(self, dataset, wanted, client):
        return iter(())

class Unfinished(Source):
    pass

class Foreign:
    pass
"""
ENTRIES = {
    "stranger": "strangers:Good",
    "greedy": "strangers:Greedy",
    "unfinished": "strangers:Unfinished",
    "foreign": "strangers:Foreign",
    "gone": "strangers:Gone",
    "nowhere": "no_such_package:Class",
    "tcia": "strangers:Foreign",  # a built-in name is not taken over
}


@pytest.fixture
def strangers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install a package with entry points, as pip would lay it out."""
    (tmp_path / "strangers.py").write_text(STRANGERS)
    info = tmp_path / "strangers-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: strangers\nVersion: 1.0\n")
    lines = "".join(f"{name} = {value}\n" for name, value in ENTRIES.items())
    (info / "entry_points.txt").write_text(f"[fetchers.sources]\n{lines}")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "strangers", raising=False)


def test_shapes_and_places_are_built_in() -> None:
    """The shapes of source.py and the modules of the room answer to their names."""
    assert type(load("listed")) is Listed
    assert type(load("byhand")) is ByHand
    assert {"tcia", "zenodo", "s3", "abide", "ftp", "medpix", "xnat", "challenge", "idc", "nlm", "cap"} <= dict(
        known()
    ).keys()


@pytest.mark.usefixtures("strangers")
def test_a_stranger_is_found_by_its_entry_point() -> None:
    """A name that is not built in is looked for among the entry points, and `known` says whence it comes."""
    assert type(load("stranger")).__name__ == "Good"
    assert ("stranger", "strangers 1.0") in known()
    assert dict(known())["tcia"] == "built in"
    assert type(load("tcia")).__module__ == "fetchers.sources.tcia"


@pytest.mark.usefixtures("strangers")
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("greedy", "without arguments"),
        ("unfinished", "without arguments"),  # abstract: `files` is missing
        ("foreign", "no subclass"),
        ("gone", "cannot be loaded"),
        ("nowhere", "no_such_package"),
    ],
)
def test_a_stranger_that_does_not_fit_is_named(name: str, said: str) -> None:
    """What is wrong with a stranger's class is a fault of the catalogue's (2) and names the class."""
    with pytest.raises(CatalogueError) as caught:
        load(name)
    assert name in caught.value.what
    assert ENTRIES[name] in caught.value.what
    assert said in caught.value.what
    assert caught.value.hint


@pytest.mark.parametrize(("typed", "meant"), [("tica", "tcia"), ("zenod", "zenodo"), ("Listed", "listed")])
def test_an_unknown_name_gets_the_nearest(typed: str, meant: str) -> None:
    """A mistyped source is answered with the nearest one and the list of all."""
    with pytest.raises(CatalogueError) as caught:
        load(typed)
    assert caught.value.exit_status == 2
    assert meant in (caught.value.hint or "")


def test_a_module_of_the_house_is_no_source() -> None:
    """`answer` and its like are modules of the room, and no places."""
    for name in ("answer", "loading", "bucket", "index", "licensing", "wishes"):
        with pytest.raises(CatalogueError):
            load(name)


def test_a_listed_dataset_pays_for_no_place() -> None:
    """`listed` loads neither the entry points' reader nor a place's parser."""
    code = "import sys; from fetchers.sources import load; load('listed'); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"defusedxml", "httpx", "importlib.metadata"}.intersection(loaded)
