"""The guard against network access works."""

from __future__ import annotations

import socket

import pytest

from tests.conftest import ReachedBeyondLoopbackError


@pytest.mark.parametrize("host", ["192.0.2.1", "example.org", "2001:db8::1", "10.0.0.1"])
def test_other_machines_are_refused(host: str) -> None:
    """A test that forgets its replica fails at once, by name or by number."""
    with pytest.raises(ReachedBeyondLoopbackError):
        socket.create_connection((host, 443), timeout=1)


def test_loopback_is_open() -> None:
    """A server of the test's own may be asked."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()
