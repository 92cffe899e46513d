"""Decode the pixels of held images once, and remember their hash: the same picture is found in whatever file it lies.

Files are decoded in limited processes. Only images that may be the same are: of a dataset that is held alone, none.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from fetchers.checks.formats.pixel_process import KINDS, PixelProcess
from fetchers.errors import StoreError
from fetchers.records import Finding
from fetchers.storage import layout
from fetchers.storage.record.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fetchers.context import Context
    from fetchers.inspection.scope import Subject

_AT_ONCE = 500  # hashes that are written down together
_LARGEST = 1 << 30  # bytes of a file that is decoded


def compare_pixels(context: Context, held: Sequence[Subject]) -> list[Finding]:
    """Decode what was not decoded yet, and remember it; return what could not be compared."""
    if len(held) < 2:  # noqa: PLR2004 - a pair
        return []
    failed: Counter[tuple[str, str | None, str]] = Counter()
    try:
        opened = Manifest.open(context.store, write=True)
    except StoreError as error:
        what = f"the pixels were not compared, for nothing can be remembered: {error.what}"
        return [Finding(rule="not-compared", severity="warning", message=what, hint=error.hint)]
    with opened as manifest:
        todo = list(_todo(manifest, held))
        context.progress.begin("decoding pixels", files=len(todo))
        found: list[tuple[str, str | None]] = []
        try:
            with layout.opened(context.store) as store, PixelProcess() as process:
                for dataset, part, path, sha256, kind in todo:
                    try:
                        with store.read(f"{layout.below(dataset, part)}/{path}") as file:
                            digest, why = process.digest(kind, file)
                    except OSError as error:
                        digest, why = None, error.strerror or "it cannot be read"
                    if digest is None:
                        failed[dataset, part, why] += 1
                    if digest is not None or not process.lacks(why):
                        found.append((sha256, digest))
                    if len(found) >= _AT_ONCE:
                        manifest.note_pixels(found)
                        found.clear()
                    context.progress.advance(files=1)
        finally:
            manifest.note_pixels(found)
            context.progress.end()
    return [_finding(dataset, part, why, count) for (dataset, part, why), count in failed.items()]


def _todo(manifest: Manifest, held: Sequence[Subject]) -> Iterator[tuple[str, str | None, str, str, str]]:
    """Yield the images of which the pixels are not known: each content once."""
    seen = manifest.decoded()
    for one in held:
        name, part = one.dataset.name, one.dataset.part
        for path, size, sha256, kind in manifest.images(name, part):
            if sha256 not in seen and kind in KINDS and size <= _LARGEST:
                seen.add(sha256)
                yield name, part, path, sha256, kind


def _finding(dataset: str, part: str | None, why: str, count: int) -> Finding:
    from fetchers.checks.formats.pixel_process import MISSING

    hint = "pip install 'fetch-imaging[pixels]'" if why == MISSING else None
    message = f"the pixels of {count:,} images were not compared: {why}"
    return Finding(rule="not-compared", severity="warning", dataset=dataset, part=part, message=message, hint=hint)
