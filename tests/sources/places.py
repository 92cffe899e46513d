"""A place that answers by script: what lies at an address is a value or a function of the query.

with Place({"/list": b"[]", "/series": lambda query: rows_of(query["Collection"])}) as place:
    ... place.url("/list") ...
    assert place.asked == ["/list"]
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

from fetchers.transport.http_client import converse
from fetchers.transport.network_session import NetworkSession

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from fetchers.dataset import Dataset, RemoteFile, Selection
    from fetchers.source import Source

Body = bytes | int | tuple[int, dict[str, str], bytes]  # a number is a status that refuses
Answer = Body | Callable[[dict[str, str]], Body]
DATA = Path(__file__).parent / "data"
PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>"


def recorded(name: str) -> bytes:
    """Return a recorded answer."""
    return (DATA / name).read_bytes()


def rows_of(name: str) -> list[dict[str, object]]:
    """Return the rows of a recorded list."""
    rows = json.loads(recorded(name))
    assert isinstance(rows, list)
    return rows


class Context(ThreadingHTTPServer):
    """One scripted place on loopback; `asked` are the paths with their queries, in order."""

    daemon_threads = True

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = dict(answers)
        self.asked: list[str] = []

    def url(self, path: str = "") -> str:
        """Return the address of a path."""
        return f"http://127.0.0.1:{self.server_address[1]}{path}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Context

    def do_GET(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self.posted = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._answer()

    def _answer(self) -> None:
        path, _, query = self.path.partition("?")
        self.server.asked.append(("" if self.command == "GET" else f"{self.command} ") + self.path)
        found = self.server.answers.get(unquote(path), 404)
        asked = dict(parse_qsl(query, keep_blank_values=True))
        if self.command == "POST":
            asked = json.loads(self.posted)
        body = found(asked) if callable(found) else found
        if isinstance(body, tuple):
            status, headers, content = body
        else:
            status, headers, content = (body, {}, b"") if isinstance(body, int) else (200, {}, body)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if path.endswith("/JSESSION"):
            self.send_header("Set-Cookie", "JSESSIONID=0123456789ABCDEF; Path=/")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


@contextmanager
def running(answers: Mapping[str, Answer]) -> Iterator[Context]:
    """Serve while the block runs."""
    with Context(answers) as place:
        thread = Thread(target=place.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield place
        finally:
            place.shutdown()
            thread.join()


@contextmanager
def conversation(mirrors: Mapping[str, str] | None = None) -> Iterator[httpx.Client]:
    """Open the product's own conversation; it asks once."""
    with converse(NetworkSession(retries=0, mirrors=dict(mirrors or {}))) as client:
        yield client


def read(source: Source, dataset: Dataset, wanted: Selection, client: httpx.Client) -> list[RemoteFile]:
    """Read a listing to its end; raise what it says of the first row that it could not take."""
    found = list(source.files(dataset, wanted, client))
    for _, error in source.refused.named:
        raise error
    return found
