"""Download, check, unpack, record; what is held is left alone.

targets    addresses -> datasets and parts
gates      policy, access, consent: before the first connection
planning   listing -> what is wanted and not here yet
bringing   the bytes -> held files
outcome    findings and failures -> one exit status
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from fetchers.checks import terms
from fetchers.errors import INTERRUPTED, AccessError, FetchError, NothingMatched
from fetchers.source import Listed
from fetchers.storage import layout, space
from fetchers.storage.manifest import Manifest
from fetchers.verbs import account, gates, history
from fetchers.verbs.planning import Held, chosen
from fetchers.verbs.targets import targets
from fetchers.verbs.wish import Failure, GetReport, Plan, Result, Wish

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import httpx

    from fetchers.dataset import Dataset, RemoteFile
    from fetchers.source import Source
    from fetchers.transport.line import Line
    from fetchers.verbs.place import Place


def run(place: Place, addresses: Sequence[str], wish: Wish) -> GetReport:
    """Fetch what `addresses` name. What fails is in the report; only a wrong command raises."""
    results: list[Result] = []
    with ExitStack() as stack:
        getting = _Getting(place, wish, stack)
        wanted = [target for address in addresses for target in targets(place, address, getting.client)]
        try:
            results.extend(getting.one(dataset) for dataset in wanted)
        except KeyboardInterrupt:
            return GetReport(datasets=tuple(results), exit=INTERRUPTED)
    return GetReport(datasets=tuple(results), exit=account.overall(results))


class _Getting:
    """What one command shares between its datasets: the line, the conversation, the byte budget."""

    def __init__(self, place: Place, wish: Wish, stack: ExitStack) -> None:
        self._place = place
        self._wish = wish
        self._stack = stack
        self._client: httpx.Client | None = None
        self._line: Line | None = None
        self._budget = space.Budget(wish.max_size, place.store)

    def client(self) -> httpx.Client:
        """Open the conversation when the first source wants one."""
        if self._client is None:
            from fetchers.transport.conversation import converse  # noqa: PLC0415 - a plain list pays for no httpx

            self._client = self._stack.enter_context(converse(self.line()))
        return self._client

    def line(self) -> Line:
        """Say how we are connected."""
        if self._line is None:
            from fetchers.transport.line import connect  # noqa: PLC0415 - a second run needs no network

            place, wish = self._place, self._wish
            self._line = connect(
                home=place.workspace.home,
                environ=place.environ,
                mirrors=place.mirrors,
                offline=place.offline,
                timeout=place.timeout,
                retries=place.retries,
                limit_rate=wish.limit_rate,
                jobs=wish.jobs,
                netrc=place.workspace.config.netrc,
            )
        return self._line

    def one(self, dataset: Dataset) -> Result:
        """Fetch one dataset or part."""
        place, wish = self._place, self._wish
        writes = not wish.dry_run
        try:
            source = place.load(dataset.source)
            events = history.noticed(place) if writes else history.read(place)
            refused = gates.refusal(place, dataset, source, events, wish.accept)
            if refused is not None:
                if writes and isinstance(refused, AccessError):
                    gates.leave_tasks(place, dataset)
                return self._refused(dataset, refused)
            if wish.dry_run:
                with Manifest.open(place.store, write=False) as manifest:
                    return account.result(place, dataset, manifest, plan=self._plan(dataset, source, manifest))
            gates.consent(place, dataset, events, wish.accept)
            return self._bring(dataset, source)
        except FetchError as error:
            return self._refused(dataset, error)

    # --- planning

    def _listing(self, dataset: Dataset, source: Source, held: Held) -> Iterator[RemoteFile]:
        client = None if isinstance(source, Listed) else self.client()
        listed = source.files(dataset, self._wish.selection, client)  # type: ignore[arg-type]  # Listed asks nobody
        kept = chosen(listed, self._wish, listed=isinstance(source, Listed))
        return _counted(kept, held, force=self._wish.force)

    def _plan(self, dataset: Dataset, source: Source, manifest: Manifest) -> Plan:
        held = Held(self._place.store, manifest, dataset)
        files, known, unknown = 0, 0, 0
        for remote in self._listing(dataset, source, held):
            files += 1
            known += remote.size or 0
            unknown += remote.size is None
        return Plan(files=files, bytes=known if unknown < files or not files else None, unknown_sizes=unknown)

    # --- bringing

    def _bring(self, dataset: Dataset, source: Source) -> Result:
        place, wish = self._place, self._wish
        with Manifest.open(place.store, write=False) as manifest:
            held = Held(place.store, manifest, dataset)
            if isinstance(source, Listed):
                missing = list(self._listing(dataset, source, held))
                if not missing:
                    return account.result(place, dataset, manifest)
        layout.prepare(place.store)
        wanted: Iterable[RemoteFile]
        with Manifest.open(place.store, write=True) as manifest:
            if isinstance(source, Listed):
                wanted = missing
            elif wish.max_size is not None:
                wanted = list(self._listing(dataset, source, held))
            else:
                wanted = self._listing(dataset, source, held)
            known = self._check_space(wanted) if isinstance(wanted, list) else None
            place.progress.begin(dataset.address, files=len(wanted) if isinstance(wanted, list) else None, total=known)
            try:
                done = self._transfer(dataset, source, manifest, wanted)
                gates.record_terms(place, manifest, dataset)
            finally:
                place.progress.end()
            return account.result(place, dataset, manifest, done=done, remarks=source.remarks)

    def _check_space(self, wanted: Sequence[RemoteFile]) -> int | None:
        """Refuse what does not fit, archive plus unpacked, before the first byte; give the total where it is known."""
        sizes = [remote.size for remote in wanted]
        known = sum(size for size in sizes if size is not None)
        if self._wish.max_size is not None and known > self._wish.max_size:
            raise space.too_much(known, self._wish.max_size)
        if not self._wish.force:
            space.check(self._place.store, sum(_footprint(remote) for remote in wanted))
        return None if None in sizes else known

    def _transfer(
        self, dataset: Dataset, source: Source, manifest: Manifest, wanted: Iterable[RemoteFile]
    ) -> account.Done:
        from fetchers.transport.mover import Mover  # noqa: PLC0415 - a second run needs no network
        from fetchers.verbs.bringing import Bringing  # noqa: PLC0415 - the same
        from fetchers.verbs.manner import Manner  # noqa: PLC0415 - the same

        place, wish = self._place, self._wish
        manner = Manner(
            dataset=dataset,
            private=terms.private(dataset.licence, place.workspace.catalogue.licences),
            unpack=wish.unpack,
            keep_archives=wish.keep_archives,
            replace=wish.force,
        )
        if not isinstance(source, Listed):
            source.sign_in(dataset, self.client())
        try:
            bringing = Bringing(place, manifest, manner, self.line(), self._budget)
            mover = Mover(self.line(), connections=source.connections, pause=source.pause)
            tally = bringing.run(wanted, mover)
            return account.Done(tally=tally, files=bringing.files, bytes=bringing.bytes)
        finally:
            if not isinstance(source, Listed):
                source.sign_out(dataset, self.client())

    # --- outcome

    def _refused(self, dataset: Dataset, error: FetchError) -> Result:
        with Manifest.open(self._place.store, write=False) as manifest:
            failure = Failure(path=None, error=error.what, hint=error.hint, exit=error.exit_status)
            return account.result(self._place, dataset, manifest, failures=(failure,))


def _counted(files: Iterator[RemoteFile], held: Held, *, force: bool) -> Iterator[RemoteFile]:
    """Leave out what is held; raises `NothingMatched` where the selection is empty."""
    matched = False
    for remote in files:
        matched = True
        if force or remote not in held:
            yield remote
    if not matched:
        raise NothingMatched(
            "nothing matches: the selection leaves no file",
            hint="loosen --include, --exclude, --series ...; --dry-run shows what a selection brings",
        )


def _footprint(remote: RemoteFile) -> int:
    from fetchers.verbs.promise import archive_kind  # noqa: PLC0415 - only where something is to be fetched

    # An archive lies beside what comes out of it until all of it is published.
    return (remote.size or 0) * (2 if remote.unpack and archive_kind(remote.path) else 1)
