"""Files that a manifest names by address, or by a name of the Data Repository Service."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from fetchers.source import Refused
from fetchers.sources.drs import named_files
from tests.sources.places import conversation, running

if TYPE_CHECKING:
    from fetchers.dataset import RemoteFile

OBJECTS = "/ga4gh/drs/v1/objects/"
FILE = {
    "id": "dg.4DFC/1",
    "name": "1.dcm",
    "size": 7,
    "checksums": [{"type": "md5", "checksum": "AB" * 16}],
    "access_methods": [{"type": "gs", "access_url": {"url": "gs://x/1"}}, {"access_url": {"url": "s3://b/f/1.dcm"}}],
}
SERIES = {"id": "dg.4DFC/s", "name": "s", "contents": [{"id": "dg.4DFC/1", "name": "1.dcm"}]}


def named(*urls: str) -> tuple[list[RemoteFile], Refused]:
    """Read the files of `urls` from a server of our own."""
    answers = {f"{OBJECTS}dg.4DFC/1": json.dumps(FILE).encode(), f"{OBJECTS}dg.4DFC/s": json.dumps(SERIES).encode()}
    refused = Refused()
    with running(dict(answers)) as place:
        mirrors = {f"https://{host}/": place.url("/") for host in ("drs.example.org", "nci-crdc.datacommons.io")}
        with conversation(mirrors) as client:
            return list(named_files(urls, client, refused)), refused


def test_an_address_is_its_file() -> None:
    """By its own name, or by the one that the manifest gives."""
    found, refused = named("https://x.example/a%20b.svs?x=1", "https://x.example/1\t1.svs")
    assert [remote.path for remote in found] == ["a b.svs", "1.svs"]
    assert refused.named == []


def test_an_object_and_a_bundle() -> None:
    """Size, MD5 and an address that can be asked; a bundle is a folder."""
    found, _ = named("drs://drs.example.org/dg.4DFC/1", "drs://dg.4DFC:s")
    assert [remote.path for remote in found] == ["1.dcm", "s/1.dcm"]
    assert {remote.url for remote in found} == {"https://b.s3.amazonaws.com/f/1.dcm"}
    assert {(remote.size, remote.checksum) for remote in found} == {(7, f"md5:{'ab' * 16}")}
