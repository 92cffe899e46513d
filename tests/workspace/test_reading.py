"""What a workspace's catalogue adds and overrides, as the nouns say it afterwards."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from fetchers.dataset import RemoteFile, Step
from fetchers.workspace.loader import file_of, merged, name_in
from tests.workspace.homes import opened

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = """
[datasets.mine]
title = "Mine"
aliases = ["my-data"]
source = "zenodo"
modalities = ["MR", "PT"]
body_parts = ["brain"]
images = 100
patients = 10
access = "registration"
container = "nifti"
licence = "LicenseRef-Mine"
link = "https://example.org/"
notes = "Handle with care."
checked_on = 2026-11-22
acknowledge = ["Thank the owner.", "Name the grant."]
made_from = ["oasis/1", "shenzhen"]
options = { record = 7, deep = { a = [1] } }
[[datasets.mine.files]]
url = "https://example.org/a/x.tar.gz?download=1"
SHA
size = 123
unpack = false
into = "x"
joins = "y.tar"
mirrors = ["https://mirror.example.org/x"]
[[datasets.mine.steps]]
key = "account"
title = "Make one"
url = "https://example.org/account"
[[datasets.mine.steps]]
key = "wait"
title = "Wait"
expected_days = 14
lapses_after_days = 365
needs = ["account"]
evidence = "the letter"
[[datasets.mine.errata]]
field = "images"
listed = "99"
found = "100"
evidence = "counted"
on = 2026-11-21
[datasets.mine.listed]
images = "99"
[[datasets.mine.citations]]
doi = "10.1000/182"
[datasets.mine.parts.open]
access = "open"
container = "png"
options = { record = 8 }
[datasets.mine.parts.later]
access = "application"
images = 3
aliases = ["mine-later"]
[licences.LicenseRef-Mine]
name = "My terms"
text = "Be kind."
requires_acceptance = true
duties = ["cite"]
duo = ["DUO:0000042"]
destroy_after_days = 30
uses = { research = "yes", commercial = "ask" }
reasons = { commercial = "write to me" }
""".replace("SHA", f'sha256 = "{"AB" * 32}"\nmd5 = "{"0" * 32}"')


def test_every_key_arrives(tmp_path: Path) -> None:
    """What the file says is what the nouns say."""
    catalogue = opened(tmp_path, WHOLE).catalogue
    (mine,) = catalogue.find("my-data")
    assert (mine.title, mine.source, mine.access, mine.container) == ("Mine", "zenodo", "registration", "nifti")
    assert (mine.modalities, mine.body_parts, mine.images, mine.patients) == (("MR", "PT"), ("brain",), 100, 10)
    assert (mine.licence, mine.link, mine.notes) == ("LicenseRef-Mine", "https://example.org/", "Handle with care.")
    assert mine.checked_on == date(2026, 11, 22)
    assert mine.acknowledge == ("Thank the owner.", "Name the grant.")
    assert mine.made_from == ("oasis/1", "shenzhen")
    assert mine.options == {"record": 7, "deep": {"a": [1]}}
    assert mine.files == (
        RemoteFile(
            url="https://example.org/a/x.tar.gz?download=1",
            path="x.tar.gz",
            size=123,
            checksum="sha256:" + "ab" * 32,
            unpack=False,
            into="x",
            joins="y.tar",
            mirrors=("https://mirror.example.org/x",),
        ),
    )
    assert mine.steps[1] == Step(
        key="wait", title="Wait", expected_days=14, lapses_after_days=365, needs=("account",), evidence="the letter"
    )
    assert mine.steps[0].needs is None
    assert (mine.errata[0].listed, mine.errata[0].on) == ("99", date(2026, 11, 21))
    assert mine.listed is not None
    assert (mine.listed.images, mine.listed.patients) == ("99", "")
    assert mine.citations[0].doi == "10.1000/182"
    terms = catalogue.licence("LicenseRef-Mine")
    assert terms is not None
    assert (terms.id, terms.text, terms.requires_acceptance, terms.destroy_after_days) == (
        "LicenseRef-Mine",
        "Be kind.",
        True,
        30,
    )
    assert (terms.duties, terms.duo) == (("cite",), ("DUO:0000042",))
    assert (terms.uses["commercial"], terms.reasons["commercial"]) == ("ask", "write to me")
    assert catalogue.licence("LicenseRef-Other") is None


def test_a_part_takes_over_what_it_does_not_say(tmp_path: Path) -> None:
    """Access, container and options differ; the rest is the dataset's. Counts are of the whole, open asks nothing."""
    (free,) = opened(tmp_path, WHOLE).catalogue.find("mine/open")
    assert (free.part, free.title, free.access, free.container) == ("open", "Mine", "open", "png")
    assert free.options == {"record": 8, "deep": {"a": [1]}}
    assert (free.images, free.patients, free.steps, free.aliases) == (None, None, (), ())
    assert free.licence == "LicenseRef-Mine"
    assert len(free.files) == len(free.errata) == 1
    (later,) = opened(tmp_path, WHOLE).catalogue.find("mine/mine-later")
    assert (later.access, later.images, [step.key for step in later.steps]) == ("application", 3, ["account", "wait"])


def test_the_smallest_dataset_is_complete(tmp_path: Path) -> None:
    """Title, access, one address; its terms are unknown."""
    text = '[datasets.mine]\ntitle = "M"\naccess = "open"\n[[datasets.mine.files]]\nurl = "http://127.0.0.1:9/a.bin"\n'
    (mine,) = opened(tmp_path, text).catalogue.find("mine")
    assert (mine.source, mine.container, mine.licence) == ("listed", "mixed", None)
    assert mine.files == (RemoteFile(url="http://127.0.0.1:9/a.bin", path="a.bin"),)


def test_a_workspace_overrides_single_keys(tmp_path: Path) -> None:
    """Named keys change, a list replaces, options and uses merge by key; everything else stays."""
    plain = opened(tmp_path / "plain").catalogue
    over = opened(
        tmp_path,
        """
        [datasets.shenzhen]
        title = "Ours"
        aliases = ["cxr"]
        options = { extra = 1 }
        [[datasets.shenzhen.files]]
        url = "https://mirror.example.org/ChinaSet_AllFiles.zip"
        [datasets.abide.options]
        bucket = "ours"
        [datasets.oasis.parts.2]
        patients = 149
        [datasets.oasis.parts.5]
        title = "Five"
        [licences.LicenseRef-NLM-TB.uses]
        teaching = "yes"
        [licences."CC0-1.0"]
        name = "Ours"
        """,
    ).catalogue
    ours, theirs = over.find("shenzhen")[0], plain.find("shenzhen")[0]
    assert (ours.title, ours.aliases, len(ours.files)) == ("Ours", ("cxr",), 1)
    assert ours.files[0].url == "https://mirror.example.org/ChinaSet_AllFiles.zip"
    assert (ours.licence, ours.listed, ours.errata, ours.images) == (theirs.licence, theirs.listed, theirs.errata, 662)
    assert over.find("cxr") == (ours,)
    assert over.find("abide")[0].options == {**plain.find("abide")[0].options, "bucket": "ours"}
    two, before = over.find("oasis/2")[0], plain.find("oasis/2")[0]
    assert (two.patients, two.files, two.title) == (149, before.files, before.title)
    assert over.find("oasis/5")[0].title == "Five"
    assert len(over.find("oasis")[0].parts) == len(plain.find("oasis")[0].parts) + 1
    terms, base = over.licence("LicenseRef-NLM-TB"), plain.licence("LicenseRef-NLM-TB")
    assert terms is not None
    assert base is not None
    assert terms.uses == {**base.uses, "teaching": "yes"}
    assert terms.duties == base.duties


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://example.org/a/x.zip", "x.zip"),
        ("https://example.org/a/x.zip?download=1&y=/z", "x.zip"),
        ("https://example.org/a/x.zip#top", "x.zip"),
        ("https://example.org/a/d%C3%BCnn%20x.zip", "dünn x.zip"),
        ("https://example.org/a/", ""),
        ("https://example.org", ""),
        ("s3://bucket/key.zip", "key.zip"),
    ],
)
def test_a_file_without_a_path_bears_its_address_name(url: str, name: str) -> None:
    """The last component, decoded, without query and fragment."""
    assert name_in(url) == name


def test_the_strongest_checksum_is_kept() -> None:
    """Of several, SHA-256 before SHA-1 before MD5, in small letters."""
    row = {"url": "https://example.org/x", "md5": "0" * 32, "sha1": "F" * 40}
    assert file_of(row).checksum == "sha1:" + "f" * 40


def test_tables_merge_and_lists_replace() -> None:
    """Laying one table over another leaves both as they were."""
    base = {"a": {"b": 1, "c": [1, 2]}, "d": [1]}
    over = {"a": {"c": [3]}, "d": [], "e": {"f": 1}}
    assert merged(base, over) == {"a": {"b": 1, "c": [3]}, "d": [], "e": {"f": 1}}
    assert base == {"a": {"b": 1, "c": [1, 2]}, "d": [1]}


SECRET = "https://example.org/x?id=1&token=CANARY&part=2"
LEFT = "https://example.org/x?id=1&token=...&part=2"


def test_no_secret_of_an_address_is_shown(tmp_path: Path) -> None:
    """But a file's own address, by which it is fetched, is as it stands; a fragment without a secret is, too."""
    text = f"""
[datasets.mine]
title = "Mine"
access = "application"
link = "{SECRET}"
notes = "first {SECRET}, then https://example.org/#part"
[[datasets.mine.files]]
url = "{SECRET}"
path = "x.zip"
[[datasets.mine.steps]]
key = "a"
title = "Ask"
url = "{SECRET}"
[[datasets.mine.errata]]
field = "x"
listed = "{SECRET}"
found = "https://example.org/#access_token=CANARY"
evidence = "{SECRET}"
on = 2026-11-22
[datasets.mine.listed]
link = "{SECRET}"
[[datasets.mine.citations]]
bibtex = "@misc{{x, url = {{{SECRET}}}}}"
[licences.LicenseRef-Mine]
url = "{SECRET}"
"""
    catalogue = opened(tmp_path, text).catalogue
    (mine,) = catalogue.find("mine")
    assert mine.files[0].url == SECRET
    shown = f"{mine._replace(files=())} {catalogue.licence('LicenseRef-Mine')}"
    assert ("CANARY" in shown, shown.count(LEFT)) == (False, 8)
    assert mine.notes == f"first {LEFT}, then https://example.org/#part"
