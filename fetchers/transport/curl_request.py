"""One HTTP or FTP request in flight: a reusable libcurl handle and its callbacks.

A `CurlRequest` is used for one request after the other, with the three callbacks that libcurl calls. The head is
judged when the first byte of the body is there; nothing reaches the sink before that.
"""

from __future__ import annotations

from contextlib import suppress
from enum import Enum, auto
from typing import TYPE_CHECKING

import pycurl

from fetchers.errors import ContentError
from fetchers.transport import range_requests, response_head
from fetchers.transport.attempts import Outcome
from fetchers.transport.content_encoding import ContentDecoder, as_it_comes
from fetchers.transport.curl_handle import BASE, Handle
from fetchers.transport.redaction import redact
from fetchers.transport.stall_timeout import StallTimeout
from fetchers.transport.url_policy import REFUSING, origin

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fetchers.transport.attempts import DownloadState
    from fetchers.transport.auth_lockout import Key
    from fetchers.transport.credentials import Credential
    from fetchers.transport.network_session import NetworkSession
    from fetchers.transport.rate_limit import RateLimit

_OK = (200, 203)
_PARTIAL, _UNSATISFIABLE = 206, 416
_IGNORED = 1 << 20  # bytes of an error page that are read to keep the connection


def unpause(throttle: RateLimit, requests: Iterable[CurlRequest]) -> bool:
    """Resume those of `requests` that are paused when the limit allows; return True if some still wait."""
    waiting = False
    paused = [request for request in requests if request.paused]
    for request in sorted(
        paused, key=lambda request: request.received
    ):  # who has least comes first, or some would starve
        if throttle.wait() > 0:
            return True
        request.paused = False
        # What it held back comes at once, in here; what `_take` thinks of that is told when the transfer has ended.
        with suppress(pycurl.error):
            request.handle.curl.pause(pycurl.PAUSE_CONT)
        waiting = waiting or request.paused
    return waiting


class Mode(Enum):
    """What is done with the body."""

    UNKNOWN = auto()
    FILE = auto()
    IGNORE = auto()
    WRONG = auto()  # it cannot be built upon: ask for the whole


class CurlRequest:
    """One question under way."""

    __slots__ = ("_decoder", "_line", "_offset", "_promised", "_sink", "course", "credential", "error", "ftp",
                 "guards_next", "handle", "head", "hops", "length_known", "lines", "mode", "pace", "paused",
                 "received", "refusal", "trusted", "url", "validator", "whole")  # fmt: skip

    def __init__(self, line: NetworkSession, *, guarded: bool) -> None:
        self._line = line
        self.handle = Handle(line, guarded=guarded)
        self.lines: list[bytes] = []
        self.handle.curl.setopt(pycurl.HEADERFUNCTION, self.lines.append)
        self.handle.curl.setopt(pycurl.WRITEFUNCTION, self._take)

    def ask(
        self, course: DownloadState, url: str, hops: tuple[str, ...], credential: Credential | None, now: float
    ) -> None:
        """Prepare the request for `url`, which `hops` led to."""
        self.course, self.url, self.hops, self.credential = course, url, hops, credential
        # Politeness counts the address that was asked for; who we are, the one that is asked now.
        self.refusal: Key = (origin(url) if len(hops) > 1 else course.key, credential.prefix if credential else "")
        self.error: BaseException | None = None
        self.head: response_head.Head | None = None
        self._decoder: ContentDecoder | None = None
        self.mode = Mode.UNKNOWN
        self.paused = self.trusted = self.length_known = self.guards_next = False
        self.received = 0
        self.whole: int | None = None  # bytes of the file, as this answer has them
        self.ftp = url[:3].lower() == "ftp"
        self.pace = StallTimeout(now)
        self.lines.clear()
        self._sink = sink = course.sink
        self._promised = course.transfer.remote.size
        if sink.offset and not (course.resumable and sink.validator):
            sink.restart()
        self._offset = sink.offset
        self.validator = sink.validator if self._offset else None
        self.handle.aim(url, self._headers(), credential, self._offset)

    def _headers(self) -> tuple[str, ...]:
        cookies = self._line.jar.header(self.url)
        if self._offset == 0 and cookies is None and self.credential is None and not self._line.agents:
            return BASE
        headers = [*BASE]
        if not self.ftp and (agent := self._line.agents.get(origin(self.url))):
            headers.append(f"User-Agent: {agent}")
        if not self.ftp and self.credential is not None:
            headers += self.credential.lines()
        if cookies is not None:
            headers.append(f"Cookie: {cookies}")
        if self._offset and not self.ftp:
            headers += [f"Range: bytes={self._offset}-", f"If-Range: {self.validator}"]
        return tuple(headers)

    # --- callbacks of libcurl: what they raise is kept, for libcurl cannot pass it on in every version

    def _take(self, data: bytes) -> int | None:
        try:
            if self.mode is Mode.UNKNOWN:
                self.open()
            if self.mode is not Mode.FILE:
                self.received += len(data)
                return None if self.mode is Mode.IGNORE and self.received <= _IGNORED else 0
            throttle = self._line.throttle
            if throttle is not None:
                if throttle.wait() > 0:
                    self.paused = True
                    return pycurl.WRITEFUNC_PAUSE
                throttle.spend(len(data))
            self.received += len(data)
            if self._decoder is None:
                self._write(data)
            else:
                for piece in self._decoder.decode(data):
                    self._write(piece)
        except BaseException as error:  # noqa: BLE001 - raised again by the loop
            self.error = error
            return 0
        return None

    def _write(self, data: bytes) -> None:
        sink = self._sink
        if self._promised is not None and sink.offset + len(data) > self._promised:
            raise ContentError(
                f"{self._path}: more than the promised {self._promised} bytes arrive",
                hint="the place may have a new version: fetch show NAME",
            )
        sink.write(data)

    # --- the head

    def open(self) -> None:
        """Judge the head and tell the sink; raises what ends the transfer."""
        if self.ftp and not any(line.startswith(b"HTTP/") for line in self.lines):
            self._open_ftp()
            return
        self.head = head = response_head.head(self.lines)
        if head.status not in REFUSING:
            self.accept()
        if head.length == -1 or self.mode is Mode.WRONG:
            self.mode = Mode.WRONG
        elif self._offset:
            self._open_resumed(head)
        elif head.status in _OK:
            self._begin(head)
        else:
            self.mode = Mode.WRONG if head.status == _PARTIAL else Mode.IGNORE

    def accept(self) -> None:
        """Note that the place does not refuse who we are."""
        if not self.trusted:
            self.trusted = True
            self._line.refusals.accepted(self.refusal)

    def _open_resumed(self, head: response_head.Head) -> None:
        if head.encoding and head.status == _PARTIAL:
            self.mode = Mode.WRONG
            return
        if head.status not in (*_OK, _PARTIAL, _UNSATISFIABLE):
            self.mode = Mode.IGNORE
            return
        total = self._sink.total if self.course.total is None else self.course.total
        verdict = range_requests.decide(head.status, head.fields, offset=self._offset, held=self.validator, total=total)
        if verdict == "fresh":
            self._begin(head)
        elif verdict == "append":
            span = range_requests.content_range(head.fields.get("content-range"))
            self.whole = span[2] if span else None
            self.length_known = True
            self.mode = Mode.FILE
        else:
            self.mode = Mode.IGNORE if verdict == "done" else Mode.WRONG

    def _begin(self, head: response_head.Head) -> None:
        total, known = head.length, head.length is not None or head.chunked
        validator = range_requests.validator(head.fields)
        if head.encoding:
            validator = None
            if not as_it_comes(head.encoding, self._path):
                self._decoder, total, known = ContentDecoder(head.encoding, self._shown), None, True
        self._fresh(validator, total, known=known)

    def _open_ftp(self) -> None:
        self.accept()
        total, changed = response_head.ftp_facts(self.lines)
        validator = f"ftp {changed} {total}" if changed is not None and total is not None else None
        if self._offset and validator == self.validator:
            self.whole, self.length_known = total, True
            self.mode = Mode.FILE
        elif self._offset:
            self.mode = Mode.WRONG
        else:
            self._fresh(validator, total, known=total is not None)

    def _fresh(self, validator: str | None, total: int | None, *, known: bool) -> None:
        promised = self._promised
        if total is not None and promised is not None and total > promised:
            raise ContentError(
                f"{self._path}: {total} bytes are offered, {promised} were promised",
                hint="the place may have a new version: fetch show NAME",
            )
        sink = self._sink
        if sink.offset:
            sink.restart()
        self.length_known, self.validator, self.whole = known, validator, total
        if total is not None:
            self.course.total = total
        sink.note(validator, total)
        self.mode = Mode.FILE

    # --- the end

    def check_end(self) -> bool:
        """Return True if all is here; what came too short without a proof of its end is to be asked again.

        Raises `ContentError` where the server's whole file is not the promised one.
        """
        if self._decoder is not None and not self._decoder.ended:
            return False
        if self.whole is not None and self._sink.offset != self.whole:
            return False
        sink, promised = self._sink, self._promised
        short = promised is not None and sink.offset < promised
        if short and not self.length_known:
            return False
        sink.finish()  # first: that a page came in place of the file says more than its size
        if short:
            raise ContentError(
                f"{self._path}: {sink.offset} bytes arrived, {promised} were promised",
                hint="the place may have a new version: fetch show NAME",
            )
        return True

    def outcome(self) -> Outcome:
        """Return what arrived."""
        return Outcome(
            self.course.transfer,
            None,
            self._sink.offset,
            self.validator,
            self._shown,
            self.head.fields.get("content-type") if self.head is not None else None,
            self.length_known,
        )

    @property
    def _shown(self) -> str:
        return redact(self.url, redirected=len(self.hops) > 1)

    @property
    def _path(self) -> str:
        return self.course.transfer.remote.path
