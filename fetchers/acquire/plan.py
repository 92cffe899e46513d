"""Choose the remote files that are wanted and not held yet."""

from __future__ import annotations

import stat
from fnmatch import fnmatchcase
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from fetchers.acquire.archives import whole_of
from fetchers.acquire.shard import takes
from fetchers.checks.formats.safe_names import safe_path
from fetchers.errors import ContentError, FetchError, NothingMatched, unforeseen
from fetchers.storage import layout
from fetchers.storage.link_errors import LinkInTheWayError
from fetchers.storage.safe_folder import SafeFolder
from fetchers.transport import url_policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from fetchers.acquire.request import GetRequest
    from fetchers.dataset import Dataset, RemoteFile
    from fetchers.records import HeldFile
    from fetchers.source import Refused, Source
    from fetchers.storage.record.manifest import Manifest
    from fetchers.transport.network_session import NetworkSession

_WHOLE = 1 << 62
_AT_ONCE = 500  # rows that the record is asked for together


def chosen(
    files: Iterable[RemoteFile], request: GetRequest, source: Source | None, licence: str | None
) -> Iterator[RemoteFile]:
    """Keep what `--include`, `--exclude`, `--licence` and `--limit` leave, as a stream.

    A file that a place names as no file may be named is put into the source's `refused`, and the others go on. The
    catalogue's own list was checked when it was read: then `source` is None. `licence` is the dataset's.
    """
    if request.selection.licences:
        wanted = {one.casefold() for one in request.selection.licences}
        files = (remote for remote in files if (remote.licence or licence or "").casefold() in wanted)
    if request.include:
        files = (remote for remote in files if matches(remote.path, request.include))
    if request.exclude:
        files = (remote for remote in files if not matches(remote.path, request.exclude))
    if source is not None:
        files = filter(partial(_lets_pass, source.refused), files)
    if source is not None and source.counts_series and request.limit is not None:
        return _of_series(files, request.limit)
    return islice(files, request.limit)


def lawful(files: Iterable[RemoteFile], source: Source, dataset: Dataset, line: NetworkSession) -> Iterator[RemoteFile]:
    """Keep the files that a place's listing may name: what leads to a private network is put into `refused`."""
    said = [value for value in dataset.options.values() if isinstance(value, str) and "://" in value]
    given = {url_policy.origin(one) for one in said}
    for remote in files:
        try:
            url = url_policy.listed(remote.url, line.asked, given, line.mirrors)
            others = tuple(url_policy.listed(one, line.asked, given, line.mirrors) for one in remote.mirrors)
        except FetchError as error:
            source.refused.add(remote.path, error)
            continue
        yield remote if url == remote.url and others == remote.mirrors else remote._replace(url=url, mirrors=others)


def _of_series(files: Iterable[RemoteFile], most: int) -> Iterator[RemoteFile]:
    """Yield the files of the first series; those of one follow one another."""
    last, count = None, 0
    for remote in files:
        here = remote.series or remote.path
        count += here != last
        if count > most:
            return
        last = here
        yield remote


def _lets_pass(refused: Refused, remote: RemoteFile) -> bool:
    """Return True if the file's name may be used; note it with the reason if not."""
    try:
        safe_path(remote.path)
        if remote.into:
            safe_path(remote.into)
    except ContentError as error:
        error.hint = "ask the archive for another name; --exclude leaves such a file out"
        refused.add(remote.path, error)
        return False
    return True


def matches(path: str, globs: Iterable[str]) -> bool:
    """Return True where a file's name or its path matches one of the patterns."""
    name = path.rpartition("/")[2]
    return any(fnmatchcase(name, glob) or fnmatchcase(path, glob) for glob in globs)


class MissingFiles:
    """What of a listing is wanted and not held, as a stream; what ended it stands in `error` afterwards.

    A fault after the first rows must not undo what they brought, so nothing is raised while it is read.
    """

    def __init__(self, files: Iterable[RemoteFile], held: HeldIndex, source: Source, request: GetRequest) -> None:
        self._files = files
        self._force = request.force or request.pins is not None
        self._joins = request.unpack
        self._takes = takes(request.shard)
        self.held = held
        self.gone = [] if self._force else held.gone
        self._source = source
        self.refused = source.refused
        self.short = source.short
        self.matched = False
        self.error: FetchError | None = None

    def __iter__(self) -> Iterator[RemoteFile]:
        files = iter(self._files)
        together: dict[str, list[RemoteFile]] = {}
        while group := self._next(files):
            self.matched = True
            group = [remote for remote in group if self._takes(remote)]
            yield from group if self._force else self.held.missing(self._alone(group, together))
        for pieces in together.values():
            if next(self.held.missing(pieces), None) is not None:
                yield from pieces
        if not self.matched and self.error is None and not self.refused.named and not self._source.skipped:
            self.error = NothingMatched(
                "nothing matches: the selection leaves no file",
                hint="loosen --include, --exclude, --series ...; --dry-run shows what a selection brings",
            )

    def _alone(self, group: list[RemoteFile], together: dict[str, list[RemoteFile]]) -> list[RemoteFile]:
        """Collect the pieces of split archives in `together`: one lost file needs all of them again."""
        if not self._joins:
            return group
        alone = []
        for remote in group:
            whole = whole_of(remote) or (remote.path if remote.path in together else None)
            if whole is None:
                alone.append(remote)
            else:
                together.setdefault(whole, []).append(remote)
        return alone

    def _next(self, files: Iterator[RemoteFile]) -> list[RemoteFile]:
        """Take some rows; a fault behind them ends the listing when they have been given."""
        group: list[RemoteFile] = []
        try:
            if self.error is None:
                group.extend(islice(files, _AT_ONCE))  # what came before a fault stays in it
        except FetchError as error:
            self.error = error
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a stranger's source may raise anything
            self.error = unforeseen(error)
        return group


class Held(Protocol):
    """Says what of some remote files is not wholly here."""

    def missing(self, files: Sequence[RemoteFile]) -> Iterator[RemoteFile]:
        """Yield those that are wanted."""

    def again(self) -> Held:
        """Look again."""


class HeldIndex:
    """What of one dataset or part is wholly here: recorded, and on the disk with the recorded size.

    `gone` are lost files that came in an archive which another has replaced since: nothing brings them again.
    """

    def __init__(self, store: Path, manifest: Manifest, dataset: Dataset) -> None:
        self._store = store
        self._manifest = manifest
        self._dataset = dataset
        self.gone: list[HeldFile] = []
        root = layout.below(dataset.name, dataset.part)
        broken = set()
        for path in not_whole(store, root, manifest.sizes(dataset.name, dataset.part)):
            row = manifest.file(dataset.name, dataset.part, path)
            if row is not None and self._replaced(row):
                self.gone.append(row)
            elif row is not None:
                broken.add(row.remote)
        self._broken = broken
        self.others: tuple[HeldIndex, ...] = ()  # of stores that are only read

    def asks(self, manifest: Manifest) -> None:
        """Ask another connection to the record from now on."""
        self._manifest = manifest

    def again(self) -> HeldIndex:
        """Look at the disk anew."""
        return HeldIndex(self._store, self._manifest, self._dataset)

    def _replaced(self, row: HeldFile) -> bool:
        """Return True if another archive has come in the place of the one that the file came in."""
        if row.came_in is None:
            return False
        arrived = self._manifest.arrived(self._dataset.name, self._dataset.part, [row.remote])
        return bool(arrived) and arrived[0][2] != row.came_in

    def series(self) -> dict[str, int]:
        """Return how many files of each series are here; a series that came as one archive is here with all of them."""
        found = {
            series: _WHOLE if archive else files
            for series, files, archive in self._manifest.series(self._dataset.name, self._dataset.part)
        }
        for path in self._broken:
            found.pop(path.partition("/")[0].removesuffix(".zip"), None)
        return found

    def same(self, remote: RemoteFile, sha256: str | None) -> bool:
        """Return True if exactly these bytes are held under the remote file's name."""
        return remote.path not in self._broken and any(row[2] == sha256 for row in self._arrived([remote]))

    def missing(self, files: Sequence[RemoteFile]) -> Iterator[RemoteFile]:
        """Yield those that are not wholly here, or are promised with another checksum now."""
        for other in self.others:
            files = list(other.missing(files))
        arrived = {path: (None, checksum, f"sha256:{sha256}") for path, checksum, sha256 in self._arrived(files)}
        for remote in files:
            if remote.path in self._broken or remote.checksum not in arrived.get(remote.path, ()):
                yield remote

    def _arrived(self, files: Sequence[RemoteFile]) -> list[tuple[str, str | None, str]]:
        name, part = self._dataset.name, self._dataset.part
        if not self._manifest.anything_arrived(name, part):
            return []
        return self._manifest.arrived(name, part, [remote.path for remote in files])


def not_whole(store: Path, root: str, recorded: Iterable[tuple[str, int, int]]) -> Iterator[str]:
    """Yield the paths below `root` of what is not there with its recorded size: it is wanted again.

    Raises `StoreError` where a link stands in place of the dataset's folder, or of one below it.
    """
    try:
        opened = SafeFolder(store)
    except OSError:  # the store is gone, and all that was in it
        yield from (path for path, *_ in recorded)
        return
    with opened:
        folder, state = "", None  # files of one folder come one after the other: it is looked for once
        for path, size, *_ in recorded:
            below, _, name = path.rpartition("/")
            try:
                if state is None or below != folder:
                    folder, state = below, opened.within(f"{root}/{below}".rstrip("/"))
                found = state(name)
                if found.st_size == size and stat.S_ISREG(found.st_mode):
                    continue
            except LinkInTheWayError as error:
                raise layout.disk_error(error, root) from error
            except OSError:
                pass
            yield path
