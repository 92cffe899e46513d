"""Walk below a folder, in the order in which the record has its paths.

So the two can be compared with each other as they come, and neither is kept: a million paths would be felt.
"""

from __future__ import annotations

import os
from operator import itemgetter
from typing import TYPE_CHECKING

from fetchers.storage import layout
from fetchers.storage.link_errors import LinkInTheWayError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fetchers.storage.safe_folder import SafeFolder

    Entry = os.DirEntry[str]


def walk(
    store: SafeFolder, root: str, enter: Callable[[Entry, str], bool], *, stat: bool = False
) -> Iterator[tuple[str, Entry]]:
    """Yield everything below `root` in the store that is no folder, with its path from there, in order of the paths.

    `enter` is asked for each folder with its path, which ends with a slash. What cannot be listed is skipped. With
    `stat`, an entry's own is known (`stat(follow_symlinks=False)`), and what is gone before that is skipped, too.
    Raises `StoreError` where a link stands in place of `root`; below it links are entries like others.
    """
    waiting = [_inside(store, root, "", stat=stat)]
    while waiting:
        for path, entry in waiting[-1]:
            if path[-1] != "/":
                yield path, entry
            elif enter(entry, path):
                waiting.append(_inside(store, root, path, stat=stat))
                break
        else:
            waiting.pop()


def _inside(store: SafeFolder, root: str, below: str, *, stat: bool) -> Iterator[tuple[str, Entry]]:
    try:
        # By a descriptor, which spares the system the way down for each stat.
        descriptor = store.list_descriptor(f"{root}/{below}".rstrip("/"))
    except LinkInTheWayError as error:
        raise layout.disk_error(error, root) from error
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
