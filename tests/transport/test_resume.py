"""A file that arrives in two tries is one file.

44 ways to answer a range question, at 5 places where the first try ended: in the end the bytes are the server's, or
there is an error that says why not; never a mixture.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.faultd import Answer, Asked, Faultd, file
from tests.transport.moving import Memory, move

if TYPE_CHECKING:
    from collections.abc import Callable

OLD = os.urandom(5000)
NEW = os.urandom(5000)
TAG, DATE = '"v1"', "Mon, 23 Nov 2026 12:00:00 GMT"
CUTS = (1, 100, 2500, 4999, 5000)


def part(
    body: bytes = OLD,
    *,
    shift: int = 0,
    end: int = 0,
    total: int | str = 5000,
    unit: str = "bytes ",
    fields: tuple[tuple[str, str], ...] = (("ETag", TAG),),
    span: str | None = None,
    cut_body: int = 0,
    **more: object,
) -> Callable[[Asked], Answer]:
    """Answer 206 to a range question, with one thing wrong; the whole to every other."""

    def answer(asked: Asked) -> Answer:
        if "range" not in asked.headers:
            return Answer(body, headers=fields)
        start = int(asked.headers["range"].removeprefix("bytes=").partition("-")[0]) + shift
        line = f"{unit}{start}-{len(body) - 1 + end}/{total}" if span is None else span
        headers = (*fields, ("Content-Range", line)) if line else fields
        return Answer((body + b"x")[max(start, 0) : len(body) - cut_body], status=206, headers=headers, **more)  # type: ignore[arg-type]

    return answer


def status(code: int, *fields: tuple[str, str]) -> Callable[[Asked], Answer]:
    """Answer a range question with a status, everything else with the file."""
    return lambda asked: Answer(NEW) if "range" not in asked.headers else Answer(b"", status=code, headers=fields)


SHAPES: dict[str, Callable[[Asked], Answer] | Answer] = {
    "honest": file(OLD),
    "changed, If-Range obeyed": file(NEW, etag='"v2"'),
    "ranges ignored": file(OLD, ranges=False),
    "ranges ignored, changed": file(NEW, etag='"v2"', ranges=False),
    "changed, If-Range ignored, new tag": part(NEW, fields=(("ETag", '"v2"'),)),
    "changed, If-Range ignored, no tag": part(NEW, fields=()),
    "changed, tag became weak": part(NEW, fields=(("ETag", 'W/"v1"'),)),
    "changed, only a date": part(NEW, fields=(("Last-Modified", DATE),)),
    "start one early": part(shift=-1),
    "start one late": part(shift=1),
    "start at 0": lambda asked: Answer(
        OLD, status=206, headers=(("ETag", TAG), ("Content-Range", "bytes 0-4999/5000"))
    ),
    "end too far": part(end=1),
    "end too near": part(end=-1),
    "total larger": part(total=5001),
    "total smaller": part(total=4000),
    "total unknown": part(total="*"),
    "total huge": part(total=10**30),
    "no Content-Range": part(span=""),
    "empty Content-Range": part(span=" "),
    "other unit": part(unit="items "),
    "no unit": part(unit=""),
    "equals sign": part(unit="bytes="),
    "two spaces": part(unit="bytes  "),
    "negative": part(span="bytes -5-4999/5000"),
    "text": part(span="all of it"),
    "unsatisfied form": part(span="bytes */5000"),
    "swapped": part(span="bytes 4999-0/5000"),
    "list": part(span="bytes 1-2/5000, 3-4/5000"),
    "declared shorter": part(length=1),
    "declared longer": part(length=9000),
    "body shorter": part(cut_body=1),
    "chunked": part(chunked=True),
    "chunked, no end": part(chunked=True, last_chunk=False),
    "no length": part(length="none"),
    "chunked and shorter": part(chunked=True, cut_body=1),
    "chunked and longer": part(chunked=True, cut_body=-1),
    "no length and shorter": part(length="none", cut_body=1),
    "no length and longer": part(length="none", cut_body=-1),
    "multipart": part(fields=(("Content-Type", "multipart/byteranges; boundary=x"),), span=""),
    "gzip": part(fields=(("ETag", TAG), ("Content-Encoding", "gzip"))),
    "416 without a total": status(416),
    "416 with another total": status(416, ("Content-Range", "bytes */777")),
    "416 changed": status(416, ("Content-Range", "bytes */5000"), ("ETag", '"v2"')),
    "304": status(304),
    "204": status(204),
}


@pytest.mark.parametrize("name", SHAPES)
def test_the_file_is_one_file(name: str) -> None:
    """Right bytes or a named error, whatever is answered to the range question."""
    with Faultd() as server:
        for cut in CUTS:
            server.asked.clear()
            sink = Memory(bytearray(OLD[:cut]), validator=TAG)
            outcome, memory = move(server.on(f"/{cut}", SHAPES[name]), sink=sink)
            if outcome.error is None:
                assert memory.finished
                assert bytes(memory.data) in (OLD, NEW), f"cut at {cut}"
            else:
                assert outcome.error.what
            assert len(server.asked) <= 4
            assert server.asked[0].headers["range"] == f"bytes={cut}-"
            assert server.asked[0].headers["if-range"] == TAG


def test_an_honest_server_sends_the_rest_only() -> None:
    """What is held is not asked for again."""
    with Faultd() as server:
        outcome, memory = move(server.on("/x", file(OLD)), sink=Memory(bytearray(OLD[:3000]), validator=TAG))
        assert outcome.error is None
        assert bytes(memory.data) == OLD
        assert [asked.sent for asked in server.asked] == [2000]
        assert memory.restarts == 0


def test_all_held_is_asked_and_not_brought() -> None:
    """416 with the size that is held: it is whole."""
    with Faultd() as server:
        outcome, memory = move(server.on("/x", file(OLD)), sink=Memory(bytearray(OLD), validator=TAG))
        assert outcome.error is None
        assert memory.finished
        assert server.asked[0].sent == 0


@pytest.mark.parametrize("etag", ['W/"v1"', None])
def test_without_a_strong_validator_it_starts_again(etag: str | None) -> None:
    """Nothing vouches for the prefix."""
    with Faultd() as server:
        url = server.on("/x", file(OLD, etag=etag, cut=2000), file(NEW, etag=etag))
        outcome, memory = move(url)
        assert outcome.error is None
        assert bytes(memory.data) == NEW
        assert "range" not in server.asked[1].headers


def test_a_date_that_has_settled_vouches() -> None:
    """Last-Modified goes into If-Range as it came."""
    with Faultd() as server:
        url = server.on("/x", file(OLD, etag=None, modified=DATE, cut=2000), file(OLD, etag=None, modified=DATE))
        outcome, memory = move(url)
        assert outcome.error is None
        assert bytes(memory.data) == OLD
        assert server.asked[1].headers["if-range"] == DATE
        assert server.asked[1].sent == 3000


def test_a_file_that_changes_in_mid_way_is_the_new_one() -> None:
    """If-Range says 200: the old bytes go."""
    with Faultd() as server:
        outcome, memory = move(server.on("/x", file(OLD, cut=2000), file(NEW, etag='"v2"')))
        assert outcome.error is None
        assert bytes(memory.data) == NEW


def test_a_whole_answer_to_no_range_must_not_be_a_part() -> None:
    """206 although the whole was asked for is no file."""
    with Faultd() as server:
        answer = Answer(OLD[:10], status=206, headers=(("Content-Range", "bytes 0-9/5000"),))
        outcome, memory = move(server.on("/x", answer))
        assert outcome.error is not None
        assert outcome.error.exit_status == 5
        assert not memory.data
