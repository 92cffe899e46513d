"""The record types: held files, arrivals, DICOM headers, findings, events. Values only."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fetchers.rules import Rule

Severity = Literal["error", "warning", "info"]
TaskState = Literal["todo", "doing", "done", "skipped", "blocked"]
ApplicationState = Literal["open", "submitted", "granted", "denied", "lapsed", "closed"]
EventKind = Literal[
    "applied", "started", "done", "skipped", "reopened", "assigned", "granted", "denied", "renewed", "closed", "lapsed",
    "accepted", "permitted", "revoked", "fetched", "adopted", "replaced", "described", "reminded",
    "viewed", "released",
]  # fmt: skip

HEAD = 1 << 16  # bytes at the start of a file, by which its format is recognised and its header read


class Finding(NamedTuple):
    """One thing that a person should know."""

    rule: Rule
    severity: Severity
    message: str
    dataset: str | None = None
    part: str | None = None
    path: str | None = None
    hint: str | None = None


class Problem(NamedTuple):
    """One thing that is wrong with a file, without the name of the file and its dataset."""

    rule: Rule
    severity: Severity
    message: str
    hint: str | None = None


class Header(NamedTuple):
    """What a DICOM header says of an object; never a patient's name, date or free text.

    UIDs as written; `rows`, `columns` in pixels; `frames` as counted, 1 where the header is silent; the spacings of
    rows and columns and the slice thickness in millimetres. `patient_id` stays in memory: only a keyed hash of it is
    ever recorded (`HeldFile.patient`).
    """

    sop_class: str | None = None
    sop_instance: str | None = None
    study: str | None = None
    series: str | None = None
    modality: str | None = None
    body_part: str | None = None
    transfer_syntax: str | None = None
    rows: int | None = None
    columns: int | None = None
    frames: int = 1
    row_spacing: float | None = None
    column_spacing: float | None = None
    thickness: float | None = None
    patient_id: str | None = None


class HeldFile(NamedTuple):
    """One file under its final name, as the manifest records it.

    `path` is relative to the part's root, with `/`. `size` is bytes, `mtime_ns` as the file system gives it.
    `kind` is what the content is (`dicom`, `png`, `zip`, `text`, ...); `remote` the path of the remote file that it
    came in; `proof` what proved its end (`checksum`, `size`, `format`, `unproven`).
    `ctime_ns` and `inode` are the file system's own clock and number of it, as they were when it was published.
    `findings` is what its content was judged to be when it came in; None: nobody judged it (an older record).
    `came_in` is the SHA-256 of the archive that brought it (the first piece of one in pieces); None: it came by itself.
    `patient` is a keyed hash of the header's Patient ID (`storage.patient_key`); None where no header names one.
    """

    dataset: str
    part: str | None
    path: str
    size: int
    sha256: str
    mtime_ns: int
    kind: str
    origin: Literal["downloaded", "adopted"]
    remote: str
    acquired_at: str
    proof: str
    beside: bool = False
    licence: str | None = None
    declared: str | None = None  # modality by the place's listing
    header: Header | None = None
    ctime_ns: int | None = None
    inode: int | None = None
    findings: tuple[Problem, ...] | None = None
    patient: str | None = None
    came_in: str | None = None


class Expected(NamedTuple):
    """What the record says of one held file, as far as a check asks: a million of them are read for it.

    `sop_class` and `modality` are those of its header, if it `has_header`; `noted` is its findings as they are recorded
    (`storage.record.rows.problems` reads them), None where nobody judged it.
    """

    path: str
    size: int
    sha256: str
    origin: Literal["downloaded", "adopted"]
    remote: str
    proof: str
    beside: bool
    declared: str | None
    sop_class: str | None
    modality: str | None
    has_header: bool
    kind: str
    noted: str | None


class Stamp(NamedTuple):
    """What the file system said of one held file when it was published: a changed copy is seen by it, unread."""

    path: str
    size: int
    mtime_ns: int
    ctime_ns: int | None
    inode: int | None


class Arrival(NamedTuple):
    """One remote file that is wholly here: what a second run need not ask for again.

    `url` has its secrets left out. `validator` is a strong ETag or a Last-Modified, for a later question.
    """

    dataset: str
    part: str | None
    path: str
    url: str
    size: int
    sha256: str
    checksum: str | None
    files: int
    images: int | None
    series: str | None
    licence: str | None
    arrived_at: str
    validator: str | None = None


class Evidence(NamedTuple):
    """A document that proves something. `path` is relative to the home, with `/`."""

    path: str
    sha256: str


class Event(NamedTuple):
    """One thing that a person did or that time brought about, in an append-only hash chain.

    `at` is UTC, ISO 8601 with Z; `on` the day that the person named. `data` is what else belongs to it.
    """

    seq: int
    at: str
    who: str
    what: EventKind
    dataset: str | None
    part: str | None
    key: str | None
    on: str | None
    data: Mapping[str, object] = MappingProxyType({})
    previous: str = ""
    digest: str = ""


class Wanted(NamedTuple):
    """One remote file that a plan asked for and that is not here yet. `state` is `queued` or `failed`."""

    dataset: str
    part: str | None
    path: str
    url: str
    size: int | None
    checksum: str | None
    state: Literal["queued", "failed"]
    message: str | None
    at: str


class Holding(NamedTuple):
    """What is held of one dataset or part, under one licence expression."""

    dataset: str
    part: str | None
    files: int
    bytes: int
    acquired_on: str
    licence: str | None


class TermsSeen(NamedTuple):
    """The terms as they were when something was acquired. `text_path` is relative to the store."""

    dataset: str
    part: str | None
    licence: str | None
    url: str | None
    text_sha256: str | None
    text_path: str | None
    seen_at: str


class FileRow(NamedTuple):
    """One held file as a row of the table of files.

    `absolute` is its path on this machine, `version` the place's own name of what it handed out, `patient` a keyed
    hash; spacings and thickness are millimetres. It came in the remote file `came_in` of `url`, whose bytes had
    `came_in_sha256`.
    """

    dataset: str
    part: str | None
    path: str
    absolute: str
    version: str | None
    size: int
    sha256: str
    kind: str
    modality: str | None
    study: str | None
    series: str | None
    sop_instance: str | None
    patient: str | None
    rows: int | None
    columns: int | None
    frames: int | None
    licence: str | None
    url: str | None
    acquired_at: str
    origin: str
    proof: str
    body_part: str | None
    row_spacing: float | None
    column_spacing: float | None
    thickness: float | None
    came_in: str | None
    came_in_sha256: str | None
    beside: bool


class FileBlock(NamedTuple):
    """Some held files of one dataset or part: what they share, and `FILE_COLUMNS` of each, in order of the paths.

    `arrived` gives url and SHA-256 of the remote files that they came in.
    """

    dataset: str
    part: str | None
    root: str
    version: str | None
    arrived: Mapping[str, tuple[str, str]]
    files: Sequence[tuple[Any, ...]]


# What the record has of each file, in the order in which a block has it; the last is the remote file that it came in.
FILE_COLUMNS = (
    *("path", "size", "sha256", "kind", "modality", "study", "series", "sop_instance", "patient", "rows", "columns"),
    *("frames", "licence", "acquired_at", "origin", "proof", "body_part", "row_spacing", "column_spacing", "thickness"),
    *("beside", "remote"),
)
