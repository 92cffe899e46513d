"""Destroy the local copy of a dataset, keep the account of it, and certify it.

In this order: ask -> remove the files -> write the certificate -> record the event and take the rows out. A run that
dies on the way has its rows still, so the same command again finishes it and names what was gone already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.document import document
from fetchers.errors import PARTLY_DONE, AccessError
from fetchers.events import log
from fetchers.inspection.destruction import View, certified, held_of_release, refuse_obstacles, remove_copies, views_of
from fetchers.storage.record.manifest import Manifest

if TYPE_CHECKING:
    from fetchers.context import Context
    from fetchers.dataset import Dataset


class Released(NamedTuple):
    """What was destroyed. `certificate` is a path relative to the home; `left` are files that no record knew.

    `views` are outside of the store, where nothing is destroyed: hard links and copies there are copies still.
    """

    dataset: str
    part: str | None
    files: int
    bytes: int
    missing: int
    certificate: str
    sha256: str
    left: tuple[str, ...]
    exit: int
    views: tuple[View, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the verb's JSON document."""
        return dict(document(self))


def run(context: Context, name: str, *, yes: bool = False, reason: str | None = None) -> Released:
    """Destroy the copy of `name`, with all its parts where it names a dataset.

    Raises `NothingMatched` where nothing is held, `AccessError` where no person and no `--yes` says so; then nothing is
    destroyed.
    """
    with Manifest.open(context.store, write=False) as manifest:
        dataset, held = held_of_release(context, manifest, name)
        refuse_obstacles(context, manifest, dataset, held)
    files, total = sum(row.files for row in held), sum(row.bytes for row in held)
    _ask(context, dataset, f"Destroy {files} files ({total} bytes) of {dataset.address}, and certify it?", yes=yes)
    with Manifest.open(context.store, write=True) as manifest:
        fates, left = remove_copies(context, manifest, dataset, held)
        views = views_of(manifest, dataset)
        file, digest = certified(context, dataset, held, fates, left, reason, views)
        gone = [fate for fate in fates if not fate.outcome.startswith("left")]
        event = log.event(
            context, "released", dataset, note=reason, certificate=file, certificate_sha256=digest, files=len(gone)
        )
        manifest.append([event])
        for part in dict.fromkeys(row.part for row in held):
            manifest.forget(dataset.name, part)
    destroyed = [fate for fate in gone if fate.outcome == "destroyed"]
    return Released(
        dataset=dataset.name,
        part=dataset.part,
        files=len(destroyed),
        bytes=sum(fate.file.size for fate in destroyed),
        missing=len(gone) - len(destroyed),
        certificate=file,
        sha256=digest,
        left=tuple(left),
        exit=0 if len(gone) == len(fates) else PARTLY_DONE,
        views=views,
    )


def _ask(context: Context, dataset: Dataset, question: str, *, yes: bool) -> None:
    if yes:
        return
    if context.confirm is None:
        raise AccessError(
            f"{dataset.address}: there is no terminal at which a person could confirm its destruction",
            hint=f"fetch release {dataset.address} --yes --reason TEXT",
        )
    if not context.confirm(question):
        raise AccessError(f"{dataset.address}: nothing was destroyed")
