"""Agree to a licence's text: a person's own answer, with who, when, and the SHA-256 of the text.

The text is shown with the request. Without a terminal nobody can answer, so nothing is accepted here, whatever flags
there are; `fetch NAME --accept LICENCE-ID`, which names the licence, is the only other way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.checks.terms.licence_text import text_of
from fetchers.checks.terms.verdict import lookup
from fetchers.errors import AccessError, CatalogueError
from fetchers.events import log
from fetchers.events.consent import Accepted, record_acceptance

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from fetchers.context import Context


def run(
    context: Context,
    licence_id: str,
    *,
    name: str | None = None,
    on: date | None = None,
    confirm: Callable[[str], bool] | None = None,
) -> Accepted:
    """Show a text and record that a person agreed to it.

    Raises `CatalogueError` for an unknown licence or an impossible day, `AccessError` where nobody agreed; then nothing
    is recorded.
    """
    licence = lookup(licence_id, context.workspace.catalogue.licences)
    if licence is None:
        raise CatalogueError(
            f"there is no licence {licence_id!r} in the catalogue{_nearest(context, licence_id)}",
            hint="fetch show NAME names the licence of a dataset",
        )
    log.check_day(context, on)
    if confirm is None:
        raise AccessError(
            f"{licence.id}: there is no terminal at which a person could agree to it",
            hint=f"run it at a terminal, or agree by name while fetching: fetch NAME --accept {licence.id}",
        )
    address = f"\n(the text that binds: {licence.url})\n" if licence.url else "\n"
    who = name or context.who
    if not confirm(f"{text_of(licence)}{address}Does {who} agree to {licence.id}?"):
        raise AccessError(f"{licence.id}: not agreed to; nothing was recorded")
    return record_acceptance(context, licence, who, on=on)


def _nearest(context: Context, written: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(written, list(context.workspace.catalogue.licences), n=2)
    return f"; the nearest: {', '.join(near)}" if near else ""
