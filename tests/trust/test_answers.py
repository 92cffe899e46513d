"""A stranger's answer is bounded: in bytes, depth, length of numbers and texts, pages; and names no private address."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetchers.errors import FetchError, SourceError
from fetchers.sources.reading import bounded_json, bounded_xml
from fetchers.sources.reading.paging import Paging
from fetchers.transport import url_policy
from tests.faultd import Answer, Faultd
from tests.trust.test_record import fetch

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.text(max_size=4), VALUES, max_size=4)


@given(VALUES, st.booleans())
def test_honest_values_are_read_as_they_are(value: object, indented: bool) -> None:  # noqa: FBT001 - hypothesis hands it in
    """The bounds change nothing for what keeps them."""
    assert bounded_json.loads(json.dumps(value, indent=2 if indented else None).encode()) == value


@given(st.lists(OBJECTS, max_size=6), st.integers(1, 30), st.booleans())
def test_a_list_is_cut_where_its_elements_end(rows: list[object], size: int, indented: bool) -> None:  # noqa: FBT001 - the same
    """However it arrives."""
    body = json.dumps(rows, indent=1 if indented else None).encode()
    assert list(bounded_json.elements(body[at : at + size] for at in range(0, len(body), size))) == rows


@given(st.lists(OBJECTS, min_size=1, max_size=3), st.data())
def test_a_list_that_is_cut_or_spoilt_is_no_list(rows: list[object], data: st.DataObject) -> None:
    """What the standard library refuses, the cutter refuses, too."""
    body = bytearray(json.dumps(rows).encode())
    at = data.draw(st.integers(0, len(body) - 1))
    if data.draw(st.booleans()):
        del body[at:]
    else:
        body[at] = data.draw(st.integers(0, 255))
    try:
        found = list(bounded_json.elements([bytes(body)]))
    except ValueError:
        return
    assert found == json.loads(bytes(body))


DEEP = 60_000
HOSTILE = {
    "lists": b"[" * DEEP + b"]" * DEEP,
    "open lists": b"[" * DEEP,
    "objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "both": b'[{"a":' * DEEP,
    "a hundred and one": b"[" * 101 + b"]" * 101,
    "5,001 digits": b'[{"size":' + b"9" * 5001 + b"}]",
    "a million digits": b'{"size":' + b"9" * 1_000_000 + b"}",
    "a fraction of them": b'{"size":0.' + b"9" * 1_000_000 + b"}",
    "an exponent of them": b'{"size":1e' + b"9" * 1_000_000 + b"}",
    "a long text": b'{"a":"' + b"x" * (5 << 20) + b'"}',
    "a text without end": b'[{"a":"' + b"x" * (5 << 20),
    "an element without end": b'[{"a":[' + b"1," * (9 << 20),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_breaks_a_bound_is_refused_in_no_time(what: str) -> None:
    """No crash of a parser written in C, no gigabytes, no seconds."""
    body = HOSTILE[what]
    start = time.process_time()
    with pytest.raises(ValueError, match=r"."):
        bounded_json.loads(body)
    with pytest.raises(ValueError, match=r"."):
        list(bounded_json.elements(body[at : at + 65536] for at in range(0, len(body), 65536)))
    assert time.process_time() - start < 20


@pytest.mark.parametrize("number", ["1e99999999", "1" * 30, "-1", "1.5", "NaN", "true", '"' + "1" * 30 + '"'])
def test_a_count_that_is_none_is_named(tmp_path: Path, number: str) -> None:
    """30 digits, an exponent without sense: 4, the field is named, nothing is unforeseen."""
    record = {"files": [{"key": "a.zip", "size": 0, "checksum": "md5:" + "0" * 32, "links": {"self": "/a"}}]}
    with Faultd() as server:
        server.on("/api/records/7", Answer(body=json.dumps(record).replace('"size": 0', f'"size": {number}').encode()))
        told = _get(tmp_path, server)
    assert told.returncode in (4, 5), told.stderr
    assert ("size" in told.stderr, "unforeseen" in told.stderr) == (True, False), told.stderr


@pytest.mark.parametrize("what", ["lists", "5,001 digits", "a million digits", "objects"])
def test_the_command_names_the_place(tmp_path: Path, what: str) -> None:
    """A hostile record: a named error of the source, and the command lives."""
    with Faultd() as server:
        server.on("/api/records/7", Answer(body=HOSTILE[what]))
        told = _get(tmp_path, server)
    assert told.returncode in (4, 5), told.stderr
    assert ("/api/records/7" in told.stderr, "unforeseen" in told.stderr) == (True, False), told.stderr


def _get(home: Path, server: Faultd, more: str = "") -> subprocess.CompletedProcess[str]:
    (home / "catalogue.toml").write_text(
        f'[datasets.mine]\ntitle = "Mine"\naccess = "open"\nsource = "zenodo"\ncontainer = "mixed"\n'
        f'[datasets.mine.options]\nrecord = 7\napi = "{server.url("/api/")}"\n{more}'
    )
    return fetch("get", "mine", "--retries", "0", home=home)


XML = {
    "depth": b"<a>" * 101,
    "great depth": b"<a>" * 500_000,
    "an entity": b"<!DOCTYPE a [<!ENTITY b 'x'>]><a>&b;</a>",
    "a text": b"<a>" + b"x" * (2 << 20) + b"</a>",
    "bytes": b"<a>" + b"<b/>" * (5 << 20) + b"</a>",
    "nothing": b"",
    "half": b"<a><b>",
}


@pytest.mark.parametrize("what", XML)
def test_xml_is_bounded(what: str) -> None:
    """Depth, text, bytes; no DTD."""
    with pytest.raises(bounded_xml.NoXmlError):
        bounded_xml.tree(XML[what])


def test_a_token_that_came_before_ends_the_listing() -> None:
    """Pages in a circle, and pages that bring nothing new three times, with ever new tokens."""
    paging = Paging()
    assert paging.turn("https://h/", ["a"], "1")
    with pytest.raises(SourceError, match="circle"):
        paging.turn("https://h/", ["b"], "1")
    paging = Paging()
    pages = [["a", "b"] if number % 2 else ["b", "a"] for number in range(10)]
    with pytest.raises(SourceError, match="nothing new"):
        _turned(paging, pages)


def test_pages_with_next_to_nothing_are_not_read_for_ever() -> None:
    """Ever new tokens, one name each."""
    with pytest.raises(SourceError, match="no end"):
        _turned(Paging(), [[f"name {number}"] for number in range(5000)])


def _turned(paging: Paging, pages: list[list[str]]) -> None:
    for number, names in enumerate(pages):
        paging.turn("https://h/", names, str(number))


PUBLIC, MIRROR = ("https", "place.example.org", 443), {"https://place.example.org/": "http://127.0.0.1:8000/m/"}


@pytest.mark.parametrize(
    "url",
    [
        *("http://127.0.0.1/x", "https://127.0.0.1:9/x", "http://localhost/x", "https://10.0.0.1/x", "http://[::1]/x"),
        *("http://169.254.169.254/latest", "http://2130706433/x", "https://0x7f.1/x", "http://127.0.0.1:8000/other"),
        *("https://printer.local/x", "http://other.example.org:8080/x"),
    ],
)
def test_a_listing_of_a_public_place_leads_to_no_private_network(url: str) -> None:
    """However the address is spelt; a mirror of the place is the person's word, below its own prefix."""
    with pytest.raises(FetchError):
        url_policy.listed(url, {PUBLIC}, (), MIRROR)


@pytest.mark.parametrize(
    ("url", "asked", "expected"),
    [
        ("http://other.example.org/x", {PUBLIC}, "https://other.example.org/x"),
        ("http://other.example.org:80/x", {PUBLIC}, "https://other.example.org:80/x"),
        ("http://other.example.org/x", {("http", "place.example.org", 80)}, "http://other.example.org/x"),
        ("https://other.example.org/x", {PUBLIC}, "https://other.example.org/x"),
        ("http://127.0.0.1:8000/m/x", {PUBLIC}, "http://127.0.0.1:8000/m/x"),
        ("http://127.0.0.1:7/x", {("http", "127.0.0.1", 9)}, "http://127.0.0.1:7/x"),
        ("http://127.0.0.1:7/x", (), "http://127.0.0.1:7/x"),
        ("https://place.example.org/x", {PUBLIC}, "https://place.example.org/x"),
    ],
)
def test_what_a_listing_may_name(url: str, asked: set[tuple[str, str, int]], expected: str) -> None:
    """What came over https is asked over https; a place in a private network may name its neighbours."""
    assert url_policy.listed(url, asked, (), MIRROR) == expected.replace(":80/", "/") or expected
