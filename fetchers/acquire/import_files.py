"""Take in files that a person brought: hash, unpack, judge and record them as a download's are.

A copy is complete and durable before a source is removed, and what is held already was hashed again: a held file that
has not its recorded bytes is put right from the source.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal

from fetchers.acquire import first_bytes, source_files
from fetchers.acquire import result as account
from fetchers.acquire.archives_apart import NamesApart
from fetchers.acquire.batch import Batch
from fetchers.acquire.messages import Downloaded, StoreOptions
from fetchers.acquire.plan import HeldIndex
from fetchers.acquire.records import holds
from fetchers.checks.dicom.declared import may_be_dicom
from fetchers.checks.formats import sniff
from fetchers.checks.formats.archive_names import archive_kind
from fetchers.checks.formats.classify import are_words
from fetchers.checks.formats.promised import promises_binary
from fetchers.checks.formats.safe_names import local_name, shown
from fetchers.dataset import RemoteFile
from fetchers.errors import AccessError, ContentError, FetchError
from fetchers.events import log
from fetchers.inspection.private_terms import private
from fetchers.storage import disk_space, layout
from fetchers.storage.partial import ownership
from fetchers.storage.partial import partial as partials
from fetchers.storage.patient_key import patient_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from fetchers.acquire.source_files import SourceFile
    from fetchers.context import Context
    from fetchers.dataset import Dataset
    from fetchers.records import Finding, Severity
    from fetchers.rules import Rule
    from fetchers.storage.record.manifest import Manifest

Mode = Literal["copy", "move", "link"]
_CHUNK = 1 << 20


class Import:
    """One run of `adopt` over one dataset or part."""

    def __init__(
        self, context: Context, dataset: Dataset, mode: Mode, *, follow: bool = False, max_unpacked: int | None = None
    ) -> None:
        self._context = context
        self._max_unpacked = max_unpacked
        self._follow = follow
        self._dataset = dataset
        self._mode = mode
        self._left_out: list[Finding] = []
        self._failures: list[tuple[RemoteFile, FetchError]] = []
        self._listed = {remote.path: remote for remote in dataset.files}
        names = Counter(remote.path.rpartition("/")[2] for remote in dataset.files)
        self._by_name = {
            name: remote for path, remote in self._listed.items() if names[name := path.rpartition("/")[2]] == 1
        }
        self._private = True  # until the record is open, and says what the owner permits
        self._left = ownership.left_behind(context.store)

    def walk(self, path: Path) -> Iterator[SourceFile]:
        """Yield the regular files of `path`; a link is left out, and what cannot be read turned away, both by name."""
        found = source_files.SourceWalk(
            follow=self._follow,
            left_out=lambda name, why: self._say("left-out", name, why),
            unreadable=self._unreadable,
        )
        for item in found.files(path):
            yield item._replace(path=self._named(item.path))

    def turn_away(self) -> bool:
        """Turn away what was left out, for there is nothing else; say whether anything was turned away."""
        self._failures += [
            (RemoteFile(url="", path=one.path or ""), ContentError(f"{one.path}: {one.message}"))
            for one in self._left_out
        ]
        return bool(self._failures)

    def take_in(self, manifest: Manifest, found: Sequence[SourceFile]) -> account.Done:
        """Take the files in; the tally tells what came of each."""
        held, untrue = HeldIndex(self._context.store, manifest, self._dataset), self._untrue(manifest, found)
        key = (
            patient_key(self._context.workspace.home, group=self._context.home_is_shared)
            if may_be_dicom(self._dataset)
            else None
        )
        event = log.event(self._context, "adopted", self._dataset)
        self._private = private(self._context, self._dataset, manifest.events(self._dataset.name))
        options = StoreOptions(
            dataset=self._dataset,
            private=self._private,
            origin="adopted",
            max_unpacked=self._max_unpacked,
            readers=self._context.readers_of(self._dataset.name, self._dataset.part),
            event=event,
            patient_key=key,
        )
        arrived, count = 0, 0
        apart = NamesApart(manifest, self._dataset)
        names = [item.path for item in found]  # under which the record knows them
        with Batch(self._context, options) as batch:
            batch.totals.failures += self._failures
            for rank, item in enumerate(found):
                remote = self._remote(item)
                try:
                    partial = self._copied(item, remote)
                except FetchError as error:
                    batch.totals.failures.append((remote, error))
                    continue
                landed = Downloaded(remote, partial, url="", validator=None, length_known=True, rank=rank)
                if batch.unpacks(landed) and item.path not in untrue:
                    remote = apart.of(landed)
                    landed, names[rank] = landed._replace(remote=remote), remote.path
                if item.path not in untrue and held.same(remote, partial.sha256):
                    partial.discard()
                    continue
                arrived += 1
                count += partial.offset
                batch.take(landed)
            batch.finish_joined(lambda _: False)
        totals = batch.totals
        failed = {remote.path for remote, _ in totals.failures}
        if self._mode == "move":
            self._remove(item for item, name in zip(found, names, strict=True) if name not in failed)
        totals.findings[:0] = [one for one in self._left_out if one.rule != "renamed" or one.path not in failed]
        return account.Done(totals=totals, files=arrived, bytes=count)

    def _untrue(self, manifest: Manifest, found: Sequence[SourceFile]) -> set[str]:
        """Return those of `found` whose held files do not have the recorded bytes."""
        name, part = self._dataset.name, self._dataset.part
        arrivals = manifest.arrivals(name, part) if manifest.anything_arrived(name, part) else {}
        # What another one brought, too, the record has under that one's name: it is not counted here.
        missing = {item.path: arrivals[item.path].files for item in found if item.path in arrivals}
        root = layout.below(name, part)
        with layout.opened(self._context.store) as store:
            for row in manifest.files(name, part) if missing else ():
                if row.remote in missing and holds(store, f"{root}/{row.path}", row.sha256):
                    missing[row.remote] -= 1
        return {path for path, files in missing.items() if files > 0}

    def _unreadable(self, path: str, error: OSError) -> None:
        remote = RemoteFile(url="", path=shown(path))
        self._failures.append((remote, _cannot_be_read(path, error)))

    def _named(self, name: str) -> str:
        path, _ = local_name(shown(name))
        if path != name:
            self._say("renamed", path, f"held under this name; {name!r} is not one on every file system")
        return path

    def _remote(self, item: SourceFile) -> RemoteFile:
        """Return what the catalogue promises of a file, found by its path, or by a bare name that is unique."""
        folder, _, name = item.path.rpartition("/")
        listed = self._listed.get(item.path) or self._by_name.get(name)
        if listed is None:
            return RemoteFile(url="", path=item.path)
        if folder and listed.path != item.path:  # another readme, in another folder
            return RemoteFile(url="", path=item.path, unpack=listed.unpack)
        return RemoteFile(url="", path=item.path, size=listed.size, checksum=listed.checksum, unpack=listed.unpack)

    def _may_be_empty(self, item: SourceFile) -> bool:
        container = self._dataset.container
        return container == "raw" or are_words(item.path) or (container == "mixed" and not promises_binary(item.path))

    def _remove(self, held: Iterator[SourceFile]) -> None:
        store = self._context.store.resolve()
        for item in held:
            # What lies in the store may be the held file itself.
            if item.followed or item.folder.resolve().is_relative_to(store):
                continue
            try:
                source_files.remove(item)
            except OSError as error:
                message = f"it is held, and its source could not be removed: {item.source}: {error.strerror}"
                self._say("not-removed", item.path, message, "warning")

    def _copied(self, item: SourceFile, remote: RemoteFile) -> partials.Partial:
        store = self._context.store
        size = item.size
        if size == 0 and remote.size != 0 and not self._may_be_empty(item):
            raise ContentError(f"{item.path}: it is empty, data were promised")
        if remote.size not in (None, size):
            raise ContentError(f"{item.path}: {size} bytes are held, {remote.size} were promised")
        disk_space.check(store, size)
        key = layout.partial_id(self._dataset.name, self._dataset.part, remote)
        self._clean(key)
        partial = partials.Partial(
            store,
            lambda: key,
            checksum=remote.checksum,
            private=self._private,
            look=first_bytes.look(
                remote if size else remote._replace(size=0), self._dataset, follow=archive_kind(item.path) is None
            ),
        )
        try:
            with source_files.opened(item) as source:
                if self._mode == "link" and not item.followed and archive_kind(item.path) is None:
                    partial.link(source, item.source)
                while chunk := source.read(_CHUNK):
                    partial.write(chunk)
                    self._context.progress.advance(len(chunk))
            partial.finish()
        except FetchError as error:
            partial.discard()
            if isinstance(error, AccessError):  # nobody signs in to a file that was brought
                raise ContentError(error.what, hint=error.hint) from error
            raise
        except OSError as error:
            partial.discard()
            raise _cannot_be_read(item.path, error) from error
        if sniff.sniff(partial.head, partial.offset) == "empty" and remote.checksum is None and size:
            raise ContentError(f"{item.path}: nothing could be read from it")
        return partial

    def _clean(self, key: str) -> None:
        """Remove what an earlier run left of a file that is taken in anew."""
        if left := self._left.get(key):
            with layout.opened(self._context.store) as opened:
                for found in left:
                    opened.remove_tree(found)

    def _say(self, rule: Rule, path: str, message: str, severity: Severity = "info") -> None:
        self._left_out.append(self._dataset.finding(rule, severity, path, message))


def _cannot_be_read(path: str, error: OSError) -> ContentError:
    return ContentError(
        f"{path}: it cannot be read: {error.strerror or error}", hint="make it readable, and adopt it again"
    )
