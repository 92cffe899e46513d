"""Send one request of the client through libcurl, and stream its response.

Who reads pulls: libcurl works while somebody waits for the head or for the next bytes, and is paused where they are
not wanted yet. While it waits, the downloads of the same session go on.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import pycurl

from fetchers.errors import TransferError
from fetchers.transport import curl_handle, response_head
from fetchers.transport.content_encoding import ContentDecoder
from fetchers.transport.curl_errors import fault
from fetchers.transport.disposition import LOGIN_DENIED, refused
from fetchers.transport.retry import RetryableError
from fetchers.transport.stall_timeout import StallTimeout, floor
from fetchers.transport.url_policy import origin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from fetchers.transport.credentials import Credential
    from fetchers.transport.network_session import NetworkSession
    from fetchers.transport.response_head import Head

_AHEAD = 1 << 20  # bytes that may lie here unread
_CONNECTIONS = 8
_DOZE = 0.01


class CurlLoop:
    """The requests of one client that are in flight, and the connections that they share."""

    def __init__(self, line: NetworkSession, clock: Callable[[], float], sleep: Callable[[float], object]) -> None:
        self.line = line
        self.clock = clock
        self._sleep = sleep
        self.multi = curl_handle.pool(_CONNECTIONS)
        self._open: dict[pycurl.Curl, HttpStream] = {}

    def close(self) -> None:
        """Break off what is under way."""
        for exchange in list(self._open.values()):
            exchange.close()
        self.multi.close()

    def add(self, exchange: HttpStream) -> None:
        """Start the request."""
        self._open[exchange.handle.curl] = exchange
        self.multi.add_handle(exchange.handle.curl)

    def remove(self, exchange: HttpStream) -> None:
        """Take it away, ended or not; its connection stays if it is whole."""
        if self._open.pop(exchange.handle.curl, None) is not None:
            self.multi.remove_handle(exchange.handle.curl)

    def turn(self) -> None:
        """Run libcurl once and wait for more to happen."""
        self.multi.perform()
        more = 1
        while more:
            more, well, badly = self.multi.info_read()
            for curl in well:
                self._open[curl].ended(pycurl.E_OK, "")
            for curl, code, message in badly:
                self._open[curl].ended(code, message)
            if well or badly:
                return
        for downloader in self.line.movers:
            downloader()
        if any(one.has_chunks() for one in self._open.values()):
            return  # what came is to be read first: libcurl is paused, so nothing more would happen
        if self.multi.select(_DOZE if self.line.movers else min(0.25, self.line.timeout / 8)) < 0:
            self._sleep(_DOZE / 2)

    def wait(self, seconds: float) -> None:
        """Wait, but let the transfers on this line go on."""
        until = self.clock() + seconds
        while self.line.movers and (left := until - self.clock()) > 0:
            for downloader in self.line.movers:
                downloader()
            self._sleep(min(_DOZE, left))
        if (left := until - self.clock()) > 0:
            self._sleep(left)


class HttpStream:
    """One question and its answer."""

    def __init__(
        self,
        board: CurlLoop,
        url: str,
        headers: Sequence[bytes | str],
        credential: Credential | None,
        *,
        guarded: bool,
        shown: str,
    ) -> None:
        self._board = board
        self.url = url
        self.shown = shown
        self._credential = credential
        self.handle = curl_handle.Handle(board.line, guarded=guarded)
        self.handle.aim(url, headers, credential, 0)
        self._lines: list[bytes] = []
        self._chunks: deque[bytes] = deque()
        self._waiting = 0
        self._paused = False
        self._begun = False
        self._over = False
        self._fault: tuple[int, str] | None = None
        self._received = 0
        self._pace = StallTimeout(board.clock())
        curl = self.handle.curl
        curl.setopt(pycurl.HEADERFUNCTION, self._lines.append)
        curl.setopt(pycurl.WRITEFUNCTION, self._take)

    def method(self, name: str, body: bytes) -> None:
        """Set the method and body of the request."""
        curl = self.handle.curl
        if name == "HEAD":
            curl.setopt(pycurl.NOBODY, 1)
        elif name != "GET" or body:
            curl.setopt(pycurl.POST, 1)
            curl.setopt(pycurl.POSTFIELDS, body)
            curl.setopt(pycurl.CUSTOMREQUEST, name)

    def head(self) -> Head:
        """Ask, and wait for the head; raise `RetryableError` or `TransferError`."""
        self._board.add(self)
        while not (self._begun or self._over):
            self._work()
        if not self._begun and self._fault is not None:
            self._raise(*self._fault)
        if not any(line.startswith(b"HTTP/") for line in self._lines):
            return response_head.Head(status=200, fields={}, pairs=(), length=None)  # FTP has none
        found = response_head.head(self._lines)
        if found.length == -1:
            self.close()
            raise RetryableError(
                TransferError(f"{self.shown}: the answer's head contradicts itself", hint="try again later")
            )
        return found

    def body(self, encoding: str) -> Iterator[bytes]:
        """Yield the decoded body; raise `RetryableError` where it breaks off."""
        decoder = ContentDecoder(encoding, self.shown) if encoding else None
        for chunk in self._raw():
            if decoder is None:
                yield chunk
            else:
                yield from decoder.decode(chunk)
        if decoder is not None and not decoder.ended and self._received:
            raise RetryableError(TransferError(f"{self.shown}: the answer broke off", hint="try again later"))

    def has_chunks(self) -> bool:
        """Return True if something came that nobody has read yet."""
        return bool(self._chunks)

    def ended(self, code: int, message: str) -> None:
        """Libcurl is through with it."""
        self._over = True
        self._fault = None if code == pycurl.E_OK else (code, message)
        self._board.remove(self)

    def close(self) -> None:
        """Break it off."""
        self._over = True
        self._board.remove(self)

    def _raw(self) -> Iterator[bytes]:
        left = self._board.clock()
        while True:
            while self._chunks:
                chunk = self._chunks.popleft()
                self._waiting -= len(chunk)
                yield chunk
            if self._over:
                break
            now = self._board.clock()
            self._pace.shift(now - left)  # the reader was away
            if self._paused:
                self._paused = False
                self.handle.curl.pause(pycurl.PAUSE_CONT)
            while not (self._chunks or self._over):
                self._work()
            left = self._board.clock()
        if self._fault is not None:
            self._raise(*self._fault)

    def _work(self) -> None:
        board = self._board
        board.turn()
        throttle = board.line.throttle
        if throttle is not None and throttle.wait() > 0:
            board.wait(throttle.wait())
        if self._over:
            return
        late = self._pace.late(
            self.handle.curl,
            self._received,
            board.clock(),
            timeout=board.line.timeout,
            least=floor(board.line, 1),
            shown=self.shown,
        )
        if late is not None:
            self.close()
            raise RetryableError(late)

    def _take(self, data: bytes) -> int | None:
        if self._waiting >= _AHEAD:
            self._paused = True
            return pycurl.WRITEFUNC_PAUSE
        self._begun = True
        self._received += len(data)
        self._waiting += len(data)
        self._chunks.append(data)
        if self._board.line.throttle is not None:
            self._board.line.throttle.spend(len(data))
        return None

    def _raise(self, code: int, message: str) -> None:
        if code == pycurl.E_LOGIN_DENIED and self._credential is not None:
            self._board.line.refusals.refused((origin(self.url), self._credential.prefix))
            raise refused(self.url, LOGIN_DENIED, self._credential, self.shown)
        code = pycurl.E_ABORTED_BY_CALLBACK if self.handle.blocked else code
        error, heals = fault(self.shown, code, message, self.handle.proxy)
        if heals:
            raise RetryableError(error)
        raise error
