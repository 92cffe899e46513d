"""Which series does a manifest ask for?"""

from __future__ import annotations

from pathlib import Path

import pytest

from fetchers.checks.series_manifests import SeriesManifest, wishes_of
from fetchers.errors import SourceError

DATA = Path(__file__).parent.parent / "sources" / "data" / "manifests"
LUNG = "1.3.6.1.4.1.14519.5.2.1.6279.6001.179049373636438705059720603192"


@pytest.mark.parametrize(
    ("name", "wishes"),
    [
        ("collection.tcia", SeriesManifest(series=("2.25.159938781348401988370074200042204937718", LUNG))),
        ("series.csv", SeriesManifest(series=("1.2.3.4", "1.2.3.5"))),
        ("series.tsv", SeriesManifest(series=("1.2.3.4",))),
        (
            "idc.s5cmd",
            SeriesManifest(
                folders=(
                    "idc-open-data/085e85b3-3780-47f6-8538-585bcca95336",
                    "idc-open-data-cr/ece62bac-a448-4589-b326-126723d50b14",
                )
            ),
        ),
    ],
)
def test_a_manifest_of_each_kind_is_read(name: str, wishes: SeriesManifest) -> None:
    """As the places write them: stray lines skipped, doubles once, folders as they are."""
    text = (DATA / name).read_text()
    assert wishes_of(text, name) == wishes
    assert wishes_of("\ufeff" + text.replace("\n", "\r\n"), name) == wishes


@pytest.mark.parametrize(
    ("text", "series"),
    [
        ("1.2.3\n1.2.4\n", ("1.2.3", "1.2.4")),
        (" 1.2.3 \n\n# a remark\n", ("1.2.3",)),
        ("SeriesInstanceUID\n1.2.3\n", ("1.2.3",)),
        ('"Series UID";"x"\n"1.2.3";"y"\n', ("1.2.3",)),
        ("a, Series UID\nx, 1.2.3\n", ("1.2.3",)),
        ("001.02.3\n", ("001.02.3",)),  # leading zeros are in real sets
    ],
)
def test_lists_and_tables_are_read(text: str, series: tuple[str, ...]) -> None:
    """One UID a line, or a column of them, whatever parts the columns."""
    assert wishes_of(text, "list.txt").series == series


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no SeriesInstanceUID in 0 lines"),
        ("hello\n", "no SeriesInstanceUID in 1 lines"),
        ("<!DOCTYPE html>\n<html></html>\n", "no SeriesInstanceUID in 2 lines"),
        ("a,b,c\n1.2.3,4,5\n", "its columns are a, b, c"),
        ("SeriesInstanceUID,b\n,1\n", "no SeriesInstanceUID in 2 lines"),
        (f"{'1.' * 40}1\n", "no SeriesInstanceUID"),  # longer than a UID can be
    ],
)
def test_what_asks_for_nothing_is_refused(text: str, said: str) -> None:
    """The file is named, and what it has instead."""
    with pytest.raises(SourceError, match=said) as caught:
        wishes_of(text, "x.csv")
    assert caught.value.what.startswith("x.csv: ")


def test_a_manifest_of_another_road_is_named() -> None:
    """Pathology manifests name addresses and no series."""
    with pytest.raises(SourceError, match="imageUrl is an address of another road"):
        wishes_of((DATA / "pathology.csv").read_text(), "pathology.csv")
