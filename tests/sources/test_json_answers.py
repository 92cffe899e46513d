"""Wrong answers of archives are reported with address and field."""

from __future__ import annotations

import pytest

from fetchers.errors import SourceError
from fetchers.sources import json_answers
from fetchers.sources.json_answers import Fields
from tests.sources.places import PAGE, Answer, conversation, running

ADDRESS = "https://place.example/list?token=canary&x=1"
ROW: dict[str, object] = {
    "text": " a ", "blank": " ", "null": None, "number": 3, "written": "12", "half": 1.5, "minus": -1,
    "true": True, "object": {"a": {"b": "c"}}, "list": [{"a": "b"}], "mixed": [{}, 1],
}  # fmt: skip


def test_a_field_is_what_it_should_be() -> None:
    """Texts are stripped, blank is absent, counts may be written as digits."""
    row = Fields(ADDRESS, ROW)
    assert row.text("text") == "a"
    assert row.text_or_none("blank") is row.text_or_none("null") is row.text_or_none("none") is None
    assert (row.count("number"), row.count("written"), row.count_or_none("none")) == (3, 12, None)
    assert row.fields("object").fields("a").text("b") == "c"
    assert [inner.text("a") for inner in row.rows("list")] == ["b"]
    assert row.rows("null") == []
    assert row.get_object("text") is None


@pytest.mark.parametrize(
    ("method", "name", "said"),
    [
        ("text", "none", "field none is missing"),
        ("text", "blank", "field blank is missing"),
        ("text", "number", "field number should be a text"),
        ("count", "none", "field none is missing"),
        ("count", "text", "field text should be a count"),
        ("count", "half", "field half should be a count"),
        ("count", "minus", "field minus should be a count"),
        ("count", "true", "field true should be a count"),
        ("fields", "none", "field none is missing"),
        ("fields", "list", "field list should be an object"),
        ("rows", "none", "field none is missing"),
        ("rows", "object", "field object should be a list"),
        ("rows", "mixed", "field mixed[1] should be an object"),
    ],
)
def test_a_wrong_field_is_named_with_the_address(method: str, name: str, said: str) -> None:
    """The error names the address, without its secrets, and the field."""
    with pytest.raises(SourceError) as caught:
        getattr(Fields(ADDRESS, ROW), method)(name)
    assert said in caught.value.what
    assert "https://place.example/list" in caught.value.what
    assert "canary" not in caught.value.what


def test_a_field_within_says_where_it_stands() -> None:
    """The path of a field within others is part of its name."""
    with pytest.raises(SourceError, match=r"field object\.a\.z is missing"):
        Fields(ADDRESS, ROW).fields("object").fields("a").text("z")


LISTS: list[tuple[Answer, list[str] | str]] = [
    (b'[{"a":"1"},{},{"a":"2"}]', ["1", "2"]),
    (b'\xef\xbb\xbf \n [{"a":"1"}] \n', ["1"]),
    (b"[]", []),
    (b"", []),
    (b" \n ", []),
    (PAGE, "a page"),
    (b'{"error":"x"}', "should be a JSON list"),
    (b'[{"a":"1"},{"a":', "after 1 elements"),
    (b'[{"a":"1"}', "after 1 elements"),
    (b'[{"a":"1"}] trailing', "after 1 elements"),
    (b'[{"a":"1"},7]', "element 1 should be an object"),
    (b"[nonsense]", "after 0 elements"),
    (b"Server was not able to process your request", "should be a JSON list"),
]


@pytest.mark.parametrize(("body", "expected"), LISTS, ids=range(len(LISTS)))
def test_a_list_comes_as_it_is_or_is_refused(body: Answer, expected: list[str] | str) -> None:
    """Rows come as a stream; nothing is no rows; everything that is no list is refused with its address."""
    with running({"/list": body}) as place, conversation() as client:
        rows = json_answers.rows(client, place.url("/list"))
        if isinstance(expected, list):
            assert [row.text("a") for row in rows] == expected
        else:
            with pytest.raises(SourceError, match=expected) as caught:
                list(rows)
            assert place.url("/list") in caught.value.what


def test_a_list_that_breaks_off_gives_what_came_before() -> None:
    """What was whole is used; the break is an error all the same."""
    with running({"/list": b'[{"a":"1"},{"a":"2"},{"a'}) as place, conversation() as client:
        rows = json_answers.rows(client, place.url("/list"))
        assert [next(rows).text("a"), next(rows).text("a")] == ["1", "2"]
        with pytest.raises(SourceError, match="after 2 elements"):
            next(rows)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (PAGE, "a page"),
        (b"", "empty"),
        (b"[]", "should be an object"),
        (b'{"a":', "breaks off"),
        (b"[" * 100_000, "breaks"),
    ],
    ids=["page", "empty", "list", "cut", "deep"],
)
def test_an_object_is_refused_where_it_is_none(body: bytes, said: str) -> None:
    """A page, nothing, a list, a broken and a bottomless object are refused."""
    with (
        running({"/one": body}) as place,
        conversation() as client,
        pytest.raises(SourceError, match=said) as caught,
    ):
        json_answers.one(client, place.url("/one"), format="json")
    assert "format=json" in caught.value.what


@pytest.mark.parametrize(
    ("body", "said"),
    [(PAGE, "a page"), (b"", "empty"), (b"A,C\n1,2\n", "column B is missing"), (b"A,B\n1,2\n3", "line 3: column B")],
)
def test_a_table_is_refused_where_it_is_none(body: bytes, said: str) -> None:
    """A page, nothing, a missing column and a table that breaks off are refused."""
    with running({"/t": body}) as place, conversation() as client, pytest.raises(SourceError, match=said):
        list(json_answers.table(client, place.url("/t"), ("A", "B")))


@pytest.mark.parametrize(
    "found", ["javascript:alert(1)", "file:///etc/passwd", "https://user:pw@host/x", "ftp://host/x", "http://[x/"]
)
def test_an_address_that_is_none_is_refused(found: str) -> None:
    """A place's address must be http or https, with a host and without userinfo."""
    with pytest.raises(SourceError, match="gives an address that is none"):
        json_answers.within(ADDRESS, found, "https://place.example/")


def test_a_relative_address_is_resolved() -> None:
    """A path of the same host, as MedPix gives it."""
    assert (
        json_answers.within(ADDRESS, "/images/a.jpg", "https://place.example/") == "https://place.example/images/a.jpg"
    )
