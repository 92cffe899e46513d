"""The catalogue's types: datasets and their parts, files, steps, terms, errata.

Values only; `workspace` makes them from TOML, a `Source` makes the files of the places that list their own.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from fetchers.records import Finding, Severity
    from fetchers.rules import Rule

Access = Literal["open", "registration", "application", "subscription", "unavailable"]
Answer = Literal["yes", "no", "ask", "unknown"]

ACCESS: tuple[Access, ...] = ("open", "registration", "application", "subscription", "unavailable")
CONTAINERS = ("dicom", "png", "jpeg", "tiff", "nifti", "analyze", "raw", "mixed")
ANSWERS: tuple[Answer, ...] = ("yes", "no", "ask", "unknown")
USES = (
    "research",
    "teaching",
    "train",
    "publish-model",
    "commercial",
    "clinical",
    "modify",
    "share-team",
    "redistribute",
    "publish-derivatives",
    "ai-service",
)
DUTIES = (
    "cite",
    "notice",
    "share-alike",
    "report",
    "acknowledge",
    "return-data",
    "destroy-at-end",
    "state-changes",
    "no-reidentification",
    "publish-code",
    "each-user-agrees",
)


def address_of(name: str, part: str | None) -> str:
    """Return `NAME` or `NAME/PART`, as a person types it."""
    return name if part is None else f"{name}/{part}"


class RemoteFile(NamedTuple):
    """One file as a place hands it out, and what the place promises of it.

    `path` is where it belongs below the part's root, with `/`; members of an archive land in `into`.
    `size` is bytes; `checksum` is `algorithm:hexdigest` (sha256, md5, sha1, or git-sha1 with a size).
    Absent promises are None.
    """

    url: str
    path: str
    size: int | None = None
    checksum: str | None = None
    unpack: bool | None = None  # None: by its name; True: whatever its name, if its content is an archive
    into: str = ""
    joins: str | None = None  # split archives: files with one `joins` are put end to end, in the order of their paths
    hashes: str | None = None  # member that lists `name,md5` of the other members (TCIA: md5hashes.csv)
    licence: str | None = None  # as the place says of this very file; SPDX expression
    licence_url: str | None = None
    modality: str | None = None  # as the place's listing says
    body_part: str | None = None
    series: str | None = None  # SeriesInstanceUID
    images: int | None = None  # how many images the place counts in it
    mirrors: tuple[str, ...] = ()  # other addresses of the same bytes, asked when `url` fails

    @property
    def unpacks(self) -> bool:
        """True if an archive is unpacked."""
        return self.unpack is not False


class Step(NamedTuple):
    """One thing that a person must do before the files open, or again and again afterwards."""

    key: str
    title: str
    url: str | None = None
    expected_days: int | None = None
    lapses_after_days: int | None = None
    needs: tuple[str, ...] | None = None  # keys of steps; None: the one before
    evidence: str | None = None  # what counts as proof, in words
    repeats_after_days: int | None = None  # a reminder: comes back as a task, and closes no gate
    waits: bool = False  # it is the wait for an answer: it ends with the outcome of the application


class Erratum(NamedTuple):
    """A difference between the original list and what is known today."""

    field: str
    listed: str
    found: str
    evidence: str
    on: date


class Listed(NamedTuple):
    """The original list's row, word for word: promises to check, not facts."""

    data_types: str = ""
    body_parts: str = ""
    images: str = ""
    patients: str = ""
    availability: str = ""
    licence: str = ""
    link: str = ""


class Citation(NamedTuple):
    """What must be cited."""

    doi: str | None = None
    bibtex: str | None = None
    text: str | None = None


class Licence(NamedTuple):
    """One licence or set of terms, as data. A use that is not named is unknown."""

    id: str
    name: str = ""
    url: str | None = None
    text: str | None = None
    requires_acceptance: bool = False
    duties: tuple[str, ...] = ()
    duo: tuple[str, ...] = ()
    uses: Mapping[str, Answer] = MappingProxyType({})
    reasons: Mapping[str, str] = MappingProxyType({})  # per use: why, in the terms' own sense
    source: str | None = None  # who found it where
    checked_on: date | None = None
    destroy_after_days: int | None = None


_LISTED = frozenset(("listed", "nlm", "cap"))  # sources that ask no place for a listing


class Description(NamedTuple):
    """What a place says of a dataset that it holds. What it does not say is None or empty.

    `licence` is the SPDX expression that its words mean, `licence_words` the words themselves. `pinned` are the
    source's options that name exactly this version. `files`, `bytes`, `images` and `patients` are the place's counts.
    """

    title: str | None = None
    version: str | None = None
    licence: str | None = None
    licence_words: str | None = None
    licence_url: str | None = None
    citations: tuple[Citation, ...] = ()
    link: str | None = None
    access: Access = "open"
    steps: tuple[Step, ...] = ()
    files: int | None = None
    bytes: int | None = None
    images: int | None = None
    patients: int | None = None
    pinned: Mapping[str, object] = MappingProxyType({})


class Part(NamedTuple):
    """One part as an index counts it; `files` are its remote files, `line` says it for a person."""

    name: str
    title: str = ""
    line: str = ""
    patients: int | None = None
    series: int | None = None
    files: int | None = None
    bytes: int | None = None
    modalities: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()


class Count(NamedTuple):
    """The size of a selection by an archive's index: `bytes` is exact."""

    files: int
    bytes: int
    series: int = 0


class Dataset(NamedTuple):
    """One dataset, or one part of it with what differs there already put in."""

    name: str
    part: str | None = None
    title: str = ""
    aliases: tuple[str, ...] = ()
    source: str = "listed"
    modalities: tuple[str, ...] = ()
    body_parts: tuple[str, ...] = ()
    images: int | None = None
    patients: int | None = None
    access: Access = "open"
    container: str = "mixed"
    licence: str | None = None  # SPDX expression; None: unknown terms
    link: str | None = None
    notes: str | None = None
    checked_on: date | None = None
    options: Mapping[str, object] = MappingProxyType({})
    files: tuple[RemoteFile, ...] = ()
    files_from: str | None = None  # a list of further files beside the workspace's catalogue
    steps: tuple[Step, ...] = ()
    errata: tuple[Erratum, ...] = ()
    listed: Listed | None = None
    citations: tuple[Citation, ...] = ()
    parts: tuple[Dataset, ...] = ()
    acknowledge: tuple[str, ...] = ()  # what the owner wants to read in a paper, word for word
    made_from: tuple[str, ...] = ()  # datasets (`NAME` or `NAME/PART`) whose images it holds, too
    version: str | None = None  # the place's own: a commit, a record's version, a snapshot
    licence_words: str | None = None  # what the place itself says of the licence
    origin: str | None = None  # the address that a person typed, where the dataset stands in no catalogue
    fault: str | None = None  # what is wrong with its table alone; nothing is fetched for it until that is mended

    @property
    def address(self) -> str:
        """`NAME` or `NAME/PART`, as a person types it."""
        return address_of(self.name, self.part)

    @property
    def lists_itself(self) -> bool:
        """True if its files are in the catalogue, so that no archive has a listing of them."""
        return self.source in _LISTED

    def finding(
        self, rule: Rule, severity: Severity, path: str | None, message: str, hint: str | None = None
    ) -> Finding:
        """Return a finding about this dataset or part, or about its file `path`."""
        from fetchers.records import Finding

        return Finding(rule, severity, message, self.name, self.part, path, hint)

    def as_part(self, name: str) -> Dataset:
        """Make a part that the catalogue does not name: a TCIA collection, an ABIDE site."""
        return self._replace(part=name, parts=())


class Selection(NamedTuple):
    """A selection of an archive's files, in the archive's own terms. Empty tuples select everything."""

    patients: tuple[str, ...] = ()
    studies: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ()
    body_parts: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()  # `BUCKET/FOLDER` at the Imaging Data Commons, as its s5cmd manifests name them
    urls: tuple[str, ...] = ()  # addresses of files, as a manifest names them
    licences: tuple[str, ...] = ()  # SPDX expressions, or a place's own words
    limit: int | None = None  # of series, where the place counts those; None: the caller counts
    everything: bool = False  # --all
    via: str | None = None  # --via idc

    @property
    def empty(self) -> bool:
        """True if nothing narrows it down."""
        those = (
            self.patients,
            self.studies,
            self.series,
            self.modalities,
            self.body_parts,
            self.folders,
            self.urls,
            self.licences,
        )
        return not any(those)
