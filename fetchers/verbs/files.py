"""Stream the table of what is held: one row a file, for pandas, for a database, for a training script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.handover.held_files import Files, held_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fetchers.context import Context


def run(context: Context, names: Sequence[str] = ()) -> Files:
    """Return the files of `names`, or all of them.

    Raise `CatalogueError` for an unknown name, `NothingMatched` where nothing is held of them.
    """
    return Files(context, held_of(context, names))
