"""Recognise a copy that belongs to another account, so that this one can neither judge nor use it."""

from __future__ import annotations

import os
import stat
from shlex import quote
from typing import TYPE_CHECKING

from fetchers.errors import StoreError
from fetchers.storage import layout
from fetchers.storage.blame import denied
from fetchers.storage.sharing import account

if TYPE_CHECKING:
    from pathlib import Path

    from fetchers.dataset import Dataset
    from fetchers.records import Finding


def private_to_another(store: Path, dataset: Dataset, files: int | None = None) -> Finding | None:
    """Return a finding where the copy is there and its owner alone may look at it; it is not missing."""
    folder = _closed(store, dataset)
    if folder is None:
        return None
    found = folder.stat()
    what = "a copy" if files is None else f"{files:,} {'file' if files == 1 else 'files'}"
    message = f"{what} of {account(found.st_uid)}'s alone (mode {stat.S_IMODE(found.st_mode):04o}): not looked at"
    return dataset.finding("copy-private", "info", None, message, denied(str(folder), "private").hint)


def refusal(store: Path, dataset: Dataset) -> StoreError | None:
    """Return why nothing can be done with a copy that another account keeps for itself."""
    folder = _closed(store, dataset)
    if folder is None:
        return None
    return denied(str(folder), "its terms keep the copy with that account, and it cannot be used")


def only_read(store: Path, dataset: Dataset, verb: str) -> StoreError | None:
    """Return why this account cannot change a copy that its owner keeps, or has opened to readers alone."""
    for below in dict.fromkeys((dataset.name, layout.below(dataset.name, dataset.part))):
        folder = store / below
        try:
            found = folder.lstat()
        except OSError:
            return None
        if stat.S_ISDIR(found.st_mode) and found.st_uid != os.geteuid() and not os.access(folder, os.W_OK | os.X_OK):
            owner, mode = account(found.st_uid), stat.S_IMODE(found.st_mode)
            return StoreError(
                f"{folder} belongs to {owner} (mode {mode:04o}): the copy can be changed by that account alone",
                hint=f"{owner} would have to type: fetch --cache {quote(str(store))} {verb} {dataset.address}",
            )
    return None


def _closed(store: Path, dataset: Dataset) -> Path | None:
    """Return the folder of the copy, or the one above it, that is there and that this account may not enter."""
    for below in dict.fromkeys((dataset.name, layout.below(dataset.name, dataset.part))):
        folder = store / below
        try:
            found = folder.lstat()
        except OSError:
            return None
        if stat.S_ISDIR(found.st_mode) and found.st_uid != os.geteuid() and not os.access(folder, os.R_OK | os.X_OK):
            return folder
    return None
