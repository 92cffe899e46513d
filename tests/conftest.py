"""What no test may do: reach beyond this machine, or look at the person's own settings."""

from __future__ import annotations

import ipaddress
import os
import signal
import socket
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOCAL_NAMES = frozenset({"localhost", "localhost.localdomain", ""})
_watching = False


class ReachedBeyondLoopbackError(Exception):
    """A test asked for an address that is not this machine's."""


def _is_loopback(host: object) -> bool:
    text = host.decode() if isinstance(host, bytes) else str(host or "")
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return text in _LOCAL_NAMES or text.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    """Refuse before the first packet; an audit hook also sees sockets that libraries open."""
    if not _watching or event not in ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"):
        return
    if event.startswith("socket.get"):
        host = arguments[0]
    else:
        place, target = arguments[0], arguments[1]
        if isinstance(place, socket.socket) and place.family == socket.AF_UNIX:
            return
        host = target[0] if isinstance(target, tuple) else target
    if not _is_loopback(host):
        raise ReachedBeyondLoopbackError(f"{event}: {host!r} is not this machine")


sys.addaudithook(_watch)
# Started with SIGINT ignored (`nohup make test &`, some CI runners), every child would ignore it, too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the tests run as on a system that has only what all POSIX systems have."""
    parser.addoption("--masked", action="store_true", help="hide all that `fetchers.system` looks for")


def pytest_configure(config: pytest.Config) -> None:
    """Hide it before anything of ours is imported: some of it is looked for at import."""
    if config.getoption("--masked"):
        from fetchers import system

        system.hide(*system.names)


@pytest.fixture(autouse=True)
def _on_this_machine_alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Refuse sockets to anything but loopback, and forget the person's settings and proxies."""
    global _watching  # noqa: PLW0603 - an audit hook cannot be taken off again, only told to look away
    for name in list(os.environ):
        if name.startswith("FETCH_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    _watching = True
    yield
    _watching = False


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a case of bytes by their number: compressed ones hold the time, and the two workers must agree on names."""
    return f"{len(val)} bytes" if isinstance(val, bytes) else None
