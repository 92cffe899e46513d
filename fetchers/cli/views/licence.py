"""What a licence means, for a person who reads licences: what it is, each use with answer and reason, the duties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.checks.terms.duties import WORDS
from fetchers.cli.output import clean
from fetchers.cli.table import Cell, Column, table
from fetchers.cli.views.findings import wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fetchers.cli.style import Style
    from fetchers.dataset import Licence
    from fetchers.verbs.licence import Meaning

_STYLES = {"allowed": "good", "allowed-with-duties": "good", "forbidden": "bad", "unknown": "warn"}
_SHORT = {"allowed-with-duties": "with duties"}
_LABEL = 12


def page(meaning: Meaning, described: Sequence[Licence], look: Style) -> Iterator[str]:
    """Yield the lines."""
    if meaning.licence is None:
        yield look.paint("not recognised", "warn") + ": what is not known to be allowed is unknown"
        if not look.quiet:
            yield look.paint("fetch licence --id IDENTIFIER tells of one that SPDX or the catalogue has", "dim")
        return
    yield look.paint(meaning.licence, "head")
    for licence in clean(tuple(described)):
        yield from _pair("name", licence.name if len(described) == 1 else f"{licence.name} ({licence.id})", look)
        yield from _pair("text", licence.url or "its address is not known", look)
        if licence.source:
            day = f"read on {licence.checked_on}: " if licence.checked_on else ""
            yield from _pair("source", f"{day}{licence.source}", look)
    yield ""
    yield from _table(meaning, look)
    duties = dict.fromkeys(duty for use in meaning.uses.values() for duty in use.duties)
    if duties:
        yield ""
        yield look.paint("Duties", "head")
        for duty in duties:
            yield from wrapped(f"{duty}: {WORDS.get(duty, '')}", look, indent="  ", hang="    ")


def _table(meaning: Meaning, look: Style) -> Iterator[str]:
    """Yield a row for each use; a reason that stands there already is not printed again."""
    first: dict[tuple[str, str], str] = {}
    rows: list[tuple[str | Cell, ...]] = []
    for use, one in meaning.uses.items():
        reason = one.reason.removeprefix(f"{meaning.licence}: ")
        before = first.setdefault((one.verdict, reason), use)
        told = reason if before == use else f"as for {before}"
        rows.append((Cell(use, "head"), Cell(_SHORT.get(one.verdict, one.verdict), _STYLES[one.verdict]), told))
    yield from table([Column("USE"), Column("ANSWER"), Column("REASON", wrap=True)], rows, look)


def _pair(label: str, text: str, look: Style) -> Iterator[str]:
    first, *more = wrapped(text, look, indent=" " * _LABEL) or [""]
    yield f"  {look.paint(label.ljust(_LABEL - 2), 'dim')}{first.lstrip()}"
    yield from more
