"""What `fetch remind` sent, for a person; nothing at all where there was nothing new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.cli.style import count
from fetchers.cli.terminal import sentence
from fetchers.dataset import address_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fetchers.cli.style import Style
    from fetchers.verbs.remind import Reminded


def page(found: Reminded, look: Style) -> Iterator[str]:
    """Yield a line for each address, and in a dry run what it would be told."""
    for told in found.told:
        if found.dry_run:
            yield f"{look.paint(told.to, 'head')}  would be sent {count(len(told.notices), 'thing')}"
            for one in told.notices:
                address = address_of(one.dataset, one.part)
                yield f"  {look.paint(one.kind, 'warn')} {address}: {one.message}"
        elif told.delivered and not look.quiet:
            yield f"{look.paint(told.to, 'head')}  was sent {count(len(told.notices), 'thing')}"


def trouble(found: Reminded, look: Style) -> Iterator[str]:
    """Yield the addresses that took no message."""
    for told in found.told:
        if told.delivered is False:
            yield sentence("error:", "bad", f"{told.to} did not take the message", look)
            yield sentence("try:", "info", "the same command again: what was not taken is sent again", look)
