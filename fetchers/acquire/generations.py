"""Say what `--force` replaced, and which files an older state of their archive has left behind.

Each replacement is an event of the record, with the old SHA-256 and the new one. A member that the new archive lacks
stays, and is said to be of the old one; one that is lost and that nothing brings again is taken out of the record.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from fetchers.records import Event
from fetchers.storage.publish.publish import sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fetchers.acquire.messages import StoreOptions
    from fetchers.records import Finding, HeldFile
    from fetchers.storage.record.manifest import Manifest
    from fetchers.storage.safe_folder import SafeFolder

_AT_ONCE = 1000  # files in one event


class Generations:
    """What came before what a run brings, of one dataset whose files lie below `root` in the store."""

    def __init__(self, manifest: Manifest, options: StoreOptions, store: SafeFolder, root: str, stamp: str) -> None:
        self._manifest = manifest
        self._store = store
        self._options = options
        self._root = root
        self._stamp = stamp
        self._before: dict[str, str] = {}

    def look(self, paths: Sequence[str]) -> None:
        """Note the hashes of what is about to be replaced."""
        if not self._options.replace:
            return
        dataset = self._options.dataset
        self._before = self._manifest.hashes(dataset.name, dataset.part, paths)
        for path in paths:
            target = f"{self._root}/{path}"
            if path not in self._before and self._store.exists(target):
                with suppress(OSError):
                    self._before[path] = sha256_of(self._store, target)  # nobody recorded it

    def replaced(self, rows: Sequence[HeldFile]) -> tuple[list[Event], list[Finding]]:
        """Return the events of the files whose bytes were replaced, and a finding for each."""
        before, self._before = self._before, {}
        pairs = ((row.path, before.get(row.path, row.sha256), row.sha256) for row in rows) if before else ()
        files = [{"path": path, "old": old, "new": new} for path, old, new in pairs if old != new]
        events = [self._event(files[start : start + _AT_ONCE]) for start in range(0, len(files), _AT_ONCE)]
        what = "its bytes were replaced: SHA-256 {old} before, {new} now"
        return events, [
            self._options.dataset.finding("replaced", "info", one["path"], what.format(**one)) for one in files
        ]

    def left_behind(self, remote: str, sha256: str, rows: Sequence[HeldFile]) -> Iterator[Finding]:
        """Yield a finding for each held file that came in an older state of `remote` and is not in this one."""
        dataset = self._options.dataset
        now = {row.path for row in rows}
        brought = self._manifest.brought_by(dataset.name, dataset.part, remote)
        older = [(path, came_in) for path, came_in in brought if path not in now and came_in not in (None, sha256)]
        lost = [path for path, _ in older if not self._store.exists(f"{self._root}/{path}")]
        if lost:
            self._manifest.forget(dataset.name, dataset.part, lost)
        for path, came_in in older:
            what = f"{remote} does not hold it any more; it came in the older one (SHA-256 {came_in})"
            rest = "is lost, and is taken out of the record" if path in lost else "stays"
            yield dataset.finding("older-copy", "info", path, f"{what} and {rest}")

    def _event(self, files: list[dict[str, str]]) -> Event:
        dataset, whose = self._options.dataset, self._options.event
        return Event(
            seq=0,
            at=self._stamp,
            who=whose.who if whose is not None else "",
            what="replaced",
            dataset=dataset.name,
            part=dataset.part,
            key=None,
            on=self._stamp[:10],
            data={"files": files},
        )
