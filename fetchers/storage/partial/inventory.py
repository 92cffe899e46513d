"""List what is under way or was broken off, and how many bytes of it are on the disk."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

from fetchers.dataset import RemoteFile
from fetchers.storage import layout
from fetchers.storage.link_errors import LinkInTheWayError
from fetchers.storage.safe_folder import SafeFolder

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def anything(store: Path) -> bool:
    """Return True if anything is under way, or was left so."""
    try:
        with SafeFolder(store) as folder:
            return bool(folder.scan(layout.PARTIAL))
    except LinkInTheWayError as error:
        raise layout.disk_error(error, store) from error
    except OSError:
        return False


def begun(store: Path) -> Counter[str]:
    """Look below the folder of downloads under way: the key of each -> bytes of its body. Makes nothing."""
    found: Counter[str] = Counter()
    try:
        with SafeFolder(store) as folder:
            for name, _ in folder.scan(layout.PARTIAL):
                with suppress(OSError):  # ended while we looked, or no larger file
                    found[name.partition(".")[0]] += folder.stat(f"{layout.PARTIAL}/{name}/body").st_size
    except LinkInTheWayError as error:
        raise layout.disk_error(error, store) from error
    except OSError:
        return found
    return found


def arrived(begun: Counter[str], dataset: str, part: str | None, paths: Iterable[str]) -> int:
    """Sum the bytes that are here of the remote files `paths`."""
    return sum(begun[layout.partial_id(dataset, part, RemoteFile(url="", path=path))] for path in paths)
