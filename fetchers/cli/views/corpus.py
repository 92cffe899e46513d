"""The folder that was made, the images that are shared, what was exported: for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.cli.style import count, number, size
from fetchers.cli.table import Cell, Column, table
from fetchers.cli.views.findings import findings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fetchers.cli.style import Style
    from fetchers.verbs.export import Exported
    from fetchers.verbs.overlap import Overlap
    from fetchers.verbs.view import Viewed


def viewed(done: Viewed, look: Style) -> Iterator[str]:
    """Yield the folder, its shares, its datalist."""
    patients = f", {count(done.patients, 'patient')}" if done.patients else ""
    yield f"{look.paint(done.to, 'head')}  {count(done.files, 'file')}, {size(done.bytes)}{patients}"
    rows = [
        (Cell(f"  {name}", "head"), number(share.files), number(share.patients), size(share.bytes))
        for name, share in done.splits.items()
    ]
    columns = [
        Column("  SHARE"),
        Column("FILES", right=True),
        Column("PATIENTS", right=True),
        Column("SIZE", right=True),
    ]
    yield from table(columns, rows, look)
    if done.datalist:
        yield f"  {look.paint('datalist', 'dim')}  {done.to}/{done.datalist}"
    yield from findings(done.findings, look, indent="  ")


def overlaps(found: Overlap, look: Style) -> Iterator[str]:
    """Yield the pairs that share images, the largest overlap first."""
    columns = [
        Column("A"), Column("B"), Column("FILES", right=True), Column("INSTANCES", right=True),
        Column("PIXELS", right=True),
    ]  # fmt: skip
    rows = [
        (Cell(pair.a, "head"), Cell(pair.b, "head"), number(pair.files), number(pair.instances), number(pair.pixels))
        for pair in found.pairs
    ]
    below = [f"{pair.examples[0].a} is {pair.examples[0].b}" if not look.quiet else None for pair in found.pairs]
    yield from table(columns, rows, look, below=below)
    if not found.pairs:
        yield look.paint("no image is held twice", "good")
    yield from findings(found.findings, look)


def exported(done: Exported, look: Style) -> Iterator[str]:
    """Yield where it is, and how much it describes."""
    yield f"{look.paint(done.path, 'head')}  {count(done.files, 'file')} ({done.format})"
