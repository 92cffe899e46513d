"""Make a folder for training of what is held: links, a layout, a datalist, a split that parts no patient."""

from __future__ import annotations

import json
from collections import Counter
from string import Formatter
from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.document import document
from fetchers.errors import CatalogueError, NothingMatched, TermsError
from fetchers.events import log
from fetchers.handover.held_files import Files, held_of
from fetchers.handover.output_path import refuse_own
from fetchers.inspection import splits
from fetchers.inspection.private_terms import private
from fetchers.inspection.verdicts import judged
from fetchers.records import Finding
from fetchers.reports import datalists
from fetchers.storage import layout
from fetchers.storage.publish.view_folder import MARK, view_folder
from fetchers.storage.record.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from fetchers.context import Context
    from fetchers.inspection.scope import Subject
    from fetchers.records import FileRow
    from fetchers.storage.publish.view_folder import Link

FIELDS = ("dataset", "part", "patient", "study", "series", "modality", "split", "name", "path")
_OF_DICOM, _OF_OTHERS = "{dataset}/{part}/{patient}/{series}/{name}", "{dataset}/{part}/{path}"
_UNKNOWN = "unknown"


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
    _check_layout(wishes.layout)
    held = held_of(context, names)
    findings = list(_permitted(context, held, wishes.uses or context.workspace.config.policy_uses))
    rows = [row for row in Files(context, held) if not row.beside]
    if not rows:
        raise NothingMatched("no image is held of them", hint="fetch files   (names what is held)")
    with Manifest.open(context.store, write=False) as manifest:
        alike, events = manifest.pixels(), manifest.events()
    told = splits.split(rows, wishes.by, shares, wishes.seed, alike) if shares else [""] * len(rows)
    items = list(_items(rows, told, wishes.layout))
    title = ", ".join(one.dataset.address for one in held)
    lists = datalists.texts(wishes.datalist, items, title) if wishes.datalist else {}
    alone = any(private(context, one.dataset, events, *one.licences) for one in held)
    with layout.opened(context.store) as store, view_folder(to, store, wishes.link, private=alone) as folder:
        for row, item in zip(rows, items, strict=True):
            folder.add(f"{layout.below(row.dataset, row.part)}/{row.path}", item.path)
        for name, text in lists.items():
            folder.write(name, text)
        folder.write(MARK, _mark(held, wishes))
    findings += _unknown_patients(rows, wishes)
    if wishes.datalist == "nnunet" and any(row.kind == "dicom" for row in rows):
        message = "nnU-Net reads no DICOM: make NIfTI of each series, and put it in place of its folder in the list"
        hint = f"dcm2niix -z y -f %j -o {to}-nifti {to}"
        findings.append(Finding(rule="needs-conversion", severity="warning", message=message, hint=hint))
    viewed = Viewed(
        to=str(to),
        files=len(rows),
        bytes=sum(row.size for row in rows),
        patients=len({patient for row in rows if (patient := splits.patient_of(row)) is not None}),
        splits={name: _share(rows, told, name) for name in splits.names(len(shares))} if shares else {},
        datalist=next(iter(lists), None),
        seed=wishes.seed if shares else None,
        findings=tuple(findings),
    )
    _record(context, held, to, wishes)
    return viewed


def _permitted(context: Context, held: Sequence[Subject], uses: Sequence[str]) -> Iterator[Finding]:
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


def _items(rows: Sequence[FileRow], told: Sequence[str], template: str | None) -> Iterator[datalists.Item]:
    taken: Counter[str] = Counter()
    for row, share in zip(rows, told, strict=True):
        yield datalists.Item(
            path=_free(_path(row, share, template), taken),
            split=share,
            dataset=row.dataset,
            part=row.part,
            patient=splits.patient_of(row),
            study=row.study,
            series=row.series,
            modality=row.modality,
            kind=row.kind,
            sha256=row.sha256,
        )


def _check_layout(template: str | None) -> None:
    if template is None:
        return
    try:
        fields = [(name, spec, how) for _, name, spec, how in Formatter().parse(template) if name is not None]
    except ValueError as error:
        raise CatalogueError(f"{template!r} is no layout: {error}", hint="'{dataset}/{patient}/{name}'") from None
    strange = [name for name, spec, how in fields if name not in FIELDS or spec or how]
    if strange:
        raise CatalogueError(f"a layout has no {{{strange[0]}}}", hint=f"it may have {', '.join(FIELDS)}")
    if not {"name", "path"} & {name for name, _, _ in fields}:
        raise CatalogueError("a layout needs {name} or {path}: else all files have one name", hint="add /{name}")
    if template.startswith("/") or ".." in template.split("/"):
        raise CatalogueError(f"{template!r} leads out of the folder", hint="leave out / at the start, and ..")


def _path(row: FileRow, share: str, template: str | None) -> str:
    is_dicom = row.kind == "dicom" and row.series is not None
    template = template or (_OF_DICOM if is_dicom else _OF_OTHERS)
    values = {
        "dataset": row.dataset,
        "part": row.part or "",
        "patient": splits.patient_of(row) or _UNKNOWN,
        "study": row.study or _UNKNOWN,
        "series": row.series or _UNKNOWN,
        "modality": row.modality or _UNKNOWN,
        "split": share,
        "name": row.path.rpartition("/")[2],
    }
    made = template.format(**{name: value.replace("/", "-") for name, value in values.items()}, path=row.path)
    return "/".join(part for part in made.split("/") if part not in ("", ".", ".."))


def _free(path: str, taken: Counter[str]) -> str:
    """Return a path that no other file has, whatever the case."""
    folder, slash, name = path.rpartition("/")
    while taken[path.casefold()]:
        taken[path.casefold()] += 1
        stem, dot, ending = name.partition(".")
        path = f"{folder}{slash}{stem}-{taken[path.casefold()]}{dot}{ending}"
    taken[path.casefold()] += 1
    return path


def _share(rows: Sequence[FileRow], told: Sequence[str], name: str) -> Share:
    mine = [row for row, share in zip(rows, told, strict=True) if share == name]
    patients = {patient for row in mine if (patient := splits.patient_of(row)) is not None}
    return Share(files=len(mine), patients=len(patients), bytes=sum(row.size for row in mine))


def _unknown_patients(rows: Sequence[FileRow], wishes: Wishes) -> Iterator[Finding]:
    if not wishes.split or wishes.by != "patient":
        return
    for dataset, count in Counter(row.dataset for row in rows if splits.patient_of(row) is None).items():
        message = f"{count:,} files name no patient: each study, series or file is a group of its own"
        yield Finding(rule="patient-unknown", severity="warning", dataset=dataset, message=message)


def _mark(held: Sequence[Subject], wishes: Wishes) -> str:
    said = {**wishes._asdict(), "datasets": [one.dataset.address for one in held]}
    return json.dumps(said, indent=2, sort_keys=True) + "\n"


def _record(context: Context, held: Sequence[Subject], to: Path, wishes: Wishes) -> None:
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
