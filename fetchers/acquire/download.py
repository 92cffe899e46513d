"""Download the wanted files of one dataset.

pending:  listing -> not held -> written down as wanted -> a partial that goes on where an earlier run ended
downloader: bytes -> partial
landing:  unpack -> judge -> publish -> commit the row
again:    what proved to be cut off, or to be another file after a resume, is asked once more from its first byte
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from fetchers.acquire import first_bytes, preflight
from fetchers.acquire.archives import stays_one, whole_of
from fetchers.acquire.batch import Batch
from fetchers.acquire.messages import Downloaded, StoreOptions, Totals
from fetchers.acquire.recover import recognised
from fetchers.errors import AccessError, ContentError, TransferError
from fetchers.storage import layout
from fetchers.storage.link_errors import LinkInTheWayError
from fetchers.storage.partial import ownership
from fetchers.storage.partial import partial as partials
from fetchers.storage.partial.leases import Leases
from fetchers.transport.downloader import Downloader, Transfer
from fetchers.transport.redaction import redact

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Executor

    from fetchers.acquire.ingest import OpenRecord
    from fetchers.acquire.plan import Held
    from fetchers.context import Context
    from fetchers.dataset import RemoteFile
    from fetchers.storage.disk_space import Budget
    from fetchers.transport.downloader import Outcome
    from fetchers.transport.network_session import NetworkSession

_FIRST, _MOST = 250, 8000  # remote files that are written down together
_LOOK = 0.25  # seconds between two looks at what other runs are at
_PASSES = 3  # how often a file whose end was not its end is asked from the start

_Ranked = tuple[int, "RemoteFile"]  # with its place in the listing


class Download:
    """One run over one dataset or part."""

    def __init__(
        self,
        context: Context,
        options: StoreOptions,
        line: NetworkSession,
        budget: Budget,
        held: Held,
        record: OpenRecord | None = None,
    ) -> None:
        self._context = context
        self._held = held
        self._record = record
        self._options = options
        self._line = line
        self._budget = budget
        self._failed_joins: set[str] = set()
        self._left = ownership.left_behind(context.store)
        self._root = layout.below(options.dataset.name, options.dataset.part)
        self._folder = layout.opened(context.store)
        self._new = self._is_new()  # then nothing is there to be recognised
        self._executor: Executor | None = None
        self._wholes: set[str] = set()  # split archives of which pieces are wanted, so that all of them are
        self._elsewhere: list[tuple[int, RemoteFile]] = []  # what other runs are at, with its place in the listing
        self._stack = ExitStack()
        self._owner = self._stack.enter_context(ownership.running())
        prefix = layout.partial_prefix(options.dataset.name, options.dataset.part)
        self._leases = Leases(context.store, prefix, self._owner)
        self._stack.callback(self._leases.release)
        self.totals = Totals()
        self.files = 0
        self.bytes = 0
        self.alone = False  # there is one file, of which nobody has said the size yet

    def run(self, wanted: Iterable[RemoteFile], downloader: Downloader) -> Totals:
        """Download `wanted`; what fails is in the totals, with its error, and in the record."""
        try:
            return self._run(wanted, downloader)
        finally:
            self._stack.close()
            self._folder.close()
            if self._executor is not None:
                self._executor.shutdown()

    def _is_new(self) -> bool:
        """Return True if the dataset has no folder yet; raise `StoreError` where a link stands in its place."""
        try:
            self._folder.at(self._root)
        except LinkInTheWayError as error:
            raise layout.disk_error(error, self._root) from error
        except OSError:
            return True
        return False

    def _run(self, wanted: Iterable[RemoteFile], downloader: Downloader) -> Totals:
        context = self._context
        with Batch(context, self._options, self._record) as batch:
            self.totals = batch.totals
            left = self._passes(self._written_down(enumerate(wanted), batch), downloader, batch)
            while self._elsewhere:
                left += self._passes(self._left_by_others(batch), downloader, batch)
            batch.finish_joined(self._failed_joins.__contains__)
            batch.totals.failures.extend((remote, _cut(remote)) for _, remote in left)
            batch.wait()
            batch.failed(batch.totals.failures)
        ownership.forget(context.store, layout.partial_prefix(self._options.dataset.name, self._options.dataset.part))
        return batch.totals

    def _passes(self, todo: Iterable[_Ranked], downloader: Downloader, batch: Batch) -> list[_Ranked]:
        """Download `todo`; what proves to be cut off is requested again. Return what is cut off each time."""

        def meanwhile() -> None:
            self._leases.beat()
            batch.meanwhile()

        for _ in range(_PASSES):
            for outcome in downloader.run(self._pending(todo, batch), meanwhile):
                self._settle(outcome, batch)
            batch.wait()
            todo = list(batch.totals.again)
            batch.totals.again.clear()
            if not todo:
                break
        return list(todo)

    def _written_down(self, wanted: Iterable[_Ranked], batch: Batch) -> Iterator[_Ranked]:
        """Record what is wanted before it is downloaded, so that `status` shows it if the run dies.

        The first few soon, so that something begins; then more and more at once, since each time waits for the disk,
        and only what takes longer than a moment. What another run is at is left to it.
        """
        files = iter(wanted)
        enough = _FIRST
        while some := list(islice(files, enough)):
            group = self._taken(some)
            if group:
                batch.want([remote for _, remote in group], at_once=enough == _FIRST)
                yield from group
            enough = min(2 * enough, _MOST)

    def _taken(self, group: list[_Ranked]) -> list[_Ranked]:
        """Take those that no other run is at, and that none has brought since the record was asked.

        The pieces of a split archive are one: who takes the first of them takes all.
        """
        others = self._leases.take([_lease(remote) for _, remote in group])
        if others:
            self._elsewhere += [one for one in group if _lease(one[1]) in others]
            group = [one for one in group if _lease(one[1]) not in others]
        if self._options.replace:
            return group
        still = {remote.path for remote in self._held.missing([remote for _, remote in group])}
        self._wholes.update(filter(None, (whole_of(remote) for _, remote in group)))
        return [one for one in group if one[1].path in still or _lease(one[1]) in self._wholes]

    def _left_by_others(self, batch: Batch) -> Iterator[_Ranked]:
        """Wait for what other runs are at, and yield what they did not bring."""
        self._leases.release()  # all of ours is recorded, or has failed: nobody waits for us who waits for us
        waiting, self._elsewhere = self._elsewhere, []
        self._context.progress.say(f"{len(waiting):,} files are being fetched by another run; waiting for it")
        while waiting:
            others = self._leases.others()
            free = [one for one in waiting if _lease(one[1]) not in others]
            waiting = [one for one in waiting if _lease(one[1]) in others]
            if free:
                self._left = ownership.left_behind(self._context.store)
                self._held = self._held.again()
                missing = {_lease(remote) for remote in self._held.missing([remote for _, remote in free])}
                yield from self._written_down([one for one in free if _lease(one[1]) in missing], batch)
            elif waiting:
                time.sleep(_LOOK)

    def _pending(self, wanted: Iterable[_Ranked], batch: Batch) -> Iterator[Transfer]:
        context = self._context
        for rank, remote in wanted:
            refused = preflight.forbidden(context, remote.licence, remote.path) if remote.licence else None
            if refused is not None:
                batch.totals.failures.append((remote, refused))
                continue
            key = partial(self._name, remote)
            sink = partials.Partial(
                context.store,
                key,
                checksum=remote.checksum,
                size=remote.size,
                private=self._options.private,
                look=first_bytes.look(
                    remote, self._options.dataset, follow=stays_one(remote) or not self._options.unpack
                ),
                account=self,
                executor=self._writing,
                later=not remote.mirrors and stays_one(remote),
            )
            left = self._left.get(key().partition(".")[0], ()) if self._left else ()
            here = (
                None if self._new or self._options.replace else recognised(self._folder, self._root, remote, key, left)
            )
            if here is not None or (any(map(sink.take_over, left)) and self._trusted(remote, sink)):
                sink = here or sink
                known = sink.total is not None
                batch.take(Downloaded(remote, sink, redact(remote.url), sink.validator, known, rank))
                continue
            self._measure(sink.total, sink.offset)
            yield Transfer(remote, sink, rank)

    def _name(self, remote: RemoteFile) -> str:
        """Return the name of a file's partial download, with this run as its owner."""
        dataset = self._options.dataset
        return f"{layout.partial_id(dataset.name, dataset.part, remote)}.{self._owner}"

    def _trusted(self, remote: RemoteFile, sink: partials.Partial) -> bool:
        """Return True if it is a body that an earlier run brought to its end, and still has the pinned checksum."""
        if not sink.whole:
            return False
        if self._options.replace or remote.size not in (None, sink.offset):
            sink.restart()
            return False
        try:
            sink.finish()
        except ContentError:
            sink.restart()
            return False
        return True

    def _writing(self) -> Executor:
        """Return the one thread that hashes and writes what is too large for memory."""
        if self._executor is None:
            from concurrent.futures import ThreadPoolExecutor

            self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="writing")
        return self._executor

    def promise(self, total: int, here: int) -> None:
        """Take note of a file's length before its first byte; raise `StoreError` if there is no room for it."""
        self._budget.promise(total, here)
        self._measure(total, here)

    def _measure(self, total: int | None, here: int) -> None:
        """Tell the total of the one file as soon as its place says it."""
        if self.alone and total is not None:
            self._context.progress.measure(total - here)

    def spend(self, count: int) -> None:
        """Count bytes that arrived, or negative ones that were thrown away."""
        self._budget.spend(count)
        self.bytes += count
        self._context.progress.advance(count)

    def _settle(self, outcome: Outcome, batch: Batch) -> None:
        remote, sink = outcome.transfer.remote, outcome.transfer.sink
        if not isinstance(sink, partials.Partial):
            raise TypeError(sink)
        if outcome.error is None:
            self.files += 1
            url, validator, known = outcome.final_url, outcome.validator, outcome.length_known
            batch.take(Downloaded(remote, sink, url, validator, known, outcome.transfer.rank))
        elif isinstance(outcome.error, ContentError) and sink.resumed:
            # A prefix of yesterday and a rest of today make no file: once more, from the first byte.
            sink.discard()
            batch.totals.again.append((outcome.transfer.rank, remote))
        else:
            if isinstance(outcome.error, (ContentError, AccessError)) or sink.small:
                sink.discard()
            self._failed_joins.add(whole_of(remote) or remote.path)
            batch.totals.failures.append((remote, outcome.error))


def _lease(remote: RemoteFile) -> str:
    """Return what is taken with a file: itself, or the archive that it is a piece of."""
    return whole_of(remote) or remote.path


def _cut(remote: RemoteFile) -> TransferError:
    return TransferError(
        f"{remote.path}: what arrives ends before the file does, {_PASSES} times over",
        hint="try again later; the place sends no length, so only the file's own format shows it",
    )
