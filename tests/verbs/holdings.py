"""Put copies into a store, with their rows, as a download would have left them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from fetchers.acquire import preflight
from fetchers.checks.dicom.fast_header import walk
from fetchers.records import HeldFile
from fetchers.storage import layout
from fetchers.storage.record.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from fetchers.context import Context


def hold(
    context: Context,
    address: str,
    files: Mapping[str, bytes],
    *,
    licence: str | None = None,
    private: bool = True,
) -> Path:
    """Hold `files` as the dataset or part; return its root. `licence` is what a place said of these files."""
    (dataset,) = context.workspace.catalogue.find(address)
    layout.prepare(context.store)
    root = layout.root(context.store, dataset.name, dataset.part)
    rows = []
    for path, data in files.items():
        file = root / path
        for folder in reversed(file.relative_to(context.store).parents):
            (context.store / folder).mkdir(mode=0o700 if private else 0o755, parents=True, exist_ok=True)
        file.write_bytes(data)
        file.chmod(0o600 if private else 0o644)
        rows.append(
            HeldFile(
                dataset=dataset.name,
                part=dataset.part,
                path=path,
                size=len(data),
                sha256=hashlib.sha256(data).hexdigest(),
                mtime_ns=file.stat().st_mtime_ns,
                kind="dicom",
                origin="downloaded",
                remote=f"{path}.zip",
                acquired_at=context.stamp,
                proof="checksum",
                licence=licence or dataset.licence,
                header=walk(data, whole=True) if data[128:132] == b"DICM" else None,
            )
        )
    with Manifest.open(context.store, write=True) as manifest:
        manifest.record([], rows)
        preflight.record_terms(context, manifest, dataset)
    return root
