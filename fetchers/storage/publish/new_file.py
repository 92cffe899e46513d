"""Write a file for a person as a stream, so that it is there whole or not at all; its mode obeys the umask."""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fetchers import system
from fetchers.errors import StoreError
from fetchers.storage import layout
from fetchers.storage.safe_folder import SafeFolder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Open a temporary file beside `path` that gets its name when the block ends; what fails leaves nothing.

    Raise `StoreError` for the disk, and for a symbolic link in its place, which stays.
    """
    if path.is_symlink():
        raise StoreError(f"{path} is a symbolic link and was left as it is", hint=f"name another file, or rm {path}")
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file
                file.flush()
                system.fsync(descriptor)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        with SafeFolder(path.parent) as folder:
            folder.sync("")
    except OSError as error:
        raise layout.disk_error(error, path) from error
