"""Check the copies in the store: changed, missing, unknown, readable by others.

One walk through each folder, next to the record: a file whose size or time differs is read and hashed, and so is one
that changed since by the file system's own clock (ctime) or that is another one by its inode, for size and time can be
put back. What is not there is `copy-missing`, what the record does not know `copy-unknown`. A moved file that has the
recorded bytes is stamped anew in the record, so that the next audit believes it; `verify` reads every byte. Where the
terms do not allow sharing, a file that others could read is `copy-exposed`: an error where its folders let them
through, a warning where only the folder still keeps them out. What lies above the store is not judged.
"""

from __future__ import annotations

import stat
from contextlib import suppress
from typing import TYPE_CHECKING

from fetchers.checks.terms import verdict as terms
from fetchers.errors import FetchError
from fetchers.inspection.private_copies import private_to_another
from fetchers.inspection.private_terms import private
from fetchers.inspection.scope import Subject, kept_texts, today
from fetchers.inspection.walk import walk
from fetchers.storage import layout
from fetchers.storage.publish.publish import inode_of, sha256_of
from fetchers.storage.record.manifest import Manifest
from fetchers.storage.safe_folder import SafeFolder

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from fetchers.context import Context
    from fetchers.dataset import Dataset
    from fetchers.records import Event, Finding, HeldFile, Severity, Stamp

_OTHERS = stat.S_IRGRP | stat.S_IROTH
_THROUGH = stat.S_IXGRP | stat.S_IXOTH


def findings(
    context: Context, subjects: Sequence[Subject], events: Sequence[Event], manifest: Manifest
) -> Iterator[Finding]:
    """Yield what is wrong with the copies of held subjects."""
    try:
        store = SafeFolder(context.store)
    except OSError:  # nothing is there, and the record said so before
        return
    with store:
        for one in subjects:
            files = sum(row.files for row in one.holdings)
            if (private := private_to_another(context.store, one.dataset, files)) is not None:
                yield private
                continue
            yield from _Copies(context, store, manifest, one, events).findings()


class _Copies:
    def __init__(
        self, context: Context, store: SafeFolder, manifest: Manifest, one: Subject, events: Sequence[Event]
    ) -> None:
        self._context = context
        self._store = store
        self._below = layout.below(one.dataset.name, one.dataset.part)
        self._events = events
        self._given = terms.permissions_for(one.dataset.name, one.dataset.part, events)
        self._manifest = manifest
        self._dataset = one.dataset
        self._root = layout.root(context.store, one.dataset.name, one.dataset.part)
        self._licences = context.workspace.catalogue.licences
        self._secret = private(context, one.dataset, events, *one.licences)
        self._texts = kept_texts(manifest, one.dataset)
        self._skipped: set[str] = set()  # folders below the root that are not this subject's: of a whole, its parts
        if one.dataset.part is None:
            parts = {row.part for row in manifest.holdings() if row.dataset == one.dataset.name}
            self._skipped = {part for part in (*parts, *(part.part for part in one.dataset.parts)) if part}
        self._readers = context.readers_of(one.dataset.name, one.dataset.part)
        self._open = {"": self._reachable()}
        self._unchanged: list[HeldFile] = []

    def findings(self) -> Iterator[Finding]:
        """Yield the findings of one dataset or part."""
        recorded = self._manifest.stamps(self._dataset.name, self._dataset.part)
        # Both come in the order of their paths, so neither need be kept: a million would be felt.
        row = next(recorded, None)
        for path, entry in walk(self._store, self._below, self._enter, stat=True):
            there = entry.stat(follow_symlinks=False)
            while row is not None and row.path < path:
                yield self._missing(row.path)
                row = next(recorded, None)
            if row is None or row.path != path:
                if path in self._texts:
                    continue
                yield self._dataset.finding("copy-unknown", "warning", path, "it is not in the record", self._unknown())
                continue
            if _moved(row, there):
                yield from self._modified(path, there, row.size)
            if self._secret and there.st_mode & self._others(there) and stat.S_ISREG(there.st_mode):
                yield from self._exposed(path, there, reachable=self._open[path[: -len(entry.name)]])
            row = next(recorded, None)
        while row is not None:
            yield self._missing(row.path)
            row = next(recorded, None)
        self._stamp_anew()

    def _stamp_anew(self) -> None:
        """Record the new times of copies whose bytes were found as recorded: a restored backup is hashed once."""
        if self._unchanged:
            # Whoever may not write to this record has the answer all the same.
            with suppress(FetchError), Manifest.open(self._context.store, write=True) as manifest:
                manifest.record([], self._unchanged)

    def _others(self, there: os.stat_result) -> int:
        """Return the bits that let in who should not be: the group that `[readers]` names should."""
        return stat.S_IROTH if there.st_gid == self._readers else _OTHERS

    def _enter(self, entry: os.DirEntry[str], path: str) -> bool:
        """Return True if a folder is this subject's; note whether others can reach it."""
        above = path[: -len(entry.name) - 1]
        if not above and entry.name in self._skipped:
            return False
        self._open[path] = self._open[above] and bool(entry.stat(follow_symlinks=False).st_mode & _THROUGH)
        return True

    def _missing(self, path: str) -> Finding:
        return self._dataset.finding(
            "copy-missing",
            "warning",
            path,
            "the record has it, and the disk does not",
            f"fetch {self._dataset.address}   (downloads it again; to look for it elsewhere: fetch audit --scan DIR)",
        )

    def _reachable(self) -> bool:
        """Return True if others may enter the folders from the store down to the root."""
        folders = [self._root] if self._dataset.part is None else [self._root, self._root.parent]
        return all(_lets_through(folder) for folder in (*folders, self._context.store))

    def _modified(self, path: str, there: os.stat_result, size: int) -> Iterator[Finding]:
        row = self._manifest.file(self._dataset.name, self._dataset.part, path)
        if row is None:
            return
        if not stat.S_ISREG(there.st_mode):
            yield self._dataset.finding(
                "copy-missing", "warning", path, "there is something else in its place, not a regular file", None
            )
            return
        why = f"{there.st_size} bytes, {size} were recorded"
        if there.st_size == size:
            try:
                digest = sha256_of(self._store, f"{self._below}/{path}")
            except OSError as error:
                yield self._dataset.finding("copy-missing", "warning", path, f"unreadable: {error.strerror}", None)
                return
            if digest == row.sha256:
                mtime, ctime = there.st_mtime_ns, there.st_ctime_ns
                self._unchanged.append(row._replace(mtime_ns=mtime, ctime_ns=ctime, inode=inode_of(there)))
                return
            why = f"its SHA-256 is {digest}, {row.sha256} was recorded"
        severity, reason = modification(self._context, self._dataset, row.licence, self._events)
        yield self._dataset.finding(
            "copy-modified",
            severity,
            path,
            f"{why}; {reason}",
            f"fetch {self._dataset.address} --force   (downloads the original again)",
        )

    def _exposed(self, path: str, there: os.stat_result, *, reachable: bool) -> Iterator[Finding]:
        row = self._manifest.file(self._dataset.name, self._dataset.part, path)
        licence = today(self._dataset, row.licence) if row else self._dataset.licence
        verdict = terms.judge(licence, "share-team", self._licences, self._given, self._context.now)
        if verdict.verdict.startswith("allowed"):
            return
        mode = f"{stat.S_IMODE(there.st_mode):04o}"
        who = "others on this machine can read it" if reachable else "only its folder still keeps others out"
        yield self._dataset.finding(
            "copy-exposed",
            "error" if reachable else "warning",
            path,
            f"{who} (mode {mode}), and sharing is {verdict.verdict}: {verdict.reason}",
            f"chmod -R go= {self._root}",
        )

    def _unknown(self) -> str:
        return f"fetch adopt {self._dataset.address} PATH takes it into account; else move it out of the store"


def _moved(row: Stamp, there: os.stat_result) -> bool:
    """Return True if the file may have been changed since: by size, time, change time or identity."""
    return (
        there.st_size != row.size
        or there.st_mtime_ns != row.mtime_ns
        or (row.ctime_ns is not None and there.st_ctime_ns != row.ctime_ns)
        or (row.inode is not None and inode_of(there) != row.inode)
    )


def modification(
    context: Context, dataset: Dataset, recorded: str | None, events: Sequence[Event]
) -> tuple[Severity, str]:
    """Return the severity of a changed copy (an error if the terms forbid changes, else a warning) and why."""
    given = terms.permissions_for(dataset.name, dataset.part, events)
    verdict = terms.judge(today(dataset, recorded), "modify", context.workspace.catalogue.licences, given, context.now)
    return (
        "error" if verdict.verdict == "forbidden" else "warning"
    ), f"modifying is {verdict.verdict}: {verdict.reason}"


def _lets_through(folder: Path) -> bool:
    try:
        return bool(folder.stat().st_mode & _THROUGH)
    except OSError:
        return False
