"""Folders for training part no patient, obey the terms, and are known to `release`."""

from __future__ import annotations

import csv
import io
import json
import os
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pydicom import dcmread
from pydicom.uid import UID

from fetchers.checks.dicom.samples import CT, scanner_file
from fetchers.errors import CatalogueError, NothingMatched, TermsError
from fetchers.handover.training_folder import Wishes
from fetchers.inspection import splits
from fetchers.records import FileRow
from fetchers.verbs import adopt, audit, overlap, release, view
from tests.verbs.contexts import context

if TYPE_CHECKING:
    from pathlib import Path

    from fetchers.context import Context

CATALOGUE = """
[datasets.one]
title = "One"
access = "open"
source = "byhand"
container = "dicom"
modalities = ["CT"]
licence = "CC-BY-4.0"

[datasets.two]
title = "Two"
access = "open"
source = "byhand"
container = "mixed"
licence = "CC-BY-NC-4.0"

[datasets.three]
title = "Three"
access = "open"
source = "byhand"
container = "png"
licence = "CC0-1.0"
made_from = ["two"]
"""


def _slice(patient: int, series: int, number: int) -> bytes:
    found = dcmread(io.BytesIO(scanner_file(CT)))
    pixels = found.pixel_array.copy()
    pixels[0, 0] = number
    found.PixelData = pixels.tobytes()
    found.PatientID = f"PAT{patient}"
    found.StudyInstanceUID, found.SeriesInstanceUID = f"2.25.9{series}", f"2.25.{series}"
    found.SOPInstanceUID = found.file_meta.MediaStorageSOPInstanceUID = UID(f"2.25.77{number}")
    out = io.BytesIO()
    found.save_as(out)
    return out.getvalue()


@pytest.fixture
def here(tmp_path: Path) -> Context:
    """Hold ten patients of two series each; another set shares one file, a third one picture."""
    place = context(tmp_path / "home", catalogue=CATALOGUE)
    folders = [tmp_path / name for name in ("one", "two", "three")]
    for folder in folders:
        folder.mkdir()
    for number in range(40):
        patient, series = number // 4, number // 2
        (folders[0] / f"{number:02}.dcm").write_bytes(_slice(patient, series, number))
    (folders[0] / "readme.txt").write_text("not an image")
    (folders[1] / "same.dcm").write_bytes((folders[0] / "05.dcm").read_bytes())
    pixels = dcmread(folders[0] / "07.dcm").pixel_array
    Image.fromarray(pixels.astype("uint16")).save(folders[2] / "drawn.png")
    Image.fromarray(np.arange(400, dtype="uint8").reshape(20, 20)).save(folders[2] / "other.png")
    for folder in folders:
        adopt.run(place, folder.name, [folder])
    return place


def _rows(to: str) -> list[dict[str, str]]:
    with open(f"{to}/datalist.csv", newline="") as file:  # noqa: PTH123 - a test's own
        return list(csv.DictReader(file))


@pytest.mark.parametrize("seed", range(5))
def test_no_patient_is_parted(here: Context, tmp_path: Path, seed: int) -> None:
    """Under any seed; the same seed gives the same split."""
    wishes = Wishes(split="80/10/10", datalist="csv", seed=seed)
    made = view.run(here, ["one"], tmp_path / "view", wishes)
    assert (made.files, made.patients, made.seed) == (40, 10, seed)
    assert [share.patients for share in made.splits.values()] == [8, 1, 1]
    rows = _rows(made.to)
    for key in ("patient", "sha256"):
        assert len({(row[key], row["split"]) for row in rows}) == len({row[key] for row in rows})
    again = view.run(here, ["one"], tmp_path / "again", wishes)
    assert again.splits == made.splits
    assert _rows(again.to) == rows


def test_another_seed_is_another_split(here: Context, tmp_path: Path) -> None:
    """Else a seed would be no seed."""
    told = []
    for seed in range(4):
        wishes = Wishes(datalist="csv", split="60/40", seed=seed)
        made = view.run(here, ["one"], tmp_path / str(seed), wishes)
        told.append([row["split"] for row in _rows(made.to)])
    assert len({tuple(one) for one in told}) > 1


@pytest.mark.parametrize("link", ["hard", "sym", "copy"])
def test_links_lead_to_the_very_bytes(here: Context, tmp_path: Path, link: str) -> None:
    """Each kind of link, below the layout that was asked for."""
    wishes = Wishes(link=link, layout="{split}/{patient}/{name}", split="50/50")  # type: ignore[arg-type]
    made = view.run(here, ["one"], tmp_path / "view", wishes)
    paths = list((tmp_path / "view").rglob("*.dcm"))
    assert len(paths) == 40
    assert {path.parts[-3] for path in paths} == {"train", "val"}
    for path in paths:
        held = here.store / "one" / path.name
        assert path.read_bytes() == held.read_bytes()
        assert path.is_symlink() == (link == "sym")
        assert (path.stat().st_ino == held.stat().st_ino) == (link != "copy")
    assert made.exit == 0
    assert not list(tmp_path.glob(".view*"))


def test_a_forbidden_use_makes_nothing(here: Context, tmp_path: Path) -> None:
    """Terms of any image count, those of its twin elsewhere, too; what is allowed is made."""
    for names in (["two"], ["one"], ["three"], []):
        with pytest.raises(TermsError):
            view.run(here, names, tmp_path / "view", Wishes(uses=("commercial",)))
    assert not (tmp_path / "view").exists()
    assert view.run(here, ["one"], tmp_path / "view", Wishes(uses=("research",))).files == 40


@pytest.mark.parametrize(
    ("wishes", "to"),
    [
        (Wishes(layout="{nothing}/{name}"), "view"),
        (Wishes(layout="{patient}"), "view"),
        (Wishes(layout="../{name}"), "view"),
        (Wishes(layout="{name.__class__}"), "view"),
        (Wishes(layout="{name"), "view"),
        (Wishes(split="many"), "view"),
        (Wishes(split="0/0"), "view"),
        (Wishes(), "one"),
        (Wishes(), "home/cache/one/view"),
    ],
)
def test_what_cannot_be_is_refused(here: Context, tmp_path: Path, wishes: Wishes, to: str) -> None:
    """A layout that leads out, a split of nothing, a folder that has something in it."""
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(CatalogueError):
        view.run(here, ["one"], tmp_path / to, wishes)
    assert sorted(tmp_path.rglob("*")) == before


def test_datalists(here: Context, tmp_path: Path) -> None:
    """A DICOM series is one image: its folder, where nothing else lies in it."""
    view.run(here, ["one"], tmp_path / "monai", Wishes(datalist="monai", split="80/10/10"))
    found = json.loads((tmp_path / "monai" / "datalist.json").read_text())
    assert found["numTraining"] == len(found["training"]) == 16
    assert {len(found[name]) for name in ("validation", "test")} == {2}
    assert all((tmp_path / "monai" / entry["image"]).is_dir() for entry in found["training"])
    made = view.run(here, ["one"], tmp_path / "nnunet", Wishes(datalist="nnunet", split="80/10/10"))
    listed = json.loads((tmp_path / "nnunet" / "dataset.json").read_text())
    assert listed.keys() >= {"channel_names", "labels", "numTraining", "file_ending", "dataset"}
    (fold,) = json.loads((tmp_path / "nnunet" / "splits_final.json").read_text())
    assert not set(fold["train"]) & set(fold["val"])
    assert [finding.rule for finding in made.findings] == ["needs-conversion"]


def test_release_names_the_views(here: Context, tmp_path: Path) -> None:
    """What lies outside of the store is not destroyed, and is not forgotten."""
    view.run(here, ["one"], tmp_path / "view")
    view.run(here, ["one"], tmp_path / "gone")
    os.rename(tmp_path / "gone", tmp_path / "moved")  # noqa: PTH104 - a test's own
    done = release.run(here, "one", yes=True)
    assert [(one.to, one.link) for one in done.views] == [(str(tmp_path / "view"), "hard")]
    assert str(tmp_path / "view") in (here.workspace.home / done.certificate).read_text()


def test_overlap_by_bytes_instances_and_pixels(here: Context) -> None:
    """One file is in two sets, one picture is drawn anew in a third; both bind what holds them."""
    found = overlap.run(here)
    pairs = {(pair.a, pair.b): (pair.files, pair.instances, pair.pixels) for pair in found.pairs}
    assert pairs == {("one", "two"): (1, 1, 1), ("one", "three"): (0, 0, 1)}
    assert found.findings == ()
    assert {(one.a, one.b) for pair in found.pairs for one in pair.examples} == {
        ("05.dcm", "same.dcm"), ("07.dcm", "drawn.png"),
    }  # fmt: skip
    assert [(pair.a, pair.b) for pair in overlap.run(here, ["two"]).pairs] == [("one", "two")]
    assert overlap.run(here, pixels=False).pairs[0].pixels is None
    told = audit.run(here, uses=["commercial"])
    assert {row.verdict for row in told.verdicts} == {"forbidden"}
    elsewhere = {finding.dataset for finding in told.findings if finding.rule == "licence-stricter-elsewhere"}
    assert elsewhere == {"one", "three"}
    assert {row.verdict for row in audit.run(here, uses=["research"]).verdicts} == {"allowed-with-duties"}


def test_nothing_held_is_three(tmp_path: Path) -> None:
    """No folder of nothing, no overlap of nothing."""
    place = context(tmp_path / "home", catalogue=CATALOGUE)
    with pytest.raises(NothingMatched):
        view.run(place, [], tmp_path / "view")
    with pytest.raises(NothingMatched):
        overlap.run(place)


def _row(number: int, patient: int | None, content: int) -> FileRow:
    fields: dict[str, object] = dict.fromkeys(FileRow._fields)
    fields |= {"dataset": "x", "path": f"{number}.dcm", "sha256": f"{content:064x}", "size": 1, "kind": "dicom"}
    fields |= {"patient": None if patient is None else f"p{patient}", "series": f"s{number}"}
    return FileRow(**fields)  # type: ignore[arg-type]


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.one_of(st.none(), st.integers(0, 8)), st.integers(0, 20)), min_size=1, max_size=60),
    st.integers(),
    st.sampled_from(["80/10/10", "50/50", "1/1/1", "98/1/1", "100/0", "70/30/0"]),
)
def test_a_split_parts_nothing(images: list[tuple[int | None, int]], seed: int, shares: str) -> None:
    """No patient and no identical images, whatever they are; in any order of the files the same."""
    rows = [_row(number, *image) for number, image in enumerate(images)]
    told = splits.split(rows, "patient", splits.shares(shares), seed, {})
    for key in ("patient", "sha256"):
        found: dict[str, str] = {}
        for row, name in zip(rows, told, strict=True):
            if (value := getattr(row, key)) is not None:
                assert found.setdefault(value, name) == name
    back = splits.split(rows[::-1], "patient", splits.shares(shares), seed, {})[::-1]
    assert back == told
    groups = len(splits.groups(rows, "patient", {}))
    wanted = [
        name for name, share in zip(splits.names(shares.count("/") + 1), splits.shares(shares), strict=True) if share
    ]
    if groups >= len(wanted):
        assert set(told) == set(wanted)
