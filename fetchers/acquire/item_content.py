"""Reach the bytes of what arrived, wherever they are: in shared memory, in a message, or in a file under way."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from typing import TYPE_CHECKING

from fetchers.records import HEAD
from fetchers.storage import layout
from fetchers.storage.partial.hashes import Hashes
from fetchers.storage.safe_folder import NEW

if TYPE_CHECKING:
    from typing import BinaryIO

    from fetchers.acquire.messages import IngestItem
    from fetchers.storage.safe_folder import SafeFolder


class ItemContent:
    """The bytes of items below `store`; `memory` is where those of small files lie."""

    def __init__(self, store: SafeFolder, memory: memoryview) -> None:
        self._store = store
        self._memory = memory

    def body(self, item: IngestItem) -> bytes | memoryview | None:
        """Return the bytes of a small item, None for one that lies in a file."""
        source = item.source
        if isinstance(source, str):
            return None
        return source if isinstance(source, bytes) else self._memory[slice(*source)]

    def opened(self, item: IngestItem) -> bytes | BinaryIO:
        """Return the bytes of a small item, or the open file of a larger one; raise `StoreError`."""
        body = self.body(item)
        if body is not None:
            return bytes(body)
        try:
            return self._store.read(self._store.relative(str(item.source)))
        except OSError as error:
            raise layout.disk_error(error, str(item.source)) from error

    def head(self, item: IngestItem) -> bytes:
        """Return the first 64 KiB."""
        found = self.opened(item) if isinstance(item.source, str) else bytes((self.body(item) or b"")[:HEAD])
        if isinstance(found, bytes):
            return found
        with found:
            return found.read(HEAD)

    def checked(self, item: IngestItem) -> str:
        """Return the SHA-256; raise `ContentError` where it is not the promised file."""
        body = self.body(item)
        if item.sha256 is not None or body is None:
            return item.sha256 or ""
        hashes = Hashes(item.checksum, item.size)
        hashes.update(body)
        hashes.check(item.size)
        return hashes.sha256

    def digest(self, item: IngestItem) -> str:
        """Return the SHA-256, whether or not it is the promised file."""
        body = self.body(item)
        return item.sha256 or "" if item.sha256 is not None or body is None else hashlib.sha256(body).hexdigest()

    def keep(self, item: IngestItem) -> None:
        """Leave the bytes where a later run finds them, as those of a download that was whole."""
        body = self.body(item)
        if body is None:
            return  # a larger one lies there, and says that it is whole
        folder = self._store.relative(item.folder)
        facts = ({"validator": item.validator, "total": item.size}, {"whole": item.size, "sha256": self.digest(item)})
        notes = b"".join(json.dumps(fact).encode() + b"\n" for fact in facts)
        with suppress(OSError):  # then it is fetched again
            self._store.make_all(folder, 0o700)
            for name, content in (("body", body), ("state", notes)):
                with self._store.file(f"{folder}/{name}", NEW, "wb") as file:
                    file.write(content)
