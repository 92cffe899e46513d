"""Where the table of files was written, for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.cli.style import count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fetchers.cli.style import Style
    from fetchers.handover.held_files import Written


def written(table: Written, look: Style) -> Iterator[str]:
    """Yield the file and its number of rows."""
    yield f"{look.paint(table.path, 'head')}  {count(table.files, 'file')}, one row each ({table.format})"
