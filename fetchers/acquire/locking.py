"""Return what a lock says of one dataset or part that is held: from the record and the catalogue, not from the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.acquire.lock_file import LockedDataset, LockedMember, LockedRemote
from fetchers.workspace.described import table_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fetchers.dataset import Dataset, RemoteFile
    from fetchers.records import Arrival
    from fetchers.storage.record.manifest import Manifest


def locked(manifests: Iterable[Manifest], dataset: Dataset) -> LockedDataset:
    """Return the lock of what is held of `dataset` in one store or in several; the first that has a file speaks."""
    first, *others = [_locked(manifest, dataset) for manifest in manifests]
    if not others:
        return first
    every = [*reversed(others), first]
    members = {member.path: member for one in every for member in one.members}
    remotes = {remote.path: remote for one in every for remote in one.remotes}
    return first._replace(
        licences=sorted({name: text for one in every for name, text in one.licences}.items()),
        remotes=[remotes[path] for path in sorted(remotes)],
        members=[members[path] for path in sorted(members)],
    )


def _locked(manifest: Manifest, dataset: Dataset) -> LockedDataset:
    members = [
        LockedMember(path, remote, sha256, size)
        for path, sha256, size, remote in manifest.members(dataset.name, dataset.part)
    ]
    came: dict[str, list[LockedMember]] = {}
    for member in members:
        came.setdefault(member.remote, []).append(member)
    listed = {file.path: file for file in dataset.files}
    arrivals = manifest.arrivals(dataset.name, dataset.part)
    remotes = [_remote(arrivals[path], listed.get(path), came.get(path, ()), dataset) for path in sorted(arrivals)]
    remotes += [LockedRemote(path, None, None, None) for path in sorted(came.keys() - arrivals.keys())]
    return LockedDataset(
        dataset=dataset.name,
        part=dataset.part,
        source=dataset.source,
        version=dataset.version,
        table=table_of(dataset),
        licences=sorted(_texts(manifest, dataset).items()),
        remotes=remotes,
        members=members,
    )


def _remote(
    arrival: Arrival, listed: RemoteFile | None, members: Iterable[LockedMember], dataset: Dataset
) -> LockedRemote:
    found = list(members)
    direct = len(found) == 1 and found[0].sha256 == arrival.sha256
    # A place that promises no checksum packs an archive anew for each who asks: its members stand for it.
    lasting = direct or dataset.lists_itself or arrival.checksum is not None or not arrival.url
    return LockedRemote(
        path=arrival.path,
        url=(listed.url if listed is not None else arrival.url) or None,
        size=arrival.size if lasting else None,
        sha256=arrival.sha256 if lasting else None,
        unpack=not direct,
        into=listed.into if listed is not None else "",
        joins=listed.joins if listed is not None else None,
        hashes=listed.hashes if listed is not None else None,
        series=arrival.series,
    )


def _texts(manifest: Manifest, dataset: Dataset) -> Mapping[str, str | None]:
    """Return the hash of each licence's text as it was seen last."""
    rows = [row for row in manifest.terms(dataset.name) if row.part == dataset.part and row.licence is not None]
    return {row.licence or "": row.text_sha256 for row in rows}
