"""Download many files at once.

    fill    take transfers while there is room: those that wait for their second try first, then new ones
    turn    let libcurl work, see who has ended (`ending`), and who is late (`CurlRequest.late`)
    settle  hop, start again, wait, go on to the next mirror, or hand the outcome over

One thread and libcurl's multi interface. Nothing here sleeps while anything is under way.
"""

from __future__ import annotations

import math
import random as chance
import time
from typing import TYPE_CHECKING

import pycurl

from fetchers.errors import ContentError, FetchError, TransferError
from fetchers.transport import curl_handle
from fetchers.transport.attempts import DownloadState, Outcome, Sink, Transfer, failure
from fetchers.transport.curl_errors import nobody_there
from fetchers.transport.curl_request import CurlRequest, unpause
from fetchers.transport.disposition import Disposition, ending, refused, shown
from fetchers.transport.host_limits import Concurrency, HostLimits
from fetchers.transport.redaction import redact
from fetchers.transport.stall_timeout import floor
from fetchers.transport.url_policy import origin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from fetchers.transport.credentials import Credential
    from fetchers.transport.network_session import NetworkSession
    from fetchers.transport.retry import RetryPolicy

__all__ = ["Downloader", "Outcome", "Sink", "Transfer"]

_WAITING = 64  # files that may wait for a busy host before no new ones are taken
_AWAY = 0.5  # seconds with the caller from which on nobody is blamed for being slow
_DOZE = 0.05


class Downloader:
    """Moves files over one line. `connections` are the most at once per place, `pause` seconds between two starts."""

    def __init__(
        self,
        line: NetworkSession,
        *,
        connections: int | None = None,
        pause: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
        random: Callable[[], float] = chance.random,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._line = line
        self._hosts = HostLimits(connections, pause)
        self._jobs = Concurrency(line.jobs)
        self._clock, self._sleep, self._random, self._now = clock, sleep, random, now
        self._multi = curl_handle.pool(2 * Concurrency.MOST)
        self._active: dict[pycurl.Curl, CurlRequest] = {}
        self._free: dict[bool, list[CurlRequest]] = {False: [], True: []}
        self._parked: list[DownloadState] = []
        self._done: list[Outcome] = []
        self._next_check = 0.0
        self._checked = clock()
        self._patience_: RetryPolicy | None = None
        self._meanwhile: Callable[[], object] = lambda: None

    @property
    def rest(self) -> float:
        """Return for how many seconds a host that was busy still wants to be left alone."""
        return self._hosts.resting(self._clock())

    def run(self, transfers: Iterable[Transfer], meanwhile: Callable[[], object] = lambda: None) -> Iterator[Outcome]:
        """Download `transfers`, taken one by one as there is room; yield each outcome as it comes.

        When the caller leaves, or anything but a `FetchError` is raised, what is under way is kept for a later run.
        `meanwhile` is called about once a second.
        """
        waiting: Iterator[Transfer] | None = iter(transfers)
        self._meanwhile = meanwhile
        self._line.movers.append(self._turn)
        try:
            while True:
                if waiting is not None and not self._fill(waiting):
                    waiting = None
                if waiting is None:
                    self._start_parked()
                if self._done:
                    yield from self._hand_over()
                elif self._active or self._parked:
                    self._turn(self._next_due())
                elif waiting is None:
                    return
        finally:
            self._line.movers.remove(self._turn)
            self._let_go()

    def _hand_over(self) -> Iterator[Outcome]:
        outcomes, self._done = self._done, []
        before = self._clock()
        yield from outcomes
        away = self._clock() - before
        if away > _AWAY:
            for request in self._active.values():
                request.pace.shift(away)

    def _let_go(self) -> None:
        for curl, request in list(self._active.items()):
            self._multi.remove_handle(curl)
            self._leave(request)
            request.course.sink.keep()
        for course in self._parked:
            course.sink.keep()
        self._parked.clear()

    # --- fill

    def _fill(self, waiting: Iterator[Transfer]) -> bool:
        """Start what there is room for; say whether there may be more to take."""
        if self._parked:
            self._start_parked()
        while len(self._active) < self._jobs.now and len(self._parked) < _WAITING and not self._done:
            transfer = next(waiting, None)
            if transfer is None:
                return False
            try:
                self._line.check_open(transfer.remote.url)
                course = DownloadState(transfer, self._line.mirrors)
                course.credential = self._line.known(course.url)
            except FetchError as error:
                self._out(transfer, error)
                continue
            if not self._try_to_start(course):
                self._parked.append(course)
        return True

    def _start_parked(self) -> None:
        now = self._clock()
        for course in list(self._parked):
            if len(self._active) >= self._jobs.now:
                return
            if course.due <= now and self._try_to_start(course):
                self._parked.remove(course)

    def _try_to_start(self, course: DownloadState) -> bool:
        """Start `course` if its place may be asked now; what was refused twice is not asked again."""
        now = self._clock()
        if self._hosts.wait(course.key, now) > 0:
            return False
        key = (course.key, course.credential.prefix if course.credential else "")
        refusals = self._line.refusals
        if self._hosts.gone(course.key):
            self._fail(course, nobody_there(redact(course.url)))
            return True
        if refusals.closed(key):
            self._out(course.transfer, refused(course.url, None, course.credential, redact(course.url)))
            return True
        if not refusals.may_ask(key):
            return False
        self._hosts.start(course.key, now)
        self._ask(self._request(guarded=False), course, course.url, (course.url,), course.credential)
        return True

    def _request(self, *, guarded: bool) -> CurlRequest:
        free = self._free[guarded]
        return free.pop() if free else CurlRequest(self._line, guarded=guarded)

    def _ask(
        self,
        request: CurlRequest,
        course: DownloadState,
        url: str,
        hops: tuple[str, ...],
        credential: Credential | None,
    ) -> None:
        request.ask(course, url, hops, credential, self._clock())
        self._line.refusals.asked(request.refusal)
        self._active[request.handle.curl] = request
        self._multi.add_handle(request.handle.curl)

    # --- turn

    def _next_due(self) -> float:
        """Return the seconds until a waiting file may start, as far as that is known."""
        if not self._parked or len(self._active) >= self._jobs.now:
            return 1.0
        now = self._clock()
        soonest = min(max(course.due - now, self._hosts.wait(course.key, now)) for course in self._parked)
        return min(1.0, _DOZE if soonest <= 0 else soonest) if soonest < math.inf else 1.0

    def _turn(self, wait: float = 0.0) -> None:
        """Run libcurl and settle what has ended; wait for something to happen, `wait` seconds at most."""
        if not self._active:
            self._sleep(wait)
            return
        self._multi.perform()
        if not self._settle_ended():
            throttle = self._line.throttle
            if throttle is not None:
                waits = unpause(throttle, self._active.values())
                wait = min(wait, max(throttle.wait(), 0.001)) if waits else wait
            if self._multi.select(min(wait, self._line.timeout / 8)) < 0:
                self._sleep(min(wait, 0.005))
        if (now := self._clock()) >= self._next_check:
            self._next_check = now + min(1.0, self._line.timeout / 8)
            self._look_for_late(now)
            self._meanwhile()

    def _settle_ended(self) -> bool:
        ended = False
        while True:
            more, well, badly = self._multi.info_read()
            for curl in well:
                self._ended(self._active[curl], pycurl.E_OK, "")
            for curl, code, message in badly:
                self._ended(self._active[curl], code, message)
            ended = ended or bool(well or badly)
            if not more:
                return ended

    def _look_for_late(self, now: float) -> None:
        least, timeout = floor(self._line, len(self._active)), self._line.timeout
        for curl, request in list(self._active.items()):
            if request.paused:
                request.pace.shift(now - self._checked)  # we are the ones who brake
                continue
            error = request.pace.late(curl, request.received, now, timeout=timeout, least=least, shown=shown(request))
            if error is not None:
                self._multi.remove_handle(curl)
                self._leave(request)
                self._settle(request, Disposition(kind="again", error=error))
        self._checked = now

    # --- settle

    def _ended(self, request: CurlRequest, code: int, message: str) -> None:
        self._multi.remove_handle(request.handle.curl)
        try:
            end = ending(self._line, request, code, message, self._now())
        except BaseException:
            request.course.sink.keep()
            raise
        finally:
            self._leave(request)
        self._settle(request, end)

    def _leave(self, request: CurlRequest) -> None:
        del self._active[request.handle.curl]
        self._line.refusals.ended(request.refusal)
        self._free[request.handle.guarded].append(request)
        self._hosts.end(request.course.key)

    def _settle(self, request: CurlRequest, end: Disposition) -> None:
        course = request.course
        if end.busy or end.broken:
            self._jobs.trouble()
        if end.reached:
            self._hosts.answered(request.refusal[0])
        if end.kind == "done":
            self._jobs.came(request.received)
            self._out(course.transfer, None, request)
        elif end.kind == "hop":
            self._hop(request, end.url)
        elif end.kind == "login":
            course.credential = end.credential
            self._at_once(course)
        elif end.kind == "restart":
            course.resumable = False
            self._at_once(course)
        elif end.kind == "again" and end.error is not None:
            self._again(request, end.error, end)
        elif end.error is not None:
            self._fail(course, end.error)

    def _at_once(self, course: DownloadState) -> None:
        course.due = 0.0
        self._parked.insert(0, course)

    def _hop(self, request: CurlRequest, url: str) -> None:
        course, line = request.course, self._line
        try:
            credential = line.known(url)
            key = (origin(url), credential.prefix if credential else "")
            if self._hosts.gone(key[0]):
                raise nobody_there(redact(url, redirected=True))
            if line.refusals.closed(key):
                raise refused(url, None, credential, redact(url, redirected=True))
        except FetchError as error:
            self._fail(course, error)
            return
        guarded = request.handle.guarded or request.guards_next
        self._hosts.start(course.key, self._clock())
        self._ask(self._request(guarded=guarded), course, url, (*request.hops, url), credential)

    def _again(self, request: CurlRequest, error: FetchError, end: Disposition) -> None:
        from fetchers.transport.retry import FRUIT, RetryPolicy

        course = request.course
        retry_policy = self._patience_ = self._patience_ or RetryPolicy(self._line.retries, self._random)
        offset = course.sink.offset
        course.fruitless = 0 if offset - course.high >= FRUIT else course.fruitless + 1
        course.high = max(course.high, offset)
        if retry_policy.over(course.fruitless):
            if not end.reached:
                self._hosts.give_up(request.refusal[0])
            self._fail(course, error)
            return
        course.sink.keep()
        course.due = self._clock() + retry_policy.delay(course.fruitless, end.wait)
        if end.busy:
            self._hosts.rest(course.key, course.due)
        self._parked.append(course)

    def _fail(self, course: DownloadState, error: FetchError) -> None:
        """Switch to the file's next mirror if another server may do better, else give up."""
        try:
            if isinstance(error, (TransferError, ContentError)) and course.next_address():
                course.failed = (*course.failed, error.what)
                course.credential = self._line.known(course.url)
                self._at_once(course)
                return
        except FetchError as fault:
            error = fault
        if course.failed:  # each address is told with its own reason, never the last one's alone
            error = type(error)("; ".join((*course.failed, error.what)), hint=error.hint)
        self._out(course.transfer, error)

    def _out(self, transfer: Transfer, error: FetchError | None, request: CurlRequest | None = None) -> None:
        if error is not None:
            transfer.sink.keep()
        self._done.append(request.outcome() if request is not None else failure(transfer, error))
