"""Say what a training folder was made of: what was wished, the shares of its split, who is in none, the mark in it."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from fetchers.errors import TermsError
from fetchers.events import log
from fetchers.inspection import splits
from fetchers.inspection.verdicts import judged
from fetchers.records import Finding
from fetchers.storage.record.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from fetchers.context import Context
    from fetchers.inspection.scope import Subject
    from fetchers.records import FileRow
    from fetchers.storage.publish.view_folder import Link


class Wishes(NamedTuple):
    """The options of the folder."""

    link: Link = "hard"
    layout: str | None = None
    datalist: str | None = None
    split: str | None = None
    by: str = "patient"
    seed: int = 0
    uses: tuple[str, ...] = ()


class Share(NamedTuple):
    """One share of a split."""

    files: int
    patients: int
    bytes: int


def permitted(context: Context, held: Sequence[Subject], uses: Sequence[str]) -> Iterator[Finding]:
    """Raise `TermsError` for what is forbidden; yield a warning for what nobody knows."""
    with Manifest.open(context.store, write=False) as manifest:
        rows, _ = judged(context, manifest, held, uses, log.noticed(context))
    for row in rows:
        if row.verdict == "forbidden":
            address = row.dataset if row.part is None else f"{row.dataset}/{row.part}"
            raise TermsError(
                f"{address}: {row.use} is forbidden: {row.reason}",
                hint=f"leave it out, or record what the owner allows: fetch permit {address} {row.use} --evidence FILE",
            )
    for row in rows:
        if row.verdict == "unknown":
            message = f"{row.use} is unknown: {row.reason}"
            yield Finding(rule="use-unknown", severity="warning", dataset=row.dataset, part=row.part, message=message)


def share_of(rows: Sequence[FileRow], told: Sequence[str], name: str) -> Share:
    """Return how much of the files is in one share."""
    mine = [row for row, share in zip(rows, told, strict=True) if share == name]
    patients = {patient for row in mine if (patient := splits.patient_of(row)) is not None}
    return Share(files=len(mine), patients=len(patients), bytes=sum(row.size for row in mine))


def unknown_patients(rows: Sequence[FileRow], wishes: Wishes) -> Iterator[Finding]:
    """Yield a warning for each dataset whose files name no patient, where a split is by patient."""
    if not wishes.split or wishes.by != "patient":
        return
    for dataset, count in Counter(row.dataset for row in rows if splits.patient_of(row) is None).items():
        message = f"{count:,} files name no patient: each study, series or file is a group of its own"
        yield Finding(rule="patient-unknown", severity="warning", dataset=dataset, message=message)


def mark_text(held: Sequence[Subject], wishes: Wishes) -> str:
    """Return the text of the mark by which a view is known again."""
    said = {**wishes._asdict(), "datasets": [one.dataset.address for one in held]}
    return json.dumps(said, indent=2, sort_keys=True) + "\n"


def record_view(context: Context, held: Sequence[Subject], to: Path, wishes: Wishes) -> None:
    """Record the view with each dataset, so that the split can be made again and `release` knows of it."""
    log.append(
        context,
        [
            log.event(
                context,
                "viewed",
                one.dataset,
                to=str(to.absolute()),
                link=wishes.link,
                datalist=wishes.datalist,
                uses=list(wishes.uses) or None,
                split=wishes.split,
                by=wishes.by if wishes.split else None,
                seed=str(wishes.seed) if wishes.split else None,
            )
            for one in held
        ],
    )
