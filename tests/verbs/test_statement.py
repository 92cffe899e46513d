"""Statements and exports agree with the record and pass the validators of their formats."""

from __future__ import annotations

import io
import json
import logging
import warnings
from typing import TYPE_CHECKING

import pytest

from fetchers.checks.dicom.samples import CT, MR, scanner_file
from fetchers.errors import CatalogueError, NothingMatched
from fetchers.verbs import adopt, decide, export, files, statement
from tests.commands import fetch
from tests.verbs.contexts import context

if TYPE_CHECKING:
    from pathlib import Path

    from fetchers.context import Context

CATALOGUE = """
[datasets.one]
title = "One & only"
access = "application"
source = "byhand"
container = "dicom"
modalities = ["CT", "MR"]
licence = "CC-BY-4.0"
link = "https://one.example.org/"
acknowledge = ["We thank the Board of One, word for word."]
[[datasets.one.citations]]
doi = "10.1234/one"
text = "One Group: One"
[[datasets.one.steps]]
key = "form"
title = "Form"

[datasets.two]
title = "Two"
access = "open"
source = "byhand"
container = "dicom"
licence = "LicenseRef-Two"

[licences.LicenseRef-Two]
name = "Terms of two"
text = "Use it well."
duo = ["DUO:0000042"]
[licences.LicenseRef-Two.uses]
research = "yes"
commercial = "no"
"""


@pytest.fixture
def here(tmp_path: Path) -> Context:
    """Hold a gated set with a grant, and one under terms of its own."""
    place = context(tmp_path / "home", catalogue=CATALOGUE)
    for name, samples in (("one", (CT, MR)), ("two", (CT,))):
        (tmp_path / name).mkdir()
        for sample in samples:
            (tmp_path / name / sample).write_bytes(scanner_file(sample))
    decide.settle(place, "one", "grant", note="by mail")
    adopt.run(place, "one", [tmp_path / "one"])
    adopt.run(place, "two", [tmp_path / "two"])
    return place


def test_each_number_is_the_records(here: Context) -> None:
    """What the text says can be counted."""
    found = statement.run(here, [])
    rows = list(files.run(here))
    assert (found.numbers.datasets, found.numbers.files) == (2, len(rows))
    assert found.numbers.bytes == sum(row.size for row in rows)
    assert found.numbers.modalities == {"CT": 2, "MR": 1}
    assert found.numbers.each[0].series == len({row.series for row in rows if row.dataset == "one"})
    assert found.numbers.each[0].patients == len({row.patient for row in rows if row.dataset == "one"})
    for words in ("2 datasets (3 files)", "1 CT, 1 MR", "CC-BY-4.0", "https://doi.org/10.1234/one",
                  "access was granted", "We thank the Board of One, word for word."):  # fmt: skip
        assert words in found.text


def test_latex_sets_what_is_written(here: Context) -> None:
    """No sign of a title ends a paragraph or runs."""
    text = statement.run(here, ["one"], markup="tex").text
    assert r"One \& only" in text
    assert text.count(r"\begin{itemize}") == text.count(r"\end{itemize}")


def test_the_summary_of_training_content(here: Context) -> None:
    """From the same numbers, as a table."""
    text = statement.run(here, [], ai_act=True).text
    assert "CT 2, MR 1" in text
    assert "| 2.1 Publicly available datasets | Two" in text
    assert "| 2.2 Datasets under licence or agreement | One & only" in text


def test_croissant_validates(here: Context, tmp_path: Path) -> None:
    """Mlcroissant takes it without a complaint; the terms are inside."""
    mlcroissant = pytest.importorskip("mlcroissant")
    done = export.run(here, [], "croissant", tmp_path / "croissant.json")
    assert done.files == 3
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = mlcroissant.Dataset(jsonld=str(tmp_path / "croissant.json"))
    assert not found.metadata.ctx.issues.errors
    said = json.loads((tmp_path / "croissant.json").read_text())
    assert said["usageInfo"] == ["http://purl.obolibrary.org/obo/DUO_0000042"]
    assert {rule for policy in said["odrl:hasPolicy"] for rule in policy} >= {"odrl:permission", "odrl:prohibition"}


def test_ro_crate_is_read(here: Context, tmp_path: Path) -> None:
    """Rocrate reads it, and its files are there."""
    rocrate = pytest.importorskip("rocrate.rocrate")
    export.run(here, ["two"], "ro-crate", tmp_path / "crate")
    crate = rocrate.ROCrate(tmp_path / "crate")
    assert crate.root_dataset["name"] == "Two"
    assert crate.get("fetch.lock") is not None
    assert (tmp_path / "crate" / "licences" / "LicenseRef-Two.txt").read_text() == "Use it well.\n"
    assert str(tmp_path) not in (tmp_path / "crate" / "files.csv").read_text()


def test_a_bag_is_valid(here: Context, tmp_path: Path) -> None:
    """Bagit hashes all of it, and finds a byte that changed."""
    bagit = pytest.importorskip("bagit")
    logging.getLogger("bagit").setLevel(logging.CRITICAL)
    done = export.run(here, [], "bagit", tmp_path / "bag")
    assert done.files == 3
    assert bagit.Bag(str(tmp_path / "bag")).validate()
    with pytest.raises(CatalogueError):
        export.run(here, [], "bagit", tmp_path / "bag")
    (tmp_path / "bag" / "data" / "two" / CT).write_bytes(b"other")
    with pytest.raises(bagit.BagError):
        bagit.Bag(str(tmp_path / "bag")).validate()
    assert (here.store / "two" / CT).read_bytes() == scanner_file(CT)


def test_spdx_validates(here: Context, tmp_path: Path) -> None:
    """spdx-tools takes it without a complaint."""
    parsing = pytest.importorskip("spdx_tools.spdx.parser.parse_anything")
    validation = pytest.importorskip("spdx_tools.spdx.validation.document_validator")
    export.run(here, [], "spdx", tmp_path / "x.spdx.json")
    parsed = parsing.parse_file(str(tmp_path / "x.spdx.json"))
    assert validation.validate_full_spdx_document(parsed) == []


def test_the_commands(here: Context, tmp_path: Path) -> None:
    """Exit statuses and JSON; one destination, and one only."""
    home = here.workspace.home
    told = fetch(home, "statement", "one", "--json").document
    assert told["numbers"]["files"] == 2
    assert told["text"].startswith("## Data")
    assert fetch(home, "statement", "--md", "--tex").status == 2
    assert fetch(home, "export").status == 2
    done = fetch(home, "export", "one", "--spdx", str(tmp_path / "x.spdx.json"), "--json").document
    assert done == {"format": "spdx", "path": str(tmp_path / "x.spdx.json"), "files": 2, "exit": 0}
    assert fetch(home, "export", "drive", "--spdx", str(tmp_path / "y")).status == 3
    with pytest.raises(NothingMatched):
        statement.run(context(tmp_path / "empty"), [])
    assert io.StringIO(told["text"]).readline() == "## Data\n"
