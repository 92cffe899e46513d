"""Bring one dataset to the state that a lock names: what is missing is downloaded and held to the lock's hashes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.acquire import describe, result
from fetchers.acquire.pins import Pins
from fetchers.acquire.plan import not_whole
from fetchers.acquire.request import Failure
from fetchers.dataset import RemoteFile
from fetchers.errors import AccessError, CatalogueError, FetchError
from fetchers.storage import layout
from fetchers.storage.record.manifest import Manifest
from fetchers.workspace.described import dataset_from

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fetchers.acquire.lock_file import LockedDataset, LockedRemote
    from fetchers.acquire.request import Plan, Result, Terms
    from fetchers.acquire.run import Run
    from fetchers.context import Context
    from fetchers.dataset import Dataset
    from fetchers.records import Finding

_CONTENT = 4


class SyncedDataset(NamedTuple):
    """What became of one dataset or part: as `get` says it, with the remote files that are not as they were locked.

    `changed` have other bytes today, `vanished` are not at the place any more, `pending` wait for a person.
    """

    dataset: str
    part: str | None
    root: str
    files: int
    bytes: int
    downloaded_files: int
    downloaded_bytes: int
    failed: int
    terms: Terms
    findings: tuple[Finding, ...]
    failures: tuple[Failure, ...]
    exit: int
    plan: Plan | None
    changed: tuple[str, ...]
    vanished: tuple[str, ...]
    pending: tuple[str, ...]


def beside(one: LockedDataset) -> Iterator[tuple[LockedRemote, Any]]:
    """Yield the archives that are held beside what came out of them."""
    remotes = {remote.path: remote for remote in one.remotes}
    for member in one.members:
        if member.path == member.remote and member.remote in remotes:
            yield remotes[member.remote], member


def described(context: Context, one: LockedDataset, *, write: bool) -> Dataset:
    """Return the dataset as this home knows it, else as the lock describes it; the latter is remembered."""
    address = one.dataset if one.part is None else f"{one.dataset}/{one.part}"
    try:
        found = next(each for each in context.workspace.catalogue.find(address) if each.part == one.part)
    except (FetchError, StopIteration):
        whole = dataset_from(one.dataset, one.table, None)
        if whole is None:
            raise CatalogueError(
                f"{address} is unknown here, and what the lock says of it breaks the rules of a catalogue",
                hint=f"add it to catalogue.toml, or write the lock again: fetch lock {address}",
            ) from None
        if write:
            describe.remember(context, whole)
        return whole._replace(part=one.part)
    options = one.table.get("options")
    if found.source == one.source and isinstance(options, dict) and not found.lists_itself:
        return found._replace(options={**found.options, **options}, version=one.version)
    return found


def bring(context: Context, fetching: Run, dataset: Dataset, one: LockedDataset) -> SyncedDataset:
    """Download what one dataset lacks of its lock, and return what came of it."""
    with Manifest.open(context.store, write=False) as manifest:
        missing = _missing(context, manifest, one)
        if not missing:
            return synced(result.result(context, dataset, manifest), ())
    by_hand = [remote.path for remote in missing if remote.url is None]
    asked = {remote.path: _remote(remote) for remote in missing if remote.url is not None}
    if asked:
        came: dict[str, set[str]] = {}
        for member in one.members:
            came.setdefault(member.remote, set()).add(member.path)
        pins = Pins(
            wanted=asked,
            known=frozenset(remote.path for remote in one.remotes),
            members={member.path: member.sha256 for member in one.members},
            by_remote={remote: frozenset(paths) for remote, paths in came.items()},
            complete=dataset.lists_itself,
        )
        done = fetching.one(dataset, pins)
    else:
        with Manifest.open(context.store, write=False) as manifest:
            done = result.result(context, dataset, manifest)
    if by_hand:
        done = _brought(dataset, done, by_hand)
    refused = any(failure.path is None and failure.exit == AccessError.exit_status for failure in done.failures)
    return synced(done, (*by_hand, *(asked if refused and not done.downloaded_files else ())))


def _missing(context: Context, manifest: Manifest, one: LockedDataset) -> list[LockedRemote]:
    """Return the remote files of which something is not here, or is here with other bytes; asks the disk, no place."""
    here = {path: sha256 for path, sha256, _, _ in manifest.members(one.dataset, one.part)}
    sizes = ((member.path, member.size, 0) for member in one.members if here.get(member.path) == member.sha256)
    lost = set(not_whole(context.store, layout.below(one.dataset, one.part), sizes))
    wanted = {member.remote for member in one.members if here.get(member.path) != member.sha256 or member.path in lost}
    told_of = {member.remote for member in one.members}
    silent = [remote.path for remote in one.remotes if remote.path not in told_of]
    if silent:
        arrived = manifest.arrivals(one.dataset, one.part)
        joined = {remote.joins for remote in one.remotes if remote.path in wanted and remote.joins is not None}
        joins = {remote.path: remote.joins for remote in one.remotes}
        wanted.update(path for path in silent if path not in arrived or joins[path] in joined)
    return [remote for remote in one.remotes if remote.path in wanted]


def _remote(remote: LockedRemote) -> RemoteFile:
    """Return what is to be asked for: what is held as it arrived is held to its own hash, an archive to its members."""
    direct = not remote.unpack
    return RemoteFile(
        url=remote.url or "",
        path=remote.path,
        size=remote.size if direct else None,
        checksum=f"sha256:{remote.sha256}" if direct and remote.sha256 is not None else None,
        unpack=remote.unpack,
        into=remote.into,
        joins=remote.joins,
        hashes=remote.hashes,
        series=remote.series,
    )


def _brought(dataset: Dataset, done: Result, paths: list[str]) -> Result:
    """Add the failure that stands for what a person brought there, and has to bring here."""
    shown = ", ".join(paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")  # noqa: PLR2004
    failure = Failure(
        path=None,
        error=f"{dataset.address}: a person brought {shown}; no address is known",
        hint=f"fetch adopt {dataset.address} PATH...",
        exit=AccessError.exit_status,
    )
    status = result.status((*done.failures, failure), done.findings, held=done.files, partly=bool(done.files))
    return done._replace(failures=(*done.failures, failure), failed=done.failed + 1, exit=status)


def synced(done: Result, pending: tuple[str, ...]) -> SyncedDataset:
    """Return a result with the remote files that are not as they were locked."""
    fields: Mapping[str, Any] = {name: getattr(done, name) for name in SyncedDataset._fields[:13]}
    return SyncedDataset(
        **fields,
        changed=tuple(one.path for one in done.failures if one.path is not None and one.exit == _CONTENT),
        vanished=tuple(one.path for one in done.failures if one.path is not None and one.absent),
        pending=pending,
    )
