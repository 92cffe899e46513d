"""The client obeys the same policy as the downloader, and raises our own errors."""

from __future__ import annotations

import gzip
import json
import time
from typing import TYPE_CHECKING

import pytest

from fetchers.dataset import RemoteFile
from fetchers.errors import FetchError, TransferError
from fetchers.transport import http_client
from fetchers.transport.downloader import Downloader, Transfer
from fetchers.transport.http_client import converse
from tests.faultd import Answer, Asked, Faultd, file
from tests.transport.moving import Clock, Memory, quick

if TYPE_CHECKING:
    from fetchers.transport.network_session import NetworkSession


def talk(line: NetworkSession | None = None) -> http_client._Client:
    """Open a conversation that does not wait."""
    clock = Clock()
    client = converse(line or quick(), clock=clock, sleep=clock.sleep, random=lambda: 0.0)
    assert isinstance(client, http_client._Client)
    return client


def test_json_comes_as_json() -> None:
    """What a source wants most."""
    with Faultd() as server, talk() as client:
        url = server.on("/list", Answer(json.dumps({"a": 1}).encode(), headers=(("Content-Type", "application/json"),)))
        answer = client.get(url, params={"page": 2}, headers={"Accept": "application/json"})
        assert answer.json() == {"a": 1}
        assert answer.headers["content-type"] == "application/json"
        assert server.asked[0].path == "/list?page=2"
        assert server.asked[0].headers["accept"] == "application/json"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_what_is_written_arrives(method: str) -> None:
    """With its method and body, once."""
    with Faultd() as server, talk() as client:
        url = server.on("/form", lambda asked: Answer(asked.method.encode() + b" " + asked.body))
        assert client.request(method, url, content=b"a=1").text == f"{method} a=1"
        assert client.head(url).headers["content-length"]
        server.on("/busy", Answer(status=503))
        with pytest.raises(TransferError, match="503"):
            client.request(method, server.url("/busy"), content=b"x")
        assert sum(asked.path == "/busy" for asked in server.asked) == 1


def test_connections_are_kept() -> None:
    """A hundred pages cost one handshake."""
    with Faultd() as server, talk() as client:
        url = server.on("/x", Answer(b"x"))
        for _ in range(20):
            client.get(url)
        assert server.connections == 1


def test_an_answer_is_read_as_it_comes() -> None:
    """The first bytes are there before the last ones, and memory does not grow."""
    with Faultd() as server, talk() as client:
        url = server.on("/x", Answer(b"x" * (1 << 20), length="none", endless=True))
        with client.stream("GET", url) as answer:
            seen = 0
            for chunk in answer.iter_bytes():
                assert len(chunk) <= 1 << 20
                seen += len(chunk)
                if seen > 30 << 20:
                    break
        assert client.get(server.on("/y", Answer(b"y"))).content == b"y"


def test_two_answers_may_be_open_at_once() -> None:
    """A page while the list is being read."""
    with Faultd() as server, talk() as client:
        first = server.on("/a", Answer(b"a" * 500_000))
        second = server.on("/b", Answer(b"b"))
        with client.stream("GET", first) as answer:
            chunks = answer.iter_bytes(1000)
            head = next(chunks)
            assert client.get(second).content == b"b"
            assert len(head) + sum(map(len, chunks)) == 500_000


@pytest.mark.parametrize(
    ("answers", "tries"),
    [
        ((Answer(status=503), Answer(b"x")), 2),
        ((Answer(status=429, headers=(("Retry-After", "1"),)), Answer(b"x")), 2),
        ((Answer(raw=b"", end="rst"), Answer(b"x")), 2),
        ((Answer(b"xyz", cut=1), Answer(b"x")), 2),
        ((Answer(b"xyz", chunked=True, last_chunk=False), Answer(b"x")), 2),
        ((Answer(b"x", delay=3), Answer(b"x")), 2),
    ],
)
def test_what_heals_is_asked_again(answers: tuple[Answer, ...], tries: int) -> None:
    """A page that breaks off, too, as long as nobody has seen it."""
    with Faultd() as server, talk() as client:
        assert client.get(server.on("/x", *answers)).content == b"x"
        assert len(server.asked) == tries


@pytest.mark.parametrize(
    ("answer", "exit_status", "tries"),
    [
        (Answer(status=404), 5, 1),
        (Answer(status=401), 6, 1),
        (Answer(status=403), 6, 1),
        (Answer(status=500), 5, 2),
        (Answer(status=503, headers=(("Retry-After", "100"),)), 5, 1),
        (Answer(b"x" * 9, cut=3), 5, 2),
        (Answer(b"x" * 900, drip=(1, 0.05)), 5, 2),
        (Answer(raw=b"", end="stall"), 5, 2),
        (Answer(raw=b"nonsense\r\n\r\n"), 5, 1),
    ],
)
def test_every_failure_is_one_of_ours(answer: Answer, exit_status: int, tries: int) -> None:
    """Named, bounded, with a hint; never httpx's or libcurl's."""
    with Faultd() as server, talk() as client:
        began = time.monotonic()
        with pytest.raises(FetchError) as caught:
            client.get(server.on("/x", answer) + "?token=s3cr3t")
        assert time.monotonic() - began < 5
        assert caught.value.exit_status == exit_status
        assert caught.value.hint
        assert "s3cr3t" not in caught.value.what
        assert len(server.asked) == tries


def test_a_stream_that_breaks_off_is_said_to() -> None:
    """What was handed over cannot be taken back."""
    with Faultd() as server, talk() as client:
        url = server.on("/x", Answer(b"x" * 9, cut=3))
        with client.stream("GET", url) as answer, pytest.raises(TransferError, match="broke off"):
            answer.read()


def test_an_answer_that_is_read_at_once_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """An endless listing is no listing; packed or not."""
    monkeypatch.setattr(http_client, "MOST", 1 << 20)
    bomb = gzip.compress(bytes(30 << 20))
    with Faultd() as server, talk() as client:
        with pytest.raises(TransferError, match="longer than"):
            client.get(server.on("/x", Answer(b"x" * 65536, length="none", endless=True)))
        with pytest.raises(TransferError, match="longer than"):
            client.get(server.on("/y", Answer(bomb, headers=(("Content-Encoding", "gzip"),))))


def test_what_comes_packed_is_unpacked() -> None:
    """Though nobody asked for it."""
    with Faultd() as server, talk() as client:
        url = server.on("/x", Answer(gzip.compress(b"text"), headers=(("Content-Encoding", "gzip"),)))
        assert client.get(url).text == "text"
        assert server.asked[0].headers["accept-encoding"] == "identity"


def test_a_session_is_the_lines() -> None:
    """What a sign-in was given, the transfers that follow show."""

    def answer(asked: Asked) -> Answer:
        return Answer(b"data") if asked.headers.get("cookie") == "session=1" else Answer(status=403)

    line = quick()
    with Faultd() as server, talk(line) as client:
        client.post(server.on("/login", Answer(headers=(("Set-Cookie", "session=1; Path=/"),))), data={"user": "me"})
        assert not client.cookies
        transfer = Transfer(remote=RemoteFile(url=server.on("/data", answer), path="x"), sink=Memory())
        (outcome,) = Downloader(line).run([transfer])
        assert outcome.error is None


def test_transfers_go_on_while_a_listing_is_awaited() -> None:
    """A slow page does not hold the files back."""
    line = quick(timeout=5)
    sink = Memory()
    with Faultd() as server, converse(line) as client:
        data = server.on("/data", Answer(b"x" * 200_000))
        page = server.on("/page", Answer(b"p", delay=0.5))
        before: list[int] = []

        def listing() -> object:
            yield Transfer(remote=RemoteFile(url=data, path="x"), sink=sink)
            client.get(page)
            before.append(len(sink.data))

        list(Downloader(line).run(listing()))  # type: ignore[arg-type]  # a generator of them
        assert before == [200_000]


def test_offline_opens_no_connection() -> None:
    """And says so."""
    with Faultd() as server, talk(quick(offline=True)) as client:
        with pytest.raises(TransferError, match="offline"):
            client.get(server.on("/x", Answer(b"x")))
        assert server.connections == 0


def test_a_mirror_is_asked_in_the_places_stead() -> None:
    """By its prefix, and a redirect's target as well."""
    with Faultd() as server:
        server.on("/m/x", Answer(b"x"))
        line = quick(mirrors={"https://far.example/": server.url("/m/")})
        with talk(line) as client:
            assert client.get("https://far.example/x").content == b"x"


def test_ranges_are_the_callers() -> None:
    """A source may look into the middle of a file."""
    with Faultd() as server, talk() as client:
        answer = client.get(server.on("/x", file(b"0123456789")), headers={"Range": "bytes=4-"})
        assert answer.status_code == 206
        assert answer.content == b"456789"
