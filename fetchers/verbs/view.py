"""Make a folder for training of what is held: links, a layout, a datalist, a split that parts no patient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.document import document
from fetchers.errors import NothingMatched
from fetchers.handover.held_files import Files, held_of, store_of
from fetchers.handover.output_path import refuse_own
from fetchers.handover.training_folder import (
    Share,
    Wishes,
    mark_text,
    permitted,
    record_view,
    share_of,
    unknown_patients,
)
from fetchers.handover.view_layout import check_layout, named_items
from fetchers.inspection import splits
from fetchers.inspection.private_terms import private
from fetchers.inspection.stores import Stores
from fetchers.records import Finding
from fetchers.reports import datalists
from fetchers.storage import layout
from fetchers.storage.publish.view_folder import MARK, view_folder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from fetchers.context import Context


class Viewed(NamedTuple):
    """The folder as it was made. `datalist` is a path relative to it; `seed` is None without a split."""

    to: str
    files: int
    bytes: int
    patients: int
    splits: Mapping[str, Share]
    datalist: str | None
    seed: int | None
    findings: tuple[Finding, ...]
    exit: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the verb's JSON document."""
        return dict(document(self))


def run(context: Context, names: Sequence[str], to: Path, wishes: Wishes | None = None) -> Viewed:
    """Make the folder `to` of the images of `names`, or of all that is held.

    Raise `TermsError` for a use that the terms of any of them forbid, `NothingMatched` where no image is held,
    `CatalogueError` for a layout, a split or a folder that cannot be; then nothing is made.
    """
    wishes = wishes or Wishes()
    refuse_own(context, to)
    shares = splits.shares(wishes.split) if wishes.split else ()
    check_layout(wishes.layout)
    held = held_of(context, names)
    findings = list(permitted(context, held, wishes.uses or context.workspace.config.policy_uses))
    rows = [row for row in Files(context, held) if not row.beside]
    if not rows:
        raise NothingMatched("no image is held of them", hint="fetch files   (names what is held)")
    with Stores(context) as stores:
        alike = {sha256: pixels for one in reversed(stores.manifests) for sha256, pixels in one.pixels().items()}
        events = stores.manifests[0].events()
    told = splits.split(rows, wishes.by, shares, wishes.seed, alike) if shares else [""] * len(rows)
    items = list(named_items(rows, told, wishes.layout))
    title = ", ".join(one.dataset.address for one in held)
    lists = datalists.texts(wishes.datalist, items, title) if wishes.datalist else {}
    alone = any(private(context, one.dataset, events, *one.licences) for one in held)
    with view_folder(to, wishes.link, private=alone) as folder:
        for row, item in zip(rows, items, strict=True):
            folder.add(store_of(row), f"{layout.below(row.dataset, row.part)}/{row.path}", item.path)
        for name, text in lists.items():
            folder.write(name, text)
        folder.write(MARK, mark_text(held, wishes))
    findings += unknown_patients(rows, wishes)
    if wishes.datalist == "nnunet" and any(row.kind == "dicom" for row in rows):
        message = "nnU-Net reads no DICOM: make NIfTI of each series, and put it in place of its folder in the list"
        hint = f"dcm2niix -z y -f %j -o {to}-nifti {to}"
        findings.append(Finding(rule="needs-conversion", severity="warning", message=message, hint=hint))
    viewed = Viewed(
        to=str(to),
        files=len(rows),
        bytes=sum(row.size for row in rows),
        patients=len({patient for row in rows if (patient := splits.patient_of(row)) is not None}),
        splits={name: share_of(rows, told, name) for name in splits.names(len(shares))} if shares else {},
        datalist=next(iter(lists), None),
        seed=wishes.seed if shares else None,
        findings=tuple(findings),
    )
    record_view(context, held, to, wishes)
    return viewed
