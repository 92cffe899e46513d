"""Follow one transfer over all its tries."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from fetchers.transport.redaction import redact
from fetchers.transport.url_policy import on_the_wire, origin, rewrite

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fetchers.dataset import RemoteFile
    from fetchers.errors import FetchError
    from fetchers.transport.credentials import Credential


class Sink(Protocol):
    """The destination of the bytes of one file."""

    @property
    def offset(self) -> int:
        """Bytes held."""

    @property
    def validator(self) -> str | None:
        """What vouches for them: a strong ETag, a Last-Modified, or what FTP says."""

    @property
    def total(self) -> int | None:
        """Bytes of the whole, as the server said them."""

    def write(self, data: bytes, /) -> None:
        """Take the next bytes; what it raises (`StoreError`, `ContentError`) ends the transfer."""

    def restart(self) -> None:
        """Drop everything: the next byte is the first."""

    def note(self, validator: str | None, total: int | None, /) -> None:
        """Learn what the server said before the first byte of a fresh start."""

    def finish(self) -> None:
        """Take the end as the end; may raise `ContentError`."""

    def keep(self) -> None:
        """Make what is here resumable: the try has failed."""


class Transfer(NamedTuple):
    """One file to bring. `rank` is the caller's: where the file stands in its listing."""

    remote: RemoteFile
    sink: Sink
    rank: int = 0


class Outcome(NamedTuple):
    """The outcome of a transfer. `size` is bytes; `final_url` has its secrets removed.

    `length_known` says that the answer itself proved its end: by its length, its chunks or its encoding.
    """

    transfer: Transfer
    error: FetchError | None
    size: int
    validator: str | None
    final_url: str
    content_type: str | None
    length_known: bool


class DownloadState:
    """One transfer under way: which of its addresses is asked, and how many tries bore no fruit."""

    __slots__ = ("_at", "_mirrors", "credential", "due", "failed", "fruitless", "high", "key", "resumable", "sink",
                 "total", "transfer", "url")  # fmt: skip

    def __init__(self, transfer: Transfer, mirrors: Mapping[str, str]) -> None:
        self.transfer = transfer
        self.sink = transfer.sink
        self._mirrors = mirrors
        self._at = 0
        self.failed: tuple[str, ...] = ()  # why each earlier address did not hand it out
        self.due = 0.0
        self.high = transfer.sink.offset
        self.aim(transfer.remote.url)

    def aim(self, address: str) -> None:
        """Start over with `address`; raise `CatalogueError` for one that cannot be asked."""
        self.url = on_the_wire(rewrite(address, self._mirrors))
        self.key = origin(self.url)
        self.fruitless = 0
        self.resumable = True
        self.total = self.transfer.remote.size
        self.credential: Credential | None = None

    def next_address(self) -> bool:
        """Switch to the file's next mirror, if there is one; its bytes must not be mixed with the others."""
        mirrors = self.transfer.remote.mirrors
        if self._at >= len(mirrors):
            return False
        self._at += 1
        self.sink.restart()
        self.aim(mirrors[self._at - 1])
        return True


def failure(transfer: Transfer, error: FetchError | None) -> Outcome:
    """Return the outcome of a transfer that did not come."""
    return Outcome(
        transfer=transfer,
        error=error,
        size=transfer.sink.offset,
        validator=None,
        final_url=redact(transfer.remote.url),
        content_type=None,
        length_known=False,
    )
