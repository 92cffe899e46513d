"""Tell archives of one name apart that a person brings from several folders.

The record knows an archive by its name. Another one of that name has a number before it, so that what both have of one
name is held twice.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from fetchers.acquire.archives import last_of_split, whole_of

if TYPE_CHECKING:
    from fetchers.acquire.messages import Downloaded
    from fetchers.dataset import Dataset, RemoteFile
    from fetchers.storage.record.manifest import Manifest


class NamesApart:
    """The names of the archives that one run brings."""

    def __init__(self, manifest: Manifest, dataset: Dataset) -> None:
        self._manifest = manifest
        self._dataset = dataset
        self._brought: dict[str, str | None] = {}  # names of this run -> SHA-256

    def of(self, landed: Downloaded) -> RemoteFile:
        """Return the archive under a name that no archive of other bytes has.

        What the catalogue promises with a checksum has its own name, and so have the pieces of a split archive.
        """
        remote, sha256 = landed.remote, landed.partial.sha256
        if remote.checksum is not None or whole_of(remote) is not None or last_of_split(landed):
            return remote
        for number in count(2):
            if self._has(remote.path) in (None, sha256):
                break
            remote = remote._replace(path=_numbered(landed.remote.path, number))
        self._brought[remote.path] = sha256
        return remote

    def _has(self, path: str) -> str | None:
        """Return the SHA-256 of the archive that has the name, of this run or an earlier one."""
        if path in self._brought:
            return self._brought[path]
        arrived = self._manifest.arrived(self._dataset.name, self._dataset.part, [path])
        return arrived[0][2] if arrived else None


def _numbered(path: str, number: int) -> str:
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{number}/{name}"
