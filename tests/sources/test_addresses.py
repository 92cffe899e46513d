"""Addresses mean datasets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from fetchers.errors import CatalogueError, NothingMatched
from fetchers.source import store_name
from fetchers.sources.reading.addresses import dataset_at, is_address
from tests.sources.places import conversation, running

if TYPE_CHECKING:
    import httpx

# address, name in the store, what of the options tells it
UNDERSTOOD: list[tuple[str, str, dict[str, object]]] = [
    ("zenodo:162231", "zenodo-162231", {"record": 162231}),
    ("https://zenodo.org/records/162231", "zenodo-162231", {"record": 162231}),
    ("https://zenodo.org/record/162231?x=1#files", "zenodo-162231", {"record": 162231}),
    ("doi:10.5281/zenodo.162231", "zenodo-162231", {"record": 162231}),
    ("https://doi.org/10.5281/ZENODO.162231", "zenodo-162231", {"record": 162231}),
    ("10.5281/zenodo.162231", "zenodo-162231", {"record": 162231}),
    ("figshare:14825193", "figshare-14825193", {"article": 14825193}),
    ("doi:10.6084/m9.figshare.14825193.v2", "figshare-14825193", {"article": 14825193, "version": 2}),
    ("https://figshare.com/articles/dataset/A_title/14825193/3", "figshare-14825193", {"version": 3}),
    ("mendeley:zr7vgbcyr2/1", "mendeley-zr7vgbcyr2", {"dataset": "zr7vgbcyr2", "version": 1}),
    ("doi:10.17632/zr7vgbcyr2.2", "mendeley-zr7vgbcyr2", {"version": 2}),
    ("https://data.mendeley.com/datasets/zr7vgbcyr2/1", "mendeley-zr7vgbcyr2", {"version": 1}),
    ("osf:4skx2", "osf-4skx2", {"project": "4skx2"}),
    ("https://osf.io/4skx2/", "osf-4skx2", {"project": "4skx2"}),
    ("doi:10.17605/OSF.IO/4SKX2", "osf-4skx2", {"project": "4skx2"}),
    ("dataverse:dataverse.nl/10.34894/X", "dataverse-dataverse.nl--10.34894--x", {"doi": "10.34894/X"}),
    ("doi:10.7910/DVN/X", "dataverse-dataverse.harvard.edu--10.7910--dvn--x", {"host": "dataverse.harvard.edu"}),
    (
        "https://data.example.org/dataset.xhtml?persistentId=doi:10.7910/DVN/X&version=2.1",
        "dataverse-data.example.org--10.7910--dvn--x",
        {"version": "2.1"},
    ),
    ("hf:ibrahimhamamci/CT-RATE", "hf-ibrahimhamamci--ct-rate", {"repo": "ibrahimhamamci/CT-RATE"}),
    ("hf:a/B@v1", "hf-a--b", {"repo": "a/B", "revision": "v1"}),
    ("https://huggingface.co/datasets/a/B/tree/main/data", "hf-a--b", {"revision": "main"}),
    ("kaggle:owner/slug@3", "kaggle-owner--slug", {"dataset": "owner/slug", "version": 3}),
    ("https://www.kaggle.com/datasets/owner/slug", "kaggle-owner--slug", {"dataset": "owner/slug"}),
    ("kaggle:c/rsna-x", "kaggle-c--rsna-x", {"competition": "rsna-x"}),
    ("https://www.kaggle.com/c/rsna-x/data", "kaggle-c--rsna-x", {"competition": "rsna-x"}),
    ("openneuro:ds000001", "openneuro-ds000001", {"dataset": "ds000001"}),
    ("doi:10.18112/openneuro.ds000001.v1.0.0", "openneuro-ds000001", {"version": "1.0.0"}),
    ("physionet:mimic-cxr/2.1.0", "physionet-mimic-cxr", {"project": "mimic-cxr", "version": "2.1.0"}),
    ("https://physionet.org/content/mimic-cxr/", "physionet-mimic-cxr", {"project": "mimic-cxr"}),
    ("synapse:syn3193805", "synapse-syn3193805", {"entity": "syn3193805"}),
    ("https://www.synapse.org/#!Synapse:syn3193805/wiki/1", "synapse-syn3193805", {"entity": "syn3193805"}),
    ("s3://openneuro.org/ds000001/sub-01/", "s3-openneuro.org--ds000001--sub-01", {"bucket": "openneuro.org"}),
    ("https://host.example.org/a/IXI-T1.tar", "web-host.example.org--ixi-t1.tar", {}),
]  # fmt: skip


def nobody() -> httpx.Client:
    """Refuse to be asked."""
    raise AssertionError("an address that says all by itself asks nobody")


@pytest.mark.parametrize(("address", "name", "options"), UNDERSTOOD, ids=[row[0] for row in UNDERSTOOD])
def test_an_address_says_by_itself_what_it_means(address: str, name: str, options: dict[str, object]) -> None:
    """The source, the name in the store as the table has it, and what finds its files; nobody is asked."""
    assert is_address(address)
    found = dataset_at(address, nobody)
    assert (found.name, found.origin) == (name, address)
    assert options.items() <= dict(found.options).items()


@pytest.mark.parametrize("name", ["shenzhen", "tcia/LIDC-IDRI", "oasis/2", "LIDC-IDRI", "zenodo-162231"])
def test_a_name_is_no_address(name: str) -> None:
    """Names and parts go to the catalogue."""
    assert not is_address(name)


@pytest.mark.parametrize(
    "address",
    [
        "zenodo:abc",
        "nosuch:thing",
        "mailto:a@b.example",
        "hf:../../etc",
        "https://host.example.org/",
        "s3:///x",
        "zenodo:",
    ],
)
def test_what_no_place_understands_is_refused(address: str) -> None:
    """Exit 2, never a guess."""
    with pytest.raises(CatalogueError):
        dataset_at(address, nobody)


def test_a_doi_of_another_prefix_is_datacites() -> None:
    """The page to which it leads is understood as an address; one that nobody knows is named."""
    record = {"data": {"attributes": {"url": "https://physionet.org/content/mimic-cxr/2.1.0/"}}}
    other = {"data": {"attributes": {"url": "https://somewhere.example.org/page"}}}
    answers = {
        "/dois/10.13026/4jqj-jw95": json.dumps(record).encode(),
        "/dois/10.1234/x": json.dumps(other).encode(),
    }
    with running(answers) as place:
        mirrors = {"https://api.datacite.org/": place.url("/")}
        with conversation(mirrors) as client:
            assert dataset_at("doi:10.13026/4jqj-jw95", lambda: client).name == "physionet-mimic-cxr"
            with pytest.raises(CatalogueError, match=r"leads to https://somewhere\.example\.org/page"):
                dataset_at("https://doi.org/10.1234/x", lambda: client)
            with pytest.raises(NothingMatched, match="no such DOI"):
                dataset_at("doi:10.9999/none", lambda: client)


def test_a_name_in_the_store_has_no_other_signs() -> None:
    """Lower case, `/` as `--`, nothing else than `a-z 0-9 . _ -`."""
    assert store_name("hf", "Ünïcode/My Set!") == "hf--n-code--my-set"
    assert len(store_name("web", "h", "x" * 500)) <= 200
