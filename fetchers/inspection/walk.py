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


_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


def walk(root: str, enter: Callable[[Entry, str], bool], *, stat: bool = False) -> Iterator[tuple[str, Entry]]:
    """Yield everything below `root` that is no folder, with its path from there, in the order of the paths.

    `enter` is asked for each folder with its path, which ends with a slash. What cannot be listed is passed over. With
    `stat`, an entry's own is known (`stat(follow_symlinks=False)`), and what is gone before that is passed over, too.
    """
    waiting = [_inside(root, "", stat=stat)]
    while waiting:
        for path, entry in waiting[-1]:
            if path[-1] != "/":
                yield path, entry
            elif enter(entry, path):
                waiting.append(_inside(f"{root}/{path}", path, stat=stat))
                break
        else:
            waiting.pop()


def _inside(folder: str, below: str, *, stat: bool) -> Iterator[tuple[str, Entry]]:
    try:
        descriptor = os.open(folder, _FOLDER)  # which spares the system the way down for each stat
    except OSError:
        return iter(())
    named = []
    try:
        with os.scandir(descriptor) as entries:
            for entry in entries:
                if stat:
                    try:
                        entry.stat(follow_symlinks=False)  # it is kept
                    except FileNotFoundError:
                        continue
                # A folder's slash counts: `a-b` comes before `a/b`, and `a.b` does, too.
                slash = "/" if entry.is_dir(follow_symlinks=False) else ""
                named.append((f"{below}{entry.name}{slash}", entry))
    except OSError:
        return iter(())
    finally:
        os.close(descriptor)
    named.sort(key=itemgetter(0))
    return iter(named)
