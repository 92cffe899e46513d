"""Check that the record, its journal and its events agree, and that the clock is not behind them."""

from __future__ import annotations

from datetime import datetime, timedelta
from shlex import quote
from typing import TYPE_CHECKING

from fetchers.errors import StoreError
from fetchers.inspection.machine_checks import said
from fetchers.storage.record.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fetchers.context import Context
    from fetchers.records import Finding

_JUMP = timedelta(days=1)


def record_findings(context: Context) -> Iterator[Finding]:
    """Yield what is wrong with the record, its journal and its events, or that nothing is."""
    try:
        with Manifest.open(context.store, write=False) as manifest:
            broken = [*manifest.said, *manifest.faults()]
            chain = manifest.chain_faults()
            events, held = manifest.events(), manifest.holdings()
    except StoreError as error:
        yield said("record", "error", error.what, error.hint)
        return
    for fault in broken:
        yield said("record", "error", fault, _mended(context))
    for fault in chain:
        yield said("events", "error", fault, _mended(context))
    if not broken:
        yield said("record", "info", f"{sum(row.files for row in held):,} files, the journal says the same")
    if not chain:
        yield said("events", "info", f"{len(events):,} events, the chain is whole")
    newest = max([event.at for event in events] + [f"{row.acquired_on}T00:00:00Z" for row in held], default=None)
    yield from _clock(context, newest)


def _mended(context: Context) -> str:
    """Return how a record can be repaired. Moving or removing it is never advised: it may be the only copy."""
    store = quote(str(context.store))
    return f"cp -p BACKUP/manifest.* {store}/   (both files of one backup, while no command runs)"


def _clock(context: Context, newest: str | None) -> Iterator[Finding]:
    try:
        ahead = datetime.fromisoformat(newest) - context.now if newest is not None else timedelta()
    except ValueError:
        return  # an edited day: what edited it was said
    if ahead > _JUMP:
        hint = "set the clock: what lapses is decided by it"
        yield said("clock", "warning", f"it says {context.stamp}, the newest record is of {newest}", hint)
