"""Decode the pixels of held images once, and remember their hash: the same picture is found in whatever file it lies.

Files are decoded in limited processes. Only images that may be the same are: of a dataset that is held alone, none.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from fetchers.checks.formats.pixel_process import KINDS, PixelProcess
from fetchers.errors import StoreError
from fetchers.records import Finding
from fetchers.storage import layout
from fetchers.storage.record.manifest import Manifest
from fetchers.workers.pool import in_order

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from fetchers.context import Context
    from fetchers.inspection.scope import Subject
    from fetchers.storage.safe_folder import SafeFolder
    from fetchers.workers.cluster_executor import ClusterExecutor

_AT_ONCE = 500  # hashes that are written down together
_PIECE = 100  # images that one piece of work decodes
_LARGEST = 1 << 30  # bytes of a file that is decoded


class Image(NamedTuple):
    """One held image whose pixels are not known yet."""

    dataset: str
    part: str | None
    path: str
    sha256: str
    kind: str


class Decoded(NamedTuple):
    """What came of it: the hash of its pixels, or why there is none. `lasting` is worth being remembered."""

    digest: str | None
    why: str
    lasting: bool


def compare_pixels(context: Context, held: Sequence[Subject], executor: ClusterExecutor | None = None) -> list[Finding]:
    """Decode what was not decoded yet, and remember it; return what could not be compared.

    With an `executor` its workers decode; this process alone writes what they found into the record.
    """
    if len(held) < 2:  # noqa: PLR2004 - a pair
        return []
    failed: Counter[tuple[str, str | None, str]] = Counter()
    try:
        opened = Manifest.open(context.store, write=True)
    except StoreError as error:
        what = f"the pixels were not compared, for nothing can be remembered: {error.what}"
        return [Finding(rule="not-compared", severity="warning", message=what, hint=error.hint)]
    with opened as manifest:
        todo = list(undecoded(manifest, held))
        context.progress.begin("decoding pixels", files=len(todo))
        found: list[tuple[str, str | None]] = []
        try:
            for image, decoded in zip(todo, _decoded(context.store, todo, executor), strict=True):
                if decoded.digest is None:
                    failed[image.dataset, image.part, decoded.why] += 1
                if decoded.lasting:
                    found.append((image.sha256, decoded.digest))
                if len(found) >= _AT_ONCE:
                    manifest.note_pixels(found)
                    found.clear()
                context.progress.advance(files=1)
        finally:
            manifest.note_pixels(found)
            context.progress.end()
    return [_finding(dataset, part, why, count) for (dataset, part, why), count in failed.items()]


def decode(store: Path, images: Sequence[Image]) -> list[Decoded]:
    """Decode some images, in a limited process."""
    with layout.opened(store) as opened, PixelProcess() as process:
        return [_one(opened, process, image) for image in images]


def _one(store: SafeFolder, process: PixelProcess, image: Image) -> Decoded:
    try:
        with store.read(f"{layout.below(image.dataset, image.part)}/{image.path}") as file:
            digest, why = process.digest(image.kind, file)
    except OSError as error:
        digest, why = None, error.strerror or "it cannot be read"
    return Decoded(digest, why, lasting=digest is not None or not process.lacks(why))


def _decoded(store: Path, todo: Sequence[Image], executor: ClusterExecutor | None) -> Iterator[Decoded]:
    """Yield what came of each image, in their order."""
    groups = [(todo[start : start + _PIECE],) for start in range(0, len(todo), _PIECE)]
    if executor is None:
        for (group,) in groups:
            yield from decode(store, group)
    else:
        for some in in_order(lambda group: executor.submit(decode, store, group), groups, executor.ahead):
            yield from some


def undecoded(manifest: Manifest, held: Sequence[Subject]) -> Iterator[Image]:
    """Yield the images of which the pixels are not known: each content once."""
    seen = manifest.decoded()
    for one in held:
        name, part = one.dataset.name, one.dataset.part
        for path, size, sha256, kind in manifest.images(name, part):
            if sha256 not in seen and kind in KINDS and size <= _LARGEST:
                seen.add(sha256)
                yield Image(name, part, path, sha256, kind)


def _finding(dataset: str, part: str | None, why: str, count: int) -> Finding:
    from fetchers.checks.formats.pixel_process import MISSING

    hint = "pip install 'fetch-imaging[pixels]'" if why == MISSING else None
    message = f"the pixels of {count:,} images were not compared: {why}"
    return Finding(rule="not-compared", severity="warning", dataset=dataset, part=part, message=message, hint=hint)
