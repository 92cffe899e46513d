"""The layout of the store.

    <cache>/CACHEDIR.TAG
    <cache>/manifest.sqlite, manifest.journal     the record, beside what it records
    <cache>/<dataset>/[<part>/]...                 files under their final names, whole and checked
    <cache>/<dataset>/[<part>/]LICENCE/...         the terms as they were seen
    <cache>/.partial/<id>.<owner>/body             bytes under way; <id> is made from dataset, part and remote path
    <cache>/.partial/<id>.<owner>/state            what a later run needs to go on with them
    <cache>/.partial/<id>.<owner>/tree/            an archive being unpacked
    <cache>/.partial/<dataset>lease.<owner>        which files a run is at, so that no other run fetches them, too
    <cache>/.locks/                                courtesy locks: they save bandwidth, correctness never rests on them

Hidden folders are "under way"; everything else is under its final name.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from functools import cache
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from fetchers.errors import StoreError
from fetchers.storage import blame, sharing
from fetchers.storage.link_errors import LinkInTheWayError, OutsideError
from fetchers.storage.safe_folder import NEW, SafeFolder

if TYPE_CHECKING:
    from fetchers.dataset import RemoteFile

PARTIAL = ".partial"
LOCKS = ".locks"
TERMS = "LICENCE"
# https://bford.info/cachedir/: back-up programs leave a folder with this signature out.
_TAG = b"Signature: 8a477f597d28d172789f06886806bc55\n# Downloads of `fetch`; the record is manifest.sqlite.\n"


def root(store: Path, dataset: str, part: str | None) -> Path:
    """Return the folder in which the files of a dataset or part lie; raise `StoreError` for names that are none."""
    return store / below(dataset, part)


@cache
def below(dataset: str, part: str | None) -> str:
    """Return that folder relative to the store. The names may come from the record: none of them leads elsewhere."""
    for name in (dataset, part or "part"):
        if not isinstance(name, str) or not name.isprintable() or name[:1] in ("", ".") or "/" in name:
            raise StoreError(
                f"the record names a dataset or part {name!r}, which is no name of one", hint="fetch doctor"
            )
    return dataset if part is None else f"{dataset}/{part}"


def partial_id(dataset: str, part: str | None, remote: RemoteFile) -> str:
    """Return the name of a partial download: the same remote file has the same name in every run."""
    import hashlib

    digest = hashlib.sha256(remote.path.encode()).hexdigest()
    return f"{partial_prefix(dataset, part)}{digest[:24]}"


@cache
def partial_prefix(dataset: str, part: str | None) -> str:
    """Return what the names of all that is under way of one dataset or part begin with."""
    import hashlib

    return hashlib.sha256(f"{dataset}\0{part or ''}".encode()).hexdigest()[:8]


def prepare(store: Path) -> None:
    """Make the store and its folder for what is under way; raise `StoreError` where this machine does not let us."""
    found(store)
    try:
        with SafeFolder(store) as folder:
            folder.make(PARTIAL, folder.modes.own_folder)
    except OSError as error:
        raise disk_error(error, store) from error


def found(store: Path) -> None:
    """Make the store's folder, and mark it as one that back-up programs may leave out; raise `StoreError`.

    Who founds it as a group's writes that into the mark.
    """
    shared = sharing.to_be_shared(store)
    text, mode = (_TAG + sharing.MARK, 0o664) if shared else (_TAG, 0o644)
    try:
        store.mkdir(parents=True, exist_ok=True)
        if shared and not (store / sharing.TAG).exists():
            _refuse_unshareable(store)
        with SafeFolder(store) as folder, suppress(FileExistsError), folder.file(sharing.TAG, NEW, "wb", mode) as tag:
            tag.write(text)
            if shared:
                os.fchmod(tag.fileno(), mode)
            sharing.look_again()
            state = store.stat()
            if shared and state.st_uid == os.geteuid():
                store.chmod(stat.S_IMODE(state.st_mode) | 0o2070)
    except OSError as error:
        raise disk_error(error, store) from error


def _refuse_unshareable(store: Path) -> None:
    """Raise `StoreError` where the folder is another's and does not hand its group on: others could not write there."""
    state = store.stat()
    if state.st_uid != os.geteuid() and ~state.st_mode & 0o2070:
        owner, mode = sharing.account(state.st_uid), stat.S_IMODE(state.st_mode)
        raise StoreError(
            f"{store} belongs to {owner} (mode {mode:04o}): a group's store has to hand its group on",
            hint=f"{owner} would have to type: chmod 2770 {quote(str(store))}",
        )


def make_root(store: SafeFolder, dataset: str, part: str | None, *, private: bool) -> None:
    """Make the folder of a dataset or part in a shared store: a private part's dataset is still everybody's."""
    if store.modes.shared:
        if part is not None:
            store.make_all(dataset, store.modes.folder(private=False))
        store.make_all(below(dataset, part), store.modes.folder(private=private))


def refuse_link(store: Path, dataset: str, part: str | None) -> None:
    """Raise `StoreError` where a link stands in place of the folder of a dataset or part."""
    try:
        with SafeFolder(store) as folder:
            folder.at(below(dataset, part))
    except LinkInTheWayError as error:
        raise disk_error(error, store) from error
    except OSError:
        return  # what is not there is another matter


def opened(folder: Path) -> SafeFolder:
    """Open a store or a home for what lies below it; raise `StoreError`."""
    try:
        return SafeFolder(folder)
    except OSError as error:
        raise disk_error(error, folder) from error


def disk_error(error: OSError, where: Path | str) -> StoreError:
    """Turn what the operating system said into a `StoreError` that names the folder and the way out."""
    import errno

    place = os.fspath(where)
    if isinstance(error, LinkInTheWayError):
        link = quote(str(error.filename))
        return StoreError(
            f"{error.filename} is a symbolic link, and none is followed here",
            hint=f"ls -l {link}   (shows where it leads; rm {link} removes the link alone)",
        )
    if isinstance(error, OutsideError):
        return StoreError(f"{place}: the path {error.filename!r} leads out of it", hint="fetch doctor")
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreError(
            f"no space (or no inode) is left on the disk of {place}",
            hint="free some, or move the store with --cache DIR, and type the same command again: it goes on from here",
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        named = os.fspath(error.filename) if isinstance(error.filename, (str, os.PathLike)) else ""
        path = named if named.startswith("/") else place
        return blame.denied(path, (error.strerror or "refused").lower(), store=place if Path(place).is_dir() else None)
    if error.errno == errno.EROFS:
        return StoreError(
            f"{place} cannot be written: {error.strerror}", hint="choose another folder with --cache DIR or --home DIR"
        )
    return StoreError(f"{place}: {error.strerror or error}", hint="fetch doctor")
