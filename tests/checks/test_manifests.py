"""Manifest files select series."""

from __future__ import annotations

from pathlib import Path

import pytest

from fetchers.checks.series_manifests import SeriesManifest, decoded, wishes_of
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


def test_a_manifest_of_addresses() -> None:
    """Pathology manifests name addresses, with the files' names beside them."""
    found = wishes_of((DATA / "pathology.csv").read_text(), "pathology.csv")
    assert found.urls[0] == "https://x.example/1\t1.svs"


A, B, C = "1.2.3.4", "1.2.3.5", "2.25.7"
_HEAD = "downloadServerUrl=https://x/?a=1\nincludeAnnotation=true\nnoOfrRetry=4\nmanifestVersion=3.0\n"
DIALECTS = {
    "on the header's line": f"{_HEAD}ListOfSeriesToDownload={A}\n{B}\n{C}\n",
    "all on the header's line": f"{_HEAD}ListOfSeriesToDownload={A},{B},{C}\n",
    "a trailing comma": f"{_HEAD}ListOfSeriesToDownload=\n{A}\n{B},\n{C}\n",
    "a comment": f"{A}\n{B}  # the good one\n// none\n{C}\n",
    "two on one line": f"{A}\n{B} {C}\n",
    "commas": f"{A},{B},{C}\n",
    "tabs": f"{A}\t{B}\t{C}\n",
    "Excel": f'SeriesInstanceUID,x\n{A},1\n"=""{B}""",1\n="{C}",1\n',
    "invisible signs": f"\ufeff{A}\n{B}\u00a0\n{C}\u200b\n",
    "old Mac": f"{_HEAD}ListOfSeriesToDownload=\r{A}\r{B}\r{C}\r",
    "two columns of UIDs": f"Study UID\tSeries UID\n1.9\t{A}\n1.9\t{B}\n1.9\t{C}\n",
    "a title above": f"Report of 2024,,\nSeries UID,Collection,x\n{A},c,1\n{B},c,1\n{C},c,1\n",
    "quoted cells": f'"Subject, name";"Series Instance UID"\n"a;b";"{A}"\n"c";"{B}"\n"d";"{C}"\n',
    "addresses of NBIA": "".join(f"https://x/nbia-api/services/v4/getImage?SeriesInstanceUID={u}\n" for u in (A, B, C)),
    "aria2 of NBIA": "".join(
        f"https://x/nbia-api/services/v1/getImage?SeriesInstanceUID={u}\n  out={u}.zip\n  dir=data\n" for u in (A, B, C)
    ),
}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_dialect_is_read(dialect: str, encoding: str) -> None:
    """Each asks for three series, in every encoding, and nothing is left unread."""
    text = decoded(DIALECTS[dialect].encode(encoding))
    assert wishes_of(text, "m") == SeriesManifest(series=(A, B, C))


FOLDERS = {
    "cp s3://idc-open-data/aaa/* .": "idc-open-data/aaa",
    "s5cmd --no-sign-request cp 's3://idc-open-data/aaa/*' ./x": "idc-open-data/aaa",
    "cp gs://idc-open-idc1/aaa/* .": "idc-open-data-two/aaa",
    "gsutil -m cp gs://idc-open-cr/aaa/* .": "idc-open-data-cr/aaa",
    "cp s3://idc-open-data/aaa/1.dcm .": "idc-open-data/aaa/1.dcm",
    "s3://idc-open-data/aaa/": "idc-open-data/aaa",
    "https://idc-open-data.s3.amazonaws.com/aaa/1.dcm": "idc-open-data/aaa/1.dcm",
    "https://s3.amazonaws.com/idc-open-data-two/aaa/1.dcm": "idc-open-data-two/aaa/1.dcm",
    "https://storage.googleapis.com/idc-open-idc1/aaa/1.dcm": "idc-open-data-two/aaa/1.dcm",
    "PatientID,series_aws_url\nx,s3://idc-open-data/aaa/*": "idc-open-data/aaa",
}


@pytest.mark.parametrize("text", FOLDERS)
def test_folders_and_objects_of_the_commons(text: str) -> None:
    """At Amazon and at Google, whole folders and single objects."""
    assert wishes_of(text, "m") == SeriesManifest(folders=(FOLDERS[text],))


@pytest.mark.parametrize(
    "text",
    [f"{A}\nnonsense\n{B}\n", f"{A}\n1.2.3-4\n", f"{A} oops\n", f"Series UID,b\n{A},1\nx y,1\n", f"{A}\ngs://o/a/*\n"],
)
def test_what_is_not_understood_is_named_by_its_line(text: str) -> None:
    """The rest is asked for all the same."""
    found = wishes_of(text, "m")
    assert A in found.series
    ((number, line),) = found.unread
    assert line.split(",")[0].split()[0] in text.splitlines()[number - 1]
