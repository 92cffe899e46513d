"""How are files of one dataset to be held, and what came of them?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from fetchers.dataset import Dataset, RemoteFile
    from fetchers.errors import FetchError
    from fetchers.holding import Finding
    from fetchers.storage.partial import Partial


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How files of one dataset are to be held."""

    dataset: Dataset
    private: bool
    unpack: bool = True
    keep_archives: bool = False
    replace: bool = False
    origin: Literal["downloaded", "adopted"] = "downloaded"


class Landed(NamedTuple):
    """One remote file that is here with all its bytes, and how its end is known."""

    remote: RemoteFile
    partial: Partial
    url: str  # secrets left out
    validator: str | None
    length_known: bool


@dataclass(slots=True, kw_only=True)
class Tally:
    """What came of it so far; written by the landing thread, read when it has ended."""

    files: int = 0
    bytes: int = 0
    findings: list[Finding] = field(default_factory=list)
    failures: list[tuple[RemoteFile, FetchError]] = field(default_factory=list)
    again: list[RemoteFile] = field(default_factory=list)
