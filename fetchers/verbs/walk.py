"""What lies below a folder, in the order in which the record has its paths?

So the two can be held against each other as they come, and neither is kept: a million paths would be felt.
"""

from __future__ import annotations

import os
from operator import itemgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Entry = os.DirEntry[str]


def walk(root: str, enter: Callable[[Entry, str], bool]) -> Iterator[tuple[str, Entry]]:
    """Yield everything below `root` that is no folder, with its path from there, in the order of the paths.

    `enter` is asked for each folder with its path, which ends with a slash. What cannot be listed is passed over.
    """
    waiting = [_inside(root, "")]
    while waiting:
        for path, entry in waiting[-1]:
            if path[-1] != "/":
                yield path, entry
            elif enter(entry, path):
                waiting.append(_inside(entry.path, path))
                break
        else:
            waiting.pop()


def _inside(folder: str, below: str) -> Iterator[tuple[str, Entry]]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return iter(())
    # A folder's slash counts: `a-b` comes before `a/b`, and `a.b` does, too.
    named = [
        (f"{below}{entry.name}/" if entry.is_dir(follow_symlinks=False) else f"{below}{entry.name}", entry)
        for entry in entries
    ]
    named.sort(key=itemgetter(0))
    return iter(named)
