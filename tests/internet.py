"""A replica of the internet behind a proxy: it answers at the real addresses, over TLS with certificates of its own.

    with Internet(tmp_path) as internet:
        internet.put("https://openi.nlm.nih.gov/imgs/collections/ChinaSet_AllFiles.zip", body)
        subprocess.run([...], env=internet.environment())

Files know ranges, strong validators and If-Range. `cut` breaks one answer off; what was asked is in `asked`.
"""

from __future__ import annotations

import hashlib
import socketserver
import ssl
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import trustme

from tests import serving

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType
    from typing import Self

Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Asked:
    """One request as it came."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes = b""
    sent: int = 0


@dataclass
class Internet:
    """The places of the test, by address without its query, or with it where that decides."""

    folder: Path
    answers: dict[str, bytes | Callable[[Asked], Answer]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    cuts: dict[str, list[int]] = field(default_factory=dict)
    ranges: bool = True
    content_type: str = "application/octet-stream"

    def __enter__(self) -> Self:
        self._authority = trustme.CA()
        self.ca_file = self.folder / "ca.pem"
        self._authority.cert_pem.write_to_path(str(self.ca_file))
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.internet = self
        self._thread = serving.start(self._server)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        serving.stop(self._server, self._thread)

    @property
    def proxy(self) -> str:
        """The proxy's address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def environment(self, **more: str) -> dict[str, str]:
        """Return what a process needs to see this internet and no other."""
        names = ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy")
        return dict.fromkeys(names, self.proxy) | {"SSL_CERT_FILE": str(self.ca_file), "NO_PROXY": "", **more}

    def put(self, url: str, answer: bytes | Callable[[Asked], Answer]) -> None:
        """Let `url` answer with a file, or with what a function says."""
        self.answers[url] = answer

    def cut(self, url: str, *after: int) -> None:
        """Break the next answers of `url` off after so many bytes each."""
        self.cuts.setdefault(url, []).extend(after)

    def context(self, host: str) -> ssl.SSLContext:
        """Make the certificate of `host` when it is first asked."""
        if host not in self._contexts:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._authority.issue_cert(host).configure_cert(context)
            self._contexts[host] = context
        return self._contexts[host]

    def answer(self, asked: Asked) -> Answer:
        """Look the address up; an unknown one is 404."""
        found = self.answers.get(asked.url, self.answers.get(asked.url.partition("?")[0]))
        if found is None:
            return HTTPStatus.NOT_FOUND, {}, b"no such address in this test"
        if not isinstance(found, bytes):
            return found(asked)
        return self._file(found, asked)

    def _file(self, body: bytes, asked: Asked) -> Answer:
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        headers = {"ETag": tag, "Content-Type": self.content_type, "Accept-Ranges": "bytes"}
        wanted = asked.headers.get("range", "")
        if self.ranges and wanted.startswith("bytes=") and asked.headers.get("if-range", tag) == tag:
            start = int(wanted.removeprefix("bytes=").partition("-")[0])
            if start >= len(body):
                return HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, {"Content-Range": f"bytes */{len(body)}"}, b""
            headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
            return HTTPStatus.PARTIAL_CONTENT, headers, body[start:]
        return HTTPStatus.OK, headers, body


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    internet: Internet

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - the standard library's
        """Say nothing: a client that goes away is what the tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    base = ""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        """Keep the test's output clean."""

    def do_CONNECT(self) -> None:
        """Become the host that is asked for."""
        host = self.path.rpartition(":")[0]
        self.send_response(HTTPStatus.OK)
        self.end_headers()
        internet = cast("_Server", self.server).internet
        secure = internet.context(host).wrap_socket(self.connection, server_side=True)
        self.connection = self.request = secure
        self.rfile = secure.makefile("rb")
        self.wfile = secure.makefile("wb", buffering=0)  # type: ignore[assignment]  # a raw file is a file
        self.base = f"https://{host}"
        self.close_connection = False

    def finish(self) -> None:
        """Close the TLS side, too: the server knows only the plain socket."""
        super().finish()
        self.connection.close()

    def do_GET(self) -> None:
        """Answer, whole or cut."""
        internet = cast("_Server", self.server).internet
        url = self.path if urlsplit(self.path).scheme else self.base + self.path
        length = int(self.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, url, headers, self.rfile.read(length))
        internet.asked.append(asked)
        status, more, body = internet.answer(asked)
        self.send_response(int(status))
        for name, value in more.items():
            self.send_header(name, value)
        if "Transfer-Encoding" not in more and more.get("Connection") != "close":
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "HEAD":
            return
        cuts = internet.cuts.get(url.partition("?")[0])
        if cuts:
            body = body[: cuts.pop(0)]
            self.close_connection = True
        self.wfile.write(body)
        asked.sent = len(body)
        if more.get("Connection") == "close":
            self.close_connection = True

    do_HEAD = do_POST = do_DELETE = do_GET  # noqa: N815 - the standard library finds them by these names
