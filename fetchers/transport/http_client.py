"""The httpx client for listings, records and sessions, on our own transport.

By an `httpx.Client` whose wire is libcurl: one policy and one wire for all that is asked. What the caller sees is the
last answer after all redirects, with a status below 400; everything else is one of our own errors.

Of what the caller sends, only what says nothing of who asks goes on to another origin. Cookies are the line's, never
the client's: httpx would send them to another port.
"""

from __future__ import annotations

import json
import random as chance
import time
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx

from fetchers.errors import AbsentError, AccessError, FetchError, TransferError
from fetchers.transport import retry
from fetchers.transport.credentials import Credential
from fetchers.transport.curl_handle import AGENT, BASE
from fetchers.transport.disposition import refusal, refused
from fetchers.transport.extensions import ONCE, SIGN_IN
from fetchers.transport.http_stream import CurlLoop, HttpStream
from fetchers.transport.redaction import redact
from fetchers.transport.retry import RetryableError, RetryPolicy
from fetchers.transport.url_policy import HEALING, REDIRECTS, REFUSING, next_hop, on_the_wire, origin, rewrite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fetchers.transport.network_session import NetworkSession
    from fetchers.transport.response_head import Head

MOST = 64 << 20  # bytes of an answer that is read at once; longer ones want `client.stream`
_OURS = frozenset({b"host", b"connection", b"accept-encoding", b"content-length", b"transfer-encoding", b"expect"})
_HARMLESS = frozenset({b"accept", b"accept-language", b"user-agent", b"content-type", b"content-language"})
_TO_GET = frozenset({301, 302, 303})
_STREAMED = "streamed"
_ABSENT = frozenset({404, 410})
_REASON = 16 << 10  # bytes of a refusal that are read for its reason


def converse(
    line: NetworkSession,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], object] = time.sleep,
    random: Callable[[], float] = chance.random,
    now: Callable[[], float] = time.time,
) -> httpx.Client:
    """Open a client over `line`; a context manager. It raises `TransferError` and `AccessError`, no other."""
    wire = _Wire(line, CurlLoop(line, clock, sleep), RetryPolicy(line.retries, random), now)
    ours = {"User-Agent": AGENT}
    found = _Client(transport=wire, trust_env=False, follow_redirects=False, timeout=None, headers=ours)
    found.line = line
    return found


def keep_token(client: httpx.Client, prefix: str, token: str) -> None:
    """Send a token that a place gave to all addresses below `prefix`, for the rest of this command."""
    if isinstance(client, _Client) and client.line is not None:
        line = client.line
        line.found.insert(0, Credential(prefix=rewrite(prefix, line.mirrors), token=token))


class _Client(httpx.Client):
    """Tells its wire whether the answer is read at once."""

    line: NetworkSession | None = None

    def send(self, request: httpx.Request, *, stream: bool = False, **more: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own
        request.extensions = {**request.extensions, _STREAMED: stream}
        return super().send(request, stream=stream, **more)


class _Body(httpx.SyncByteStream):
    """An answer that is read as it comes."""

    def __init__(self, exchange: HttpStream, encoding: str) -> None:
        self._exchange = exchange
        self._encoding = encoding

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._exchange.body(self._encoding)
        except RetryableError as passing:
            raise passing.error from None

    def close(self) -> None:
        self._exchange.close()


class _Asked:
    """One question with what it becomes on its way: method, address, headers, body."""

    def __init__(self, request: httpx.Request, line: NetworkSession) -> None:
        self.method = request.method
        self.body = request.read()
        self.url = on_the_wire(rewrite(str(request.url), line.mirrors))
        self.headers = [(name, value) for name, value in request.headers.raw if name.lower() not in _OURS]
        self.hops: tuple[str, ...] = (self.url,)
        self.guarded = False
        self.named: tuple[str, str] | None = request.extensions.get(SIGN_IN)
        self.credential: Credential | None = line.known(self.url) if self.named is None else _person(line, self.url)
        self._line = line

    @property
    def shown(self) -> str:
        return redact(self.url, redirected=len(self.hops) > 1)

    @property
    def address(self) -> str:
        """The address that goes over the wire: with user and password where the place wants them in the query."""
        if self.named is None or self.credential is None:
            return self.url
        secret = urlencode(dict(zip(self.named, (self.credential.user, self.credential.password), strict=True)))
        return f"{self.url}{'&' if '?' in self.url else '?'}{secret}"

    def lines(self) -> list[bytes | str]:
        lines: list[bytes | str] = [*BASE, "Expect:"]
        names = {name.lower() for name, _ in self.headers}
        cookies = [value.decode("latin-1") for name, value in self.headers if name.lower() == b"cookie"]
        agent = self._line.agents.get(origin(self.url)) if self._line.agents else None
        if agent is not None:
            lines.append(f"User-Agent: {agent}")
        for name, value in self.headers:
            if name.lower() != b"cookie" and not (agent is not None and name.lower() == b"user-agent"):
                lines.append(name + b": " + value if value else name + b";")
        sent = self.credential if self.named is None and b"authorization" not in names else None
        if sent is not None and self.url[:3].lower() != "ftp":
            lines += sent.lines()
        kept = self._line.jar.header(self.url)
        if kept is not None:
            cookies.append(kept)
        if cookies:
            lines.append("Cookie: " + "; ".join(cookies))
        if any(b"\n" in one or b"\r" in one for one in lines if isinstance(one, bytes)):
            raise TransferError(f"{self.shown}: a line break in what is sent", hint="correct the source")
        return lines

    def hop(self, head: Head, *, guarded: bool) -> None:
        """Become the request that a redirect leads to."""
        if self.named is not None:
            raise TransferError(
                f"{self.shown}: the sign-in is answered by a redirect, and a secret is not sent on",
                hint="try again later",
            )
        self.guarded = guarded
        target = next_hop(self.url, head.location or "", self.hops, guarded=guarded, mirrors=self._line.mirrors)
        if head.status in _TO_GET and self.method not in ("GET", "HEAD"):
            self.method, self.body = "GET", b""
            self.headers = [one for one in self.headers if not one[0].lower().startswith(b"content-")]
        if origin(target) != origin(self.url):
            if self.body:
                raise TransferError(
                    f"{self.shown}: a redirect would send what was written to another host", hint="try again later"
                )
            self.headers = [one for one in self.headers if one[0].lower() in _HARMLESS]
        self.url = target
        self.hops = (*self.hops, target)
        self.credential = self._line.known(target)


def _person(line: NetworkSession, url: str) -> Credential:
    """Return the user and the password that are kept for an address; raise `AccessError` where none are."""
    for asked in (line.credentials.known, line.credentials.after_refusal):  # the keyring last: it is slow
        found = asked(url)
        if found is not None and found.user is not None:
            return found
    raise AccessError(f"{redact(url)}: no user and password are kept for it", hint=f"fetch login {redact(url)}")


def _with_reason(error: FetchError, head: Head, exchange: HttpStream) -> FetchError:
    """Add to a refusal what the place itself says of it, in a line: which gate is shut stands there alone."""
    said = [head.fields.get("x-error-code", ""), head.fields.get("x-error-message", "")]
    if "json" in head.fields.get("content-type", ""):
        with suppress(FetchError, RetryableError, ValueError):
            body = b"".join(islice(exchange.body(head.encoding), 4))[:_REASON]
            answer = json.loads(body)
            said += [answer.get(key) for key in ("message", "reason", "error", "detail")]
    words = dict.fromkeys(text.strip() for text in said if isinstance(text, str) and text.strip())
    if not words:
        return error
    reason = "".join(sign if sign.isprintable() else " " for sign in "; ".join(words))[:300]
    return type(error)(f"{error.what} ({reason})", hint=error.hint)


class _Wire(httpx.BaseTransport):
    """Answers httpx's questions by libcurl."""

    def __init__(self, line: NetworkSession, board: CurlLoop, waits: RetryPolicy, now: Callable[[], float]) -> None:
        self._line = line
        self._board = board
        self._waits = waits
        self._now = now

    def close(self) -> None:
        self._board.close()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._line.check_open(str(request.url))
        self._line.asked.add(origin(str(request.url)))
        try:
            if request.method not in ("GET", "HEAD") or request.extensions.get(ONCE):
                return self._try(request)
            return self._waits.attempts(self._board.wait)(self._try, request)
        except RetryableError as passing:
            raise passing.error from None

    def _try(self, request: httpx.Request) -> httpx.Response:
        asked = _Asked(request, self._line)
        while True:
            exchange, head = self._ask(asked)
            try:
                settled = self._settled(asked, exchange, head)
            except (FetchError, RetryableError):
                exchange.close()
                raise
            if settled:
                return self._response(request, asked, exchange, head)
            exchange.close()

    def _ask(self, asked: _Asked) -> tuple[HttpStream, Head]:
        key = (origin(asked.url), asked.credential.prefix if asked.credential else "")
        if self._line.refusals.closed(key):
            raise refused(asked.url, None, asked.credential, asked.shown)
        exchange = HttpStream(
            self._board, asked.address, asked.lines(), asked.credential, guarded=asked.guarded, shown=asked.shown
        )
        exchange.method(asked.method, asked.body)
        try:
            head = exchange.head()
        except BaseException:
            exchange.close()
            raise
        if head.status not in REFUSING:
            self._line.refusals.accepted(key)
        return exchange, head

    def _settled(self, asked: _Asked, exchange: HttpStream, head: Head) -> bool:
        """Return True if this is the answer; otherwise `asked` has become the next request."""
        status, line = head.status, self._line
        line.jar.take(asked.url, head.cookies)
        if status in REDIRECTS and head.location is not None:
            asked.hop(head, guarded=asked.guarded or exchange.handle.asks_public(exchange.url))
            return False
        if status in REFUSING:
            end = refusal(line, asked.url, status, asked.credential, asked.shown)
            if end.error is not None:  # what is said of a secret may repeat it
                raise _with_reason(end.error, head, exchange) if asked.named is None else end.error
            asked.credential = end.credential
            return False
        if status in HEALING:
            raise self._healing(asked, head)
        if status in _ABSENT:
            raise AbsentError(f"{asked.shown}: {status}: the place has nothing there", hint="correct the address")
        if status >= 400 or status < 200:  # noqa: PLR2004 - what HTTP calls an error
            raise TransferError(f"{asked.shown}: {status}: the place does not answer that", hint="fetch show NAME")
        return True

    def _healing(self, asked: _Asked, head: Head) -> Exception:
        now = self._now()
        wait = retry.retry_after(head.fields.get("retry-after"), now)
        if wait is not None and wait > retry.LONGEST:
            when = retry.moment(wait, now)
            return TransferError(
                f"{asked.shown}: {head.status}: to be asked again at {when}", hint=f"try again after {when}"
            )
        error = TransferError(f"{asked.shown}: {head.status}: the place cannot answer now", hint="try again later")
        return RetryableError(error, wait)

    def _response(self, request: httpx.Request, asked: _Asked, exchange: HttpStream, head: Head) -> httpx.Response:
        left_out = {"set-cookie", "content-encoding", "transfer-encoding"}
        if head.encoding:
            left_out.add("content-length")
        headers = [pair for pair in head.pairs if pair[0] not in left_out]
        extensions = {"address": asked.shown}
        encoding = head.encoding if asked.method != "HEAD" else ""
        if request.extensions.get(_STREAMED):
            return httpx.Response(head.status, headers=headers, stream=_Body(exchange, encoding), extensions=extensions)
        return httpx.Response(
            head.status, headers=headers, content=self._whole(asked, exchange, encoding), extensions=extensions
        )

    def _whole(self, asked: _Asked, exchange: HttpStream, encoding: str) -> bytes:
        """Read the answer inside the try, so that one that breaks off is asked for again."""
        found = bytearray()
        try:
            for chunk in exchange.body(encoding):
                found += chunk
                if len(found) > MOST:
                    raise TransferError(
                        f"{asked.shown}: the answer is longer than {MOST >> 20} MiB", hint="report it to the archive"
                    )
        finally:
            exchange.close()
        return bytes(found)
