"""Write `fetch.lock`: exactly which bytes are held, so that another home can be brought to the same state."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.acquire.lock_file import lines
from fetchers.acquire.locking import locked
from fetchers.document import document
from fetchers.handover.held_files import held_of
from fetchers.handover.output_path import refuse_own
from fetchers.inspection.stores import Stores
from fetchers.storage.publish.new_file import new_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from fetchers.acquire.lock_file import LockedDataset
    from fetchers.context import Context

FILE = "fetch.lock"
STDOUT = "-"


class Locked(NamedTuple):
    """The path of the lock; `files` counts remote files, `members` what is held of them."""

    path: str
    datasets: int
    files: int
    members: int
    exit: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the verb's JSON document."""
        return dict(document(self))


def run(context: Context, names: Sequence[str], output: Path) -> Locked:
    """Write the lock of `names`, or of all that is held, to `output`; one that is there already is replaced.

    Raise `NothingMatched` where nothing is held of them, `CatalogueError` for an unknown name.
    """
    held = held_of(context, names)
    counts = [0, 0, 0]

    def datasets() -> Iterator[LockedDataset]:
        with Stores(context) as stores:
            for one in held:
                found = locked([manifest for _, manifest in stores.holding(one)], one.dataset)
                for place, more in enumerate((1, len(found.remotes), len(found.members))):
                    counts[place] += more
                yield found

    if str(output) == STDOUT:
        sys.stdout.writelines(lines(datasets()))
    else:
        refuse_own(context, output)
        with new_file(output) as file:
            file.writelines(line.encode() for line in lines(datasets()))
    return Locked(str(output), *counts)
