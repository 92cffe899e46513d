"""Compare what is held of one dataset with what its archive has today; no content is downloaded."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from fetchers.acquire import describe
from fetchers.acquire.asked import Asked, ask
from fetchers.acquire.selections import chosen_of
from fetchers.errors import AbsentError, FetchError
from fetchers.source import Listed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fetchers.context import Context
    from fetchers.dataset import Dataset, RemoteFile
    from fetchers.records import Arrival
    from fetchers.source import Client, Source
    from fetchers.storage.record.manifest import Manifest

_VERSION_KEYS = ("version", "revision")


class Version(NamedTuple):
    """The place's own name of what is held, and of what it has today; None where it has no such name."""

    held: str | None
    place: str | None


class Change(NamedTuple):
    """What is otherwise at the place, by the paths of remote files. `error` says why the place could not be asked."""

    dataset: str
    part: str | None
    version: Version
    new: tuple[str, ...]
    changed: tuple[str, ...]
    withdrawn: tuple[str, ...]
    error: str | None = None
    hint: str | None = None


def differs(one: Change) -> bool:
    """Return True where the archive has something else than what is held."""
    newer = one.version.place is not None and one.version.held is not None and one.version.place != one.version.held
    return bool(newer or one.new or one.changed or one.withdrawn)


class Differences:
    """The paths of remote files that are otherwise at the place, collected one after the other."""

    def __init__(self) -> None:
        self.new: list[str] = []
        self.changed: list[str] = []
        self.withdrawn: list[str] = []

    def change(self, dataset: Dataset, version: Version, error: FetchError | None = None) -> Change:
        """Return what was collected as a record."""
        return Change(
            dataset=dataset.name,
            part=dataset.part,
            version=version,
            new=tuple(self.new),
            changed=tuple(self.changed),
            withdrawn=tuple(self.withdrawn),
            error=error.what if error else None,
            hint=error.hint if error else None,
        )


def compared(context: Context, dataset: Dataset, manifest: Manifest, client: Client) -> Change:
    """Compare one dataset or part with its archive."""
    arrivals = {path: arrival for path, arrival in manifest.arrivals(dataset.name, dataset.part).items() if arrival.url}
    source = context.load(dataset.source)
    found = Differences()
    if source.by_hand or not arrivals:  # what a person brought, no place can be asked about
        return found.change(dataset, Version(dataset.version, None))
    if isinstance(source, Listed):
        _by_address(dataset, arrivals, client, found)
        return found.change(dataset, Version(dataset.version, dataset.version))
    today = dataset._replace(options={key: value for key, value in dataset.options.items() if key not in _VERSION_KEYS})
    place = None
    source.sign_in(today, client)
    try:
        if describe.describes(source):
            told = source.describe(today, client)
            place, today = told.version, today._replace(options={**today.options, **told.pinned})
        _by_listing(dataset, source, today, manifest, arrivals, client, found)
    finally:
        source.sign_out(today, client)
    return found.change(dataset, Version(dataset.version, place))


def _by_listing(
    dataset: Dataset,
    source: Source,
    today: Dataset,
    manifest: Manifest,
    arrivals: Mapping[str, Arrival],
    client: Client,
    found: Differences,
) -> None:
    """Compare with the place's listing of what was selected when the files came."""
    left = dict(arrivals)
    chosen = chosen_of(manifest, dataset)
    for remote in chosen.listed(source, today, client):
        arrival = left.pop(remote.path, None)
        if arrival is None:
            if chosen.complete and remote.path not in arrivals:
                found.new.append(remote.path)
        elif _promises_other(remote, arrival) or (
            _promises_nothing(remote) and _has_other(remote.url, arrival, client)
        ):
            found.changed.append(remote.path)
    found.withdrawn.extend(sorted(left))


def _by_address(dataset: Dataset, arrivals: Mapping[str, Arrival], client: Client, found: Differences) -> None:
    """Ask for the head of each listed file; the catalogue may promise others than came."""
    listed = {remote.path: remote for remote in dataset.files}
    for path, arrival in arrivals.items():
        remote = listed.get(path)
        try:
            asked = ask(client, remote.url if remote is not None else arrival.url)
        except AbsentError:
            found.withdrawn.append(path)
            continue
        if _is_other(asked, arrival) or (remote is not None and _promises_other(remote, arrival)):
            found.changed.append(path)
    found.new.extend(path for path in listed if path not in arrivals)


def _promises_nothing(remote: RemoteFile) -> bool:
    return remote.checksum is None and remote.size is None


def _promises_other(remote: RemoteFile, arrival: Arrival) -> bool:
    """Return True where the place promises other bytes than came; an archive that it packs anew has no size to keep."""
    if remote.checksum is not None:
        kind = remote.checksum.partition(":")[0]
        before = f"sha256:{arrival.sha256}" if kind == "sha256" else arrival.checksum
        if before is not None and before.partition(":")[0] == kind:
            return before != remote.checksum
    if remote.images is not None and arrival.images is not None and remote.images != arrival.images:
        return True
    return remote.size is not None and remote.hashes is None and remote.size != arrival.size


def _has_other(url: str, arrival: Arrival, client: Client) -> bool:
    return _is_other(ask(client, url), arrival)


def _is_other(asked: Asked, arrival: Arrival) -> bool:
    """Return True where the head speaks of other bytes than came; what it does not say proves nothing."""
    if asked.size is not None and asked.size != arrival.size:
        return True
    before, now = arrival.validator, asked.validator
    if before is not None and now is not None and before.startswith('"') == now.startswith('"'):
        return before != now
    return asked.modified is not None and asked.modified > datetime.fromisoformat(arrival.arrived_at)
