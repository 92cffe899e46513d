"""What was locked, what came of a sync, what is otherwise at the places: for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.cli.style import count, size
from fetchers.cli.terminal import sentence
from fetchers.cli.views.findings import findings
from fetchers.dataset import address_of
from fetchers.verbs.outdated import failures

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fetchers.acquire.locked_state import SyncedDataset
    from fetchers.cli.style import Style
    from fetchers.verbs.lock import Locked
    from fetchers.verbs.outdated import Outdated
    from fetchers.verbs.sync import Synced

_SHOWN = 5


def locked(done: Locked, look: Style) -> Iterator[str]:
    """Yield where the lock is, and what it names."""
    named = f"{count(done.datasets, 'dataset')}, {count(done.files, 'remote file')}, {count(done.members, 'held file')}"
    yield f"{look.paint(done.path, 'head')}  {named}"
    if not look.quiet:
        yield f"  {look.paint('next', 'dim')}    in another home: fetch sync {done.path}"


def synced(done: Synced, look: Style) -> Iterator[str]:
    """Yield what became of each dataset."""
    for one in done.datasets:
        if look.quiet and not one.exit:
            continue
        yield f"{look.paint(address_of(one.dataset, one.part), 'head')}  {_state(one)}"
        if one.plan is not None:
            known = "" if one.plan.bytes is None else f", {size(one.plan.bytes)}"
            yield f"  would get {count(one.plan.files, 'remote file')}{known} (a dry run: nothing is written)"
        yield from _listed("changed", one.changed, look)
        yield from _listed("vanished", one.vanished, look)
        yield from _listed("pending", one.pending, look)
        yield from findings(one.findings, look, indent="  ")


def outdated(found: Outdated, look: Style) -> Iterator[str]:
    """Yield what is otherwise."""
    for one in found.datasets:
        newer = one.version.place is not None and one.version.place != one.version.held
        lines = [*_listed("new", one.new, look), *_listed("changed", one.changed, look)]
        lines += _listed("withdrawn", one.withdrawn, look)
        if newer and one.version.held is not None:
            lines.insert(0, f"  version {one.version.held} is held, the place has {one.version.place}")
        if lines:
            yield look.paint(address_of(one.dataset, one.part), "head")
            yield from lines
    if found.exit == 0:
        yield look.paint("the places have what is held, and nothing else", "good")


def unasked(found: Outdated, look: Style) -> Iterator[str]:
    """Yield what could not be asked."""
    for address, what, hint in failures(found):
        yield sentence("error:", "bad", f"{address}: {what}", look)
        if hint:
            yield sentence("try:", "info", hint, look)


def _state(one: SyncedDataset) -> str:
    if one.downloaded_files:
        return f"{count(one.downloaded_files, 'remote file')} fetched, {size(one.downloaded_bytes)}"
    return "as it was locked" if not one.exit and one.plan is None else f"{count(one.files, 'file')} held"


def _listed(word: str, paths: Sequence[str], look: Style) -> Iterator[str]:
    for path in paths[:_SHOWN]:
        yield f"  {look.paint(word, 'warn')} {path}"
    if len(paths) > _SHOWN:
        yield look.paint(f"  ... {len(paths) - _SHOWN:,} more {word} (--json lists all)", "dim")
