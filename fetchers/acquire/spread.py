"""Spread the transfers of one dataset over the workers of a cluster: pieces of the plan go out, rows come back.

This process stays the record's one writer and commits as results come. Politeness holds for all workers together: the
jobs, the rate, the connections and the pauses are divided among the pieces that are under way at once. The first piece
goes alone, so that a credential that is refused is refused once; a host that asks to be left alone is, by all.
"""

from __future__ import annotations

import math
import os
import time
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING

from fetchers.acquire import piece
from fetchers.acquire.archives import stays_one, whole_of
from fetchers.acquire.messages import Totals
from fetchers.acquire.record_buffer import carry_out
from fetchers.errors import FetchError, TransferError
from fetchers.storage import layout
from fetchers.storage.partial import ownership

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Future

    from fetchers.acquire.messages import StoreOptions
    from fetchers.acquire.piece import Brought
    from fetchers.acquire.request import GetRequest
    from fetchers.context import Context
    from fetchers.dataset import RemoteFile
    from fetchers.source import Source
    from fetchers.storage.disk_space import Budget
    from fetchers.storage.record.manifest import Manifest
    from fetchers.workers.cluster_executor import ClusterExecutor

_FILES = 32  # remote files of one piece
_BYTES = 256 << 20  # of known size, from which on a piece is full
_FIRST = 2  # remote files of the piece that goes alone
_LOOK_AHEAD = 4096  # remote files among which those that belong together are looked for
_SUFFIXES = (".hdr", ".img", ".hdr.gz", ".img.gz")
_JOBS = 16  # transfers at once where nobody said how many


class Spread:
    """One run over one dataset or part; knows of itself what `Download` knows."""

    def __init__(
        self,
        context: Context,
        options: StoreOptions,
        request: GetRequest,
        budget: Budget,
        executor: ClusterExecutor,
        manifest: Manifest,
    ) -> None:
        self._context, self._options, self._request = context, options, request
        self._budget, self._executor, self._manifest = budget, executor, manifest
        self._lost: FetchError | None = None
        self.totals = Totals()
        self.files = 0
        self.bytes = 0

    def run(self, wanted: Iterable[RemoteFile], source: Source) -> Totals:
        """Download `wanted`; what fails is in the totals. If the scheduler is lost, all that is left has failed."""
        at_once = self._at_once(source)
        manner = self._manner(source, at_once)
        under_way: deque[tuple[list[RemoteFile], Future[Brought]]] = deque()
        pieces = self._pieces(wanted)
        alone = True
        for files in pieces:
            if self._lost is not None:
                self._fail(files, self._lost)
                continue
            under_way.append((files, self._executor.submit(piece.bring, manner, files, self._budget.left)))
            while under_way and (alone or len(under_way) >= at_once):
                self._settle(*under_way.popleft())
                alone = False
        while under_way:
            self._settle(*under_way.popleft())
        dataset = self._options.dataset
        ownership.forget(self._context.store, layout.partial_prefix(dataset.name, dataset.part))
        return self.totals

    def _at_once(self, source: Source) -> int:
        """Return how many pieces may be under way, so that each has a job and a connection of its own."""
        if self._budget.left is not None:
            return 1  # what nobody promised is counted where it arrives
        limits = (self._executor.threads, self._request.jobs or _JOBS, source.connections or math.inf)
        return max(1, int(min(limits)))

    def _manner(self, source: Source, at_once: int) -> piece.Manner:
        context, request = self._context, self._request
        rate = request.limit_rate
        return piece.Manner(
            home=os.fspath(context.workspace.home.resolve()),
            cache=os.fspath(context.store.resolve()),
            stamp=context.stamp,
            who=context.who,
            environ={name: value for name, value in context.environ.items() if name.lower() in piece.ENVIRONMENT},
            mirrors=dict(context.mirrors),
            timeout=context.timeout,
            retries=context.retries,
            options=self._options,
            jobs=max(1, (request.jobs or _JOBS) // at_once),
            limit_rate=None if rate is None else max(1, rate // at_once),
            connections=None if source.connections is None else max(1, source.connections // at_once),
            pause=source.pause * at_once,
        )

    def _pieces(self, wanted: Iterable[RemoteFile]) -> Iterator[list[RemoteFile]]:
        """Yield the files in pieces; what is judged together goes together."""
        files = iter(wanted)
        first = list(islice(files, _FIRST))
        waiting = [first] if first else []
        while some := [*(waiting.pop() if waiting else ()), *islice(files, _LOOK_AHEAD)]:
            current: list[RemoteFile] = []
            size, most = 0, _FIRST if first else _FILES
            for together in self._together(some):
                current += together
                size += sum(remote.size or 0 for remote in together)
                if len(current) >= most or size >= _BYTES:
                    yield current
                    current, size, most = [], 0, _FILES
            if current:
                yield current
            first = []

    def _together(self, files: Iterable[RemoteFile]) -> Iterator[list[RemoteFile]]:
        """Gather pieces of one split archive, halves of one volume, and archives that unpack into one folder."""
        groups: dict[object, list[RemoteFile]] = {}
        for remote in files:
            groups.setdefault(self._key(remote), []).append(remote)
        yield from groups.values()

    def _key(self, remote: RemoteFile) -> object:
        whole = whole_of(remote) if self._options.unpack else None
        if whole is not None:
            return ("joined", whole)
        if self._options.unpack and not stays_one(remote) and not remote.into:
            return "archives"  # two of them may have members of one name
        lower = remote.path.lower()
        end = next((end for end in _SUFFIXES if lower.endswith(end)), None)
        return remote.path if end is None else ("volume", remote.path[: -len(end)])

    def _settle(self, files: list[RemoteFile], future: Future[Brought]) -> None:
        try:
            brought = future.result()
        except FetchError as error:
            self._lost = error if isinstance(error, TransferError) else None
            self._fail(files, error)
            return
        except Exception as error:
            if "Cancelled" not in type(error).__name__:
                raise
            self._lost = TransferError(
                "the scheduler does not answer any more", hint="start it again, and type the same command"
            )
            self._fail(files, self._lost)
            return
        carry_out(self._manifest, brought.calls)
        self._budget.spend(brought.bytes)
        self.files += brought.files
        self.bytes += brought.bytes
        self._add(brought.totals)
        self._context.progress.advance(brought.bytes, files=brought.files)
        if brought.rest > 0:
            time.sleep(brought.rest)

    def _add(self, totals: Totals) -> None:
        mine = self.totals
        for name in ("files", "bytes", "unpacked", "lost", "wrong"):
            setattr(mine, name, getattr(mine, name) + getattr(totals, name))
        mine.findings += totals.findings
        mine.failures += totals.failures

    def _fail(self, files: list[RemoteFile], error: FetchError) -> None:
        self.totals.failures += [(remote, error) for remote in files]
