"""Read a table of terms: duties, and for each use an answer with its clause."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from fetchers.dataset import USES, Answer, Licence

if TYPE_CHECKING:
    from collections.abc import Mapping

READ_ON = date(2026, 11, 28)


class Table(NamedTuple):
    """The terms of one licence, or of a family.

    `others` has the answers by use, several uses in one key where they have one answer. A use that is not among them
    is `yes` for the sentence in `grant`; without a grant it is unknown.
    """

    name: str
    url: str | None
    duties: tuple[str, ...] = ()
    grant: str | None = None
    others: Mapping[str, tuple[Answer, str]] = {}
    source: str = "SPDX licence list; the licence's own text"
    duo: tuple[str, ...] = ()


def licence_of(identifier: str, table: Table) -> Licence:
    """Return the licence with an answer and a reason for every use."""
    said = {use: answer for uses, answer in table.others.items() for use in uses.split()}
    silent: tuple[Answer, str] = (
        ("yes", table.grant) if table.grant else ("unknown", "the text that was found says nothing of it")
    )
    return Licence(
        id=identifier,
        name=table.name,
        url=table.url,
        duties=table.duties,
        duo=table.duo,
        uses={use: said.get(use, silent)[0] for use in USES},
        reasons={use: said.get(use, silent)[1] for use in USES},
        source=table.source,
        checked_on=READ_ON,
    )
