"""The source zenodo: what it lists, and what it refuses."""

from __future__ import annotations

import json

import pytest

from fetchers.dataset import Dataset, RemoteFile, Selection
from fetchers.errors import CatalogueError, SourceError
from fetchers.sources import load
from tests.sources.places import Context, conversation, read, recorded, running

RECORD = json.loads(recorded("zenodo/162231.json"))


def listed(place: Context, record: object = 162231) -> list[RemoteFile]:
    """List a record."""
    dataset = Dataset(name="i2cvb", options={"api": place.url("/api/"), "record": record})
    with conversation() as client:
        return read(load("zenodo"), dataset, Selection(), client)


def test_a_record_is_its_files() -> None:
    """Size, MD5, address, licence; a missing address has a fallback; pieces join to a .tar.gz whatever their names."""
    with running({"/api/records/162231": recorded("zenodo/162231.json")}) as place:
        first, second, third, fourth, readme = listed(place)
        assert place.asked == ["/api/records/162231"]
        assert third.url == place.url("/records/162231/files/siemens-3t.tar.gz.aa")
        assert fourth.url == place.url("/records/162231/files/siemens-3t.tar.gz.ab")
    assert first.url == "https://zenodo.org/api/records/162231/files/ge-1-5t.aa/content"
    assert (first.path, first.size, first.checksum) == ("ge-1-5t.aa", 5, "md5:0123456789abcdef0123456789abcdef")
    assert first.joins == second.joins == "ge-1-5t.tar.gz"
    assert third.joins == fourth.joins == "siemens-3t.tar.gz"
    assert (readme.joins, readme.path) == (None, "read me.md")
    assert readme.checksum == "md5:4123456789abcdef0123456789abcdef"
    assert {remote.licence for remote in (first, readme)} == {"CC-BY-4.0"}


@pytest.mark.parametrize(
    ("licence", "identifier"),
    [
        ({"id": "cc-by-4.0"}, "CC-BY-4.0"),
        ("CC-BY-NC-4.0", "CC-BY-NC-4.0"),
        ({"id": "other-open"}, "LicenseRef-zenodo-162231"),
        (None, None),
    ],
)
def test_the_records_licence_is_each_files(licence: object, identifier: str | None) -> None:
    """Old records have a text there, new ones an object; no licence is none."""
    record = {**RECORD, "metadata": {"license": licence}}
    with running({"/api/records/162231": json.dumps(record).encode()}) as place:
        assert {remote.licence for remote in listed(place)} == {identifier}


def test_old_records_name_their_fields_otherwise() -> None:
    """`filename` and `filesize`, and an MD5 without its name."""
    file = {"filename": "a.zip", "filesize": 7, "checksum": "0123456789abcdef0123456789abcdef"}
    with running({"/api/records/162231": json.dumps({"files": [file]}).encode()}) as place:
        (remote,) = listed(place)
    assert (remote.path, remote.size, remote.checksum) == ("a.zip", 7, "md5:0123456789abcdef0123456789abcdef")


def test_a_lone_piece_is_a_file() -> None:
    """`x.aa` alone, pieces without a first one, and `a.gz` beside `b.gz` are no pieces."""
    names = ["x.aa", "y.ab", "y.ac", "a.gz", "b.gz", "scan.001", "scan.002"]
    files = [{"key": name, "size": 1, "checksum": "md5:" + "0" * 32} for name in names]
    with running({"/api/records/162231": json.dumps({"files": files}).encode()}) as place:
        joins = {remote.path: remote.joins for remote in listed(place)}
    assert {name for name, whole in joins.items() if whole} == {"scan.001", "scan.002"}


FAULTS: list[tuple[dict[str, object], str]] = [
    ({"size": None}, "filesize is missing"),
    ({"size": "big"}, "size should be a count"),
    ({"checksum": None}, "checksum is missing"),
    ({"checksum": "sha1:00"}, "checksum should be md5:HEX"),
    ({"key": None}, "filename is missing"),
    ({"links": {"self": "file:///etc/passwd"}}, "gives an address that is none"),
    ({"links": []}, "links should be an object"),
]


@pytest.mark.parametrize(("change", "said"), FAULTS)
def test_a_wrong_field_is_named(change: dict[str, object], said: str) -> None:
    """A record that does not say what it should is refused before its first file."""
    record = {**RECORD, "files": [{**RECORD["files"][0], **change}]}
    with (
        running({"/api/records/162231": json.dumps(record).encode()}) as place,
        pytest.raises(SourceError, match=said),
    ):
        listed(place)


@pytest.mark.parametrize("record", [None, "162231", True, 0])
def test_a_record_has_a_number(record: object) -> None:
    """`record` is a number; anything else is a fault of the catalogue."""
    with running({}) as place, pytest.raises(CatalogueError, match=r"options\.record"):
        listed(place, record)
