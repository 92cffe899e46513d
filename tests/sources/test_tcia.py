"""The source tcia: what it lists, and what it refuses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from fetchers.dataset import Dataset, RemoteFile, Selection
from fetchers.errors import NothingMatched
from fetchers.sources import idc_index, load
from tests.sources.commons import install
from tests.sources.places import Answer, Context, conversation, recorded, running

if TYPE_CHECKING:
    from pathlib import Path

BUCKETS = ("idc-open-data", "idc-open-data-cr")
V4 = "/nbia-api/services/v4/getSeries"
OLD = "/old/nbia-api/services/v4/getSeries"
ROW = {"SeriesInstanceUID": "9.9.9", "Collection": "NEW-SET", "Modality": "CT", "ImageCount": 3}


def folder(query: dict[str, str]) -> bytes:
    """Return one file for each folder."""
    return recorded("s3/page-2.xml").replace(b"data/z.nii.gz", f"{query['prefix']}a.dcm".encode())


COMMONS: dict[str, Answer] = {f"/{bucket}/": folder for bucket in BUCKETS}


def series(query: dict[str, str]) -> bytes:
    """Answer as NBIA does for the one series that the index lacks."""
    fits = query.get("SeriesInstanceUID", "9.9.9") == "9.9.9" and query.get("Collection", "NEW-SET") == "NEW-SET"
    return json.dumps([ROW] if fits else []).encode()


def listed(place: Context, wanted: Selection, part: str | None = None) -> tuple[list[RemoteFile], list[str]]:
    """List what `tcia/PART` brings, with what is said of it."""
    mirrors = {f"https://{bucket}.s3.amazonaws.com/": place.url(f"/{bucket}/") for bucket in BUCKETS}
    mirrors["https://nbia.cancerimagingarchive.net/"] = place.url("/")
    mirrors["https://services.cancerimagingarchive.net/"] = place.url("/old/")
    source = load("tcia")
    with conversation(mirrors) as client:
        return list(source.files(Dataset(name="tcia", part=part), wanted, client)), source.remarks


@pytest.fixture(autouse=True)
def _index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, monkeypatch)


def test_the_commons_come_first() -> None:
    """NBIA is not asked for what the index has; the index says how old it is."""
    with running(COMMONS) as place:
        found, remarks = listed(place, Selection(), "LIDC-IDRI")
        assert all(asked.startswith("/idc-open-data/") for asked in place.asked)
    assert [remote.path for remote in found] == ["1.2.1/a.dcm", "1.2.2/a.dcm"]
    assert any("index of the Imaging Data Commons" in remark for remark in remarks)


def test_a_collection_that_the_index_lacks_is_nbias() -> None:
    """A stale index is no empty archive."""
    with running({**COMMONS, V4: series}) as place:
        found, remarks = listed(place, Selection(), "NEW-SET")
    assert [remote.path for remote in found] == ["9.9.9.zip"]
    assert any("NBIA was asked" in remark for remark in remarks)


def test_a_series_that_the_index_lacks_is_nbias() -> None:
    """The others come from the Commons."""
    with running({**COMMONS, V4: series}) as place:
        found, _ = listed(place, Selection(series=("1.2.1", "9.9.9")))
    assert [remote.path for remote in found] == ["1.2.1/a.dcm", "9.9.9.zip"]


def test_a_series_that_nobody_has_is_named() -> None:
    """After what is there."""
    with running({**COMMONS, V4: series, OLD: series}) as place, pytest.raises(NothingMatched, match=r"8\.8\.8"):
        listed(place, Selection(series=("1.2.1", "8.8.8")))


def test_a_bucket_that_does_not_answer_is_told_and_nbia_is_asked() -> None:
    """One zip a series by NBIA's roads, with the reason; the dead bucket is not asked for each series."""
    with running({}) as place:
        found, remarks = listed(place, Selection(), "LIDC-IDRI")
        assert len([asked for asked in place.asked if asked.startswith("/idc-open-data/")]) == 1
    assert [remote.path for remote in found] == ["1.2.1.zip", "1.2.2.zip"]
    assert found[0].url.startswith("https://nbia.cancerimagingarchive.net/")
    assert (found[0].licence, found[0].images) == ("CC-BY-3.0", 2)
    assert any("idc-open-data does not answer" in remark and "404" in remark for remark in remarks)


def test_without_the_index_nbia_is_all_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """And that is said."""
    monkeypatch.setattr(idc_index, "find_spec", lambda _: None)
    with running({V4: series}) as place:
        found, remarks = listed(place, Selection(), "NEW-SET")
    assert [remote.path for remote in found] == ["9.9.9.zip"]
    assert "not installed" in remarks[0]


def test_what_is_held_is_not_asked_for() -> None:
    """A series of which all is here costs no question, whether it came as files or as a zip."""
    source = load("tcia")
    source.held = {"1.2.1": 2, "1.2.2": 1 << 62}
    with conversation() as client:
        assert list(source.files(Dataset(name="tcia", part="LIDC-IDRI"), Selection(), client)) == []
    assert source.skipped == 2


def test_the_index_counts_for_a_dry_run() -> None:
    """Files, bytes and series; less what is held; nothing where NBIA has to be asked."""
    source = load("tcia")
    dataset = Dataset(name="tcia", part="LIDC-IDRI")
    assert source.counted(dataset, Selection(), None) == (4, 28, 2)
    assert source.counted(dataset._replace(part="NEW-SET"), Selection(), None) is None
    assert source.counted(Dataset(name="tcia"), Selection(series=("1.2.1", "8.8.8")), None) is None
    source.held = {"1.2.1": 2}
    assert source.counted(dataset, Selection(), None) == (2, 14, 1)


@pytest.mark.parametrize(
    ("address", "part"),
    [
        ("LIDC-IDRI", "lidc_idri"), ("lidc_idri", "lidc_idri"), ("idc/CPTAC-CCRCC", "cptac_ccrcc"),
        ("doi:10.7937/lidc_idri", "lidc_idri"), ("nosuch", None), ("doi:10.1/x", None),
    ],
)  # fmt: skip
def test_a_collection_may_be_named_alone(address: str, part: str | None) -> None:
    """By any spelling, and by its DOI."""
    with conversation() as client:
        found = load("tcia").at(address, lambda: client)
    assert (found.part if found else None) == part


def test_a_collections_own_doi_is_cited() -> None:
    """Without the network."""
    with conversation() as client:
        told = load("tcia").describe(Dataset(name="tcia", part="LIDC-IDRI"), client)
    assert (told.images, told.bytes) == (4, 28)
    assert told.citations[0].doi is not None
