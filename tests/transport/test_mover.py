"""Many files are downloaded at once, and a failure is one file's own."""

from __future__ import annotations

import os
import time
from itertools import pairwise

import pytest

from fetchers.dataset import RemoteFile
from fetchers.errors import ContentError, StoreError
from fetchers.transport.downloader import Downloader, Transfer
from fetchers.transport.rate_limit import RateLimit
from tests.faultd import Answer, Asked, Faultd, file
from tests.transport.moving import Clock, Memory, move, quick

MIB = 1 << 20


def transfers(*urls: str) -> list[Transfer]:
    """Make one transfer per address."""
    return [
        Transfer(remote=RemoteFile(url=url, path="x"), sink=Memory(), rank=number) for number, url in enumerate(urls)
    ]


def test_what_is_asked_for_comes() -> None:
    """Bytes, size, validator, type and address."""
    body = os.urandom(3000)
    with Faultd() as server:
        url = server.on("/x", file(body, more=(("Content-Type", "text/html"),)))
        outcome, memory = move(url + "?page=2")
        assert bytes(memory.data) == body
        assert (outcome.error, outcome.size, outcome.validator) == (None, 3000, '"v1"')
        assert (outcome.content_type, outcome.final_url, outcome.length_known) == ("text/html", url + "?page=2", True)
        assert memory.total == 3000
        assert set(server.asked[0].headers) == {"host", "user-agent", "accept", "accept-encoding"}


def test_an_empty_file_is_a_file() -> None:
    """Its end is proven by its length."""
    with Faultd() as server:
        outcome, memory = move(server.on("/x", Answer(b"")), size=0)
        assert outcome.error is None
        assert memory.finished


@pytest.mark.parametrize(
    ("status", "asked", "exit_status"),
    [(400, 1, 5), (401, 1, 6), (403, 1, 6), (404, 1, 5), (410, 1, 5), (451, 1, 5), (501, 1, 5), (505, 1, 5)]
    + [(status, 2, 5) for status in (408, 425, 429, 500, 502, 503, 504)],
)
def test_a_status_is_named_and_asked_again_only_if_it_heals(status: int, asked: int, exit_status: int) -> None:
    """With one retry: two questions where time helps, one where it does not."""
    with Faultd() as server:
        outcome, memory = move(server.on("/x", Answer(b"no", status=status)))
        assert outcome.error is not None
        assert outcome.error.exit_status == exit_status
        assert str(status) in outcome.error.what
        assert outcome.error.hint
        assert len(server.asked) == asked
        assert not memory.data
        assert memory.kept


def test_a_refused_host_is_asked_twice_at_most() -> None:
    """A thousand questions with the same refusal lock an account."""
    with Faultd() as server:
        urls = [server.on(f"/{number}", Answer(status=401)) for number in range(30)]
        outcomes = list(Downloader(quick()).run(transfers(*urls)))
        assert len(outcomes) == 30
        assert {outcome.error.exit_status for outcome in outcomes if outcome.error} == {6}
        assert len(server.asked) <= 2


def test_one_refused_file_does_not_close_a_host_that_answers() -> None:
    """403 for some files is what S3 says of files that are not there."""
    with Faultd() as server:
        urls = [
            server.on(f"/{number}", Answer(b"x", status=403 if number in (3, 4, 5, 6) else 200)) for number in range(12)
        ]
        outcomes = list(Downloader(quick()).run(transfers(*urls)))
        assert sum(outcome.error is None for outcome in outcomes) == 8


@pytest.mark.parametrize("value", ["1", "date"])
def test_it_is_waited_as_long_as_asked(value: str) -> None:
    """Not one question before the time."""
    now = time.time()
    said = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(now + 2)) if value == "date" else value
    with Faultd() as server:
        url = server.on("/x", Answer(status=503, headers=(("Retry-After", said),)), Answer(b"x"))
        (outcome,) = Downloader(quick()).run(transfers(url))
        assert outcome.error is None
        first, second = (asked.at for asked in server.asked)
        assert second - first >= (0.99 if value == "1" else int(now) + 2 - now - 0.05)


def test_a_long_retry_after_ends_the_file_and_names_the_time() -> None:
    """Nobody sleeps for an hour."""
    with Faultd() as server:
        url = server.on("/x", Answer(status=429, headers=(("Retry-After", "3600"),)))
        began = time.monotonic()
        outcome, _ = move(url)
        assert time.monotonic() - began < 1
        assert outcome.error is not None
        assert outcome.error.exit_status == 5
        assert "again at 20" in outcome.error.what
        assert len(server.asked) == 1


def test_a_busy_host_holds_back_nobody_else() -> None:
    """The other host's files come while it is waited."""
    with Faultd() as busy, Faultd() as ready:
        first = busy.on("/x", Answer(status=429, headers=(("Retry-After", "1"),)), Answer(b"x"))
        others = [ready.on(f"/{number}", Answer(b"y")) for number in range(20)]
        order = [outcome.transfer.rank for outcome in Downloader(quick()).run(transfers(first, *others))]
        assert order[-1] == 0
        assert max(asked.at for asked in ready.asked) - min(asked.at for asked in ready.asked) < 0.8


def test_a_busy_host_is_left_alone_by_all_its_files() -> None:
    """What it said to one file holds for the next one."""
    with Faultd() as server:
        first = server.on("/1", Answer(status=503, headers=(("Retry-After", "1"),)), Answer(b"x"))
        second = server.on("/2", Answer(b"y"))
        outcomes = list(Downloader(quick(jobs=1)).run(transfers(first, second)))
        assert [outcome.error for outcome in outcomes] == [None, None]
        assert min(asked.at for asked in server.asked[1:]) - server.asked[0].at >= 0.99


def test_a_long_file_on_a_bad_line_arrives() -> None:
    """Every try brings more than 1 MiB, so no try is without fruit."""
    body = os.urandom(6 * MIB)
    with Faultd() as server:
        outcome, memory = move(server.on("/x", file(body, cut=MIB + MIB // 8)), line=quick(retries=0))
        assert outcome.error is None
        assert bytes(memory.data) == body
        assert len(server.asked) == 6


@pytest.mark.parametrize("ranges", [True, False])
def test_a_server_that_always_breaks_at_one_place_is_left(*, ranges: bool) -> None:
    """The first try brought 2 MiB; what comes again is no fruit."""
    body = os.urandom(4 * MIB)
    with Faultd() as server:

        def answer(asked: Asked) -> Answer:
            start = int(asked.headers.get("range", "bytes=0-")[6:-1]) if ranges else 0
            return file(body, ranges=ranges, cut=2 * MIB - start)(asked)

        outcome, memory = move(server.on("/x", answer), line=quick(retries=1))
        assert outcome.error is not None
        assert outcome.error.exit_status == 5
        assert f"{2 * MIB} bytes" in outcome.error.what
        assert len(server.asked) == 3
        assert memory.kept


@pytest.mark.parametrize("error", [StoreError("full"), ContentError("a page")])
def test_what_the_sink_raises_ends_this_file_only(error: Exception) -> None:
    """The neighbours arrive."""
    with Faultd() as server:
        bad = Transfer(
            remote=RemoteFile(url=server.on("/bad", Answer(b"x" * 1000)), path="x"),
            sink=Memory(refuse=lambda size: error),
        )
        good = transfers(server.on("/1", Answer(b"1")), server.on("/2", Answer(b"2")))
        outcomes = {id(outcome.transfer): outcome for outcome in Downloader(quick()).run([bad, *good])}
        assert outcomes[id(bad)].error is error
        assert all(outcomes[id(one)].error is None for one in good)


@pytest.mark.parametrize("error", [StoreError("the disk is full"), KeyboardInterrupt()], ids=["disk", "interrupt"])
def test_what_the_sink_raises_behind_a_brake_is_that_error(error: BaseException) -> None:
    """Libcurl hands over what it held back at once when it is let go on, and complains in the middle of that."""
    with Faultd() as server:
        url = server.on("/x", file(bytes(400_000)))
        sink = Memory(refuse=lambda count: error if count > 100_000 else None)
        line = quick(throttle=RateLimit(1_000_000))
        if isinstance(error, KeyboardInterrupt):
            with pytest.raises(KeyboardInterrupt):
                list(Downloader(line).run([Transfer(remote=RemoteFile(url=url, path="x"), sink=sink)]))
        else:
            (outcome,) = Downloader(line).run([Transfer(remote=RemoteFile(url=url, path="x"), sink=sink)])
            assert outcome.error is error


@pytest.mark.parametrize("size", [1000, 20 * MIB])
def test_an_endless_body_ends_where_the_sink_says(size: int) -> None:
    """Nothing else limits a body of unknown size."""
    refuse = Memory(refuse=lambda held: StoreError("too much") if held > size else None)
    with Faultd() as server:
        outcome, memory = move(server.on("/x", Answer(b"x" * 65536, length="none", endless=True)), sink=refuse)
        assert isinstance(outcome.error, StoreError)
        assert len(memory.data) <= size


def test_an_interrupt_keeps_what_is_here_and_goes_on() -> None:
    """Ctrl-C in the middle: every file under way is made resumable."""
    with Faultd() as server:
        stuck = [server.on(f"/{number}", file(b"x" * 5000, cut=2000, end="stall")) for number in range(3)]
        bad = Transfer(
            remote=RemoteFile(url=server.on("/bad", Answer(b"x", delay=0.3)), path="x"),
            sink=Memory(refuse=lambda size: KeyboardInterrupt()),
        )
        others = transfers(*stuck)
        with pytest.raises(KeyboardInterrupt):
            list(Downloader(quick(timeout=5)).run([*others, bad]))
        assert [one.sink.offset for one in others] == [2000] * 3
        assert all(isinstance(one.sink, Memory) and one.sink.kept for one in others)


def test_transfers_are_taken_as_there_is_room() -> None:
    """A million files are never a list."""
    taken: list[int] = []
    with Faultd() as server:
        url = server.on("/x", Answer(b"x"))

        def many() -> object:
            for number in range(40):
                taken.append(number)
                yield from transfers(url)

        ahead = 0
        for done, _ in enumerate(Downloader(quick(jobs=2)).run(many())):  # type: ignore[arg-type]  # a generator of them
            ahead = max(ahead, len(taken) - done)
        assert ahead <= 5


def test_no_more_connections_than_the_place_bears() -> None:
    """And no two starts closer than its pause."""
    with Faultd() as server:
        urls = [server.on(f"/{number}", Answer(b"x", delay=0.05)) for number in range(6)]
        list(Downloader(quick(jobs=8), connections=1).run(transfers(*urls)))
        assert server.connections == 1
        server.asked.clear()
        list(Downloader(quick(jobs=8), pause=0.1).run(transfers(*urls)))
        times = sorted(asked.at for asked in server.asked)
        assert min(later - earlier for earlier, later in pairwise(times)) >= 0.09


def test_the_rate_limit_holds_for_all_together() -> None:
    """Four files of 150 kB at 400 kB/s take a second and a half."""
    with Faultd() as server:
        urls = [server.on(f"/{number}", Answer(b"x" * 150_000)) for number in range(4)]
        began = time.monotonic()
        outcomes = list(Downloader(quick(throttle=RateLimit(400_000))).run(transfers(*urls)))
        assert [outcome.error for outcome in outcomes] == [None] * 4
        assert 1.2 < time.monotonic() - began < 2.5


def test_a_rate_limit_starves_nobody() -> None:
    """Who waits for the limit is not late: twelve files at 40 kB/s, a second of patience."""
    with Faultd() as server:
        urls = [server.on(f"/{number}", Answer(b"x" * 8000)) for number in range(12)]
        outcomes = list(Downloader(quick(throttle=RateLimit(40_000), retries=0, jobs=12)).run(transfers(*urls)))
        assert [outcome.error for outcome in outcomes] == [None] * 12


def test_offline_opens_no_connection() -> None:
    """And says so."""
    with Faultd() as server:
        outcome, _ = move(server.on("/x", Answer(b"x")), line=quick(offline=True))
        assert outcome.error is not None
        assert "offline" in outcome.error.what
        assert "--offline" in (outcome.error.hint or "")
        assert server.connections == 0


@pytest.mark.parametrize("first", [Answer(status=404), Answer(status=500), Answer(b"xx"), Answer(b"x" * 9)])
def test_a_files_mirror_is_asked_when_its_address_fails(first: Answer) -> None:
    """Bytes of two places are never mixed."""
    with Faultd() as server, Faultd() as other:
        outcome, memory = move(
            server.on("/x", first),
            size=5,
            mirrors=("gopher://x/", other.on("/y", Answer(b"12345"))),
            line=quick(retries=0),
        )
        assert outcome.error is not None or bytes(memory.data) == b"12345"
        outcome, memory = move(server.on("/x", first), size=5, mirrors=(other.url("/y"),), line=quick(retries=0))
        assert outcome.error is None
        assert bytes(memory.data) == b"12345"
        assert outcome.final_url == other.url("/y")


def test_two_places_with_one_tag_make_no_mixture() -> None:
    """A validator vouches within one place only."""
    with Faultd() as server, Faultd() as other:
        url = server.on("/x", file(b"a" * 1000, cut=500))
        outcome, memory = move(url, mirrors=(other.on("/y", file(b"b" * 1000)),), line=quick(retries=0))
        assert outcome.error is None
        assert bytes(memory.data) == b"b" * 1000


def test_a_mirror_is_not_asked_after_a_refusal() -> None:
    """A person has to act, and another place does not change that."""
    with Faultd() as server, Faultd() as other:
        outcome, _ = move(server.on("/x", Answer(status=403)), mirrors=(other.on("/y", Answer(b"x")),))
        assert outcome.error is not None
        assert outcome.error.exit_status == 6
        assert not other.asked


def test_a_persons_mirror_is_asked_in_the_places_stead() -> None:
    """By its prefix."""
    with Faultd() as server:
        server.on("/copy/x", Answer(b"x"))
        line = quick(mirrors={"https://far.example/": server.url("/copy/")})
        outcome, memory = move("https://far.example/x", line=line)
        assert outcome.error is None
        assert bytes(memory.data) == b"x"


def test_nobody_there_is_named_and_asked_again() -> None:
    """Refused connections may heal."""
    with Faultd() as server:
        url = server.url("/x")
    clock = Clock()
    transfer = Transfer(remote=RemoteFile(url=url, path="x"), sink=Memory())
    (outcome,) = Downloader(quick(retries=3), clock=clock, sleep=clock.sleep, random=lambda: 0.0).run([transfer])
    assert outcome.error is not None
    assert "refused" in outcome.error.what
    assert len(clock.slept) >= 3


def test_a_host_that_nobody_reaches_is_given_up_by_all_its_files() -> None:
    """One file learns it with all its tries; a thousand need not learn it again."""
    with Faultd() as server:
        urls = [server.url(f"/{number}") for number in range(1000)]
    with Faultd() as other:
        reachable = other.on("/x", Answer(b"x"))
        clock = Clock()
        downloader = Downloader(quick(retries=3), clock=clock, sleep=clock.sleep, random=lambda: 0.0)
        outcomes = list(downloader.run(transfers(*urls, reachable)))
    said = [outcome.error.what for outcome in outcomes if outcome.error]
    assert len(said) == 1000
    assert sum("not asked again" in what for what in said) > 900
    assert sum(clock.slept) < 4 * (0.25 + 0.5 + 1 + 2)


def test_a_host_that_answered_once_is_not_given_up() -> None:
    """A minute without a network must not cost the rest of a night's run: each file has its own tries."""
    with Faultd() as server:
        first = server.on("/first", Answer(b"x"))
        later = [server.url(f"/{number}") for number in range(20)]
        clock = Clock()
        downloader = Downloader(quick(jobs=1), clock=clock, sleep=clock.sleep, random=lambda: 0.0)
        outcomes = downloader.run(transfers(first, *later))
        assert next(outcomes).error is None
    said = [outcome.error.what for outcome in outcomes if outcome.error]
    assert len(said) == 20
    assert not any("not asked again" in what for what in said)


def test_an_unknown_name_is_named() -> None:
    """RFC 6761: .invalid is never there."""
    outcome, _ = move("http://nobody.invalid/x", line=quick(retries=0))
    assert outcome.error is not None
    assert "resolved" in outcome.error.what


@pytest.mark.parametrize("url", ["http://user:s3cr3t@127.0.0.1/x", "file:///etc/passwd", "dict://127.0.0.1/"])
def test_an_address_that_cannot_be_asked_is_an_error_of_its_own(url: str) -> None:
    """The catalogue's fault, and no secret is shown."""
    outcome, _ = move(url)
    assert outcome.error is not None
    assert outcome.error.exit_status == 2
    assert "s3cr3t" not in outcome.error.what + outcome.final_url
