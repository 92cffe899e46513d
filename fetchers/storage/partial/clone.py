"""Take over an open file on the same file system without copying its bytes."""

from __future__ import annotations

import fcntl
from typing import TYPE_CHECKING

from fetchers.storage.safe_folder import NEW

if TYPE_CHECKING:
    import os
    from typing import BinaryIO

    from fetchers.storage.safe_folder import SafeFolder

_FICLONE = 0x40049409  # linux/fs.h


def clone(source: BinaryIO, store: SafeFolder, target: str, path: str | os.PathLike[str]) -> None:
    """Share the blocks of `source`, which bears `path`, where the file system can (FICLONE), else name it twice.

    Raises `OSError`.
    """
    try:
        with store.file(target, NEW, "wb") as file:
            fcntl.ioctl(file.fileno(), _FICLONE, source.fileno())
    except OSError:
        store.unlink(target)
        store.link(source.fileno(), target, path)
