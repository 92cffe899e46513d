"""Remember what a long scan has seen, so that it can be resumed.

`<home>/.scan` holds a short digest of each file that was read and is no copy, by path, size and time. The next scan
does not read those again; a scan that comes to its end removes the file. What cannot be written is only not
remembered.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from fetchers.storage.safe_folder import SafeFolder

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

NAME = ".scan"
_BYTES = 8
_TOGETHER = 500  # digests between two writes: an interrupted scan loses no more


class Checkpoint:
    """A context manager; leaving it without an error means that the look came to its end."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._seen: set[bytes] = set()
        self._file: IO[bytes] | None = None
        self._new: list[bytes] = []

    def __enter__(self) -> Self:
        with suppress(OSError), SafeFolder(self._home) as home, home.read(NAME) as file:
            raw = file.read()
            whole = len(raw) // _BYTES * _BYTES
            self._seen = {raw[at : at + _BYTES] for at in range(0, whole, _BYTES)}
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self.flush()
        if self._file is not None:
            self._file.close()
        if kind is None:
            with suppress(OSError), SafeFolder(self._home) as home:
                home.unlink(NAME)

    def seen(self, path: str, size: int, mtime_ns: int) -> bool:
        """Return True if an earlier look, which was ended, read this very file and found nothing."""
        return bool(self._seen) and _digest(path, size, mtime_ns) in self._seen

    def note(self, path: str, size: int, mtime_ns: int) -> None:
        """Remember that this file is no copy."""
        self._new.append(_digest(path, size, mtime_ns))
        if len(self._new) >= _TOGETHER:
            self.flush()

    def flush(self) -> None:
        """Write what was noted; several processes may, each a whole number of digests at a time."""
        new, self._new = self._new, []
        with suppress(OSError):
            if new and self._file is None:
                with SafeFolder(self._home) as home:
                    self._file = home.file(NAME, os.O_WRONLY | os.O_CREAT | os.O_APPEND, "ab", 0o600)
            if new and self._file is not None:
                self._file.write(b"".join(new))
                self._file.flush()


def _digest(path: str, size: int, mtime_ns: int) -> bytes:
    text = f"{path}\0{size}\0{mtime_ns}".encode("utf-8", "surrogateescape")
    return hashlib.blake2b(text, digest_size=_BYTES).digest()
