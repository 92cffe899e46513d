"""One server on loopback that stands in for three archives and counts its requests."""

from __future__ import annotations

import re
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import TYPE_CHECKING

from fetchers.verbs.demo.places import archive, chest_set, gated_set, nbia

if TYPE_CHECKING:
    from collections.abc import Iterator

OPEN_FILE = "/nlm/imgs/collections/ChinaSet_AllFiles.zip"
GATED_FILE = "/kidney/atlas.zip"
_ARCHIVE = "/nbia/"
_RANGE = re.compile(r"bytes=(\d+)-$")


class Replica(ThreadingHTTPServer):
    """Files at fixed paths, the requests of NBIA below `/nbia/`, and the number of requests so far."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = {OPEN_FILE: chest_set(), GATED_FILE: gated_set()}
        self.series = archive()
        self.asked = 0
        self._lock = Lock()

    @property
    def address(self) -> str:
        """The address below which everything lies, without a slash at its end."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def count(self) -> None:
        """Count one request."""
        with self._lock:
            self.asked += 1

    def handle_error(self, request: object, client_address: object) -> None:
        """Print nothing about a client that hung up: it was told to."""

    def answer(self, path: str, query: str) -> tuple[str, bytes] | None:
        """Return (content type, body) of what lies at a path."""
        if path in self.files:
            return "application/zip", self.files[path]
        return nbia(self.series, path, query) if path.startswith(_ARCHIVE) else None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Replica

    def do_GET(self) -> None:
        """Answer with a whole body, or with the rest of one from where the client was."""
        self.server.count()
        path, _, query = self.path.partition("?")
        found = self.server.answer(path, query)
        if found is None:
            self._send(HTTPStatus.NOT_FOUND, "text/plain", b"nothing is here\n")
            return
        kind, body = found
        asked = _RANGE.match(self.headers.get("Range", ""))
        start = int(asked[1]) if asked else 0
        if asked and start < len(body):
            self._send(HTTPStatus.PARTIAL_CONTENT, kind, body[start:], f"bytes {start}-{len(body) - 1}/{len(body)}")
        else:
            self._send(HTTPStatus.OK, kind, body)

    def _send(self, status: HTTPStatus, kind: str, body: bytes, content_range: str | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Accept-Ranges", "bytes")
        if content_range:
            self.send_header("Content-Range", content_range)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Print nothing: the demo's own output counts."""


@contextmanager
def running() -> Iterator[Replica]:
    """Serve while the block runs."""
    with Replica() as replica:
        thread = Thread(target=replica.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield replica
        finally:
            replica.shutdown()
            thread.join()
