"""Files arrive over FTP as safely as over HTTP."""

from __future__ import annotations

import os
import threading
import time
import warnings
from typing import TYPE_CHECKING, Any

import pytest

from fetchers.errors import FetchError
from fetchers.transport.credentials import Credential, Credentials
from fetchers.transport.http_client import converse
from tests.faultd import Faultd, redirect
from tests.transport.moving import Memory, move, quick

with warnings.catch_warnings():
    # pyftpdlib 2 stands on asyncore, which Python 3.11 calls deprecated; from 3.12 on it brings its own.
    warnings.simplefilter("ignore", DeprecationWarning)
    from pyftpdlib.authorizers import DummyAuthorizer
    from pyftpdlib.handlers import DTPHandler, FTPHandler
    from pyftpdlib.ioloop import IOLoop
    from pyftpdlib.servers import FTPServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BODY = os.urandom(3 << 20)


class Ftp:
    """An FTP server whose data channel breaks after `cuts` bytes, one number per transfer; `commands` is its log."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.cuts: list[int] = []
        self.commands: list[str] = []
        outer = self
        users = DummyAuthorizer()
        users.add_anonymous(str(root))
        users.add_user("me", "s3cr3t", str(root))

        class Data(DTPHandler):  # type: ignore[misc]  # no types there
            def send(self, data: bytes) -> int:
                if outer.cuts and self.tot_bytes_sent >= outer.cuts[0]:
                    outer.cuts.pop(0)
                    self.close()
                    return 0
                return int(super().send(data))

        class Control(FTPHandler):  # type: ignore[misc]  # no types there
            def pre_process_command(self, line: str, cmd: str, arg: str) -> Any:  # noqa: ANN401 - no types there
                outer.commands.append(cmd)
                return super().pre_process_command(line, cmd, arg)

        Control.authorizer = users
        Control.proto_cmds = {name: what for name, what in Control.proto_cmds.items() if name != "EPSV"}
        Control.use_sendfile = False  # the data channel's `send` is where it breaks
        Control.auth_failed_timeout = 0.05
        Control.dtp_handler = Data
        Control.masquerade_address = "203.0.113.1"  # PASV points elsewhere: it must not be believed
        self._loop = IOLoop()
        self._server = FTPServer(("127.0.0.1", 0), Control, ioloop=self._loop)
        self.url = f"ftp://127.0.0.1:{self._server.socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._on = True
        self._thread.start()

    def _serve(self) -> None:
        while self._on:
            self._loop.loop(timeout=0.01, blocking=False)

    def close(self) -> None:
        """Stop it."""
        self._on = False
        self._thread.join()
        self._server.close_all()


@pytest.fixture
def ftp(tmp_path: Path) -> Iterator[Ftp]:
    """One server with one large and one small file."""
    (tmp_path / "big.bin").write_bytes(BODY)
    (tmp_path / "small.txt").write_bytes(b"small\r\n")
    os.utime(tmp_path / "big.bin", (1_700_000_000, 1_700_000_000))
    server = Ftp(tmp_path)
    yield server
    server.close()


def test_a_file_comes_as_it_is(ftp: Ftp) -> None:
    """Binary, passive, its size known."""
    outcome, memory = move(f"{ftp.url}/small.txt")
    assert outcome.error is None
    assert bytes(memory.data) == b"small\r\n"
    assert outcome.length_known
    assert memory.total == 7


def test_a_cut_file_goes_on_where_it_broke(ftp: Ftp) -> None:
    """REST, and the bytes are equal."""
    ftp.cuts = [1 << 20, 1 << 20]
    outcome, memory = move(f"{ftp.url}/big.bin", line=quick(timeout=3, retries=2))
    assert outcome.error is None
    assert bytes(memory.data) == BODY
    assert ftp.commands.count("REST") >= 1
    assert memory.restarts == 0


def test_a_file_that_changed_in_between_starts_again(ftp: Ftp) -> None:
    """Size and time of change are FTP's validator."""
    ftp.cuts = [1 << 20]
    sink = Memory(bytearray(b"old" * 1000), validator="ftp 20200101000000 5000")
    outcome, memory = move(f"{ftp.url}/big.bin", sink=sink, line=quick(timeout=3))
    assert outcome.error is None
    assert bytes(memory.data) == BODY


def test_what_is_not_there_is_named_and_asked_once(ftp: Ftp) -> None:
    """550."""
    outcome, _ = move(f"{ftp.url}/none")
    assert outcome.error is not None
    assert outcome.error.exit_status == 5
    assert "550" in outcome.error.what
    assert ftp.commands.count("USER") == 1


@pytest.mark.parametrize(("password", "exit_status"), [("s3cr3t", 0), ("wr0ng", 6)])
def test_a_login_is_shown_once(ftp: Ftp, password: str, exit_status: int) -> None:
    """A wrong one is an access error; nothing shows it."""
    credential = Credential(prefix=ftp.url + "/", user="me", password=password)
    outcome, _ = move(f"{ftp.url}/small.txt", line=quick(credentials=Credentials(stored=(credential,)), timeout=5))
    assert (outcome.error.exit_status if outcome.error else 0) == exit_status
    assert ftp.commands.count("PASS") == 1
    assert password not in str(outcome.error)


def test_a_folder_is_listed(ftp: Ftp) -> None:
    """By the conversation."""
    with converse(quick()) as client:
        listing = client.get(f"{ftp.url}/").text
        assert "big.bin" in listing
        assert "small.txt" in listing
        with pytest.raises(FetchError, match="550"):
            client.get(f"{ftp.url}/none/")


def test_a_promised_size_is_a_limit(ftp: Ftp) -> None:
    """As over HTTP."""
    outcome, memory = move(f"{ftp.url}/big.bin", size=1000)
    assert outcome.error is not None
    assert outcome.error.exit_status == 4
    assert not memory.data


def test_a_redirect_may_lead_to_ftp(ftp: Ftp) -> None:
    """From http, not from https."""
    with Faultd() as server:
        outcome, memory = move(server.on("/x", redirect(f"{ftp.url}/small.txt")))
        assert outcome.error is None
        assert bytes(memory.data) == b"small\r\n"


def test_a_silent_server_is_left() -> None:
    """A connection that nobody greets."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        began = time.monotonic()
        outcome, _ = move(f"ftp://127.0.0.1:{listener.getsockname()[1]}/x", line=quick(retries=0))
        assert time.monotonic() - began < 5
        assert outcome.error is not None
        assert outcome.error.exit_status == 5
