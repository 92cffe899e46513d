"""What is under way, or was broken off, and how many bytes of what is wanted are here already by that?"""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING

from fetchers.dataset import RemoteFile
from fetchers.storage import layout

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def anything(store: Path) -> bool:
    """Whether anything is under way, or was left so."""
    try:
        return any(os.scandir(store / layout.PARTIAL))
    except OSError:
        return False


def begun(store: Path) -> Counter[str]:
    """Look below the folder of downloads under way: the key of each -> bytes of its body. Makes nothing."""
    found: Counter[str] = Counter()
    try:
        with os.scandir(store / layout.PARTIAL) as entries:
            names = [entry.name for entry in entries]
    except OSError:
        return found
    for name in names:
        try:
            found[name.partition(".")[0]] += (store / layout.PARTIAL / name / "body").stat().st_size
        except OSError:  # ended while we looked, or no larger file
            continue
    return found


def arrived(begun: Counter[str], dataset: str, part: str | None, paths: Iterable[str]) -> int:
    """Sum the bytes that are here of the remote files `paths`."""
    return sum(begun[layout.partial_id(dataset, part, RemoteFile(url="", path=path))] for path in paths)
