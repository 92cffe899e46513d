"""What a person agreed to, what an owner allowed, what was destroyed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.cli.style import count, size
from fetchers.dataset import address_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fetchers.cli.style import Style
    from fetchers.events.consent import Accepted
    from fetchers.verbs.permit import Permitted
    from fetchers.verbs.release import Released


def accepted(consent: Accepted, look: Style) -> Iterator[str]:
    """Yield who agreed to which text."""
    yield f"{look.paint(consent.licence, 'head')}  accepted by {consent.name} on {consent.on}"
    yield f"  {look.paint('text', 'dim')}  {consent.title}"
    if consent.url:
        yield f"        {consent.url}"
    yield look.paint(f"        sha256 {consent.sha256}", "dim")


def permitted(permission: Permitted, look: Style) -> Iterator[str]:
    """Yield what was allowed, until when, on which evidence."""
    until = f" until {permission.until}" if permission.until else ""
    address = address_of(permission.dataset, permission.part)
    if permission.state == "active":
        yield f"{look.paint(address, 'head')}  {permission.use} is permitted{until}"
    elif permission.state == "revoked":
        yield f"{look.paint(address, 'head')}  {permission.use} is not permitted any more"
    else:
        last = look.paint(f"its last day, {permission.until}, is past: it permits nothing", "warn")
        yield f"{look.paint(address, 'head')}  {permission.use}: recorded, but {last}"
    if permission.evidence:
        yield f"  {look.paint('evidence', 'dim')}  {permission.evidence.path}"


def released(done: Released, look: Style) -> Iterator[str]:
    """Yield what is gone, and where the certificate of it is."""
    address = address_of(done.dataset, done.part)
    yield f"{look.paint(address, 'head')}  {count(done.files, 'file')} destroyed, {size(done.bytes)}"
    if done.missing:
        yield f"  {look.paint('missing', 'warn')}      {count(done.missing, 'file')} had gone before"
    for left in done.left:
        yield f"  {look.paint('left', 'warn')}         {left}: not of our making"
    for view in done.views:
        yield f"  {look.paint('view', 'warn')}         {view.to} is there still ({view.link}): rm -r {view.to}"
    yield f"  {look.paint('certificate', 'dim')}  {done.certificate}"
