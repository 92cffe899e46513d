"""Destroy the copies of a dataset, and write the certificate: what was there, and what became of each file."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from fetchers.dataset import RemoteFile
from fetchers.errors import CatalogueError, NothingMatched
from fetchers.inspection.private_copies import only_read
from fetchers.inspection.scope import known
from fetchers.reports.certificate import Destruction, Line, certificate
from fetchers.storage import layout
from fetchers.storage.link_errors import refuse_link
from fetchers.storage.publish import destroy
from fetchers.storage.publish.atomic_text import keep_text
from fetchers.storage.publish.view_folder import MARK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fetchers.context import Context
    from fetchers.dataset import Dataset
    from fetchers.records import Holding
    from fetchers.storage.record.manifest import Manifest

FOLDER = "certificates"
_LINKS = {"hard": "hard links", "sym": "symbolic links", "copy": "copies", "reflink": "copies"}


class View(NamedTuple):
    """A folder that `fetch view` made of it and that is there still; only symbolic links go with the copy."""

    to: str
    link: str


def held_of_release(context: Context, manifest: Manifest, name: str) -> tuple[Dataset, list[Holding]]:
    """Find what is meant, also where only the record knows it still."""
    rows = manifest.holdings()
    try:
        found = context.workspace.catalogue.find(name)
    except CatalogueError:
        written, _, part = name.partition("/")
        if not any((row.dataset, row.part or "") == (written, part) or row.dataset == name for row in rows):
            raise
        found = (known(context, written, part or None),)
    if len(found) != 1:
        raise CatalogueError(f"{name} means {len(found)} parts", hint="release one of them at a time")
    (dataset,) = found
    mine = [row for row in rows if row.dataset == dataset.name and dataset.part in (None, row.part)]
    if not mine:
        raise NothingMatched(f"nothing is held of {dataset.address}", hint="fetch status")
    return dataset, mine


def refuse_obstacles(context: Context, manifest: Manifest, dataset: Dataset, held: Sequence[Holding]) -> None:
    """Raise `StoreError` for a link in place of a file or of the certificates, and for another account's private copy.

    Before anything is asked, and before anything is destroyed.
    """
    for part in dict.fromkeys(row.part for row in held):
        if (theirs := only_read(context.store, known(context, dataset.name, part), "release")) is not None:
            raise theirs
        layout.refuse_link(context.store, dataset.name, part)
        destroy.refuse_links(context.store, manifest.files(dataset.name, part))
    try:
        refuse_link(context.workspace.home, FOLDER)
    except OSError as error:
        raise layout.disk_error(error, context.workspace.home) from error


def remove_copies(
    context: Context, manifest: Manifest, dataset: Dataset, held: Sequence[Holding]
) -> tuple[list[destroy.Fate], list[str]]:
    """Remove the files; return what became of each, and the paths of what the record does not know."""
    store = context.store
    parts = tuple(dict.fromkeys(row.part for row in held))
    wanted = [row for row in manifest.wanted(dataset.name) if dataset.part in (None, row.part)]
    destroy.drop(
        store, [layout.partial_id(row.dataset, row.part, RemoteFile(url=row.url, path=row.path)) for row in wanted]
    )
    fates = [fate for part in parts for fate in destroy.destroy(store, manifest.files(dataset.name, part))]
    last = all(row.dataset != dataset.name or row.part in parts for row in manifest.holdings())
    for part in parts:
        destroy.prune(store, dataset.name, part)
    if last:
        texts = (row.text_path for row in manifest.terms(dataset.name))
        destroy.drop_terms(store, dataset.name, {text for text in texts if text is not None})
    roots = (None,) if dataset.part is None else (dataset.part,)
    return fates, [path for part in roots for path in destroy.left(store, dataset.name, part)]


def views_of(manifest: Manifest, dataset: Dataset) -> tuple[View, ...]:
    """Return the folders that were made of it and that are there still."""
    found = {}
    for event in manifest.events(dataset.name):
        to, link = event.data.get("to"), event.data.get("link")
        mine = event.what == "viewed" and dataset.part in (None, event.part)
        if (
            mine
            and isinstance(to, str)
            and isinstance(link, str)
            and Path(to).is_absolute()
            and Path(to, MARK).exists()
        ):
            found[to] = View(to, link)
    return tuple(found.values())


def certified(
    context: Context,
    dataset: Dataset,
    held: Sequence[Holding],
    fates: Sequence[destroy.Fate],
    left: Sequence[str],
    reason: str | None,
    views: Sequence[View],
) -> tuple[str, str]:
    """Write the certificate; return its path relative to the home, and its SHA-256."""
    text = certificate(
        Destruction(
            address=dataset.address,
            title=dataset.title,
            licences=sorted({row.licence for row in held if row.licence}),
            at=context.stamp,
            who=context.who,
            why=reason,
            store=str(context.store),
            lines=[
                Line(
                    path="/".join(filter(None, (fate.file.dataset, fate.file.part, fate.file.path))),
                    sha256=fate.file.sha256,
                    size=fate.file.size,
                    outcome=fate.outcome,
                    links=fate.links,
                )
                for fate in fates
            ],
            left=left,
            views=[f"{view.to} ({_LINKS.get(view.link, view.link)})" for view in views],
        )
    )
    digest = sha256(text.encode()).hexdigest()
    stamp = context.now.strftime("%Y%m%dT%H%M%SZ")
    name = f"{dataset.address.replace('/', '-')}-{stamp}-{digest[:8]}.txt"
    home = context.workspace.home
    keep_text(home, f"{FOLDER}/{name}", text, group=context.home_is_shared)
    return f"{FOLDER}/{name}", digest
