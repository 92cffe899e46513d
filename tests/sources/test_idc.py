"""The source idc: what it lists, and what it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fetchers.dataset import Dataset, RemoteFile, Selection
from fetchers.errors import AccessError, NothingMatched, TransferError
from fetchers.sources import idc_index, load
from tests.sources.commons import ROWS, install
from tests.sources.places import Answer, Context, conversation, read, recorded, running

if TYPE_CHECKING:
    from pathlib import Path

BUCKETS = ("idc-open-data", "idc-open-data-cr")
NOTHING = b"<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"


def folder(query: dict[str, str]) -> bytes:
    """Return one file for each of the three folders."""
    if query["prefix"] not in ("uuid-1/", "uuid-2/", "uuid-3/"):
        return NOTHING
    return recorded("s3/page-2.xml").replace(b"data/z.nii.gz", f"{query['prefix']}instance.dcm".encode())


ANSWERS: dict[str, Answer] = {f"/{bucket}/": folder for bucket in BUCKETS}


def listed(place: Context, wanted: Selection, part: str | None = None) -> list[RemoteFile]:
    """List what `tcia/PART --via idc` brings."""
    mirrors = {f"https://{bucket}.s3.amazonaws.com/": place.url(f"/{bucket}/") for bucket in BUCKETS}
    with conversation(mirrors) as client:
        return read(load("idc"), Dataset(name="tcia", part=part), wanted, client)


def test_a_collection_is_its_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file an instance below the series' UID, with the licence of its series and not of its bucket."""
    install(tmp_path, monkeypatch)
    with running(ANSWERS) as place:
        first, second = listed(place, Selection(), "LIDC-IDRI")
    assert first.url == "https://idc-open-data.s3.amazonaws.com/uuid-1/instance.dcm"
    assert (first.path, first.size, first.series) == ("1.2.1/instance.dcm", 7, "1.2.1")
    assert (first.licence, second.licence) == ("CC-BY-3.0", "CC-BY-NC-3.0")  # both in idc-open-data
    assert (first.modality, first.body_part) == ("CT", "CHEST")


def test_a_wanted_series_that_is_missing_is_no_silence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is there comes, then the missing ones are named."""
    install(tmp_path, monkeypatch)
    with running(ANSWERS) as place, pytest.raises(NothingMatched, match=r"no series 1\.2\.9"):
        listed(place, Selection(series=("1.2.1", "1.2.9")))


def test_a_manifests_folders_need_no_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the index the bucket alone tells: -cr is non-commercial in an unknown version, the others say nothing."""
    monkeypatch.setattr(idc_index, "find_spec", lambda _: None)
    wanted = Selection(folders=("idc-open-data/uuid-1", "idc-open-data-cr/uuid-3"))
    with running(ANSWERS) as place:
        first, third = listed(place, wanted)
    assert (first.path, first.licence) == ("uuid-1/instance.dcm", None)
    assert (third.path, third.licence) == ("uuid-3/instance.dcm", "LicenseRef-IDC-CC-BY-NC")


def test_a_manifests_folders_are_looked_up_where_they_can_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the index a folder is its series: UID, licence, modality."""
    install(tmp_path, monkeypatch)
    with running(ANSWERS) as place:
        (third,) = listed(place, Selection(folders=("idc-open-data-cr/uuid-3",)))
    assert (third.path, third.licence) == ("1.3.1/instance.dcm", "CC-BY-NC-4.0")


def test_an_empty_folder_is_no_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A manifest of another version of the Commons may name folders that are gone."""
    monkeypatch.setattr(idc_index, "find_spec", lambda _: None)
    with running(ANSWERS) as place, pytest.raises(NothingMatched, match="idc-open-data/gone"):
        listed(place, Selection(folders=("idc-open-data/uuid-1", "idc-open-data/gone")))


def test_without_the_index_a_series_cannot_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to install; and the archive, failing, does not turn to a road that is not there."""
    monkeypatch.setattr(idc_index, "find_spec", lambda _: None)
    with running(ANSWERS) as place, pytest.raises(AccessError, match="is not installed"):
        listed(place, Selection(series=("1.2.1",)))


def test_a_bucket_that_fails_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of the store is no empty folder."""
    install(tmp_path, monkeypatch)
    with running({}) as place, pytest.raises(TransferError):
        listed(place, Selection(series=("1.2.1",)))


def test_a_folder_with_fewer_instances_than_the_index_counts_is_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies there comes, and bears the count; a series that is whole does not."""
    whole, short, gone = ({**row, "instanceCount": count} for row, count in zip(ROWS, (1, 3, 2), strict=True))
    install(tmp_path, monkeypatch, [whole, short, {**gone, "crdc_series_uuid": "uuid-9"}])
    for name, uids in (("idc", [("1.2.2", 1, 3), ("1.3.1", 0, 2)]), ("tcia", [("1.2.2", 1, 3), ("1.3.1", 0, 2)])):
        source = load(name)
        with running(ANSWERS) as place:
            mirrors = {f"https://{bucket}.s3.amazonaws.com/": place.url(f"/{bucket}/") for bucket in BUCKETS}
            with conversation(mirrors) as client:
                found = read(source, Dataset(name="tcia"), Selection(everything=True), client)
        assert [remote.images for remote in found if remote.url.startswith("https://idc-")] == [None, 3]
        assert [(one.series, one.listed, one.counted) for one in source.short] == uids
