"""Check that both halves of a volume are held: a header (.hdr), and the voxels that it promises (.img).

Analyze 7.5 and NIfTI pairs. The halves come in any order, in one run or in several, so what is missing is said when a
run ends, and taken back when the other half comes.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from fetchers.checks.formats import volume
from fetchers.records import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fetchers.acquire.messages import StoreOptions
    from fetchers.records import HeldFile, Severity
    from fetchers.rules import Rule
    from fetchers.storage.record.manifest import Manifest
    from fetchers.storage.safe_folder import SafeFolder

    Find = Callable[[Rule, Severity, str, str, str | None], None]

_HEADER, _VOXELS = (".hdr", ".hdr.gz"), (".img", ".img.gz")
_SETS = frozenset(("analyze", "nifti", "mixed"))
_ENOUGH = 544  # bytes of a header


class _Half(NamedTuple):
    """What a header promises of the other file: `expected` bytes, None where they are packed or it cannot be read."""

    expected: int | None


class Pairs:
    """The halves of one run. `judge` is asked for each file, `settled` once at the end."""

    def __init__(self, options: StoreOptions) -> None:
        self._dataset = options.dataset
        self._on = options.dataset.container in _SETS
        self._headers: dict[str, _Half] = {}
        self._stems: dict[str, None] = {}

    def header(self, path: str, head: bytes) -> None:
        """Note what a header promises."""
        found = volume.read(head[:_ENOUGH]) if self._on else None
        if found is not None and not found.bytes:
            self._headers[_stem(path)] = _Half(found.offset + found.voxels)

    def judge(self, path: str, size: int, head: bytes, kind: str) -> tuple[Problem, ...]:
        """Return what is wrong with one half, as far as it can be seen now."""
        if not self._on or not path.lower().endswith((*_HEADER, *_VOXELS)):
            return ()
        if is_header(path):
            if kind in ("analyze", "nifti"):
                self.header(path, head)
                self._stems[_stem(path)] = None
            return ()
        self._stems[_stem(path)] = None
        expected = self._headers.get(_stem(path), _Half(None)).expected
        return _short(size, expected) if path.lower().endswith(".img") else ()

    def settled(self, manifest: Manifest, store: SafeFolder, root: str, find: Find) -> Iterator[HeldFile]:
        """Yield the rows of which it changed whether they lack their other half; what is to be said goes to `find`."""
        for stem in self._stems:
            header, voxels = self._row(manifest, stem, _HEADER), self._row(manifest, stem, _VOXELS)
            if header is not None and header.kind in ("analyze", "nifti"):
                expected = self._expected(stem, store, f"{root}/{header.path}")
                if voxels is not None:
                    wrong = _short(voxels.size, expected) if voxels.path.lower().endswith(".img") else ()
                    yield from _changed(header, (), find)
                    yield from _changed(voxels, wrong, find)
                elif expected is not None:
                    name = f"{stem.rpartition('/')[2]}.img"
                    yield from _changed(header, (_lacks(f"its voxels, {name}, are not here"),), find)
            elif voxels is not None and header is None and voxels.kind == "voxels":
                name = f"{stem.rpartition('/')[2]}.hdr"
                yield from _changed(voxels, (_lacks(f"its header, {name}, is not here"),), find)

    def _row(self, manifest: Manifest, stem: str, endings: tuple[str, ...]) -> HeldFile | None:
        names = (f"{stem}{one}" for ending in endings for one in (ending, ending.upper()))
        found = (manifest.file(self._dataset.name, self._dataset.part, name) for name in names)
        return next((row for row in found if row is not None), None)

    def _expected(self, stem: str, store: SafeFolder, header: str) -> int | None:
        if stem not in self._headers:
            try:
                with store.read(header) as file:
                    self.header(f"{stem}.hdr", file.read(_ENOUGH))
            except OSError:
                return None
        return self._headers.get(stem, _Half(None)).expected


def is_header(path: str) -> bool:
    """Return True if a file bears the name of a header that may stand beside its voxels."""
    return path.lower().endswith(_HEADER)


def _stem(path: str) -> str:
    base = path[:-3] if path.lower().endswith(".gz") else path
    return os.path.splitext(base)[0]  # noqa: PTH122 - a path of the store, as text


def _short(size: int, expected: int | None) -> tuple[Problem, ...]:
    if expected is None or size >= expected:
        return ()
    return (_lacks(f"{size:,} bytes are here, its header promises {expected:,}"),)


def _lacks(what: str) -> Problem:
    return Problem("truncated", "error", f"cut off: {what}")


def _changed(row: HeldFile, wrong: tuple[Problem, ...], find: Find) -> Iterator[HeldFile]:
    before = row.findings or ()
    after = (*(one for one in before if one.rule != "truncated"), *wrong)
    for problem in wrong:
        if problem not in before:
            find(problem.rule, problem.severity, row.path, problem.message, problem.hint)
    if after != before:
        yield row._replace(findings=after)
