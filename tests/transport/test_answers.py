"""Response heads are parsed."""

from __future__ import annotations

import pytest

from fetchers.transport import response_head


def lines(*texts: str) -> list[bytes]:
    """Make lines as libcurl hands them over."""
    return [text.encode("latin-1") + b"\r\n" for text in texts]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ((), None),
        (("Content-Length: 5",), 5),
        (("Content-Length: 5", "content-length: 5"), 5),
        (("Content-Length: 5", "Content-Length: 9"), -1),
        (("Content-Length: five",), -1),
        (("Content-Length: -5",), -1),
        (("Content-Length: 5", "Transfer-Encoding: chunked"), None),
    ],
)
def test_a_length_is_one_number(fields: tuple[str, ...], expected: int | None) -> None:
    """Two that differ are none; chunks count for themselves (RFC 9112, 6.3)."""
    assert response_head.head(lines("HTTP/1.1 200 OK", *fields, "")).length == expected


def test_the_last_head_counts() -> None:
    """A proxy's and those of 1xx stand before it, trailers after it."""
    found = response_head.head(
        lines("HTTP/1.1 200 Go ahead", "X: proxy", "", "HTTP/1.1 102 Wait", "", "HTTP/1.1 404 No", "X: 1", "", "X: 2")
    )
    assert (found.status, found.fields) == (404, {"x": "1"})


@pytest.mark.parametrize("line", ["", "HTTP/1.1", "HTTP/1.1 abc", "nonsense"])
def test_nonsense_has_no_status(line: str) -> None:
    """And raises nothing."""
    assert response_head.head(lines(line)).status == 0
    assert response_head.head([]).status == 0


@pytest.mark.parametrize(
    ("value", "expected"), [("identity", ""), ("aws-chunked", ""), ("GZIP", "gzip"), ("br", "br"), ("", "")]
)
def test_an_encoding_that_is_none_is_none(value: str, expected: str) -> None:
    """S3 keeps aws-chunked of an upload as if it were the file's."""
    assert response_head.head(lines("HTTP/1.1 200 OK", f"Content-Encoding: {value}", "")).encoding == expected


def test_a_location_in_utf_8_is_read_as_utf_8() -> None:
    """Though fields are Latin-1 by the letter."""
    found = response_head.head([b"HTTP/1.1 302 Found\r\n", "Location: /b\u00fccher\r\n".encode(), b"\r\n"])
    assert found.location == "/b\u00fccher"


def test_ftp_says_size_and_time() -> None:
    """213 answers SIZE and MDTM (RFC 3659); nothing else is believed."""
    assert response_head.ftp_facts(lines("220 Hi", "213 20261125120000", "213 42", "150 Opening (7 bytes)")) == (
        42,
        "20261125120000",
    )
    assert response_head.ftp_facts(lines("220 213 7")) == (None, None)
