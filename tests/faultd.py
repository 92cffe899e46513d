"""A server on loopback that sends exact bytes and breaks on purpose.

    with Faultd() as server:
        server.on("/x", file(body, cut=1000), file(body))       # the first answer is cut, the next ones are not
        ... server.url("/x") ...
        assert [asked.headers.get("range") for asked in server.asked] == [None, "bytes=1000-"]

Answers are values (`Answer`) or functions of what was asked; the last one given for a path is repeated.
"""

from __future__ import annotations

import contextlib
import socket
import socketserver
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self, cast

from tests import serving

if TYPE_CHECKING:
    import ssl
    from types import TracebackType

Pairs = tuple[tuple[str, str], ...]


@dataclass
class Asked:
    """One question as it came; `at` is monotonic seconds, `sent` bytes of body, `host` the Host field."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float
    sent: int = 0
    broke: bool = False

    @property
    def host(self) -> str:
        """The Host field."""
        return self.headers.get("host", "")


@dataclass(frozen=True)
class Answer:
    """One answer. `length` is what is declared: "true", "none" (the connection's end is the body's), or a lie."""

    body: bytes = b""
    status: int = 200
    headers: Pairs = ()
    length: int | str = "true"
    chunked: bool = False
    last_chunk: bool = True
    cut: int | None = None  # bytes of the body after which it ends ...
    end: str = "close"  # ... by: close, rst, stall
    drip: tuple[int, float] | None = None  # bytes at a time, seconds between
    delay: float = 0.0  # seconds before the head
    endless: bool = False
    raw: bytes | None = None  # exactly this in place of everything else, then `end`


Script = Answer | Callable[[Asked], Answer]


def file(
    body: bytes,
    *,
    etag: str | None = '"v1"',
    modified: str | None = None,
    ranges: bool = True,
    cut: int | None = None,
    end: str = "close",
    more: Pairs = (),
) -> Callable[[Asked], Answer]:
    """Serve `body` as an honest server does, with ranges and If-Range; break off `cut` bytes after the start."""
    fields: Pairs = (("ETag", etag),) if etag else ()
    if modified:
        fields += (("Last-Modified", modified), ("Date", "Tue, 24 Nov 2026 12:00:00 GMT"))
    fields += more

    def answer(asked: Asked) -> Answer:
        wanted = asked.headers.get("range", "")
        condition = asked.headers.get("if-range", etag or modified)
        if not ranges or not wanted.startswith("bytes=") or condition not in (etag, modified):
            return Answer(body, headers=fields, cut=cut, end=end)
        start = int(wanted.removeprefix("bytes=").partition("-")[0])
        if start >= len(body):
            return Answer(status=416, headers=(*fields, ("Content-Range", f"bytes */{len(body)}")))
        span = ("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        return Answer(body[start:], status=206, headers=(*fields, span), cut=cut, end=end)

    return answer


def redirect(location: str, status: int = 302, headers: Pairs = ()) -> Answer:
    """Send on to `location`."""
    return Answer(status=status, headers=(("Location", location), *headers))


@dataclass
class Faultd:
    """The server. With `tls` it speaks TLS."""

    tls: ssl.SSLContext | None = None
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self._scripts: dict[str, list[Script]] = {}
        self.stopping = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Talk)
        self._server.faultd = self
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> Self:
        self._thread = serving.start(self._server)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        serving.stop(self._server, self._thread)

    def on(self, path: str, *scripts: Script) -> str:
        """Let `path` answer so, one after the other; return its address."""
        self._scripts[path] = list(scripts)
        return self.url(path)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """Return the address of `path`."""
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{path}"

    def next_answer(self, asked: Asked) -> Answer:
        """Take the script's next answer; nothing there is 404."""
        scripts = self._scripts.get(asked.path) or self._scripts.get(asked.path.partition("?")[0])
        if not scripts:
            return Answer(b"not here", status=404)
        script = scripts.pop(0) if len(scripts) > 1 else scripts[0]
        return script if isinstance(script, Answer) else script(asked)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64
    faultd: Faultd

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that goes away is what the tests are about."""


class _Talk(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        """Answer one question after the other."""
        faultd = cast("_Server", self.server).faultd
        faultd.connections += 1
        connection: socket.socket = self.request
        connection.settimeout(20)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if faultd.tls is None and connection.recv(1, socket.MSG_PEEK) == b"\x16":  # a TLS greeting, as nginx meets it
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
            return
        if faultd.tls is not None:
            connection = faultd.tls.wrap_socket(connection, server_side=True)
        with contextlib.suppress(OSError), connection, connection.makefile("rb") as reader:
            while (asked := _read(reader)) is not None:
                faultd.asked.append(asked)
                if not _Reply(faultd, connection, asked, faultd.next_answer(asked)).send():
                    break


def _read(reader: object) -> Asked | None:
    lines = []
    while (line := reader.readline(65536)) not in (b"\r\n", b""):  # type: ignore[attr-defined]
        lines.append(line.decode("latin-1").rstrip("\r\n"))
    if not lines:
        return None
    method, path, _ = lines[0].split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    body = reader.read(int(headers.get("content-length", "0")))  # type: ignore[attr-defined]
    return Asked(method, path, headers, body, time.monotonic())


class _Reply:
    def __init__(self, faultd: Faultd, connection: socket.socket, asked: Asked, answer: Answer) -> None:
        self._faultd, self._connection, self._asked, self._answer = faultd, connection, asked, answer

    def send(self) -> bool:
        """Send the answer; say whether the connection goes on."""
        answer = self._answer
        if answer.delay and self._faultd.stopping.wait(answer.delay):
            return False
        try:
            if answer.raw is not None:
                self._connection.sendall(answer.raw)
                return self._end(answer.end)
            self._connection.sendall(self._head())
            return self._body() and self._asked.headers.get("connection") != "close"
        except OSError:
            self._asked.broke = True
            return False

    def _head(self) -> bytes:
        answer = self._answer
        lines = [f"HTTP/1.1 {answer.status} Scripted", *(f"{name}: {value}" for name, value in answer.headers)]
        if answer.chunked:
            lines.append("Transfer-Encoding: chunked")
        elif answer.length != "none":
            lines.append(f"Content-Length: {len(answer.body) if answer.length == 'true' else answer.length}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def _body(self) -> bool:
        answer, asked = self._answer, self._asked
        if asked.method == "HEAD":
            return True
        body = answer.body if answer.cut is None else answer.body[: answer.cut]
        step = answer.drip[0] if answer.drip else 1 << 18
        while True:
            for start in range(0, len(body), step):
                piece = body[start : start + step]
                asked.sent += len(piece)  # before it goes: the client may look as soon as it has it
                self._connection.sendall(b"%x\r\n%b\r\n" % (len(piece), piece) if answer.chunked else piece)
                if answer.drip and self._faultd.stopping.wait(answer.drip[1]):
                    return False
            if not answer.endless or self._faultd.stopping.is_set():
                break
        if answer.cut is not None:
            return self._end(answer.end)
        if answer.chunked and answer.last_chunk:
            self._connection.sendall(b"0\r\n\r\n")
        whole = answer.last_chunk if answer.chunked else answer.length in ("true", len(answer.body))
        return whole or self._end(answer.end)

    def _end(self, how: str) -> bool:
        if how == "stall":
            self._faultd.stopping.wait(20)
        elif how == "rst":
            self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False


@dataclass
class Proxy:
    """A proxy that takes every name for a host on loopback: `places` by `host:port`, `*:port`, or else nobody is there.

    It tunnels (CONNECT) and forwards; what it was asked is in `asked`, with the headers that it saw.
    """

    places: dict[str, int] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._server = _ProxyServer(("127.0.0.1", 0), _Tunnel)
        self._server.proxy = self
        self._thread = serving.start(self._server)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        serving.stop(self._server, self._thread)

    @property
    def url(self) -> str:
        """The proxy's address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def port_of(self, place: str) -> int | None:
        """Return the port on loopback that stands for `host:port`."""
        return self.places.get(place, self.places.get("*:" + place.rpartition(":")[2]))


class _ProxyServer(_Server):
    proxy: Proxy


class _Tunnel(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        """Tunnel or forward one connection."""
        proxy = cast("_ProxyServer", self.server).proxy
        client: socket.socket = self.request
        with contextlib.suppress(OSError), client, client.makefile("rb", buffering=0) as reader:
            asked = _read(reader)
            if asked is None:
                return
            proxy.asked.append(asked)
            tunnel = asked.method == "CONNECT"
            place = asked.path if tunnel else asked.path.split("/")[2]
            port = proxy.port_of(place if ":" in place else place + ":80")
            if port is None:
                client.sendall(b"HTTP/1.1 502 Nobody\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                return
            with socket.create_connection(("127.0.0.1", port)) as server:
                for one in (client, server):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if tunnel:
                    client.sendall(b"HTTP/1.1 200 Go ahead\r\n\r\n")
                else:
                    server.sendall(_forwarded(asked))
                back = threading.Thread(target=_pipe, args=(server, client), daemon=True)
                back.start()
                if tunnel:
                    _pipe(client, server)
                back.join()


def _forwarded(asked: Asked) -> bytes:
    path = "/" + asked.path.split("/", 3)[3]
    kept = {name: value for name, value in asked.headers.items() if not name.startswith("proxy-")}
    kept["connection"] = "close"
    lines = [f"{asked.method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in kept.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + asked.body


def _pipe(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def later(answer: Answer, seconds: float) -> Answer:
    """Return the same answer, `seconds` later."""
    return replace(answer, delay=seconds)
