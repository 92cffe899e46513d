"""Make a store of one's own a group's: which copies stay private is the terms' to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.inspection.private_copies import private_to_another
from fetchers.inspection.private_terms import private
from fetchers.inspection.scope import known
from fetchers.records import Finding
from fetchers.storage import layout
from fetchers.storage.record.manifest import Manifest
from fetchers.storage.share import Private, let_read, refuse_strangers
from fetchers.storage.share import share as share_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fetchers.context import Context


def share(context: Context) -> Iterator[Finding]:
    """Share the store; yield a finding for what belongs to others and was left. Raises `StoreError`."""
    layout.found(context.store)
    for gid in context.readers.values():
        refuse_strangers(gid)
    left = list(share_folder(context.store, _private(context), home=context.workspace.home))
    for path in left:
        yield Finding(
            rule="sharing",
            severity="error",
            message=f"{path} belongs to another account and keeps its mode",
            hint="its owner would have to type the same command",
        )
    let_readers(context)


def _private(context: Context) -> Private:
    with Manifest.open(context.store, write=False) as manifest:
        here = {(row.dataset, row.part) for row in manifest.holdings()}
        here |= {(row.dataset, row.part) for row in manifest.waiting()}
        events = manifest.events()
    folders, under_way = set(), []
    for name, part in here:
        if private(context, known(context, name, part)._replace(name=name, part=part), events):
            folders.add(layout.below(name, part))
            under_way.append(layout.partial_prefix(name, part))
    # What the record does not know may be anybody's: it stays as private as it can be.
    names = {name for name, _ in here}
    folders |= {
        found.name
        for found in context.store.iterdir()
        if found.is_dir() and not found.name.startswith(".") and found.name not in names
    }
    return Private(frozenset(folders), tuple(under_way))


def let_readers(context: Context) -> None:
    """Make one's own gated copies readable for the groups of `[readers]`."""
    with Manifest.open(context.store, write=False) as manifest, layout.opened(context.store) as store:
        for row in manifest.holdings():
            gid = context.readers_of(row.dataset, row.part)
            if gid is not None and not private_to_another(context.store, known(context, row.dataset, row.part)):
                let_read(store, layout.below(row.dataset, row.part), manifest.paths(row.dataset, row.part), gid)
                texts = [one.text_path for one in manifest.terms(row.dataset) if one.part == row.part and one.text_path]
                there = [path.removeprefix(f"{row.dataset}/") for path in texts if store.exists(path)]
                let_read(store, row.dataset, there, gid)
