"""How is what arrived handed over to be held, while the mover goes on?

Small files are gathered into groups, since the durable end costs about the same for one as for a thousand; their bytes
go into memory that both sides see, so that nothing but their names is sent. Few groups are under way at once: where
the disk is slower than the line, the mover waits for it.
"""

from __future__ import annotations

import os
import time
from collections import deque
from functools import partial
from mmap import mmap
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from fetchers.errors import ContentError, FetchError
from fetchers.storage.partial import SMALL
from fetchers.transport.secrets import redact
from fetchers.verbs.beside import Beside
from fetchers.verbs.entry import proven
from fetchers.verbs.lander import Lander
from fetchers.verbs.manner import Landed, Report, Sent, Sought, Tally
from fetchers.verbs.promise import archive_kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Self

    from fetchers.dataset import RemoteFile
    from fetchers.verbs.manner import Manner
    from fetchers.verbs.place import Place

_GROUP_FILES = 1000
_GROUP_BYTES = 24 << 20
_ROOM = _GROUP_BYTES + SMALL  # bytes of memory for one group
_GROUPS = 2  # one that is gathered, one that is landed
_UNDER_WAY = 4  # pieces of work of any kind
_SOON, _SECONDS = 200, 1.0  # files, or time, after which a group goes where nobody is at work
_SOMETIMES = 16  # files, after each of which it is asked whether somebody is
_What = TypeVar("_What")


class _Handed(NamedTuple):
    """One piece of work under way: whose files they are, and which memory it has."""

    remotes: Sequence[RemoteFile]
    room: int | None


class Landing:
    """Takes what arrived, has it held, and counts. A context manager: leaving it waits for what is under way."""

    def __init__(self, place: Place, manner: Manner) -> None:
        self.tally = Tally()
        self._place = place
        self._manner = manner
        self._group: list[Sent] = []
        self._remotes: list[RemoteFile] = []
        self._end = 0  # of the group's bytes in its memory
        self._since = 0.0
        self._wanted: dict[str, RemoteFile] = {}  # and not written down yet
        self._wanted_since = 0.0
        self._joined: dict[str, list[Landed]] = {}
        self._handed: deque[_Handed] = deque()
        self._memory = memoryview(mmap(-1, _GROUPS * _ROOM))
        self._rooms = list(range(_GROUPS))
        store, stamp = place.store, place.stamp
        self._beside: Beside[Lander, Report] = Beside(
            partial(Lander, store, manner, stamp, self._memory), what="the process that writes to the store"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        try:
            self._flush()
            self._write_down()
            if exception[0] is None:
                self._answers(most=0)
        except FetchError:
            if exception[0] is None:  # else the first error has the word
                raise
        finally:
            self._beside.end()

    def want(self, remotes: Iterable[RemoteFile], *, at_once: bool) -> None:
        """Have it written down what is to be brought: at once, or what has not come a second later."""
        if not self._wanted:
            self._wanted_since = time.monotonic()
        self._wanted.update((remote.path, remote) for remote in remotes)
        if at_once:
            self._write_down()

    def failed(self, failures: Iterable[tuple[RemoteFile, FetchError]]) -> None:
        """Have it written down what did not come, and why."""
        sought = []
        for remote, error in failures:
            self._wanted.pop(remote.path, None)
            sought.append(_sought(remote, error.what))
        if sought:
            self._hand(_Handed((), None), Lander.want, sought)

    def take(self, landed: Landed) -> None:
        """Take one file over from the mover; blocks only where the disk is slower than the line."""
        if landed.remote.joins is not None and self._manner.unpack:
            self._joined.setdefault(landed.remote.joins, []).append(landed)
        elif not proven(landed):
            landed.partial.discard()
            self.tally.again.append(landed.remote)
        elif self.unpacks(landed.remote):
            self._archive([landed])
        else:
            self._add(landed)

    def meanwhile(self) -> None:
        """Let go what has waited for a second: a large file that is under way holds up no small one."""
        ago = time.monotonic() - _SECONDS
        if self._wanted and self._wanted_since <= ago:
            self._write_down()
        self._answers(most=_UNDER_WAY)
        if self._group and self._since <= ago and not self._handed:
            self._flush()

    def wait(self) -> None:
        """Wait until all that was taken over is held or has failed."""
        self._flush()
        self._answers(most=0)

    def finish_joined(self, missing: Callable[[str], bool]) -> None:
        """Put split archives together whose pieces are all here; `missing` says whether one did not come."""
        for name, pieces in self._joined.items():
            pieces.sort(key=lambda landed: landed.remote.path)
            if not missing(name):
                self._archive(pieces)
        self._joined.clear()

    def unpacks(self, remote: RemoteFile) -> bool:
        """Whether it is an archive that does not stay one."""
        return self._manner.unpack and remote.unpack and archive_kind(remote.path) is not None

    def _add(self, landed: Landed) -> None:
        """Put one file into the group."""
        if not self._group:
            while not self._rooms:
                self._answer()
            self._end = self._rooms[0] * _ROOM
            self._since = time.monotonic()
        self._wanted.pop(landed.remote.path, None)
        sink, start = landed.partial, self._end
        if self._behind() and not self._checked(landed):
            return
        if sink.small:
            self._end += sink.offset
            sink.pour(self._memory[start : self._end])
        small = sink.small
        source = (start, self._end) if small else f"{sink.where}/body"
        self._group.append(_parcel(landed, source, "" if small else sink.where))
        self._remotes.append(landed.remote)
        if len(self._group) >= _GROUP_FILES or self._end - self._rooms[0] * _ROOM >= _GROUP_BYTES or self._soon():
            self._flush()

    def _behind(self) -> bool:
        """Whether this side has more time to hash than the other one."""
        return bool(self._handed) and self._end - self._rooms[0] * _ROOM >= _GROUP_BYTES // 2

    def _checked(self, landed: Landed) -> bool:
        """Hash a file where that was left for later; say whether it is the promised one."""
        try:
            if landed.partial.sha256 is None:
                landed.partial.check()
        except ContentError as error:
            self.tally.wrong += 1
            self.tally.failures.append((landed.remote, error))
            return False
        return True

    def _soon(self) -> bool:
        """Whether the group is worth beginning with, and nobody is at work."""
        if len(self._group) < _SOON or len(self._group) % _SOMETIMES:
            return False
        self._answers(most=_UNDER_WAY)
        return not self._handed

    def _write_down(self) -> None:
        if self._wanted:
            sought = [_sought(remote) for remote in self._wanted.values()]
            self._wanted.clear()
            self._hand(_Handed((), None), Lander.want, sought)

    def _flush(self) -> None:
        if self._group:
            group, self._group = self._group, []
            remotes, self._remotes = self._remotes, []
            self._hand(_Handed(remotes, self._rooms.pop(0)), Lander.group, group)

    def _archive(self, pieces: Sequence[Landed]) -> None:
        self._flush()
        for piece in pieces:
            self._wanted.pop(piece.remote.path, None)
        parcels = [_parcel(piece, piece.partial.source, piece.partial.where) for piece in pieces]
        self._hand(_Handed([piece.remote for piece in pieces], None), Lander.archive, parcels)

    def _hand(self, handed: _Handed, work: Callable[[Lander, list[_What]], Report], what: list[_What]) -> None:
        self._answers(most=_UNDER_WAY - 1)
        self._beside.hand(work, what)
        self._handed.append(handed)

    def _answers(self, *, most: int) -> None:
        """Take what came of work that is done, until `most` pieces are under way."""
        while len(self._handed) > most or (self._handed and self._beside.ready()):
            self._answer()

    def _answer(self) -> None:
        remotes, room = self._handed.popleft()
        report = self._beside.answer()
        if room is not None:
            self._rooms.append(room)
        self.tally.files += report.files
        self.tally.bytes += report.bytes
        self.tally.wrong += report.wrong
        self.tally.findings += report.findings
        self.tally.failures += [(remotes[number], error) for number, error in report.failures]
        if report.arrived:
            self._place.progress.advance(files=report.arrived)


def _sought(remote: RemoteFile, message: str | None = None) -> Sought:
    return Sought(remote.path, redact(remote.url), remote.size, remote.checksum, message)


def _parcel(landed: Landed, source: tuple[int, int] | bytes | str | os.PathLike[str], folder: str) -> Sent:
    """Give the fields of a `Parcel`, in their order: a plain tuple costs a third of a named one to send."""
    remote, sink = landed.remote, landed.partial
    return (
        os.fspath(source) if isinstance(source, os.PathLike) else source,
        folder,
        sink.offset,
        sink.sha256,
        landed.url,
        landed.validator,
        landed.length_known,
        remote.path,
        remote.joins,
        remote.into,
        remote.hashes,
        remote.size,
        remote.checksum,
        remote.licence,
        remote.modality,
        remote.series,
        remote.images,
    )
