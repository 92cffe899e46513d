"""A question has ended: what follows from that?

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

from fetchers.errors import AccessError, FetchError, TransferError
from fetchers.transport.faults import UNREACHED, closed_bare, fault
from fetchers.transport.policy import BUSY, HEALING, REDIRECTS, REFUSING, next_hop, origin
from fetchers.transport.seat import Mode
from fetchers.transport.secrets import redact

if TYPE_CHECKING:
    from fetchers.transport.answers import Head
    from fetchers.transport.credentials import Credential
    from fetchers.transport.line import Line
    from fetchers.transport.seat import Seat

_BROKEN = frozenset({pycurl.E_RECV_ERROR, pycurl.E_SEND_ERROR, pycurl.E_GOT_NOTHING, pycurl.E_PARTIAL_FILE})
_LATER = "try again later"
LOGIN_DENIED = 530  # what FTP says to a wrong password; to anonymous it says so when too many are there, which passes


class Ending(NamedTuple):
    """What follows. `wait` is what the server asked for, in seconds; `busy` that it wants to be left alone."""

    kind: Literal["done", "hop", "restart", "login", "again", "fail"]
    error: FetchError | None = None
    url: str = ""
    wait: float | None = None
    busy: bool = False
    broken: bool = False
    reached: bool = True
    credential: Credential | None = None


_DONE = Ending(kind="done")


def ending(line: Line, seat: Seat, code: int, message: str, now: float) -> Ending:
    """Decide; `code` and `message` are libcurl's, `now` is seconds since 1970. Raises what is no `FetchError`."""
    try:
        if code == pycurl.E_OK and seat.error is None and seat.mode is Mode.UNKNOWN:
            seat.open()
        if seat.error is not None:
            raise seat.error
        if seat.mode is Mode.FILE and not seat.length_known and closed_bare(code, message):
            return _end_of_file(seat)
        ours = code == pycurl.E_WRITE_ERROR and seat.mode in (Mode.IGNORE, Mode.WRONG)
        if code == pycurl.E_LOGIN_DENIED and seat.credential is not None:
            return refusal(line, seat.url, LOGIN_DENIED, seat.credential, shown(seat))
        if code != pycurl.E_OK and not ours:
            return _broken(seat, code, message)
        return _answered(line, seat, now)
    except FetchError as error:
        return Ending(kind="fail", error=error)


def _answered(line: Line, seat: Seat, now: float) -> Ending:
    if seat.mode is Mode.WRONG:
        return _wrong(seat)
    if seat.mode is Mode.FILE:
        return _end_of_file(seat)
    if seat.head is None:
        return _broken(seat, pycurl.E_GOT_NOTHING, "")
    return _status(line, seat, seat.head, now)


def _broken(seat: Seat, code: int, message: str) -> Ending:
    if seat.handle.blocked:
        code = pycurl.E_ABORTED_BY_CALLBACK
    error, heals = fault(shown(seat), code, message)
    if seat.course.sink.offset:
        error = TransferError(f"{error.what} after {seat.course.sink.offset} bytes", hint=error.hint)
    return Ending(kind="again" if heals else "fail", error=error, broken=code in _BROKEN, reached=code not in UNREACHED)


def _wrong(seat: Seat) -> Ending:
    if seat.course.sink.offset:
        return Ending(kind="restart")
    return Ending(
        kind="again", error=TransferError(f"{shown(seat)}: the answer's head contradicts itself", hint=_LATER)
    )


def _end_of_file(seat: Seat) -> Ending:
    if seat.check_end():
        return _DONE
    if seat.whole is not None and seat.course.sink.offset > seat.whole:
        return Ending(kind="restart")
    sink, promised = seat.course.sink, seat.course.transfer.remote.size
    of = f" of {promised}" if promised is not None else ""
    return Ending(
        kind="again",
        error=TransferError(f"{shown(seat)}: the answer broke off after {sink.offset}{of} bytes", hint=_LATER),
        broken=True,
    )


def _status(line: Line, seat: Seat, head: Head, now: float) -> Ending:
    status = head.status
    line.jar.take(seat.url, head.cookies)
    location = head.location
    if status in REDIRECTS and location is not None:
        seat.guards_next = seat.handle.guarded or seat.handle.asks_public(seat.url)
        target = next_hop(seat.url, location, seat.hops, guarded=seat.guards_next, mirrors=line.mirrors)
        return Ending(kind="hop", url=target)
    if status == 416 and seat.mode is Mode.IGNORE and seat.course.sink.offset:  # noqa: PLR2004 - judged by `ranges`
        seat.length_known = True
        return _DONE if seat.check_end() else Ending(kind="restart")
    if status in REFUSING:
        return refusal(line, seat.url, status, seat.credential, shown(seat))
    if status in HEALING:
        return _healing(seat, head, now)
    raise TransferError(f"{shown(seat)}: {status}: the place does not hand it out", hint="fetch show tells its page")


def refusal(line: Line, url: str, status: int, credential: Credential | None, where: str) -> Ending:
    """401 or 403: note it, and ask again only with something that was not shown yet."""
    line.refusals.refused((origin(url), credential.prefix if credential else ""))
    if credential is None:
        found = line.credentials.after_refusal(url)
        if found is not None:
            line.found.append(found)
            return Ending(kind="login", credential=found)
    return Ending(kind="fail", error=refused(url, status, credential, where))


def refused(url: str, status: int | None, credential: Credential | None, where: str) -> AccessError:
    """Make the error that tells a person what to do. Without a `status` it was not asked: others like it were."""
    host = origin(url)[1]
    if status is None:
        who = "us" if credential is None else f"the credential for {credential.prefix}"
        return AccessError(
            f"{where}: not asked, for the place refuses {who}",
            hint=f"fetch login {host}, or choose what is open with --include",
        )
    if credential is None:
        return AccessError(
            f"{where}: {status}: the place wants to know who asks, and nothing is known for {host}",
            hint=f"fetch login {host}, or see fetch tasks for what must be done first",
        )
    return AccessError(
        f"{where}: {status}: the place refuses the credential for {credential.prefix}",
        hint=f"fetch login {host} for another one, or see fetch tasks for what must be done first",
    )


def _healing(seat: Seat, head: Head, now: float) -> Ending:
    from fetchers.transport import patience  # noqa: PLC0415 - most commands never wait

    status, wait = head.status, patience.retry_after(head.fields.get("retry-after"), now)
    error = TransferError(f"{shown(seat)}: {status}: the place cannot answer now", hint=_LATER)
    if wait is not None and wait > patience.LONGEST:
        when = patience.moment(wait, now)
        error = TransferError(f"{shown(seat)}: {status}: to be asked again at {when}", hint=f"try again after {when}")
        return Ending(kind="fail", error=error, busy=status in BUSY)
    return Ending(kind="again", error=error, wait=wait, busy=status in BUSY)


def shown(seat: Seat) -> str:
    """Give the address that was asked, as it may be shown."""
    return redact(seat.url, redirected=len(seat.hops) > 1)
