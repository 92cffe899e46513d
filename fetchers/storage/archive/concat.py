"""Read an archive that came in several pieces, without copying them together."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self


class Pieces(io.RawIOBase):
    """The pieces put end to end: bytes in memory, or files, which may be open already. Seekable, read-only."""

    def __init__(self, sources: Sequence[bytes | Path | IO[bytes]]) -> None:
        super().__init__()
        self._parts = list(map(_opened, sources))
        self._sizes = [part.seek(0, os.SEEK_END) for part in self._parts]
        self.size = sum(self._sizes)
        self._at = 0

    @property
    def pieces(self) -> int:
        """The number of pieces."""
        return len(self._parts)

    def start_of(self, piece: int) -> int:
        """Return where a piece begins, in bytes from the start of the first one."""
        return sum(self._sizes[:piece])

    def __enter__(self) -> Self:
        return self

    def close(self) -> None:
        """Close every piece."""
        for part in self._parts:
            part.close()
        super().close()

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the position of the next byte."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to `offset`, as files do."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: object) -> int:
        """Fill `buffer` from the piece that holds the next byte."""
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]  # whatever has a buffer
        body = self.at(self._at, len(view))
        view[: len(body)] = body
        self._at += len(body)
        return len(body)

    def at(self, offset: int, count: int) -> bytes:
        """Read up to `count` bytes from `offset`; fewer only at the end."""
        found = []
        for part, size in zip(self._parts, self._sizes, strict=True):
            if offset < size and count > 0:
                part.seek(offset)
                body = part.read(min(count, size - offset))
                found.append(body)
                count -= len(body)
                offset += len(body)
            offset -= size
            if offset < 0:
                break
        return found[0] if len(found) == 1 else b"".join(found)


def _opened(source: bytes | Path | IO[bytes]) -> IO[bytes]:
    if isinstance(source, bytes):
        return io.BytesIO(source)
    return source.open("rb", buffering=0) if isinstance(source, Path) else source
