"""Fetch datasets one after the other: what one command shares between them, and what came of each.

resolve    addresses -> datasets and parts
preflight  policy, access, consent: before the first connection
plan       listing -> what is wanted and not here yet
download   the bytes -> held files
result     findings and failures -> one exit status
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from fetchers.acquire import describe, planned, preflight, result, selections
from fetchers.acquire.above import Above
from fetchers.acquire.connection import Connection
from fetchers.acquire.pins import pinned
from fetchers.acquire.plan import HeldIndex, MissingFiles, chosen, lawful
from fetchers.acquire.request import Failure, GetRequest, Result
from fetchers.acquire.selected import answerable, selected, with_list
from fetchers.dataset import Selection
from fetchers.errors import (
    INTERRUPTED,
    AccessError,
    FetchError,
    NothingMatched,
    SourceError,
    TransferError,
    unforeseen,
)
from fetchers.events import log
from fetchers.source import Listed, Source
from fetchers.storage import disk_space, layout
from fetchers.storage.partial import inventory
from fetchers.storage.record.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fetchers.acquire.download import Download
    from fetchers.acquire.messages import StoreOptions
    from fetchers.acquire.pins import Pins
    from fetchers.acquire.request import Foreseen
    from fetchers.acquire.spread import Spread
    from fetchers.context import Context
    from fetchers.dataset import Dataset, RemoteFile
    from fetchers.records import Event
    from fetchers.workers.cluster_executor import ClusterExecutor


class Run:
    """What one command shares between its datasets: the line, the client, the byte budget."""

    def __init__(
        self, context: Context, request: GetRequest, stack: ExitStack, matched: set[str] | None = None
    ) -> None:
        self._context = context
        self._request = request
        if request.on is not None:
            from fetchers.workers.cluster import check_address

            check_address(request.on, offline=context.offline)
        self._stack = stack
        self._matched = matched  # told the remote files that are selected, where somebody asks
        self._connection = Connection(context, request, stack)
        self.client, self.line = self._connection.client, self._connection.line
        self._download: Download | Spread | None = None  # what is under way
        self._executor: ClusterExecutor | None = None
        self._budget = disk_space.Budget(request.max_size, context.store)
        self._alone = False  # one file of unknown size is under way
        self._selection, self.unread = selected(request)
        self._above = Above(context, stack)

    def one(self, dataset: Dataset, pins: Pins | None = None) -> Result:
        """Fetch one dataset or part; with `pins` exactly what they name of it."""
        if pins is not None:
            series = tuple(remote.series for remote in pins.wanted.values() if remote.series is not None)
            chosen_by_series = not dataset.lists_itself and len(series) == len(pins.wanted)
            self._selection = Selection(series=series) if chosen_by_series else Selection(everything=True)
            self._request = self._request._replace(pins=pins)
        try:
            with Manifest.open(self._context.store, write=False):  # all that only asks shares it
                found = self._one(dataset, self._context.load(self._selection.via or dataset.source))
                found = self._above.instead(dataset, found)
                return found._replace(findings=(*found.findings, *preflight.purpose(self._context, dataset)))
        except FetchError as error:
            return self._refused(dataset, error)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - what the other datasets brought is to be told
            return self._refused(dataset, unforeseen(error))

    def _one(self, dataset: Dataset, source: Source) -> Result:
        context, request = self._context, self._request
        self._connection.begin_listing()
        if source.agent is not None and source.gatekeeper is not None:
            self.line().introduce(source.gatekeeper, source.agent)
        events = log.read(context) if request.dry_run else log.noticed(context)
        if (above := self._above.whole(dataset, source, request, events)) is not None:
            return above
        if refused := self._preflight(dataset, source, events):
            return self._refused(dataset, refused)
        if source.must_choose and dataset.part is None and self._unchosen(dataset):
            return self._choices(dataset, source)
        with preflight.steps_named(context, dataset, source, write=not request.dry_run):
            before, dataset = dataset, self._described(dataset, source, events)
        if dataset != before and (refused := self._preflight(dataset, source, events)):
            return self._refused(dataset, refused)
        if request.dry_run:
            return preflight.with_steps(context, dataset, source, self._planned(dataset, source), write=False)
        preflight.consent(context, dataset, events, request.accept)
        if describe.describes(source) or dataset.origin is not None:
            describe.remember(context, dataset)
        brought = self._bring(dataset, source)
        return preflight.with_steps(context, dataset, source, brought, write=True)

    def _preflight(self, dataset: Dataset, source: Source, events: Sequence[Event]) -> FetchError | None:
        """Return why it cannot be downloaded, and record the tasks that follow."""
        context, request = self._context, self._request
        known = source.gatekeeper is not None and self.line().knows(source.gatekeeper)
        refused = preflight.refusal(context, dataset, source, events, request.accept, credential=known)
        if isinstance(refused, AccessError) and not request.dry_run:
            return preflight.leave_tasks(context, dataset, refused)
        return refused

    def _described(self, dataset: Dataset, source: Source, events: Sequence[Event]) -> Dataset:
        if not describe.describes(source):
            return dataset
        return describe.described(self._context, dataset, source, self.client, events, force=self._request.force)

    def _listing(self, dataset: Dataset, source: Source, manifest: Manifest) -> MissingFiles:
        listed = isinstance(source, Listed)
        if listed:
            answerable(dataset, self._selection)
        client = None if listed else self.client()
        files = source.files(dataset, planned.with_limit(self._selection, self._request), client)  # type: ignore[arg-type]  # Listed asks nobody
        files = with_list(files, dataset, self._context.workspace.home, source.refused)
        held = HeldIndex(self._context.store, manifest, dataset)
        held.others = self._above.indexes(dataset)
        if self._request.pins is not None:
            files = pinned(files, self._request.pins, source.refused)
        judged = listed and dataset.files_from is None  # when the catalogue was read
        files = chosen(files, self._request, None if judged else source, dataset.licence)
        files = files if listed else lawful(files, source, dataset, self.line())
        if self._matched is not None:
            files = _noted(files, self._matched)
        if source.local and not self._request.force and self._request.pins is None:
            source.held = held.series()
        return MissingFiles(files, held, source, self._request)

    def _planned(self, dataset: Dataset, source: Source) -> Result:
        context, request = self._context, self._request
        with Manifest.open(context.store, write=False) as manifest:
            held = HeldIndex(context.store, manifest, dataset).series() if source.local and not request.force else {}
            known = planned.by_index(source, dataset, self._selection, request, held) if request.pins is None else None
            if known is not None:
                found = result.result(context, dataset, manifest, plan=known.plan, remarks=source.remarks)
                return planned.fitting(known, found, self._budget, context.store, force=request.force)
            with self._session(dataset, source):
                listing = self._listing(dataset, source, manifest)
                known = planned.by_listing(listing, self.line if request.list_files else None)
            if second := self._second(source, dataset, listing):
                return self._planned(dataset, second)
            found = result.result(context, dataset, manifest, plan=known.plan, listing=listing, remarks=source.remarks)
            found = found._replace(planned=known.listed)
            return planned.fitting(known, found, self._budget, context.store, force=request.force)

    def _unchosen(self, dataset: Dataset) -> bool:
        wanted = self._selection
        return wanted.empty and not (wanted.everything or dataset.options.get("collection"))

    def _choices(self, dataset: Dataset, source: Source) -> Result:
        """Refuse the whole of a place that is too large for it, and list its parts."""
        choices = tuple(source.parts(dataset, None if source.local else self.client()))  # type: ignore[arg-type]
        error = NothingMatched(
            f"{dataset.name} is too large to be taken whole by mistake; it has {len(choices)} parts",
            hint=f"choose: fetch {dataset.name}/PART, --series, --patient or --manifest; --all takes everything",
        )
        return self._refused(dataset, error)._replace(choices=choices)

    @contextmanager
    def _session(self, dataset: Dataset, source: Source) -> Iterator[None]:
        """Open a session for the listing and the transfers, where the place wants one."""
        if isinstance(source, Listed):
            yield
            return
        source.sign_in(dataset, self.client())
        try:
            yield
        finally:
            source.sign_out(dataset, self.client())

    # --- bringing

    def _forget(self, dataset: Dataset) -> None:
        """Remove what dead runs left under way of a dataset that is wholly here."""
        if inventory.anything(self._context.store):
            from fetchers.storage.partial import ownership

            ownership.forget(self._context.store, layout.partial_prefix(dataset.name, dataset.part))

    def _bring(self, dataset: Dataset, source: Source) -> Result:
        context = self._context
        counted = isinstance(source, Listed) and dataset.files_from is None  # the whole list is in memory anyhow
        if counted:
            with Manifest.open(context.store, write=False) as manifest:
                listing = self._listing(dataset, source, manifest)
                if not (missing := list(listing)):
                    self._forget(dataset)
                    return result.result(context, dataset, manifest, listing=listing)
        layout.prepare(context.store)
        with Manifest.open(context.store, write=True) as manifest, self._session(dataset, source):
            for word in manifest.said:
                context.progress.say(word)
            if counted:
                listing.held.asks(manifest)
            else:
                listing = self._listing(dataset, source, manifest)
            wanted: Iterable[RemoteFile] = missing if counted else planned.foreseen(listing, source)
            known = planned.ahead(wanted, source, dataset, self._selection, self._request)
            if self._request.max_size is not None and known is None:
                wanted = list(wanted)  # what exceeds it is refused before the first byte
                known = planned.ahead(wanted, source, dataset, self._selection, self._request)
            files, total = self._check_space(known)
            context.progress.begin(dataset.address, files=files, total=total)
            self._alone = files == 1 and total is None
            try:
                done = self._transfer(dataset, source, wanted, listing.held, manifest)
                preflight.record_terms(context, manifest, dataset)
                selections.note(manifest, dataset, self._request, self._selection)
            finally:
                context.progress.end()
            if second := self._second(source, dataset, listing):
                return self._bring(dataset, second)
            return result.result(context, dataset, manifest, done=done, listing=listing, remarks=source.remarks)

    def _second(self, source: Source, dataset: Dataset, listing: MissingFiles) -> Source | None:
        """Return the place that hands out the same data, where the listing of the first one failed at once."""
        if source.second is None or listing.matched or not isinstance(listing.error, TransferError | SourceError):
            return None
        second = self._context.load(source.second)
        second.remarks.append(f"{dataset.source} does not answer ({listing.error.what}); {source.second} was asked")
        return second

    def _check_space(self, known: Foreseen | None) -> tuple[int | None, int | None]:
        """Refuse what does not fit, archive plus unpacked, before the first byte; return the total if it is known."""
        if known is None:
            return None, None
        plan = known.plan
        if self._budget.left is not None and (plan.bytes or 0) > self._budget.left:
            raise disk_space.too_much(plan.bytes or 0, self._budget.left)
        if not self._request.force:
            disk_space.check(self._context.store, known.on_disk)
        return plan.files, None if plan.unknown_sizes else plan.bytes

    def _transfer(
        self,
        dataset: Dataset,
        source: Source,
        wanted: Iterable[RemoteFile],
        held: HeldIndex,
        manifest: Manifest,
    ) -> result.Done:
        from fetchers.acquire.download import Download
        from fetchers.acquire.store_options import store_options
        from fetchers.transport.downloader import Downloader

        context, request = self._context, self._request
        options = store_options(context, request, dataset, manifest, self._budget.room)
        if request.on is not None and _needs_no_session(source):
            return self._spread(options, wanted, source, manifest)
        self._download = download = Download(context, options, self.line(), self._budget, held)
        download.alone = self._alone
        downloader = Downloader(self.line(), connections=source.connections, pause=source.pause)
        totals = download.run(wanted, downloader)
        self._budget.take_room(totals.unpacked)
        self._download = None
        return _done(download)

    def _spread(
        self, options: StoreOptions, wanted: Iterable[RemoteFile], source: Source, manifest: Manifest
    ) -> result.Done:
        """Download the files with the workers of a cluster."""
        from fetchers.acquire.spread import Spread

        executor = self._executor or self._stack.enter_context(self._context.executor(self._request.on))
        if executor is None:
            raise TypeError(self._request.on)
        self._executor = executor
        self._download = spread = Spread(self._context, options, self._request, self._budget, executor, manifest)
        spread.run(wanted, source)
        self._download = None
        return _done(spread)

    # --- outcome

    def interrupted(self, dataset: Dataset) -> Result:
        """Return the result of the dataset that Ctrl-C interrupted."""
        here = self._download
        done = _done(here) if here else None
        with Manifest.open(self._context.store, write=False) as manifest:
            hint = "the same command goes on from here"
            failure = Failure(path=None, error="interrupted", hint=hint, exit=INTERRUPTED)
            return result.result(self._context, dataset, manifest, done=done, failures=(failure,))

    def _refused(self, dataset: Dataset, error: FetchError) -> Result:
        with Manifest.open(self._context.store, write=False) as manifest:
            failure = Failure(path=None, error=error.what, hint=error.hint, exit=error.exit_status)
            return result.result(self._context, dataset, manifest, failures=(failure,))


def _noted(files: Iterable[RemoteFile], paths: set[str]) -> Iterator[RemoteFile]:
    for remote in files:
        paths.add(remote.path)
        yield remote


def _needs_no_session(source: Source) -> bool:
    """Return True if nobody signs in at the place: a session's cookies stay in this process."""
    return type(source).sign_in is Source.sign_in


def _done(download: Download | Spread) -> result.Done:
    totals = download.totals
    return result.Done(totals=totals, files=download.files - totals.wrong, bytes=download.bytes - totals.lost)
