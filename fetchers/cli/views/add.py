"""What was added to the catalogue, and what was found in it, for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.cli.table import Cell, Column, table
from fetchers.cli.views.catalogue import ACCESS_STYLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fetchers.cli.style import Style
    from fetchers.verbs.add import Added
    from fetchers.verbs.search import Found


def added(one: Added, look: Style) -> Iterator[str]:
    """Yield what was written, and what to type next."""
    yield f"{look.paint(one.dataset, 'head')}  {one.title}"
    for label, text in (
        ("from", one.origin),
        ("version", one.version or "not said"),
        ("licence", one.licence or "unknown: the place does not say"),
        ("access", one.access),
        ("in", one.file),
        ("next", f"fetch get {one.dataset}"),
    ):
        yield f"  {look.paint(label.ljust(8), 'dim')}  {text}"


def found(rows: Sequence[Found], look: Style) -> Iterator[str]:
    """Yield a line for each."""
    columns = [Column("NAME"), Column("TITLE", wrap=True), Column("ACCESS")]
    yield from table(
        columns,
        (
            (Cell(row.address, "head"), row.title, Cell(row.access, ACCESS_STYLES.get(row.access, "dim")))
            for row in rows
        ),
        look,
    )
    if not look.quiet:
        yield ""
        yield look.paint(f"fetch show {rows[0].address} tells all of one; fetch get brings it", "dim")
