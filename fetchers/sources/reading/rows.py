"""Take the rows of a listing one by one; a bad one is named and skipped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from fetchers.dataset import RemoteFile
    from fetchers.source import Refused
    from fetchers.sources.json_answers import Fields


def taken(
    rows: Iterable[Fields], make: Callable[[Fields], RemoteFile | None], refused: Refused
) -> Iterator[RemoteFile]:
    """Yield what `make` makes of each row; a row in which a field is wrong is put into `refused`, None is left out."""
    for row in rows:
        try:
            found = make(row)
        except SourceError as error:
            refused.add(row.place, error)
        else:
            if found is not None:
                yield found
