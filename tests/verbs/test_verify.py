"""`fetch verify` finds changed bytes and headers, and counts each held file once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from fetchers.checks.dicom.samples import CT, MR, in_series, scanner_file
from fetchers.errors import CatalogueError, NothingMatched
from fetchers.inspection import parallel_check
from fetchers.storage.record.manifest import Manifest
from fetchers.verbs import verify
from tests.storage.record import arrival
from tests.verbs.contexts import context
from tests.verbs.holdings import hold

if TYPE_CHECKING:
    from pathlib import Path

    from fetchers.context import Context
    from fetchers.verbs.verify import Verified

CATALOGUE = """\
[datasets.lungs]
title = "Lungs"
access = "open"
modalities = ["CT"]
container = "dicom"
images = 4
[[datasets.lungs.files]]
url = "https://data.example.org/0.zip"
[datasets.lungs.options]
open_parts = true
[datasets.lungs.parts.1]
title = "One"

[datasets.films]
title = "Films"
access = "open"
modalities = ["XR"]
container = "png"
"""
FILES = {"a/0.dcm": scanner_file(CT), "a/1.dcm": scanner_file(CT) + b"\0", "readme.txt": b"Hello.\nRead me.\n"}


@pytest.fixture
def here(tmp_path: Path) -> Context:
    """Return a workspace with two datasets."""
    return context(tmp_path / "home", catalogue=CATALOGUE, offline=True)


def _rules(found: Verified) -> list[tuple[str, str, str | None]]:
    return sorted((one.rule, one.severity, one.path) for one in found.findings)


def _count(found: Verified) -> tuple[int, int, int]:
    return sum(found.modalities.values()), found.unverifiable, found.beside


def test_nothing_held(here: Context) -> None:
    """Exit 3, with what to type; nothing is made on the disk."""
    with pytest.raises(NothingMatched, match="lungs") as caught:
        verify.run(here, ["lungs"])
    assert caught.value.hint == "fetch lungs"
    assert not here.store.exists()


@pytest.mark.parametrize("how", [{}, {"quick": True}, {"headers": True}, {"phi": True}], ids=str)
def test_all_is_well(here: Context, how: dict[str, Any]) -> None:
    """Files, bytes and modalities are counted, whichever way they are looked at."""
    hold(here, "lungs", FILES)
    found = verify.run(here, ["lungs"], **how)
    assert (found.checked_files, found.checked_bytes) == (3, sum(map(len, FILES.values())))
    assert found.modalities == {"CT": 2}
    assert sum(_count(found)) == 3
    assert found.exit == 0
    assert {one.rule for one in found.findings} <= {"phi-residual", "burned-in-risk", "unverifiable", "trailing-bytes"}


def test_each_fault_of_the_bytes(here: Context) -> None:
    """Changed, grown, gone, a link, a pipe, a folder: each has its rule, and none is followed or waited for."""
    root = hold(here, "lungs", {f"{number}.dcm": scanner_file(CT) for number in range(7)})
    changed = bytearray(scanner_file(CT))
    changed[-9] ^= 1
    (root / "0.dcm").write_bytes(changed)
    (root / "1.dcm").write_bytes(changed + b"x")
    for number in range(2, 6):
        (root / f"{number}.dcm").unlink()
    (root / "3.dcm").symlink_to(root / "6.dcm")
    os.mkfifo(root / "4.dcm")
    (root / "5.dcm").mkdir()
    found = verify.run(here, ["lungs"])
    missing = [("file-missing", "error", f"{number}.dcm") for number in range(2, 6)]
    assert _rules(found) == sorted(
        [("hash-mismatch", "error", "0.dcm"), ("size-mismatch", "error", "1.dcm"), *missing],
    )
    assert all(one.hint and "fetch" in one.hint for one in found.findings)
    assert (found.checked_files, found.modalities, found.exit) == (7, {"CT": 1}, 4)


def test_quick_reads_no_byte_and_headers_hash_none(here: Context) -> None:
    """A changed pixel is seen by the hash alone; a changed header by `--headers`, too."""
    root = hold(here, "lungs", {"0.dcm": scanner_file(CT), "1.dcm": scanner_file(CT)})
    pixel, header = bytearray(scanner_file(CT)), scanner_file(CT).replace(b"CS\2\0CT", b"CS\2\0MR", 1)
    pixel[-9] ^= 1
    (root / "0.dcm").write_bytes(pixel)
    (root / "1.dcm").write_bytes(header)
    assert _rules(verify.run(here, ["lungs"], quick=True)) == []
    assert _rules(verify.run(here, ["lungs"], headers=True)) == [
        ("modality-wrong", "error", "1.dcm"),
        ("sop-contradiction", "error", "1.dcm"),
    ]
    assert [rule for rule, _, _ in _rules(verify.run(here, ["lungs"]))] == ["hash-mismatch", "hash-mismatch"]


def test_the_record_of_a_header_is_judged_by_the_catalogue_of_today(here: Context) -> None:
    """An MR among CT is named with both values; it counts as what it says it is."""
    hold(here, "lungs", {"0.dcm": scanner_file(MR), "1.dcm": scanner_file(CT)})
    found = verify.run(here, ["lungs"])
    assert found.modalities == {"CT": 1, "MR": 1}
    (wrong,) = found.findings
    assert (wrong.rule, wrong.path, wrong.dataset) == ("modality-wrong", "0.dcm", "lungs")
    assert "MR" in wrong.message
    assert "CT" in wrong.message


def test_what_the_record_does_not_know(here: Context) -> None:
    """A stray file is named, also beside the terms; parts, terms and what is under way are not strays."""
    root = hold(here, "lungs", {"0.dcm": scanner_file(CT), "LICENCE/1.dcm": scanner_file(CT)})
    hold(here, "lungs/1", {"0.dcm": scanner_file(CT)})
    hold(here, "lungs/Site-7", {"0.dcm": scanner_file(CT)})
    for stray in ("stray.bin", "a/b/stray.bin", ".hidden/x", "LICENCE/stray.bin"):
        (root / stray).parent.mkdir(parents=True, exist_ok=True)
        (root / stray).write_bytes(b"x")
    found = verify.run(here, [])
    assert _rules(found) == [("file-unknown", "warning", f"{where}stray.bin") for where in ("LICENCE/", "a/b/", "")]
    assert (found.checked_files, found.exit) == (4, 0)


def test_images_without_a_modality_are_said(here: Context) -> None:
    """One finding a part says how many; each of them is counted."""
    from tests.checks.test_container import picture

    hold(here, "films", {"0.png": picture("png"), "1.png": picture("png"), "notes.csv": b"a,b\n1,2\n"})
    found = verify.run(here, ["films"])
    assert _count(found) == (0, 2, 1)
    (said,) = found.findings
    assert (said.rule, said.severity, said.path) == ("unverifiable", "info", "0.png")
    assert said.message.startswith("2 files")
    assert found.exit == 0


@pytest.mark.parametrize(("images", "fault"), [(2, None), (3, "error")])
def test_fewer_than_the_place_counts(here: Context, images: int, fault: str | None) -> None:
    """The place's own count of an arrival is a promise; a changed image is still one of them."""
    root = hold(here, "lungs", FILES)
    _arrives(here, remote="a.zip", images=images)
    changed = bytearray(FILES["a/0.dcm"])
    changed[-9] ^= 1
    (root / "a/0.dcm").write_bytes(changed)
    short = [(one.severity, one.message) for one in verify.run(here, ["lungs"]).findings if one.rule == "count-short"]
    assert short == ([(fault, "2 images are held, the place counts 3")] if fault else [])


def test_fewer_than_the_catalogue_counts(here: Context) -> None:
    """A warning, and only where all of its files were fetched."""
    hold(here, "lungs", FILES)
    assert {one.rule for one in verify.run(here, ["lungs"]).findings} == {"trailing-bytes"}
    _arrives(here, remote="0.zip", images=None)
    (short,) = [one for one in verify.run(here, ["lungs"]).findings if one.rule != "trailing-bytes"]
    assert (short.rule, short.severity) == ("count-short", "warning")
    assert short.message == "2 images are held, the catalogue counts 4"


def _arrives(here: Context, *, remote: str, images: int | None) -> None:
    """Record that all held files came in one remote file."""
    with Manifest.open(here.store, write=True) as manifest:
        rows = [row._replace(remote=remote) for row in manifest.files("lungs")]
        manifest.record([arrival(0)._replace(path=remote, images=images)], rows)


def test_many_files_are_checked_in_processes(here: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same counts and the same findings, in the order of the paths, whoever checks them."""
    files = {f"{number:03}.dcm": scanner_file(MR if number % 50 == 7 else CT) for number in range(120)}
    root = hold(here, "lungs", files)
    (root / "003.dcm").unlink()
    alone = verify.run(here, ["lungs"])
    monkeypatch.setattr(parallel_check, "_MANY", 100)
    monkeypatch.setattr(parallel_check, "_SPAN", 30)
    together = verify.run(here, ["lungs"])
    assert together == alone
    assert [one.path for one in together.findings] == ["003.dcm", "007.dcm", "057.dcm", "107.dcm"]


def test_phi_names_tags_and_never_values(here: Context) -> None:
    """Scanner files as pydicom ships them name a patient; the tag is named, the value is not."""
    hold(here, "lungs", {"0.dcm": in_series(scanner_file(CT), series="2.25.1", instance="2.25.2")})
    found = verify.run(here, ["lungs"], phi=True)
    assert "phi-residual" in {one.rule for one in found.findings}
    assert not any("CompressedSamples" in one.message for one in found.findings)
    assert found.exit == 0


def test_phi_says_what_it_did_not_look_through(here: Context) -> None:
    """A file is looked through as far as memory is bounded; what comes after is not passed in silence."""
    hold(here, "lungs", {"0.dcm": scanner_file(CT), "notes.txt": b"a word\n" * (5 << 20)})
    found = verify.run(here, ["lungs"], phi=True)
    unread = [one for one in found.findings if one.rule == "phi-unreadable"]
    assert [(one.path, one.severity, "8 MiB" in one.message) for one in unread] == [("notes.txt", "warning", True)]


def test_quick_and_phi_exclude_each_other(here: Context) -> None:
    """Sizes say nothing of a patient: a question is not left out in silence."""
    hold(here, "lungs", {"0.dcm": scanner_file(CT)})
    with pytest.raises(CatalogueError, match="--phi"):
        verify.run(here, ["lungs"], quick=True, phi=True)
