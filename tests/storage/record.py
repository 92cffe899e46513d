"""Rows for the tests of the record: plausible, numbered, all different."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.records import Arrival, Event, EventKind, Header, HeldFile, TermsSeen, Wanted
from fetchers.storage import layout

if TYPE_CHECKING:
    from pathlib import Path

    from fetchers.storage.record.manifest import Manifest

DAY = "2026-11-25T08:00:00Z"


def held(
    number: int, *, dataset: str = "lungs", part: str | None = None, licence: str | None = "CC-BY-4.0"
) -> HeldFile:
    """Make the row of one DICOM file of `number + 1` bytes, of the remote file `number // 10`."""
    return HeldFile(
        dataset=dataset,
        part=part,
        path=f"series/{number:04}.dcm",
        size=number + 1,
        sha256=f"{number:064x}",
        mtime_ns=1_700_000_000_000_000_000 + number,
        kind="dicom",
        origin="downloaded",
        remote=f"{number // 10}.zip",
        acquired_at=DAY,
        proof="checksum",
        licence=licence,
        declared="CT",
        header=Header(sop_class="1.2.840.10008.5.1.4.1.1.2", sop_instance=f"2.25.{number}", modality="CT", rows=8),
    )


def arrival(number: int, *, dataset: str = "lungs", part: str | None = None) -> Arrival:
    """Make the row of one remote file of ten files."""
    return Arrival(
        dataset=dataset,
        part=part,
        path=f"{number}.zip",
        url=f"https://data.example.org/{number}.zip",
        size=1000 + number,
        sha256=f"{number:064x}",
        checksum=f"md5:{number:032x}",
        files=10,
        images=10,
        series=f"2.25.1.{number}",
        licence="CC-BY-4.0",
        arrived_at=DAY,
        validator=None,
    )


def wanted(number: int, *, dataset: str = "lungs", part: str | None = None, message: str | None = None) -> Wanted:
    """Make the row of one remote file that is not here; failed where there is a message."""
    return Wanted(
        dataset=dataset,
        part=part,
        path=f"{number}.zip",
        url=f"https://data.example.org/{number}.zip",
        size=1000 + number,
        checksum=None,
        state="failed" if message else "queued",
        message=message,
        at=DAY,
    )


def event(what: EventKind, *, dataset: str = "adni", **data: object) -> Event:
    """Make an event that has no place in the chain yet."""
    return Event(seq=0, at=DAY, who="ada", what=what, dataset=dataset, part=None, key=None, on="2026-11-25", data=data)


def terms(licence: str = "CC-BY-4.0") -> TermsSeen:
    """Make terms as they were seen."""
    return TermsSeen(
        dataset="lungs",
        part=None,
        licence=licence,
        url="https://creativecommons.org/licenses/by/4.0/",
        text_sha256="a" * 64,
        text_path="lungs/LICENCE/text.txt",
        seen_at=DAY,
    )


def sizes(manifest: Manifest, dataset: str) -> dict[str, tuple[int, int]]:
    """Return path -> (bytes, mtime_ns) of what is held."""
    return {path: (size, mtime) for path, size, mtime in manifest.sizes(dataset, None)}


def on_disk(store: Path, *files: HeldFile) -> None:
    """Write what the rows say: files of their sizes."""
    for one in files:
        path = layout.root(store, one.dataset, one.part) / one.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\0" * one.size)
