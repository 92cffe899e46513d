"""Agree to a licence's text: a person's own answer, with who, when, and the SHA-256 of the text.

The text is shown with the question. Without a terminal nobody can answer, so nothing is accepted here, whatever flags
there are; `fetch NAME --accept LICENCE-ID`, which names the licence, is the only other way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fetchers.checks.terms import lookup
from fetchers.checks.wording import text_of, text_sha256
from fetchers.errors import AccessError, CatalogueError
from fetchers.verbs import history

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from fetchers.dataset import Licence
    from fetchers.verbs.place import Place


class Accepted(NamedTuple):
    """What was agreed to, by whom, on which day."""

    licence: str
    title: str
    name: str
    on: date
    sha256: str
    url: str | None


def run(
    place: Place,
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
    licence = lookup(licence_id, place.workspace.catalogue.licences)
    if licence is None:
        raise CatalogueError(
            f"there is no licence {licence_id!r} in the catalogue{_nearest(place, licence_id)}",
            hint="fetch show NAME names the licence of a dataset",
        )
    history.check_day(place, on)
    if confirm is None:
        raise AccessError(
            f"{licence.id}: nobody can agree to it here, for there is no terminal",
            hint=f"run it at a terminal, or agree by name while fetching: fetch NAME --accept {licence.id}",
        )
    address = f"\n(the text that binds: {licence.url})\n" if licence.url else "\n"
    who = name or place.who
    if not confirm(f"{text_of(licence)}{address}Does {who} agree to {licence.id}?"):
        raise AccessError(f"{licence.id}: not agreed to; nothing was recorded")
    return record_acceptance(place, licence, who, on=on)


def record_acceptance(place: Place, licence: Licence, who: str | None = None, *, on: date | None = None) -> Accepted:
    """Record that `who` (by default the person at the keyboard) agreed to the licence's present text."""
    name = who or place.who
    sha256 = text_sha256(licence)
    history.append(
        place,
        [history.event(place, "accepted", None, key=licence.id, on=on, name=name, text_sha256=sha256, url=licence.url)],
    )
    return Accepted(
        licence=licence.id,
        title=licence.name,
        name=name,
        on=on or place.now.date(),
        sha256=sha256,
        url=licence.url,
    )


def _nearest(place: Place, written: str) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only a mistake needs it

    near = get_close_matches(written, list(place.workspace.catalogue.licences), n=2)
    return f"; the nearest: {', '.join(near)}" if near else ""
