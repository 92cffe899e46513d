"""Hash and write the bytes of a larger file in a thread, while the next ones arrive.

What comes, 16 KiB at a time, is put into a buffer. A full one is hashed and written by a thread, if there is one to do
it: both let the interpreter go, and at half a MiB the two threads seldom need it at the same time. Meanwhile the other
buffer is filled, so a line that is faster than the disk waits for it. The buffers are used again and again: memory that
is taken and given back for each portion costs as much as its write.

At every `STRIDE` bytes the running SHA-256 is noted in `state`, beside `body`.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from fetchers.storage.publish import fsync

if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Executor, Future

    from fetchers.storage.partial.hashes import Hashes
    from fetchers.storage.safe_folder import SafeFolder

STRIDE = 4 << 20
_PORTION = 512 << 10
_FLAGS = os.O_RDWR | os.O_CREAT


class Body:
    """One file in its folder below the store, open from `at` on; `facts` are noted first of a new one.

    Raises `OSError`.
    """

    def __init__(
        self,
        store: SafeFolder,
        folder: str,
        hashes: Hashes,
        at: int,
        facts: Mapping[str, object],
        executor: Executor | None,
        *,
        private: bool = True,
    ) -> None:
        file_mode, folder_mode = store.modes.under_way(private=private)
        store.make(folder, folder_mode)
        self._hashes = hashes
        self._executor = executor
        self._under_way: list[Future[None]] = []
        self._buffers = [bytearray(0), bytearray(0)]  # the one that is filled, the other one
        self._filled = 0
        self._written = self._noted = at
        self._failed = False
        self._body = store.open(f"{folder}/body", _FLAGS, file_mode)
        self._state = store.open(f"{folder}/state", _FLAGS | os.O_APPEND, file_mode)
        if os.fstat(self._state).st_size == 0:
            self.note(facts)

    @property
    def written(self) -> int:
        """Bytes on the disk, hashed, and nothing missing before them; meaningful when all is settled."""
        return self._written

    def put(self, data: bytes) -> None:
        """Take the next bytes; raise `OSError` for the disk, perhaps that of earlier ones."""
        done = 0
        while done < len(data):
            buffer = self._buffers[0] = self._buffers[0] or bytearray(_PORTION)
            end = min(self._filled + len(data) - done, _PORTION)
            count = end - self._filled
            buffer[self._filled : end] = data[done : done + count] if count < len(data) else data
            self._filled = end
            done += count
            if end == _PORTION:
                self._hand_over(most=1)

    def settle(self) -> None:
        """Wait until all is hashed and written; raise `OSError`."""
        if self._filled:
            self._hand_over(most=0)
        else:
            self._wait(most=0)

    def cut(self, hashes: Hashes) -> None:
        """Drop everything: the next byte is the first. Raises `OSError`."""
        with suppress(OSError):
            self.settle()
        os.ftruncate(self._body, 0)
        os.ftruncate(self._state, 0)
        self._hashes = hashes
        self._written = self._noted = self._filled = 0
        self._failed = False

    def note(self, fact: Mapping[str, object]) -> None:
        """Note a fact for a later run."""
        os.write(self._state, json.dumps(fact).encode() + b"\n")

    def close(self) -> None:
        """Close the file; what could not be written is not in `written`."""
        with suppress(OSError):
            self.settle()
        os.close(self._body)
        os.close(self._state)

    def _hand_over(self, *, most: int) -> None:
        portion = memoryview(self._buffers[0])[: self._filled]
        self._filled = 0
        self._buffers.reverse()
        if self._executor is None:
            self._take(portion)
            return
        self._under_way.append(self._executor.submit(self._take, portion))
        self._wait(most=most)

    def _wait(self, *, most: int) -> None:
        """Wait until at most so many portions are under way: one buffer is to be filled."""
        while len(self._under_way) > most:
            self._under_way.pop(0).result()

    def _take(self, portion: memoryview) -> None:
        if self._failed:
            return  # what follows a gap is not to be believed
        at, left = self._written, portion
        try:
            while left:
                count = os.pwrite(self._body, left, at)
                at += count
                left = left[count:]
        except OSError:
            self._failed = True
            raise
        self._hashes.update(portion)
        self._written = at
        if self._written - self._noted >= STRIDE:
            self._noted = self._written
            self.note({"at": self._written, "sha256": self._hashes.sha256})
            fsync.begin(self._body)  # what the disk has begun with, the fsync at the end need not wait for
