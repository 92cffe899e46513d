"""Hand downloaded files to the process that publishes them, in groups, while the download goes on.

Small files are gathered into groups, since the durable end costs about the same for one as for a thousand; their bytes
go into memory that both sides see, so that nothing but their names is sent. Few groups are under way at once: where
the disk is slower than the line, the downloader waits for it.
"""

from __future__ import annotations

import os
import time
from collections import deque
from functools import partial
from mmap import mmap
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from fetchers.acquire.archives import in_order, is_archive, last_of_split, whole_of
from fetchers.acquire.ingest import Ingest
from fetchers.acquire.messages import Downloaded, IngestResult, PendingFile, Sent, Totals
from fetchers.acquire.wholeness import cut_off, ending, found_cut, unpromised
from fetchers.errors import ContentError, FetchError
from fetchers.inspection.private_copies import only_read
from fetchers.storage.partial.partial import SMALL
from fetchers.storage.share import refuse_strangers
from fetchers.transport.redaction import redact
from fetchers.workers.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Self

    from fetchers.acquire.ingest import OpenRecord
    from fetchers.acquire.messages import StoreOptions
    from fetchers.checks.formats.ending import Ending
    from fetchers.context import Context
    from fetchers.dataset import RemoteFile

_GROUP_FILES = 1000
_GROUP_BYTES = 24 << 20
_ROOM = _GROUP_BYTES + SMALL  # bytes of memory for one group
_GROUPS = 2  # one that is gathered, one that is landed
_UNDER_WAY = 4  # pieces of work of any kind
_SOON, _SECONDS = 200, 1.0  # files, or time, after which a group goes where nobody is at work
_SOMETIMES = 16  # files, after each of which it is asked whether somebody is
_SAID = 3  # reasons of one remote file that are written down
_What = TypeVar("_What")


class _Handed(NamedTuple):
    """One piece of work under way: whose files they are, and which memory it has."""

    remotes: Sequence[RemoteFile]
    room: int | None


class Batch:
    """Takes what arrived, has it held, and counts. A context manager: leaving it waits for what is under way."""

    def __init__(self, context: Context, options: StoreOptions, record: OpenRecord | None = None) -> None:
        if options.private and options.readers is not None:
            refuse_strangers(options.readers)
        verb = "adopt" if options.origin == "adopted" else "get"
        if (theirs := only_read(context.store, options.dataset, verb)) is not None:
            raise theirs
        self.totals = Totals()
        self._context = context
        self._options = options
        self._group: list[Sent] = []
        self._remotes: list[RemoteFile] = []
        self._end = 0  # of the group's bytes in its memory
        self._since = 0.0
        self._wanted: dict[str, RemoteFile] = {}  # and not written down yet
        self._wanted_since = 0.0
        self._cut: dict[str, str | None] = {}  # SHA-256 of what came and was cut off, by the remote file's path
        self._joined: dict[str, list[Downloaded]] = {}
        self._handed: deque[_Handed] = deque()
        self._memory = memoryview(mmap(-1, _GROUPS * _ROOM))
        self._rooms = list(range(_GROUPS))
        store, stamp = context.store, context.stamp
        self._beside: Worker[Ingest, IngestResult] = Worker(
            partial(Ingest, store, options, stamp, self._memory, record), what="the process that writes to the store"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        try:
            self._flush()
            self._write_down()
            if exception[0] is None:
                self._hand(_Handed((), None), Ingest.settle, [])
                self._answers(most=0)
        except FetchError:
            if exception[0] is None:  # else the first error has the word
                raise
        finally:
            self._beside.end()

    def want(self, remotes: Iterable[RemoteFile], *, at_once: bool) -> None:
        """Record what is to be downloaded: at once, or what has not arrived a second later."""
        if not self._wanted:
            self._wanted_since = time.monotonic()
        self._wanted.update((remote.path, remote) for remote in remotes)
        if at_once:
            self._write_down()

    def failed(self, failures: Iterable[tuple[RemoteFile, FetchError]]) -> None:
        """Record what did not arrive, and why."""
        said: dict[str, tuple[RemoteFile, list[str]]] = {}  # of one archive, several members may have been refused
        for remote, error in failures:
            self._wanted.pop(remote.path, None)
            said.setdefault(remote.path, (remote, []))[1].append(error.what)
        pending = [_pending_file(remote, _words(what)) for remote, what in said.values()]
        if pending:
            self._hand(_Handed((), None), Ingest.want, pending)

    def take(self, landed: Downloaded) -> None:
        """Take one file over from the downloader; blocks only where the disk is slower than the line."""
        whole = whole_of(landed.remote) if self._options.unpack else None
        if whole is not None:
            self._joined.setdefault(whole, []).append(landed)
            return
        unpacks = self.unpacks(landed)
        if unpacks and last_of_split(landed):  # its beginning lies in another file
            self._joined.setdefault(landed.remote.path, []).append(landed)
            return
        found = ending(landed, self._options.dataset.container)
        if found is not None and found.state == "cut" and unpromised(landed):
            self._ask_again(landed, found)
        elif unpacks:
            self._archive([landed])
        else:
            self._add(landed._replace(ending=found))

    def _ask_again(self, landed: Downloaded, found: Ending) -> None:
        """Request a file of unknown length again; the same bytes twice are what the archive has."""
        remote, sink = landed.remote, landed.partial
        if sink.sha256 is None:
            sink.check()
        self.totals.wrong += 1  # it came, and is not among the files that are here
        if self._cut.get(remote.path) != sink.sha256:
            self._cut[remote.path] = sink.sha256
            self.totals.again.append((landed.rank, remote))
        else:
            self.totals.failures.append((remote, cut_off(remote.path, found)))
            self.totals.findings += found_cut(self._options.dataset, remote.path, found)
        sink.discard()

    def meanwhile(self) -> None:
        """Send the group that has waited for a second, so that a large file does not delay small ones."""
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
        """Join split archives whose pieces are all held; `missing` is True if one did not arrive."""
        for name, pieces in self._joined.items():
            if not missing(name):
                self._archive(in_order(pieces))
        self._joined.clear()

    def unpacks(self, landed: Downloaded) -> bool:
        """Return True if it is an archive that does not stay one."""
        return self._options.unpack and is_archive(landed.remote, landed.partial.head)

    def _add(self, landed: Downloaded) -> None:
        """Add one file to the group."""
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
        self._group.append(_item(landed, source, "" if small else sink.where))
        self._remotes.append(landed.remote)
        if len(self._group) >= _GROUP_FILES or self._end - self._rooms[0] * _ROOM >= _GROUP_BYTES or self._soon():
            self._flush()

    def _behind(self) -> bool:
        """Return True if this side has more time to hash than the other one."""
        return bool(self._handed) and self._end - self._rooms[0] * _ROOM >= _GROUP_BYTES // 2

    def _checked(self, landed: Downloaded) -> bool:
        """Hash a file where that was left for later; say whether it is the promised one."""
        try:
            if landed.partial.sha256 is None:
                landed.partial.check()
        except ContentError as error:
            self.totals.wrong += 1
            self.totals.lost += landed.partial.offset
            self.totals.failures.append((landed.remote, error))
            return False
        return True

    def _soon(self) -> bool:
        """Return True if the group is worth beginning with, and nobody is at work."""
        if len(self._group) < _SOON or len(self._group) % _SOMETIMES:
            return False
        self._answers(most=_UNDER_WAY)
        return not self._handed

    def _write_down(self) -> None:
        if self._wanted:
            pending = [_pending_file(remote) for remote in self._wanted.values()]
            self._wanted.clear()
            self._hand(_Handed((), None), Ingest.want, pending)

    def _flush(self) -> None:
        if self._group:
            group, self._group = self._group, []
            remotes, self._remotes = self._remotes, []
            self._hand(_Handed(remotes, self._rooms.pop(0)), Ingest.group, group)

    def _archive(self, pieces: Sequence[Downloaded]) -> None:
        self._flush()
        for piece in pieces:
            self._wanted.pop(piece.remote.path, None)
        items = [_item(piece, piece.partial.source, piece.partial.where) for piece in pieces]
        self._hand(_Handed([piece.remote for piece in pieces], None), Ingest.archive, items)

    def _hand(self, handed: _Handed, work: Callable[[Ingest, list[_What]], IngestResult], what: list[_What]) -> None:
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
        self.totals.files += report.files
        self.totals.bytes += report.bytes
        self.totals.unpacked += report.unpacked
        self.totals.lost += report.lost
        self.totals.wrong += report.wrong
        self.totals.findings += report.findings
        self.totals.failures += [(remotes[number], error) for number, error in report.failures]
        if report.arrived:
            self._context.progress.advance(files=report.arrived)


def _words(said: Sequence[str]) -> str:
    """Join the reasons for one remote file: the first few, and how many more there are."""
    more = f"; and {len(said) - _SAID} more" if len(said) > _SAID else ""
    return "; ".join(said[:_SAID]) + more


def _pending_file(remote: RemoteFile, message: str | None = None) -> PendingFile:
    return PendingFile(remote.path, redact(remote.url), remote.size, remote.checksum, message)


def _item(landed: Downloaded, source: tuple[int, int] | bytes | str | os.PathLike[str], folder: str) -> Sent:
    """Return the fields of a `IngestItem`, in their order: a plain tuple costs a third of a named one to send."""
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
        landed.rank,
        landed.ending,
    )
