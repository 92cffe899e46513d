"""Check that a page or a calendar may be written under a name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from fetchers.errors import CatalogueError

if TYPE_CHECKING:
    from fetchers.context import Context

_FILES = ("catalogue.toml", "config.toml", "credentials.toml")
_FOLDERS = ("evidence", "certificates")


def refuse_own(context: Context, file: Path) -> None:
    """Raise `CatalogueError` where `file` would take the place of what the workspace keeps, or lie in its store."""
    home, where = context.workspace.home.resolve(), Path(os.path.realpath(file))
    folders = (context.store.resolve(), *(home / name for name in _FOLDERS))
    if where in {home / name for name in _FILES} or any(where.is_relative_to(folder) for folder in folders):
        raise CatalogueError(f"{file} is the workspace's own; it is not written over", hint="name another file")
