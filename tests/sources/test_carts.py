"""Shared carts of NBIA: how they are opened, and what a cart that is not there costs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from fetchers.checks.series_manifests import wishes_of
from fetchers.dataset import Dataset, RemoteFile, Selection
from fetchers.sources import load
from tests.sources.commons import install
from tests.sources.places import PAGE, Answer, conversation, recorded, running

if TYPE_CHECKING:
    from pathlib import Path

    from fetchers.source import Source

CART = "https://nbia.cancerimagingarchive.net/nbia-search/?saved-cart=nbia-56561691129779503"
CONTENTS = "/nbia-api/services/v1/getContentsByName"
ROWS = [{"SeriesInstanceUID": "1.2.1"}, {"seriesInstanceUID": "9.9.9", "Collection": "NEW-SET"}]


def contents(query: dict[str, str]) -> bytes:
    """Answer for the one cart; an unknown one is an empty answer."""
    return json.dumps(ROWS).encode() if query == {"name": "nbia-56561691129779503"} else b""


def series(query: dict[str, str]) -> bytes:
    """Answer as NBIA does for each series that is asked for by itself, and for the whole archive."""
    uid = query.get("SeriesInstanceUID", "7.7.7")
    return json.dumps([{"SeriesInstanceUID": uid, "Collection": "NEW-SET", "Modality": "CT"}]).encode()


def folder(query: dict[str, str]) -> bytes:
    """Return one file for each folder."""
    return recorded("s3/page-2.xml").replace(b"data/z.nii.gz", f"{query['prefix']}a.dcm".encode())


PLACE: dict[str, Answer] = {
    "/idc-open-data/": folder,
    CONTENTS: contents,
    "/nbia-api/services/v4/getSeries": series,
}


def listed(answers: dict[str, Answer], wanted: Selection, name: str = "tcia") -> tuple[list[RemoteFile], Source]:
    """List what a selection brings."""
    source = load(name)
    with running(answers) as place:
        mirrors = {
            "https://idc-open-data.s3.amazonaws.com/": place.url("/idc-open-data/"),
            "https://nbia.cancerimagingarchive.net/": place.url("/"),
            "https://services.cancerimagingarchive.net/": place.url("/old/"),
        }
        with conversation(mirrors) as client:
            return list(source.files(Dataset(name="tcia"), wanted, client)), source


@pytest.fixture(autouse=True)
def _index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, monkeypatch)


def test_a_manifest_may_name_a_cart() -> None:
    """By the address to which the archive's pages lead."""
    assert wishes_of(f"{CART}\n", "m.txt").urls == (CART,)


@pytest.mark.parametrize(
    ("name", "paths"), [("tcia", ["1.2.1/a.dcm", "9.9.9.zip"]), ("nbia", ["1.2.1.zip", "9.9.9.zip"])]
)
def test_a_cart_is_its_series(name: str, paths: list[str]) -> None:
    """From the Commons where they have them; of `--via nbia` from there."""
    found, source = listed(PLACE, Selection(urls=(CART,)), name)
    assert [remote.path for remote in found] == paths
    assert not source.refused.named


@pytest.mark.parametrize("name", ["tcia", "nbia", "idc"])
@pytest.mark.parametrize("answer", [b"", b"[]", 404, PAGE, b'[{"Collection": "X"}]'])
def test_a_cart_that_cannot_be_opened_is_named(answer: Answer, name: str) -> None:
    """It is never the whole archive that comes in its place."""
    found, source = listed({**PLACE, CONTENTS: answer, f"/old{CONTENTS}": answer}, Selection(urls=(CART,)), name)
    assert not found
    assert [named for named, _ in source.refused.named] == [CART]


def test_the_other_interface_is_asked() -> None:
    """Where the first one fails."""
    answers = {**PLACE, CONTENTS: 500, f"/old{CONTENTS}": contents}
    found, _ = listed(answers, Selection(urls=(CART,)))
    assert [remote.path for remote in found] == ["1.2.1/a.dcm", "9.9.9.zip"]


def test_a_dry_run_does_not_count_the_whole_archive() -> None:
    """What is named by address is in no index."""
    assert load("tcia").counted(Dataset(name="tcia"), Selection(urls=(CART,)), None) is None
