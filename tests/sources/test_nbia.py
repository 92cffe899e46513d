"""The source nbia: what it lists, and what it refuses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from fetchers.dataset import Dataset, RemoteFile, Selection
from fetchers.errors import NothingMatched, SourceError, TransferError
from fetchers.sources import load, nbia
from tests.sources.places import PAGE, Answer, Context, conversation, read, recorded, rows_of, running

if TYPE_CHECKING:
    from collections.abc import Mapping

FIRST, SECOND, THIRD = (row["SeriesInstanceUID"] for row in rows_of("tcia/getSeries-v4.json") if row)
KNOWN = {  # what version 4 takes; anything else is a 400 there
    "Collection", "PatientID", "StudyInstanceUID", "SeriesInstanceUID", "Modality", "BodyPartExamined",
    "Manufacturer", "ManufacturerModelName",
}  # fmt: skip


def series(query: dict[str, str]) -> bytes | int:
    """Answer as version 4 does: filters in any case, 400 for a parameter that is not known, nothing for no rows."""
    if not KNOWN.issuperset(query):
        return 400
    rows = [
        row
        for row in rows_of("tcia/getSeries-v4.json")
        if all(str(row.get(name, "")).lower() == value.lower() for name, value in query.items())
    ]
    return json.dumps(rows).encode() if rows else b""


V4: dict[str, Answer] = {
    "/v4/getSeries": series,
    "/v4/getCollectionValues": recorded("tcia/getCollectionValues.json"),
    "/v4/getCollectionValuesAndCounts": recorded("tcia/getCollectionValuesAndCounts.json"),
}
V1: dict[str, Answer] = {
    "/v1/getSeries": recorded("tcia/getSeries-v1.json"),  # as careless as can be: no filter counts
    "/v1/getCollectionValues": recorded("tcia/getCollectionValues.json"),
}


def listed(place: Context, part: str | None, wanted: Selection | None = None) -> list[RemoteFile]:
    """List what `tcia/PART` means."""
    dataset = Dataset(name="tcia", part=part, source="tcia", options={"api": place.url("/")})
    with conversation() as client:
        return read(load("nbia"), dataset, wanted or Selection(), client)


def test_a_collection_is_one_zip_a_series() -> None:
    """Address, folder, hashes, the licence of each series, what the listing says; no size, for it is another one's."""
    with running(V4) as place:
        first, second, third = listed(place, "LIDC-IDRI")
        assert place.asked == ["/v4/getSeries?Collection=LIDC-IDRI"]
    query = parse_qs(urlsplit(first.url).query)
    assert urlsplit(first.url).path == "/v4/getImage"
    assert query == {"SeriesInstanceUID": [FIRST], "NewFileNames": ["Yes"], "IncludeMD5": ["Yes"]}
    assert (first.path, first.into, first.hashes) == (f"{FIRST}.zip", FIRST, "md5hashes.csv")
    assert (first.series, first.modality, first.body_part, first.images) == (FIRST, "CT", "CHEST", 133)
    assert (first.size, first.checksum) == (None, None)
    assert first.licence == "CC-BY-3.0"
    assert first.licence_url == "http://creativecommons.org/licenses/by/3.0/"
    assert (second.licence, second.body_part) == ("CC-BY-NC-3.0", None)
    assert (
        third.licence == "LicenseRef-tcia-LIDC-IDRI-said-An-agreement-of-its-own"
    )  # never the dataset's own, which may allow more


SELECTIONS: list[tuple[str, Selection, list[object]]] = [
    ("patient", Selection(patients=("LIDC-IDRI-0002",)), [THIRD]),
    ("patients", Selection(patients=("LIDC-IDRI-0002", "LIDC-IDRI-0001", "nobody")), [THIRD, FIRST, SECOND]),
    ("study", Selection(studies=("1.3.6.1.4.1.14519.5.2.1.6279.6001.490157381160200744295382098329",)), [THIRD]),
    ("modality", Selection(modalities=("seg",)), [SECOND]),
    ("body part", Selection(body_parts=("chest",)), [FIRST, THIRD]),
    ("both", Selection(modalities=("CT",), body_parts=("chest",), patients=("LIDC-IDRI-0001",)), [FIRST]),
    ("series", Selection(series=(str(SECOND), str(FIRST), str(SECOND))), [SECOND, FIRST]),
    ("none", Selection(modalities=("US",)), []),
]


@pytest.mark.parametrize(("wanted", "expected"), [row[1:] for row in SELECTIONS], ids=[row[0] for row in SELECTIONS])
@pytest.mark.parametrize("part", ["LIDC-IDRI", None])
@pytest.mark.parametrize("answers", [V4, V1], ids=["v4", "v1, which ignores every filter"])
def test_a_selection_brings_what_it_says(
    answers: Mapping[str, Answer], part: str | None, wanted: Selection, expected: list[object]
) -> None:
    """Within a collection and across all of them; a filter that the server ignores is held against each row."""
    with running(answers) as place:
        found = [remote.series for remote in listed(place, part, wanted)]
    assert sorted(found, key=str) == sorted(expected, key=str)


def test_a_wanted_series_that_is_missing_is_no_silence() -> None:
    """What is there comes, and then the missing ones are named."""
    dataset = Dataset(name="tcia", source="tcia", options={})
    with running(V4) as place, conversation() as client:
        dataset = Dataset(name="tcia", source="tcia", options={"api": place.url("/")})
        files = load("nbia").files(dataset, Selection(series=("1.2.3", str(FIRST), "1.2.4")), client)
        assert next(files).series == FIRST
        with pytest.raises(NothingMatched, match=r"no series 1\.2\.3, 1\.2\.4: 2 of 3 are missing"):
            next(files)


def test_an_unknown_collection_gets_the_nearest() -> None:
    """A collection without a series is most likely mistyped."""
    with running(V4) as place, pytest.raises(NothingMatched) as caught:
        listed(place, "LIDC-IDIR")
    assert "tcia/LIDC-IDRI" in (caught.value.hint or "")


def test_everything_goes_collection_by_collection() -> None:
    """`--all` asks for each collection by itself: the whole archive in one answer would be none."""
    with running(V4) as place:
        assert len(listed(place, None, Selection(everything=True))) == 3
        assert [asked for asked in place.asked if "getSeries" in asked] == [
            f"/v4/getSeries?Collection={name}" for name in ("LIDC-IDRI", "CBIS-DDSM", "CPTAC-CCRCC")
        ]


@pytest.mark.parametrize("broken", [500, 404, 401, PAGE, b"Internal error", b'{"error": 1}'], ids=str)
def test_version_1_is_asked_where_4_fails(broken: bytes | int) -> None:
    """The road that listed a series hands it out; the other one is its mirror."""
    with running({**V1, "/v4/getSeries": broken}) as place:
        first, *_ = listed(place, "LIDC-IDRI")
        assert first.url == place.url(f"/v1/getImageWithMD5Hash?SeriesInstanceUID={FIRST}")
        assert first.mirrors == (place.url(f"/v4/getImage?SeriesInstanceUID={FIRST}&NewFileNames=Yes&IncludeMD5=Yes"),)


def test_the_road_that_answered_is_asked_again() -> None:
    """A road that failed once is not asked for each of a thousand series."""
    with running(V1) as place:
        listed(place, None, Selection(series=(str(FIRST), str(SECOND), str(THIRD))))
        assert [asked.partition("?")[0] for asked in place.asked] == ["/v4/getSeries", *["/v1/getSeries"] * 3]


@pytest.mark.parametrize(
    ("four", "one", "kind"),
    [
        (500, 503, TransferError),
        (PAGE, 503, SourceError),
        (404, PAGE, SourceError),
        (PAGE, PAGE, SourceError),
        (404, b'[{"Modality": "CT"}]', SourceError),
        (404, b'[{"SeriesInstanceUID": 7}]', SourceError),
        (404, b'[{"SeriesInstanceUID": "1.2", "ImageCount": "many"}]', SourceError),
    ],
)
def test_both_failing_is_told(four: bytes | int, one: bytes | int, kind: type[Exception]) -> None:
    """A wrong answer is told rather than none, with address and field."""
    with running({"/v4/getSeries": four, "/v1/getSeries": one}) as place, pytest.raises(kind, match="/getSeries"):
        listed(place, "X")


def test_a_listing_that_breaks_off_is_an_error_after_what_came() -> None:
    """Rows that came are used; a break is never the end of the list, and never asked twice."""
    whole = recorded("tcia/getSeries-v4.json")
    with running({**V1, "/v4/getSeries": whole[: whole.index(b"490157381160200744295382098329")]}) as place:
        dataset = Dataset(name="tcia", part="LIDC-IDRI", options={"api": place.url("/")})
        with conversation() as client:
            files = load("nbia").files(dataset, Selection(), client)
            assert [next(files).series, next(files).series] == [FIRST, SECOND]
            with pytest.raises(SourceError, match="breaks off"):
                next(files)
        assert len(place.asked) == 1


def test_parts_are_the_collections() -> None:
    """With the archive's counts where it counts, without where it does not."""
    for answers, first in ((V4, ("LIDC-IDRI", "1,010 patients")), (V1, ("LIDC-IDRI", ""))):
        with running(answers) as place, conversation() as client:
            dataset = Dataset(name="tcia", options={"api": place.url("/")})
            parts = list(load("nbia").parts(dataset, client))
        assert len(parts) == 3
        assert parts[0] == first


def test_a_uid_that_is_none_makes_no_path() -> None:
    """A stranger's UID becomes a name of a file only by the rules of names."""
    row = json.dumps([{"SeriesInstanceUID": "../../etc", "ImageCount": 1}]).encode()
    with running({"/v4/getSeries": row}) as place:
        (remote,) = listed(place, "X")
    assert "/" not in remote.path
    assert ".." not in remote.into


def test_three_roads_lead_to_a_series() -> None:
    """The production server first, the older one with both versions behind it; another archive has its own two."""
    roads = nbia.roads_of(Dataset(name="tcia"))
    assert [road[1] for road in roads] == ["v4", "v4", "v1"]
    remote = nbia.zip_of(roads, "1.2.3")
    assert remote.url.startswith("https://nbia.cancerimagingarchive.net/nbia-api/services/v4/getImage?")
    assert [urlsplit(one).hostname for one in remote.mirrors] == ["services.cancerimagingarchive.net"] * 2
    assert nbia.roads_of(Dataset(name="tcia", options={"api": nbia.OLD_API})) == roads


def test_each_road_is_told_with_its_own_reason() -> None:
    """Never only the last one's."""
    with running({"/v4/getSeries": 500, "/v1/getSeries": 404}) as place, pytest.raises(TransferError) as caught:
        listed(place, "X")
    assert "/v4/getSeries" in caught.value.what
    assert "500" in caught.value.what
    assert "/v1/getSeries" in caught.value.what
    assert "404" in caught.value.what
