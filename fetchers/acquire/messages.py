"""Options and messages that the downloader and the process that publishes files exchange."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from fetchers.acquire.pins import Pins
    from fetchers.checks.formats.ending import Ending
    from fetchers.dataset import Dataset, RemoteFile
    from fetchers.errors import FetchError
    from fetchers.records import Event, Finding
    from fetchers.storage.partial.partial import Partial


class StoreOptions(NamedTuple):
    """Options for the held files of one dataset."""

    dataset: Dataset
    private: bool
    unpack: bool = True
    keep_archives: bool = False
    replace: bool = False
    max_unpacked: int | None = None  # bytes that one archive may become, where a person said so
    room: int | None = None  # bytes that `--max-size` leaves for what comes out of archives
    origin: Literal["downloaded", "adopted"] = "downloaded"
    readers: int | None = None  # the group that may read private copies
    event: Event | None = None  # who brings them; recorded with the first of them
    pins: Pins | None = None  # nothing else is held
    patient_key: bytes | None = None  # keys the hashes of patients


class Downloaded(NamedTuple):
    """One remote file that is here with all its bytes, and how its end is known."""

    remote: RemoteFile
    partial: Partial
    url: str  # secrets left out
    validator: str | None
    length_known: bool
    rank: int = 0  # where it stands in the listing
    ending: Ending | None = None  # what its own format says of its end, where that is known already


class IngestItem(NamedTuple):
    """The same, as it is handed over to be held: plain values only, since a process may be in between.

    `source` is the whole content: a span of the memory that both see, bytes, or the file that it lies in. `folder` is
    this file's own while it is under way, whether it is there or not; one in that memory has none.
    """

    source: tuple[int, int] | bytes | str
    folder: str
    size: int
    sha256: str | None  # None: to be hashed, and compared with the checksum
    url: str
    validator: str | None
    length_known: bool
    # what the remote file is called, and what the place promises of it
    path: str
    joins: str | None
    into: str
    hashes: str | None
    promised: int | None
    checksum: str | None
    licence: str | None
    modality: str | None
    series: str | None
    images: int | None
    rank: int
    ending: Ending | None  # what its format says of its end, where somebody looked while the bytes passed by


Sent = tuple[Any, ...]  # the fields of a parcel on their way


class PendingFile(NamedTuple):
    """One remote file that is to be brought, or, with a message, that did not come."""

    path: str
    url: str  # secrets left out
    size: int | None
    checksum: str | None
    message: str | None = None


@dataclass(slots=True, kw_only=True)
class IngestResult:
    """What came of one piece of landing: remote files that `arrived`, files that are held by it, their bytes.

    `unpacked` bytes came out of archives, `lost` ones arrived and were thrown away. `failures` names the items by their
    number; of so many among them the bytes were `wrong`.
    """

    arrived: int = 0
    wrong: int = 0
    files: int = 0
    bytes: int = 0
    unpacked: int = 0
    lost: int = 0
    findings: list[Finding] = field(default_factory=list)
    failures: list[tuple[int, FetchError]] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Totals:
    """What came of it so far; `wrong` counts remote files that came whole and were not the promised ones."""

    files: int = 0
    bytes: int = 0
    unpacked: int = 0
    lost: int = 0
    wrong: int = 0
    findings: list[Finding] = field(default_factory=list)
    failures: list[tuple[RemoteFile, FetchError]] = field(default_factory=list)
    again: list[tuple[int, RemoteFile]] = field(default_factory=list)
