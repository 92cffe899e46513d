"""A body that ends early is never taken for a complete one."""

from __future__ import annotations

import gzip
import os

import pytest

from tests.faultd import Answer, Faultd
from tests.transport.moving import move, quick

BODY = os.urandom(1000)
PACKED = gzip.compress(BODY, mtime=0)
PLAIN: tuple[tuple[str, str], ...] = ()
SHAPES: dict[str, tuple[bytes, dict[str, object]]] = {
    "length": (BODY, {}),
    "length, reset": (BODY, {"end": "rst"}),
    "length, tag": (BODY, {"headers": (("ETag", '"a"'),)}),
    "chunked": (BODY, {"chunked": True}),
    "chunked, reset": (BODY, {"chunked": True, "end": "rst"}),
    "chunked, no last chunk": (BODY, {"chunked": True, "last_chunk": False}),
    "gzip, no length": (PACKED, {"length": "none", "headers": (("Content-Encoding", "gzip"),)}),
    "gzip, chunked": (PACKED, {"chunked": True, "headers": (("Content-Encoding", "gzip"),)}),
    "no length, size promised": (BODY, {"length": "none"}),
    "identity that is said to be a transfer's": (BODY, {"headers": (("Transfer-Encoding", "identity"),)}),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_cut_body_is_never_complete(shape: str) -> None:
    """Cut at every hundredth, in ten ways of sending."""
    body, more = SHAPES[shape]
    size = len(BODY) if "promised" in shape else None
    with Faultd() as server:
        for percent in range(100):
            answer = Answer(body, cut=len(body) * percent // 100, **more)  # type: ignore[arg-type]
            outcome, memory = move(server.on(f"/{percent}", answer), line=quick(retries=0), size=size)
            assert outcome.error is not None, f"cut at {percent} %"
            assert outcome.error.exit_status == 5
            assert not memory.finished
            assert memory.kept


def test_a_body_whose_end_nothing_proves_is_said_to_be_so() -> None:
    """No length, no chunks: the connection's end may be the file's end or not."""
    with Faultd() as server:
        outcome, memory = move(server.on("/x", Answer(BODY, length="none")))
        assert outcome.error is None
        assert not outcome.length_known
        assert bytes(memory.data) == BODY


@pytest.mark.parametrize(
    "head", ["Transfer-Encoding: identity", "Transfer-Encoding: ", "Transfer-Encoding: chunked, identity", "X: y"]
)
def test_no_other_word_than_chunked_proves_an_end(head: str) -> None:
    """Bytes until the connection closes are whole or not, whatever it is called."""
    with Faultd() as server:
        url = server.on("/x", Answer(raw=f"HTTP/1.1 200 OK\r\n{head}\r\n\r\n".encode() + BODY))
        outcome, _ = move(url, line=quick(retries=0))
        assert outcome.error is not None or not outcome.length_known


@pytest.mark.parametrize("length", ["9" * 19, "9" * 30, "9" * 5000, str(2**63)])
def test_a_length_beyond_every_file_is_no_length(length: str) -> None:
    """It is passed over by libcurl: what comes is not what it says, and nothing that can be counted."""
    with Faultd() as server:
        url = server.on("/x", Answer(raw=f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n".encode() + BODY))
        outcome, memory = move(url, line=quick(retries=0))
        assert outcome.error is not None
        assert outcome.error.exit_status == 5
        assert not memory.finished


@pytest.mark.parametrize(
    ("packed", "expected"),
    [
        (PACKED + gzip.compress(BODY[::-1], mtime=0), BODY + BODY[::-1]),  # as many members as there are: RFC 1952, 2.2
        (PACKED + bytes(512), BODY),
        (PACKED + b"and more", None),
        (PACKED + PACKED[:-1], None),
    ],
)
@pytest.mark.parametrize("drip", [None, (7, 0.0)])
def test_all_members_of_an_encoding_are_the_file(
    packed: bytes, expected: bytes | None, drip: tuple[int, float] | None
) -> None:
    """And what is none is named."""
    with Faultd() as server:
        answer = Answer(packed, headers=(("Content-Encoding", "gzip"),), drip=drip)
        outcome, memory = move(server.on("/x", answer), line=quick(retries=0))
        assert (bytes(memory.data) if outcome.error is None else None) == expected


@pytest.mark.parametrize("more", [{}, {"chunked": True}])
def test_a_body_whose_end_is_proven_is_said_to_be_so(more: dict[str, bool]) -> None:
    """By its length or by its last chunk."""
    with Faultd() as server:
        outcome, _ = move(server.on("/x", Answer(BODY, **more)))  # type: ignore[arg-type]
        assert outcome.error is None
        assert outcome.length_known


def test_two_lengths_that_contradict_each_other_are_no_length() -> None:
    """Which of them is right, nobody knows."""
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 9\r\n\r\n123456789"
    with Faultd() as server:
        outcome, memory = move(server.on("/x", Answer(raw=raw)), line=quick(retries=0))
        assert outcome.error is not None
        assert not memory.finished


@pytest.mark.parametrize(("path", "expected"), [("x.csv", BODY), ("x.nii.gz", PACKED), ("x.tgz", PACKED)])
def test_gzip_that_nobody_asked_for(path: str, expected: bytes) -> None:
    """It is decoded, but where the file itself is gzip by its name: then it is the file."""
    with Faultd() as server:
        url = server.on("/x", Answer(PACKED, headers=(("Content-Encoding", "gzip"), ("ETag", '"a"'))))
        outcome, memory = move(url, path=path)
        assert outcome.error is None
        assert bytes(memory.data) == expected
        assert server.asked[0].headers["accept-encoding"] == "identity"
        assert memory.validator is None


def test_an_encoding_that_is_not_spoken_is_named() -> None:
    """Better an error than bytes that are not the file."""
    with Faultd() as server:
        outcome, memory = move(server.on("/x", Answer(BODY, headers=(("Content-Encoding", "br"),))))
        assert outcome.error is not None
        assert "br" in outcome.error.what
        assert not memory.data


@pytest.mark.parametrize("more", [{}, {"length": "none", "endless": True}, {"chunked": True, "endless": True}])
def test_a_promised_size_is_a_limit(more: dict[str, object]) -> None:
    """What is more is cut off at once, announced or not."""
    with Faultd() as server:
        outcome, memory = move(server.on("/x", Answer(BODY, **more)), size=999)  # type: ignore[arg-type]
        assert outcome.error is not None
        assert outcome.error.exit_status == 4
        assert "999" in outcome.error.what
        assert len(memory.data) <= 999
        assert len(server.asked) == 1


def test_a_whole_file_of_another_size_is_not_the_promised_one() -> None:
    """The server says that it is whole: asking again would bring the same."""
    with Faultd() as server:
        outcome, _ = move(server.on("/x", Answer(BODY)), size=1001)
        assert outcome.error is not None
        assert outcome.error.exit_status == 4
        assert len(server.asked) == 1
