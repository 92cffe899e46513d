"""How the files of one dataset are to be held, by what was asked for and by its terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.acquire.messages import StoreOptions
from fetchers.checks.dicom.declared import may_be_dicom
from fetchers.events import log
from fetchers.inspection.private_terms import private
from fetchers.storage.patient_key import patient_key

if TYPE_CHECKING:
    from fetchers.acquire.request import GetRequest
    from fetchers.context import Context
    from fetchers.dataset import Dataset
    from fetchers.storage.record.manifest import Manifest


def store_options(
    context: Context, request: GetRequest, dataset: Dataset, manifest: Manifest, room: int | None
) -> StoreOptions:
    """Return the options of one download; `room` are bytes that `--max-size` leaves for what comes out of archives."""
    key = patient_key(context.workspace.home, group=context.home_is_shared) if may_be_dicom(dataset) else None
    return StoreOptions(
        dataset=dataset,
        private=private(context, dataset, manifest.events(dataset.name)),
        unpack=request.unpack,
        keep_archives=request.keep_archives,
        replace=request.force or request.pins is not None,
        pins=request.pins,
        max_unpacked=request.max_unpacked,
        room=room,
        readers=context.readers_of(dataset.name, dataset.part),
        event=log.event(context, "fetched", dataset),
        patient_key=key,
    )
