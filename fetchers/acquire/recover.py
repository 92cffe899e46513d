"""Find a wanted file that is already under its final name, without a row in the record.

A run published it and died before it could record that, or the record was lost. What vouches for it is the checksum
that the place promises, or the hash that the dead run noted beside the body; all of it is read again.
"""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TYPE_CHECKING

from fetchers.errors import FetchError
from fetchers.storage import layout
from fetchers.storage.link_errors import LinkInTheWayError
from fetchers.storage.partial import resume_state
from fetchers.storage.partial.partial import Partial

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fetchers.dataset import RemoteFile
    from fetchers.storage.safe_folder import SafeFolder

_CHUNK = 256 << 10


def recognised(
    store: SafeFolder, root: str, remote: RemoteFile, key: Callable[[], str], left: Sequence[str]
) -> Partial | None:
    """Return the file below `root` as if it had just come, or None; `left` is what dead runs left of it under way.

    `root` and `left` are paths relative to the store. Raises `StoreError` for a link on the way to the file.
    """
    final = f"{root}/{remote.path}"
    try:
        if not _may_be(store, final, remote.size):
            return None
        noted = next(filter(None, (resume_state.gone_on(store, folder) for folder in left)), None)
    except LinkInTheWayError as error:
        raise layout.disk_error(error, final) from error
    if noted is None and remote.checksum is None:
        return None
    partial = Partial(Path(store.root), key, checksum=remote.checksum, size=remote.size)
    try:
        _take_up(store, partial, final)
    except FetchError:
        partial.discard()
        return None
    if noted is not None and noted.sha256 != partial.sha256:
        partial.discard()
        return None
    if noted is not None:
        partial.note(noted.validator, noted.total)
    for folder in left:
        store.remove_tree(folder)
    return partial


def _may_be(store: SafeFolder, final: str, size: int | None) -> bool:
    try:
        found = store.stat(final)
    except LinkInTheWayError:
        raise
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and size in (None, found.st_size)


def _take_up(store: SafeFolder, partial: Partial, final: str) -> None:
    """Link the file and hash it; raise `FetchError` where it is another one, or cannot be read."""
    try:
        with store.read(final) as source:
            partial.link(source, Path(store.root, final))
            while chunk := source.read(_CHUNK):
                partial.write(chunk)
    except OSError as error:
        raise layout.disk_error(error, final) from error
    partial.finish()
