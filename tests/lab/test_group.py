"""One store, two accounts of one group: each goes on where the other stopped, and neither is locked out."""

from __future__ import annotations

import io
import os
import shutil
import signal
import stat
import time
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.faultd import Answer, Asked, Faultd, file
from tests.lab.accounts import ADA, BEN, EVE, LAB, Account, account, base, interpreter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BIG = bytes(range(256)) * 65_536  # 16 MiB


class Lab(NamedTuple):
    """A folder for the lab's store, two members, and one account that is none."""

    store: Path
    ada: Account
    ben: Account
    eve: Account
    place: Faultd


def _slowly(asked: Asked) -> Answer:
    """Serve it in about two seconds."""
    return replace(file(BIG)(asked), drip=(256 << 10, 0.03))


def _zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a/b.csv", "1,2\n")
        archive.writestr("c.csv", "3,4\n")
    return buffer.getvalue()


@pytest.fixture(scope="module", name="python")
def _python() -> Iterator[str]:
    folder = base()
    yield interpreter(folder)
    shutil.rmtree(folder)


@pytest.fixture(name="lab")
def _lab(python: str) -> Iterator[Lab]:
    folder = base()
    with Faultd() as place:
        place.on("/x.csv", Answer(b"a,b\n1,2\n"))
        place.on("/y.zip", Answer(_zip()))
        place.on("/big.bin", file(BIG))
        place.on("/p.csv", Answer(b"name\n"))
        catalogue = f"""
[datasets.open1]
title = "Open"
licence = "CC-BY-4.0"
access = "open"
[[datasets.open1.files]]
url = "{place.url("/x.csv")}"
[[datasets.open1.files]]
url = "{place.url("/y.zip")}"
[datasets.large]
title = "Large"
licence = "CC-BY-4.0"
access = "open"
[[datasets.large.files]]
url = "{place.url("/big.bin")}"
[datasets.gated]
title = "Gated"
access = "open"
licence = "LicenseRef-Gated"
[[datasets.gated.files]]
url = "{place.url("/p.csv")}"
[datasets.asked]
title = "Asked"
access = "application"
[[datasets.asked.steps]]
key = "form"
title = "Send the form"
[licences.LicenseRef-Gated]
name = "Terms"
[licences.LicenseRef-Gated.uses]
research = "yes"
"""
        lab = folder / "lab"
        lab.mkdir()
        os.chown(lab, ADA, LAB)
        lab.chmod(0o2775)
        ada, ben = (account(folder, python, uid, catalogue) for uid in (ADA, BEN))
        yield Lab(lab / "store", ada, ben, account(folder, python, EVE, catalogue, ()), place)
    shutil.rmtree(folder)


def _modes(store: Path) -> dict[str, int]:
    return {str(path.relative_to(store)): stat.S_IMODE(path.lstat().st_mode) for path in (store, *store.rglob("*"))}


def _wrong(store: Path) -> dict[str, str]:
    """Name what the group may not read and write, or what does not hand the group on."""
    return {
        path: oct(mode)
        for path, mode in _modes(store).items()
        if mode & 0o060 != 0o060 or ((store / path).is_dir() and mode & 0o2010 != 0o2010)
    }


def _founded(lab: Lab) -> str:
    cache = str(lab.store)
    told = lab.ada.fetch("--cache", cache, "get", "open1", FETCH_SHARED="group")
    assert told.status == 0, told.err
    return cache


def test_everything_is_the_groups_whatever_the_umask(lab: Lab) -> None:
    """Record, journals, partials, folders, texts; the other home needs no word about it."""
    cache = _founded(lab)
    assert _wrong(lab.store) == {}
    for words in (("status",), ("verify",), ("audit",), ("get", "open1"), ("apply", "asked"), ("get", "large")):
        told = lab.ben.fetch("--cache", cache, *words)
        assert told.status == 0, (words, told.err)
    told = lab.ada.fetch("--cache", cache, "grant", "asked", "--note", "by mail")
    assert told.status == 0, told.err
    assert lab.ben.fetch("--cache", cache, "release", "open1", "--yes", umask=0o022).status == 0
    assert lab.ben.fetch("--cache", cache, "get", "open1", umask=0o022).status == 0
    assert lab.ada.fetch("--cache", cache, "release", "open1", "--yes").status == 0
    assert lab.ada.fetch("--cache", cache, "doctor").status == 0
    assert _wrong(lab.store) == {}
    held = lab.ada.fetch("--cache", cache, "status", "--json").document
    assert held["applications"][0]["granted_by"] == str(ADA)
    assert [(row["dataset"], row["fetched_by"]) for row in held["held"]] == [("large", [str(BEN)])]


@pytest.mark.parametrize("at", [0.15, 0.5, 0.9])
def test_a_killed_members_download_is_gone_on_with(lab: Lab, at: float) -> None:
    """The second account takes over what the first one left, whichever dies, and the record opens for both."""
    cache = _founded(lab)
    lab.place.on("/big.bin", _slowly)
    first, second = lab.ada, lab.ben
    for number, member in enumerate((first, second)):
        process = member.start("--cache", cache, "get", "large", "--timeout", "20")
        time.sleep(1.0 + at * (1 + number))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert _wrong(lab.store) == {}
    lab.place.on("/big.bin", file(BIG))
    told = lab.ada.fetch("--cache", cache, "get", "large", "--json")
    assert told.status == 0, told.err
    assert (lab.store / "large" / "big.bin").read_bytes() == BIG
    assert lab.ben.fetch("--cache", cache, "verify", "large").status == 0
    assert lab.ben.fetch("--cache", cache, "get", "large").status == 0
    assert not list((lab.store / ".partial").iterdir())


def test_a_gated_copy_stays_with_its_account(lab: Lab) -> None:
    """The others are told whose it is; it is not missing. Readers are let in by their group, and nobody else is."""
    cache = _founded(lab)
    assert lab.ada.fetch("--cache", cache, "get", "gated").status == 0
    modes = _modes(lab.store)
    assert (modes["gated"], modes["gated/p.csv"]) == (0o700, 0o600)
    for verb in ("verify", "audit"):
        told = lab.ben.fetch("--cache", cache, verb, "--json")
        found = [(one["rule"], one["severity"]) for one in told.document["findings"] if one["dataset"] == "gated"]
        assert (told.status, [one for one in found if one[0].startswith("copy")]) == (0, [("copy-private", "info")])
    told = lab.ben.fetch("--cache", cache, "get", "gated")
    assert told.status == 7
    assert f"gated belongs to {ADA} (mode 0700)" in told.err
    (lab.ada.home / "config.toml").write_text(f"[readers]\ngated = {LAB}\n", encoding="utf-8")
    assert lab.ada.fetch("--cache", cache, "doctor", "--share").status == 0
    assert lab.ben.fetch("--cache", cache, "verify", "gated").status == 0
    assert lab.ben.fetch("--cache", cache, "get", "gated").status == 0
    assert lab.ada.fetch("--cache", cache, "audit", "gated").status == 0
    assert _texts_of(lab) == {(0o640, LAB)}, "who may read the copies may read their terms"
    (lab.ada.home / "config.toml").write_text('[readers]\ngated = "nobody-we-know"\n', encoding="utf-8")
    told = lab.ada.fetch("--cache", cache, "status")
    assert (told.status, "nobody-we-know" in told.err) == (2, True)


def test_the_readers_of_a_copy_that_comes_in_may_read_its_terms(lab: Lab) -> None:
    """The text that is kept beside it, from the first download on."""
    cache = _founded(lab)
    (lab.ada.home / "config.toml").write_text(f"[readers]\ngated = {LAB}\n", encoding="utf-8")
    assert lab.ada.fetch("--cache", cache, "get", "gated").status == 0
    assert _texts_of(lab) == {(0o640, LAB)}
    folder = (lab.store / "gated" / "LICENCE").stat()
    assert (folder.st_mode & 0o777, folder.st_gid) == (0o750, LAB)


def _texts_of(lab: Lab) -> set[tuple[int, int]]:
    found = [path.stat() for path in (lab.store / "gated" / "LICENCE").iterdir()]
    return {(one.st_mode & 0o777, one.st_gid) for one in found}


def test_a_private_copy_is_its_owners_to_share_and_to_destroy(lab: Lab) -> None:
    """Another member shares the rest around it; who would destroy it is told whose it is, and nothing is destroyed."""
    cache = _founded(lab)
    assert lab.ada.fetch("--cache", cache, "get", "gated").status == 0
    told = lab.ben.fetch("--cache", cache, "doctor", "--share")
    assert told.status == 0, told.err + told.out
    told = lab.ben.fetch("--cache", cache, "release", "gated", "--yes")
    assert (told.status, f"gated belongs to {ADA} (mode 0700)" in told.err) == (7, True), told.err
    assert f"{ADA} would have to type" in told.err
    assert lab.ada.fetch("--cache", cache, "verify", "gated").status == 0
    (lab.ada.home / "config.toml").write_text(f"[readers]\ngated = {LAB}\n", encoding="utf-8")
    for member in (lab.ada, lab.ben):
        assert member.fetch("--cache", cache, "doctor", "--share").status == 0
    assert lab.ben.fetch("--cache", cache, "verify", "gated").status == 0
    for words in (("get", "gated"), ("get", "gated", "--force"), ("release", "gated", "--yes")):
        told = lab.ben.fetch("--cache", cache, *words)
        assert told.status == (7 if len(words) == 3 else 0), words
        expected = f"{ADA} would have to type: fetch --cache {cache} {words[0]} gated"
        assert len(words) == 2 or expected in told.err, told.err
    assert lab.ada.fetch("--cache", cache, "verify", "gated").status == 0


@pytest.mark.parametrize(("group", "status"), [("99999999999999", 2), ("4294967295", 2), ("61234", 2), ("0", 7)])
def test_a_group_that_is_none_or_not_ones_own_gets_nothing(lab: Lab, group: str, status: int) -> None:
    """A number that no group has is unknown; a group that the account is not of cannot be given a file."""
    cache = _founded(lab)
    (lab.ada.home / "config.toml").write_text(f"[readers]\ngated = {group}\n", encoding="utf-8")
    told = lab.ada.fetch("--cache", cache, "get", "gated")
    assert (told.status, "[readers]" in told.err) == (status, True), told.err
    assert not (lab.store / "gated" / "p.csv").exists()
    told = lab.ada.fetch("--cache", cache, "doctor", "--share")
    assert told.status == status, told.err


def test_a_store_of_ones_own_is_shared_later(lab: Lab) -> None:
    """Before, the other account is told whose mode is in the way and what its owner types; afterwards all is well."""
    cache = str(lab.store)
    assert lab.ada.fetch("--cache", cache, "get", "open1", "gated").status == 0
    for words in (("status",), ("verify",), ("get", "open1"), ("doctor",), ("doctor", "--share")):
        told = lab.ben.fetch("--cache", cache, *words)
        assert told.status == 7, words
        said = told.err + told.out
        assert f"{cache} belongs to {ADA} (mode 2700)" in said, said
        assert " mv " not in said
    told = lab.ben.fetch("--cache", cache, "status")
    assert f"{ADA} would have to type: fetch --cache {cache} doctor --share" in told.err
    assert lab.ada.fetch("--cache", cache, "doctor", "--share").status == 0
    private = {path: mode for path, mode in _wrong(lab.store).items() if not path.startswith("gated")}
    assert private == {}
    assert _modes(lab.store)["gated/p.csv"] == 0o600
    for typed in ("status", "verify", "get open1 large", "doctor"):
        assert lab.ben.fetch("--cache", cache, *typed.split()).status == 0, typed


def test_a_folder_that_does_not_hand_its_group_on_is_refused(lab: Lab) -> None:
    """An administrator's folder without setgid would lock the second member out: said before anything is founded."""
    lab.store.mkdir()
    os.chown(lab.store, 0, LAB)
    lab.store.chmod(0o775)
    told = lab.ada.fetch("--cache", str(lab.store), "get", "open1", FETCH_SHARED="group")
    assert (told.status, f"chmod 2770 {lab.store}" in told.err) == (7, True)
    assert list(lab.store.iterdir()) == []
    lab.store.chmod(0o2770)
    assert lab.ada.fetch("--cache", str(lab.store), "get", "open1", FETCH_SHARED="group").status == 0
    assert lab.ben.fetch("--cache", str(lab.store), "get", "large").status == 0
    assert _wrong(lab.store) == {}


def test_who_is_not_of_the_group_is_told_so(lab: Lab) -> None:
    """It names the store, its owner, its mode and its group."""
    cache = _founded(lab)
    told = lab.eve.fetch("--cache", cache, "status")
    assert told.status == 7
    assert f"belongs to {ADA} (mode 2770), for its group {LAB}" in told.err


def test_a_home_that_is_the_groups_too(lab: Lab) -> None:
    """Any member adds evidence, which stays with its owner; the other's credentials are none of ours."""
    home = lab.store.parent / "shared-home"
    shutil.copytree(lab.ada.home, home)
    for path in (home, *home.iterdir()):
        os.chown(path, ADA, LAB)
    home.chmod(0o2775)
    (home / "config.toml").write_text('shared = "group"\n', encoding="utf-8")
    letter = lab.store.parent / "letter.txt"
    letter.write_text("yes", encoding="utf-8")
    letter.chmod(0o644)
    assert lab.ada.fetch("--home", str(home), "get", "open1").status == 0
    credentials = home / "credentials.toml"
    credentials.write_text('["https://place.example/"]\ntoken = "t"\n', encoding="utf-8")
    credentials.chmod(0o600)
    os.chown(credentials, ADA, ADA)
    for member in (lab.ada, lab.ben):
        told = member.fetch("--home", str(home), "grant", "asked", "--evidence", str(letter))
        assert told.status == 0, told.err
        assert member.fetch("--home", str(home), "get", "large").status == 0
        assert member.fetch("--home", str(home), "release", "large", "--yes").status == 0
    kept = sorted((home / "evidence" / "asked").iterdir())
    assert [(stat.S_IMODE(one.stat().st_mode), one.stat().st_uid) for one in kept] == [(0o600, BEN), (0o600, ADA)]
    assert _wrong(home / "cache") == {}
