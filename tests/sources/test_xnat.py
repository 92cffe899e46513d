"""The source xnat: what it lists, and what it refuses."""

from __future__ import annotations

import json

import pytest

from fetchers.dataset import Dataset, Selection
from fetchers.errors import AccessError, CatalogueError, SourceError
from fetchers.sources import load
from tests.sources.places import PAGE, Answer, Context, conversation, recorded, running

LIST = "/ir/data/archive/projects/OASIS3/experiments"
ANSWERS: dict[str, Answer] = {LIST: recorded("xnat/experiments.json"), "/ir/data/JSESSION": b"0123456789ABCDEF\n"}
ROW = {"label": "OAS30001_MR_d0129", "xsiType": "xnat:mrSessionData"}


def dataset_of(place: Context, *projects: str) -> Dataset:
    """Make OASIS-3 at this place."""
    return Dataset(
        name="oasis", part="3", options={"host": place.url("/ir"), "projects": list(projects or ("OASIS3",))}
    )


@pytest.mark.parametrize(
    ("wanted", "labels"),
    [
        (Selection(), ["OAS30001_MR_d0129", "OAS30001_AV45_PETd2430", "OAS30002_MR_d0653"]),
        (Selection(patients=("OAS30001",)), ["OAS30001_MR_d0129", "OAS30001_AV45_PETd2430"]),
        (Selection(patients=("OAS3000",)), []),
        (Selection(modalities=("PE",)), ["OAS30001_AV45_PETd2430"]),
        (Selection(modalities=("mr",), patients=("OAS30002",)), ["OAS30002_MR_d0653"]),
    ],
)
def test_a_project_is_a_zip_a_session(wanted: Selection, labels: list[str]) -> None:
    """Sessions with scans, of the wanted people and kinds; what was computed from them is no session."""
    with running(ANSWERS) as place, conversation() as client:
        found = list(load("xnat").files(dataset_of(place), wanted, client))
        assert [remote.into for remote in found] == labels
        for remote in found:
            person = remote.into.partition("_")[0]
            below = f"experiments/{remote.into}/scans/ALL/files?format=zip"
            assert remote.url == place.url(f"{LIST.removesuffix('/experiments')}/subjects/{person}/{below}")
            assert (remote.path, remote.size) == (f"{remote.into}.zip", None)
        assert place.asked == [f"{LIST}?format=json"]


def test_sessions_of_several_projects_lie_apart() -> None:
    """One label in two projects is two sessions."""
    other = LIST.replace("OASIS3", "OASIS3_AV1451")
    with running({**ANSWERS, other: recorded("xnat/experiments.json")}) as place, conversation() as client:
        paths = [
            one.path for one in load("xnat").files(dataset_of(place, "OASIS3", "OASIS3_AV1451"), Selection(), client)
        ]
    assert len(set(paths)) == 6
    assert paths[0] == "OASIS3/OAS30001_MR_d0129.zip"


def test_a_session_is_opened_and_closed() -> None:
    """Its cookie goes with what is asked afterwards; a place that cannot close it forgets it by itself."""
    with running(ANSWERS) as place, conversation() as client:
        source = load("xnat")
        source.sign_in(dataset_of(place), client)
        source.sign_out(dataset_of(place), client)
        assert place.asked == ["/ir/data/JSESSION", "DELETE /ir/data/JSESSION"]
        place.answers["/ir/data/JSESSION"] = 500
        source.sign_out(dataset_of(place), client)


@pytest.mark.parametrize(("body", "kind"), [(PAGE, SourceError), (b"", SourceError), (401, AccessError)])
def test_no_session_is_an_error(body: bytes | int, kind: type[Exception]) -> None:
    """A page in place of a session, and refused credentials."""
    with running({"/ir/data/JSESSION": body}) as place, conversation() as client, pytest.raises(kind):
        load("xnat").sign_in(dataset_of(place), client)


BROKEN = [
    (b"", "empty"),
    (PAGE, "a page"),
    (recorded("xnat/experiments.json")[:-20], "breaks off"),
    (b"{}", "field ResultSet is missing"),
    (b'{"ResultSet": []}', "ResultSet should be an object"),
    (b'{"ResultSet": {}}', "field ResultSet.Result is missing"),
    (b'{"ResultSet": {"Result": 7}}', "ResultSet.Result should be a list"),
    *(
        (json.dumps({"ResultSet": {"Result": [{**ROW, **change}]}}).encode(), said)
        for change, said in (
            ({"label": None}, r"field ResultSet.Result\[0\].label is missing"),
            ({"label": 7}, r"Result\[0\].label should be a text"),
            ({"label": "../x"}, r"Result\[0\].label is no name"),
            ({"xsiType": None}, r"Result\[0\].xsiType is missing"),
        )
    ),
]


@pytest.mark.parametrize(("body", "said"), BROKEN, ids=range(len(BROKEN)))
def test_a_wrong_answer_is_named(body: bytes, said: str) -> None:
    """Address and field of everything that is not as it should be."""
    with running({LIST: body}) as place, conversation() as client:
        with pytest.raises(SourceError, match=said) as caught:
            list(load("xnat").files(dataset_of(place), Selection(), client))
        assert LIST in caught.value.what


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"projects": ["P"]}, r"options\.host"),
        ({"host": "h", "projects": ["P"]}, r"options\.host"),
        ({"host": "https://h/"}, r"options\.projects"),
        ({"host": "https://h/", "projects": [7]}, r"options\.projects"),
    ],
)
def test_a_catalogue_that_does_not_say_is_told_so(options: dict[str, object], said: str) -> None:
    """Host and projects are the catalogue's to say."""
    with conversation() as client, pytest.raises(CatalogueError, match=said):
        list(load("xnat").files(Dataset(name="x", options=options), Selection(), client))
