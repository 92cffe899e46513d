"""Download, check, unpack, record; what is held is left alone.

targets    addresses -> datasets and parts
gates      policy, access, consent: before the first connection
planning   listing -> what is wanted and not here yet
bringing   the bytes -> held files
outcome    findings and failures -> one exit status
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from fetchers.checks import terms
from fetchers.errors import (
    INTERRUPTED,
    AccessError,
    CatalogueError,
    FetchError,
    NothingMatched,
    TransferError,
    unforeseen,
)
from fetchers.source import Listed
from fetchers.storage import layout, space, underway
from fetchers.storage.manifest import Manifest
from fetchers.verbs import account, gates, history
from fetchers.verbs.declared import has_body_part, has_modality
from fetchers.verbs.planning import Held, Listing, chosen
from fetchers.verbs.targets import targets
from fetchers.verbs.wish import Failure, GetReport, Plan, Result, Wish

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fetchers.dataset import Dataset, RemoteFile, Selection
    from fetchers.source import Client, Source
    from fetchers.transport.line import Line
    from fetchers.verbs.bringing import Bringing
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
            results.append(getting.interrupted(wanted[len(results)]))
            return GetReport(datasets=tuple(results), exit=INTERRUPTED)
    return GetReport(datasets=tuple(results), exit=account.overall(results))


class _Getting:
    """What one command shares between its datasets: the line, the conversation, the byte budget."""

    def __init__(self, place: Place, wish: Wish, stack: ExitStack) -> None:
        self._place = place
        self._wish = wish
        self._stack = stack
        self._client: Client | None = None
        self._line: Line | None = None
        self._bringing: Bringing | None = None  # what is under way
        self._budget = space.Budget(wish.max_size, place.store)
        self._selection = _selected(wish)

    def client(self) -> Client:
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
        try:
            source = place.load(self._selection.via or dataset.source)
            events = history.read(place) if wish.dry_run else history.noticed(place)
            refused = gates.refusal(place, dataset, source, events, wish.accept)
            if refused is not None:
                if isinstance(refused, AccessError) and not wish.dry_run:
                    gates.leave_tasks(place, dataset)
                return self._refused(dataset, refused)
            if source.must_choose and dataset.part is None and self._unchosen(dataset):
                return self._choices(dataset, source)
            if wish.dry_run:
                return self._planned(dataset, source)
            gates.consent(place, dataset, events, wish.accept)
            return self._bring(dataset, source)
        except FetchError as error:
            return self._refused(dataset, error)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - what the other datasets brought is to be told
            return self._refused(dataset, unforeseen(error))

    # --- planning

    def _listing(self, dataset: Dataset, source: Source, manifest: Manifest) -> Listing:
        listed = isinstance(source, Listed)
        if listed:
            _answerable(dataset, self._selection)
        client = None if listed else self.client()
        files = source.files(dataset, self._selection, client)  # type: ignore[arg-type]  # Listed asks nobody
        held = Held(self._place.store, manifest, dataset)
        return Listing(chosen(files, self._wish, listed=listed), held, force=self._wish.force)

    def _planned(self, dataset: Dataset, source: Source) -> Result:
        with Manifest.open(self._place.store, write=False) as manifest, self._session(dataset, source):
            listing = self._listing(dataset, source, manifest)
            files, known, unknown = 0, 0, 0
            for remote in listing:
                files += 1
                known += remote.size or 0
                unknown += remote.size is None
            plan = Plan(files=files, bytes=known if unknown < files or not files else None, unknown_sizes=unknown)
            return account.result(self._place, dataset, manifest, plan=plan, listing=listing, remarks=source.remarks)

    def _unchosen(self, dataset: Dataset) -> bool:
        wanted = self._selection
        return wanted.empty and not (wanted.everything or dataset.options.get("collection"))

    def _choices(self, dataset: Dataset, source: Source) -> Result:
        """Refuse the whole of a place that is too large for it, and list its parts."""
        choices = tuple(source.parts(dataset, self.client()))
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

    def _bring(self, dataset: Dataset, source: Source) -> Result:
        place = self._place
        with Manifest.open(place.store, write=False) as manifest:
            listing = self._listing(dataset, source, manifest)
            if isinstance(source, Listed) and not (missing := list(listing)):
                if underway.anything(place.store):
                    from fetchers.storage import owners  # noqa: PLC0415 - nearly always nothing is

                    owners.forget(place.store, layout.partial_prefix(dataset.name, dataset.part))
                return account.result(place, dataset, manifest, listing=listing)
        layout.prepare(place.store)
        with Manifest.open(place.store, write=True) as manifest, self._session(dataset, source):
            for word in manifest.said:
                place.progress.say(word)
            if not isinstance(source, Listed):
                listing = self._listing(dataset, source, manifest)
            wanted: Iterable[RemoteFile] = missing if isinstance(source, Listed) else listing
            if self._wish.max_size is not None and not isinstance(wanted, list):
                wanted = list(listing)  # what exceeds it is refused before the first byte
            known = self._check_space(wanted) if isinstance(wanted, list) else None
            place.progress.begin(dataset.address, files=len(wanted) if isinstance(wanted, list) else None, total=known)
            try:
                done = self._transfer(dataset, source, wanted)
                gates.record_terms(place, manifest, dataset)
            finally:
                place.progress.end()
            if isinstance(listing.error, TransferError) and not listing.matched and source.second:
                return self._second_road(dataset, source, listing.error)
            return account.result(place, dataset, manifest, done=done, listing=listing, remarks=source.remarks)

    def _second_road(self, dataset: Dataset, source: Source, error: FetchError) -> Result:
        """Ask the place that hands out the same data, where the first one's listing fails."""
        second = self._place.load(source.second or "")
        second.remarks.append(f"{dataset.source} does not answer ({error.what}); {source.second} was asked")
        return self._bring(dataset, second)

    def _check_space(self, wanted: Sequence[RemoteFile]) -> int | None:
        """Refuse what does not fit, archive plus unpacked, before the first byte; give the total where it is known."""
        sizes = [remote.size for remote in wanted]
        known = sum(size for size in sizes if size is not None)
        if self._budget.left is not None and known > self._budget.left:
            raise space.too_much(known, self._budget.left)
        if not self._wish.force:
            space.check(self._place.store, _footprint(wanted))
        return None if None in sizes else known

    def _transfer(self, dataset: Dataset, source: Source, wanted: Iterable[RemoteFile]) -> account.Done:
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
        self._bringing = bringing = Bringing(place, manner, self.line(), self._budget)
        mover = Mover(self.line(), connections=source.connections, pause=source.pause)
        tally = bringing.run(wanted, mover)
        self._bringing = None
        return account.Done(tally=tally, files=bringing.files - tally.wrong, bytes=bringing.bytes)

    # --- outcome

    def interrupted(self, dataset: Dataset) -> Result:
        """Say what is held, and what came, of the dataset that a person's Ctrl-C fell into."""
        here = self._bringing
        done = account.Done(tally=here.tally, files=here.files - here.tally.wrong, bytes=here.bytes) if here else None
        with Manifest.open(self._place.store, write=False) as manifest:
            hint = "the same command goes on from here"
            failure = Failure(path=None, error="interrupted", hint=hint, exit=INTERRUPTED)
            return account.result(self._place, dataset, manifest, done=done, failures=(failure,))

    def _refused(self, dataset: Dataset, error: FetchError) -> Result:
        with Manifest.open(self._place.store, write=False) as manifest:
            failure = Failure(path=None, error=error.what, hint=error.hint, exit=error.exit_status)
            return account.result(self._place, dataset, manifest, failures=(failure,))


def _selected(wish: Wish) -> Selection:
    """Put what a manifest file names beside what the flags say."""
    if wish.manifest is None:
        return wish.selection
    from fetchers.checks.manifests import wishes_of  # noqa: PLC0415 - few commands bring one

    try:
        text = wish.manifest.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise CatalogueError(f"{wish.manifest} cannot be read: {error.strerror}") from error
    found = wishes_of(text, wish.manifest.name)
    return wish.selection._replace(
        series=(*wish.selection.series, *found.series),
        folders=(*wish.selection.folders, *found.folders),
    )


def _answerable(dataset: Dataset, wanted: Selection) -> None:
    """Raise `NothingMatched` where a list of addresses cannot say which of its files are meant: none, and not all."""
    asked = {"--patient": wanted.patients, "--study": wanted.studies, "--series": wanted.series or wanted.folders}
    for flag, values in asked.items():
        if values:
            raise NothingMatched(
                f"{dataset.address}: its files are a list of addresses, which answers no {flag}",
                hint=f"fetch get {dataset.address} --include GLOB chooses by name",
            )
    if (wanted.modalities and not any(has_modality(dataset, code) for code in wanted.modalities)) or (
        wanted.body_parts and not any(has_body_part(dataset, part) for part in wanted.body_parts)
    ):
        declared = ", ".join((*dataset.modalities, *dataset.body_parts))
        raise NothingMatched(f"{dataset.address} is declared as {declared}", hint=f"fetch show {dataset.name}")


def _footprint(wanted: Iterable[RemoteFile]) -> int:
    from fetchers.verbs.promise import archive_kind  # noqa: PLC0415 - only where something is to be fetched

    # An archive lies beside what comes out of it until all of it is published.
    return sum(
        remote.size * (1 + (remote.unpack and archive_kind(remote.path) is not None))
        for remote in wanted
        if remote.size
    )
