"""Compare the number of images with the catalogue's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.inspection.scope import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fetchers.context import Context
    from fetchers.dataset import Dataset
    from fetchers.records import Finding
    from fetchers.storage.record.manifest import Manifest


def short(context: Context, manifest: Manifest, dataset: Dataset, images: int | None = None) -> Iterator[Finding]:
    """Compare with the catalogue where the whole was adopted, or all its listed files were fetched.

    `images` were counted just now; None: as the record has them. A part is not compared with the count of the whole.
    """
    if dataset.images is None or (dataset.part and known(context, dataset.name, None).images == dataset.images):
        return
    adopted, recorded = manifest.adopted(dataset.name, dataset.part)
    here = recorded if images is None else images
    if here >= dataset.images or not (adopted or _all_fetched(manifest, dataset)):
        return
    message = f"{here} images are held, the catalogue counts {dataset.images}"
    yield dataset.finding("count-short", "warning", None, message, f"fetch show {dataset.name}")


def _all_fetched(manifest: Manifest, dataset: Dataset) -> bool:
    arrived = {path for path, _, _ in manifest.checksums(dataset.name, dataset.part)} if dataset.files else set()
    return bool(dataset.files) and all(remote.path in arrived for remote in dataset.files)
