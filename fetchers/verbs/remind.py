"""Tell people what is due, about to lapse, lapsed or changed: each thing once for each address.

What was delivered is an event of the record, under a hash of the address, which may hold a secret. What could not be
delivered is not recorded, so the next run tells it again.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.checks.access import notices as telling
from fetchers.document import document
from fetchers.errors import CatalogueError, TransferError
from fetchers.events import log
from fetchers.inspection import compliance
from fetchers.inspection.scope import subjects
from fetchers.reports.reminder import reminder
from fetchers.storage.record.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fetchers.checks.access.notices import Notice
    from fetchers.context import Context
    from fetchers.records import Event, EventKind
    from fetchers.transport.notify import Address

REMINDED: EventKind = "reminded"


class Told(NamedTuple):
    """What one address is told, and whether it was: None for a dry run, and where there was nothing to tell."""

    to: str
    notices: tuple[Notice, ...]
    delivered: bool | None


class Reminded(NamedTuple):
    """What became of all addresses."""

    told: tuple[Told, ...]
    dry_run: bool
    exit: int

    def to_dict(self) -> dict[str, Any]:
        """Return the verb's JSON document."""
        return dict(document(self))


def run(context: Context, to: Sequence[str], *, dry_run: bool = False) -> Reminded:
    """Send what is new to each of the addresses `to`.

    Raises `CatalogueError` for an address that cannot be one, before anything is sent.
    """
    from fetchers.transport.notify import Address

    if not to:
        raise CatalogueError("no address given", hint="fetch remind --to mailto:ada@lab.example")
    addresses = [Address(one, sender=f"fetch@{_host()}") for one in dict.fromkeys(to)]
    if context.offline and not dry_run:
        raise TransferError("offline: nothing can be sent", hint="leave --offline out, or add --dry-run")
    events = log.read(context) if dry_run else log.noticed(context)
    found = telling.notices(list(log.subjects(context, events)), events, context.now)
    found += _changed(context, events)
    told = tuple(_told(context, address, found, events, dry_run=dry_run) for address in addresses)
    failed = any(one.delivered is False for one in told)
    return Reminded(told=told, dry_run=dry_run, exit=TransferError.exit_status if failed else 0)


def _told(
    context: Context, address: Address, found: Sequence[Notice], events: Sequence[Event], *, dry_run: bool
) -> Told:
    key = hashlib.sha256(address.written.encode()).hexdigest()[:16]
    known = {one for event in events if event.what == REMINDED and event.key == key for one in _keys(event)}
    new = tuple(one for one in found if one.key not in known)
    if dry_run or not new:
        return Told(to=address.shown, notices=new, delivered=None)
    title, body = reminder(new, context.workspace.home)
    delivered = address.deliver(title, body, context.environ)
    if delivered:
        keys = [one.key for one in new]
        log.append(context, [log.event(context, REMINDED, None, key=key, to=address.shown, notices=keys)])
    return Told(to=address.shown, notices=new, delivered=delivered)


def _keys(event: Event) -> Iterator[str]:
    keys = event.data.get("notices")
    yield from (one for one in (keys if isinstance(keys, (list, tuple)) else ()) if isinstance(one, str))


def _changed(context: Context, events: Sequence[Event]) -> Iterator[Notice]:
    """Yield the terms that read otherwise now than when they were agreed to, or when the copies came."""
    with Manifest.open(context.store, write=False) as manifest:
        held = subjects(context, manifest, ())
        changed = [one for one in compliance.findings(context, manifest, held, events) if one.rule == "terms-changed"]
    for finding in changed:
        digest = hashlib.sha256(finding.message.encode()).hexdigest()[:12]
        address = f"{finding.dataset}/{finding.part or ''}"
        yield telling.Notice(
            kind="changed",
            dataset=finding.dataset or "",
            part=finding.part,
            key=f"changed {address} terms {digest}",
            message=finding.message,
            hint=finding.hint,
        )


def _host() -> str:
    import socket

    name = socket.getfqdn()
    return name if "." in name else f"{name or 'localhost'}.localdomain"
