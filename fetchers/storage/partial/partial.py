"""Hold the bytes of one file while they arrive, and resume what an earlier run left.

Up to `SMALL` bytes stay in memory. More go to `<id>.<owner>/body`, and at every `STRIDE` bytes the running SHA-256 is
noted in `<id>.<owner>/state` (`body`). A later run reads the body again, compares at each noted place, and goes on from
the last one that agrees: a torn tail, after a crash or a power cut, is dropped and not believed, so nothing here needs
an fsync.

A partial belongs to one process (`owners`): it is claimed by renaming its folder, which only one can do.
"""

from __future__ import annotations

import io
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from fetchers.errors import FetchError
from fetchers.records import HEAD
from fetchers.storage import layout
from fetchers.storage.link_errors import LinkInTheWayError
from fetchers.storage.partial import ownership, resume_state
from fetchers.storage.partial.body_writer import STRIDE, Body
from fetchers.storage.partial.clone import clone
from fetchers.storage.partial.hashes import Hashes, Looked
from fetchers.storage.safe_folder import SafeFolder

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor
    from typing import BinaryIO

    from fetchers.storage.partial.account import Account
    from fetchers.storage.partial.hashes import Follower

__all__ = ["SMALL", "STRIDE", "Partial"]

SMALL = 1 << 20
_ACCOUNT = 256 << 10  # bytes that are accounted for together


class Partial:
    """The sink of one transfer. `offset` is what is held and believed, in bytes; `key` names it, perhaps with an owner.

    `checksum` and `size` are what its place promises.
    `executor` gives the one thread that writes what is too large for memory; without it, the caller waits for the disk.
    `look` judges the first bytes: it raises what refuses the file, or returns what they say (`Looked`). `later`: the
    caller sees to it that what stays in memory is hashed, and compared with the pinned checksum.
    In a shared store what is not `private` can be gone on with by any member.
    """

    def __init__(  # noqa: PLR0913 - one argument for each thing that is known of a file
        self,
        store: Path,
        key: Callable[[], str],
        *,
        checksum: str | None = None,
        size: int | None = None,
        look: Callable[[bytes], Looked] | None = None,
        account: Account | None = None,
        executor: Callable[[], Executor] | None = None,
        later: bool = False,
        private: bool = True,
    ) -> None:
        self.offset = 0
        self.validator: str | None = None
        self.total: int | None = None
        self.whole = self.resumed = False
        self._store = store
        self._key = key
        self._small: list[bytes] = []
        self._head = b""
        self._looked = False
        self._look = look
        self._said = Looked()
        self._bytes = account
        self._unspent = self._spent = 0
        self._executor = executor
        self._later = later
        self._private = private
        self._spilled = False
        self._linked = False
        self._body: Body | None = None
        self._pinned, self._size = checksum, size
        self._hashes = Hashes(checksum, size)

    # --- what the downloader calls

    def write(self, data: bytes) -> None:
        """Take the next bytes; raises what `look` and the account raise, and `StoreError` for the disk."""
        self.offset += len(data)
        self._unspent += len(data)
        if self._unspent >= _ACCOUNT:
            self._account()
        if len(self._head) < HEAD:
            self._head += data[: HEAD - len(self._head)]
            if len(self._head) == HEAD:
                self._look_once()
        if self._linked:
            if self.offset == len(data):
                self._begin_to_follow()
            self._hashes.update(data)
        elif self.offset <= SMALL and not self._spilled:
            self._small.append(data)
        else:
            self._put_down(data)

    def restart(self) -> None:
        """Forget everything: the next byte is the first."""
        self._give_back()
        self.offset = 0
        self.validator = self.total = None
        self.whole = self.resumed = self._looked = False
        self._small.clear()
        self._head = b""
        self._hashes = Hashes(self._pinned, self._size)
        if self._body is not None:
            self._body.cut(self._hashes)
        elif self._spilled:
            with layout.opened(self._store) as store:
                for name in ("body", "state"):
                    store.unlink(f"{self.below}/{name}", missing_ok=True)

    def note(self, validator: str | None, total: int | None) -> None:
        """Remember what the server said of the whole file before its first byte; raises what the account raises."""
        if total is not None and self._bytes is not None:
            self._bytes.promise(total, self.offset)
        self.validator = validator
        self.total = total

    def keep(self) -> None:
        """Close after a failed try; what is on the disk stays for the next one, in this run or a later one."""
        with suppress(FetchError):  # the try has failed already, and its reason is known
            self._account()
        self._close()

    def finish(self) -> None:
        """Take the end as the end; raise `ContentError` where the pinned checksum says that this is another file."""
        self._account()
        try:
            if self._body is not None:
                self._body.settle()
        except OSError as error:
            raise layout.disk_error(error, self.folder) from error
        self._look_once()
        if self._later and self.small and self._said.doubt is None:
            return
        self.check()
        self.whole = True
        if self._body is not None:
            self._body.note({"whole": self.offset, "sha256": self._hashes.sha256})
        self._close()

    # --- what the verb calls

    def check(self) -> None:
        """Hash what stayed in memory; raise `ContentError` where this is not the promised file."""
        self._later = False
        for part in self._small:
            self._hashes.update(part)
        self._hashes.check(self.offset, self._said.doubt)

    @property
    def follower(self) -> Follower | None:
        """What looked at the bytes while they passed by, of a larger file that came in one go."""
        return self._hashes.follower

    @property
    def sha256(self) -> str | None:
        """SHA-256 of all bytes, hexadecimal; meaningful after `finish`, and None where that is done later."""
        return None if self._later and self.small else self._hashes.sha256

    @property
    def head(self) -> bytes:
        """The first bytes, `HEAD` at most."""
        return self._head

    @property
    def small(self) -> bool:
        """True if the bytes are in memory, not at `path`."""
        return not self._spilled

    @property
    def path(self) -> Path:
        """The path of the bytes of a larger file."""
        return self.folder / "body"

    @cached_property
    def below(self) -> str:
        """The private folder of this file while it is under way, relative to the store.

        A small file needs no folder, so not even its name is made for it.
        """
        name = self._key()
        return f"{layout.PARTIAL}/{name if '.' in name else f'{name}.{ownership.me()}'}"

    @property
    def where(self) -> str:
        """The same as an absolute path."""
        return f"{self._store}/{self.below}"

    @property
    def folder(self) -> Path:
        """The same as a `Path`, to be named in messages."""
        return Path(self.where)

    @property
    def source(self) -> bytes | Path:
        """The whole content: the bytes of a small file, or where a larger one lies."""
        return self.path if self._spilled else b"".join(self._small)

    def opened(self) -> BinaryIO:
        """Open the whole content to be read; raise `StoreError`."""
        if not self._spilled:
            return io.BytesIO(b"".join(self._small))
        try:
            with SafeFolder(self._store) as store:
                return store.read(f"{self.below}/body")
        except OSError as error:
            raise layout.disk_error(error, self.folder) from error

    def pour(self, into: memoryview) -> None:
        """Copy the bytes of a small file into `memory`, and forget them."""
        at = 0
        for part in self._small:
            into[at : at + len(part)] = part
            at += len(part)
        self._small.clear()

    def discard(self) -> None:
        """Remove what is left of it, in memory and on the disk."""
        self._give_back()
        self._close()
        self._small.clear()
        if self._spilled:
            with suppress(OSError), SafeFolder(self._store) as store:
                store.remove_tree(self.below)
        self._spilled = self._linked = False

    # --- inside

    def _account(self) -> None:
        count, self._unspent = self._unspent, 0
        if count and self._bytes is not None:
            self._spent += count
            self._bytes.spend(count)

    def _give_back(self) -> None:
        """Account for what arrived in this run and is thrown away."""
        count, self._spent, self._unspent = self._spent, 0, 0
        if count and self._bytes is not None:
            self._bytes.spend(-count)

    def _look_once(self) -> None:
        if not self._looked:
            self._looked = True
            if self._look is not None:
                self._said = self._look(self._head)

    def _begin_to_follow(self) -> None:
        if self._said.follow is not None:
            self._hashes.follower = self._said.follow()

    def _put_down(self, data: bytes) -> None:
        try:
            body = self._body or self._open(self.offset - len(data))
            body.put(data)
        except OSError as error:
            raise layout.disk_error(error, self.folder) from error

    def _open(self, at: int) -> Body:
        self._spilled = True
        if self._small:
            self._begin_to_follow()
        facts = {"validator": self.validator, "total": self.total}
        executor = self._executor() if self._executor is not None else None
        with SafeFolder(self._store) as store:
            start = 0 if self._small else at
            self._body = Body(store, self.below, self._hashes, start, facts, executor, private=self._private)
        for part in self._small:
            self._body.put(part)
        self._small.clear()
        return self._body

    def link(self, source: BinaryIO, path: Path) -> None:
        """Take over an open file on the same file system without copying it; `write` then only hashes.

        Raises `StoreError` where the file lies on another file system.
        """
        try:
            with SafeFolder(self._store) as store:
                store.make(self.below, store.modes.under_way(private=self._private)[1])
                self._spilled = self._linked = True
                clone(source, store, f"{self.below}/body", path)
        except OSError as error:
            raise layout.disk_error(error, path) from error

    def _close(self) -> None:
        body, self._body = self._body, None
        if body is not None:
            body.close()
            self.offset = body.written

    def take_over(self, folder: str) -> bool:
        """Resume what an earlier run left in `folder`, a path relative to the store.

        Return whether there was anything to believe. Raises `StoreError` for a link in place of its files.
        """
        with layout.opened(self._store) as store:
            try:
                store.rename(folder, self.below, replace=True)  # only one process can; the loser finds nothing
            except OSError:
                return False
            store.remove_tree(f"{self.below}/tree")
            try:
                found = resume_state.believe(store, self.below, self._hashes.running, HEAD)
            except LinkInTheWayError as error:
                raise layout.disk_error(error, self.folder) from error
            except OSError:
                found = None
        if found is None:
            self.discard()
            self._hashes = Hashes(self._pinned, self._size)
            return False
        self._hashes.running = found.hashes
        self.validator, self.total, self.whole = found.validator, found.total, found.whole
        self._head = found.head
        self._looked = len(found.head) >= HEAD
        self.offset = found.offset
        self.resumed = self._spilled = True
        return True
