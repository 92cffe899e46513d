"""Does a wanted file lie under its final name already, without a row?

A run published it and died before it could record that, or the record was lost. What vouches for it is the checksum
that the place promises, or the hash that the dead run noted beside the body; all of it is read again.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from fetchers.errors import FetchError
from fetchers.storage import layout
from fetchers.storage.archive.safe_tree import remove_tree
from fetchers.storage.partial import resume_state
from fetchers.storage.partial.partial import Partial

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fetchers.dataset import RemoteFile

_CHUNK = 256 << 10


def recognised(
    store: Path, root: str, remote: RemoteFile, key: Callable[[], str], left: Sequence[Path]
) -> Partial | None:
    """Give the file below `root` as if it had just come, or None; `left` is what dead runs left of it under way."""
    final = f"{root}/{remote.path}"
    if not os.access(final, os.F_OK):  # nearly always, and cheaper than an error
        return None
    noted = next(filter(None, map(resume_state.gone_on, left)), None)
    if noted is None and remote.checksum is None:
        return None
    if not _may_be(final, remote.size):
        return None
    partial = Partial(store, key, checksum=remote.checksum)
    try:
        _take_up(partial, final)
    except FetchError:
        partial.discard()
        return None
    if noted is not None and noted.sha256 != partial.sha256:
        partial.discard()
        return None
    if noted is not None:
        partial.note(noted.validator, noted.total)
    for folder in left:
        remove_tree(folder)
    return partial


def _may_be(final: str, size: int | None) -> bool:
    try:
        found = os.lstat(final)
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and size in (None, found.st_size)


def _take_up(partial: Partial, final: str) -> None:
    """Link the file and hash it; raises `FetchError` where it is another one, or cannot be read."""
    try:
        with open(final, "rb") as source:  # noqa: PTH123 - see `publish.Piece`
            partial.link(source, Path(final))
            while chunk := source.read(_CHUNK):
                partial.write(chunk)
    except OSError as error:
        raise layout.disk_error(error, final) from error
    partial.finish()
