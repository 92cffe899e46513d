"""What a person wants of `get` (the request), and what came of it (the result)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.dataset import Selection
from fetchers.document import document

if TYPE_CHECKING:
    from pathlib import Path

    from fetchers.acquire.pins import Pins
    from fetchers.records import Finding


class GetRequest(NamedTuple):
    """The flags of `get`. Sizes are bytes, `limit_rate` bytes a second for the whole command."""

    dry_run: bool = False
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    selection: Selection = Selection()
    limit: int | None = None
    manifest: Path | None = None
    accept: tuple[str, ...] = ()
    jobs: int | None = None
    limit_rate: int | None = None
    max_size: int | None = None
    max_unpacked: int | None = None
    keep_archives: bool = False
    unpack: bool = True
    force: bool = False
    list_files: bool = False
    on: str | None = None  # the cluster whose workers do it
    shard: tuple[int, int] | None = None  # the I-th of N shares of the plan
    pins: Pins | None = None  # exactly these bytes


class PlannedFile(NamedTuple):
    """One remote file of a plan. `size` is bytes, None where neither the listing nor the place's answer tells it."""

    path: str
    url: str
    size: int | None


class Plan(NamedTuple):
    """What would be fetched. `bytes` is None where nothing is known of any size."""

    files: int
    bytes: int | None
    unknown_sizes: int


class Foreseen(NamedTuple):
    """A plan with what is known beside it: `on_disk` are the bytes that it takes while it comes."""

    plan: Plan
    on_disk: int  # an archive lies beside what comes out of it
    listed: tuple[PlannedFile, ...] | None = None


class Terms(NamedTuple):
    """Under which terms, and whether a person agreed to them where that is asked."""

    licence: str | None
    accepted: bool


class Failure(NamedTuple):
    """One file that did not come, or the dataset itself (`path` None)."""

    path: str | None
    error: str
    hint: str | None
    exit: int
    absent: bool = False  # the place has it no longer


class Result(NamedTuple):
    """What became of one dataset or part. `files` and `bytes` count what is held now."""

    dataset: str
    part: str | None
    root: str
    files: int
    bytes: int
    downloaded_files: int
    downloaded_bytes: int
    failed: int
    terms: Terms
    findings: tuple[Finding, ...]
    failures: tuple[Failure, ...]
    exit: int
    plan: Plan | None = None
    choices: tuple[tuple[str, str], ...] = ()  # parts to choose from, where the whole was refused
    planned: tuple[PlannedFile, ...] | None = None  # each file of the plan, where that was asked for


class GetReport(NamedTuple):
    """What became of all of them; `exit` is the command's status."""

    datasets: tuple[Result, ...]
    exit: int

    def to_dict(self) -> dict[str, Any]:
        """Return the verb's JSON document."""
        return dict(document(self))
