"""Every lasting fault ends in bounded time and memory."""

from __future__ import annotations

import resource
import socket
import time

import pytest

from tests.faultd import Answer, Faultd, file, redirect
from tests.transport.moving import move, quick

LIMIT = 5.0


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("no answer", Answer(b"x", delay=15)),
        ("stall after the head", Answer(b"x" * 10, cut=0, end="stall")),
        ("stall in the middle", file(b"x" * 100_000, cut=50_000, end="stall")),
        ("a byte now and then", Answer(b"x" * 1000, drip=(1, 0.05))),
        ("a byte now and then, no length", Answer(b"x" * 1000, drip=(1, 0.05), length="none")),
        ("a byte now and then, chunked", Answer(b"x" * 1000, drip=(1, 0.05), chunked=True)),
        ("just too slow", Answer(b"x" * 5000, drip=(100, 0.2))),
        ("an endless head", Answer(raw=b"HTTP/1.1 200 OK\r\n" + b"X-Fill: 1234567890\r\n" * 100_000)),
        ("one endless field", Answer(raw=b"HTTP/1.1 200 OK\r\nX-Fill: " + b"x" * 2_000_000)),
        ("many 1xx", Answer(raw=b"HTTP/1.1 102 Wait\r\n\r\n" * 100_000)),
        ("a half head", Answer(raw=b"HTTP/1.1 200 OK\r\nContent-", end="stall")),
        ("no HTTP", Answer(raw=b"SSH-2.0-OpenSSH_9.2\r\n")),
        ("nothing", Answer(raw=b"")),
        ("reset", Answer(raw=b"", end="rst")),
        ("a loop", redirect("/x")),
        ("a redirect to nowhere", redirect("")),
        ("an endless error page", Answer(b"x" * 65536, status=500, length="none", endless=True)),
    ],
)
def test_it_is_left_in_bounded_time(name: str, answer: Answer) -> None:
    """One try, one second: over in five, with an error that says what it was."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with Faultd() as server:
        began = time.monotonic()
        outcome, memory = move(server.on("/x", answer), line=quick(retries=0))
        assert time.monotonic() - began < LIMIT
        assert outcome.error is not None, name
        assert outcome.error.exit_status == 5
        assert not memory.finished
        assert len(server.asked) <= 11
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # KiB


def test_a_slow_file_above_the_floor_arrives() -> None:
    """2 KiB a second is slow and enough."""
    with Faultd() as server:
        outcome, memory = move(server.on("/x", Answer(b"x" * 4096, drip=(512, 0.25))))
        assert outcome.error is None
        assert len(memory.data) == 4096


def test_a_connection_that_nobody_takes_is_left() -> None:
    """A full backlog answers nothing at all."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.settimeout(0)
            filler.connect_ex(("127.0.0.1", port))
        began = time.monotonic()
        outcome, _ = move(f"http://127.0.0.1:{port}/x", line=quick(retries=0))
        assert time.monotonic() - began < LIMIT
        assert outcome.error is not None
        for filler in fillers:
            filler.close()
