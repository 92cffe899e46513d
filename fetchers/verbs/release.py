"""Destroy the local copy of a dataset, keep the account of it, and certify it.

In this order: ask -> remove the files -> write the certificate -> record the event and take the rows out. A run that
dies on the way has its rows still, so the same command again finishes it and names what was gone already.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.dataset import RemoteFile
from fetchers.document import document
from fetchers.errors import PARTLY_DONE, AccessError, CatalogueError, NothingMatched
from fetchers.events import log
from fetchers.inspection.private_copies import only_read
from fetchers.inspection.scope import known
from fetchers.reports.certificate import Destruction, Line, certificate
from fetchers.storage import layout
from fetchers.storage.link_errors import refuse_link
from fetchers.storage.publish import destroy
from fetchers.storage.publish.atomic_text import keep_text
from fetchers.storage.publish.view_folder import MARK
from fetchers.storage.record.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fetchers.context import Context
    from fetchers.dataset import Dataset
    from fetchers.records import Holding

FOLDER = "certificates"
_LINKS = {"hard": "hard links", "sym": "symbolic links", "copy": "copies", "reflink": "copies"}


class View(NamedTuple):
    """A folder that `fetch view` made of it and that is there still; only symbolic links go with the copy."""

    to: str
    link: str


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
        dataset, held = _held(context, manifest, name)
        _refuse_obstacles(context, manifest, dataset, held)
    files, total = sum(row.files for row in held), sum(row.bytes for row in held)
    _ask(context, dataset, f"Destroy {files} files ({total} bytes) of {dataset.address}, and certify it?", yes=yes)
    with Manifest.open(context.store, write=True) as manifest:
        fates, left = _destroyed(context, manifest, dataset, held)
        views = _views(manifest, dataset)
        file, digest = _certified(context, dataset, held, fates, left, reason, views)
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


def _held(context: Context, manifest: Manifest, name: str) -> tuple[Dataset, list[Holding]]:
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


def _refuse_obstacles(context: Context, manifest: Manifest, dataset: Dataset, held: Sequence[Holding]) -> None:
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


def _destroyed(
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


def _views(manifest: Manifest, dataset: Dataset) -> tuple[View, ...]:
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


def _certified(
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
