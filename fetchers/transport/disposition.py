"""Decide what follows when a request has ended: done, redirect, restart, authenticate, retry or fail.

done      the file is here
hop       a redirect is followed
restart   what is held cannot be built upon: the whole is asked for, once
login     the keyring knows more than was shown: ask with that
again     it may heal: after a while
fail      it will not heal
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import pycurl

from fetchers.errors import AbsentError, AccessError, FetchError, TransferError
from fetchers.transport.curl_errors import UNREACHED, closed_bare, fault
from fetchers.transport.curl_request import Mode
from fetchers.transport.redaction import redact
from fetchers.transport.url_policy import BUSY, HEALING, REDIRECTS, REFUSING, next_hop, origin

if TYPE_CHECKING:
    from fetchers.transport.credentials import Credential
    from fetchers.transport.curl_request import CurlRequest
    from fetchers.transport.network_session import NetworkSession
    from fetchers.transport.response_head import Head

_BROKEN = frozenset({pycurl.E_RECV_ERROR, pycurl.E_SEND_ERROR, pycurl.E_GOT_NOTHING, pycurl.E_PARTIAL_FILE})
_LATER = "try again later"
_ABSENT = frozenset({404, 410})
LOGIN_DENIED = 530  # what FTP says to a wrong password; to anonymous it says so when too many are there, which passes


class Disposition(NamedTuple):
    """What follows. `wait` is what the server asked for, in seconds; `busy` that it wants to be left alone."""

    kind: Literal["done", "hop", "restart", "login", "again", "fail"]
    error: FetchError | None = None
    url: str = ""
    wait: float | None = None
    busy: bool = False
    broken: bool = False
    reached: bool = True
    credential: Credential | None = None


_DONE = Disposition(kind="done")


def ending(line: NetworkSession, request: CurlRequest, code: int, message: str, now: float) -> Disposition:
    """Decide; `code` and `message` are libcurl's, `now` is seconds since 1970. Raises what is no `FetchError`."""
    try:
        if code == pycurl.E_OK and request.error is None and request.mode is Mode.UNKNOWN:
            request.open()
        if request.error is not None:
            raise request.error
        if request.mode is Mode.FILE and not request.length_known and closed_bare(code, message):
            return _end_of_file(request)
        ours = code == pycurl.E_WRITE_ERROR and request.mode in (Mode.IGNORE, Mode.WRONG)
        if code == pycurl.E_LOGIN_DENIED and request.credential is not None:
            return refusal(line, request.url, LOGIN_DENIED, request.credential, shown(request))
        if code != pycurl.E_OK and not ours:
            return _broken(request, code, message)
        return _answered(line, request, now)
    except FetchError as error:
        return Disposition(kind="fail", error=error)


def _answered(line: NetworkSession, request: CurlRequest, now: float) -> Disposition:
    if request.mode is Mode.WRONG:
        return _wrong(request)
    if request.mode is Mode.FILE:
        return _end_of_file(request)
    if request.head is None:
        return _broken(request, pycurl.E_GOT_NOTHING, "")
    return _status(line, request, request.head, now)


def _broken(request: CurlRequest, code: int, message: str) -> Disposition:
    if request.handle.blocked:
        code = pycurl.E_ABORTED_BY_CALLBACK
    error, heals = fault(shown(request), code, message, request.handle.proxy)
    if request.course.sink.offset:
        error = TransferError(f"{error.what} after {request.course.sink.offset} bytes", hint=error.hint)
    return Disposition(
        kind="again" if heals else "fail", error=error, broken=code in _BROKEN, reached=code not in UNREACHED
    )


def _wrong(request: CurlRequest) -> Disposition:
    if request.course.sink.offset:
        return Disposition(kind="restart")
    return Disposition(
        kind="again", error=TransferError(f"{shown(request)}: the answer's head contradicts itself", hint=_LATER)
    )


def _end_of_file(request: CurlRequest) -> Disposition:
    if request.check_end():
        return _DONE
    if request.whole is not None and request.course.sink.offset > request.whole:
        return Disposition(kind="restart")
    sink, promised = request.course.sink, request.course.transfer.remote.size
    of = f" of {promised}" if promised is not None else ""
    return Disposition(
        kind="again",
        error=TransferError(f"{shown(request)}: the answer broke off after {sink.offset}{of} bytes", hint=_LATER),
        broken=True,
    )


def _status(line: NetworkSession, request: CurlRequest, head: Head, now: float) -> Disposition:
    status = head.status
    line.jar.take(request.url, head.cookies)
    location = head.location
    if status in REDIRECTS and location is not None:
        request.guards_next = request.handle.guarded or request.handle.asks_public(request.url)
        target = next_hop(request.url, location, request.hops, guarded=request.guards_next, mirrors=line.mirrors)
        return Disposition(kind="hop", url=target)
    if status == 416 and request.mode is Mode.IGNORE and request.course.sink.offset:  # noqa: PLR2004 - judged by `ranges`
        request.length_known = True
        return _DONE if request.check_end() else Disposition(kind="restart")
    if status in REFUSING:
        return refusal(line, request.url, status, request.credential, shown(request))
    if status in HEALING:
        return _healing(request, head, now)
    kind = AbsentError if status in _ABSENT else TransferError
    raise kind(f"{shown(request)}: not found there ({status})", hint="fetch show NAME")


def refusal(line: NetworkSession, url: str, status: int, credential: Credential | None, where: str) -> Disposition:
    """401 or 403: note it, and ask again only with something that was not shown yet."""
    line.refusals.refused((origin(url), credential.prefix if credential else ""))
    if credential is None:
        found = line.credentials.after_refusal(url)
        if found is not None:
            line.found.append(found)
            return Disposition(kind="login", credential=found)
    return Disposition(kind="fail", error=refused(url, status, credential, where))


def refused(url: str, status: int | None, credential: Credential | None, where: str) -> AccessError:
    """Make the error that tells a person what to do. Without a `status` it was not asked: others like it were."""
    host = origin(url)[1]
    if status is None:
        who = "us" if credential is None else f"the credential for {credential.prefix}"
        return AccessError(
            f"{where}: not requested, because the server refuses {who}",
            hint=f"fetch login {host}   (or choose what is open with --include)",
        )
    if credential is None:
        return AccessError(
            f"{where}: {status}: authentication required; no credential is stored for {host}",
            hint=f"fetch login {host}   (what must be done first: fetch tasks NAME)",
        )
    return AccessError(
        f"{where}: {status}: the server refuses the credential for {credential.prefix}",
        hint=f"fetch login {host}   (another credential; what must be done first: fetch tasks NAME)",
    )


def _healing(request: CurlRequest, head: Head, now: float) -> Disposition:
    from fetchers.transport import retry

    status, wait = head.status, retry.retry_after(head.fields.get("retry-after"), now)
    error = TransferError(f"{shown(request)}: {status}: the place cannot answer now", hint=_LATER)
    if wait is not None and wait > retry.LONGEST:
        when = retry.moment(wait, now)
        error = TransferError(
            f"{shown(request)}: {status}: to be asked again at {when}", hint=f"try again after {when}"
        )
        return Disposition(kind="fail", error=error, busy=status in BUSY)
    return Disposition(kind="again", error=error, wait=wait, busy=status in BUSY)


def shown(request: CurlRequest) -> str:
    """Return the address that was asked, as it may be shown."""
    return redact(request.url, redirected=len(request.hops) > 1)
