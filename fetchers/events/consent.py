"""Record that a person agreed to a licence's text, and open the application that a refusal asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.checks.terms.licence_text import text_sha256
from fetchers.document import document
from fetchers.events import log

if TYPE_CHECKING:
    from datetime import date

    from fetchers.context import Context
    from fetchers.dataset import Dataset, Licence


class Accepted(NamedTuple):
    """What was agreed to, by whom, on which day."""

    licence: str
    title: str
    name: str
    on: date
    sha256: str
    url: str | None

    def to_dict(self) -> dict[str, Any]:
        """Return the verb's JSON document."""
        return dict(document(self))


def record_acceptance(
    context: Context, licence: Licence, who: str | None = None, *, on: date | None = None
) -> Accepted:
    """Record that `who` (by default the person at the keyboard) agreed to the licence's present text."""
    name = who or context.who
    sha256 = text_sha256(licence)
    log.append(
        context,
        [log.event(context, "accepted", None, key=licence.id, on=on, name=name, text_sha256=sha256, url=licence.url)],
    )
    return Accepted(
        licence=licence.id,
        title=licence.name,
        name=name,
        on=on or context.now.date(),
        sha256=sha256,
        url=licence.url,
    )


def open_for(context: Context, dataset: Dataset) -> str | None:
    """Make tasks of the steps of a gated dataset; return the application's address if that opened one.

    What has lapsed is recorded, too.
    """
    events = log.noticed(context)
    subject = log.subject(context, dataset.address)
    if log.own(context, subject, events) is not None:
        return None
    log.append(context, [log.automatic(context, subject)])
    return subject.address
