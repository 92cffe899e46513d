"""Acquire medical imaging datasets and keep honest account of them.

import fetchers
for path in fetchers.fetch("shenzhen"):
print(path)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.errors import (
    AccessError,
    CatalogueError,
    ContentError,
    FetchError,
    NothingMatched,
    SourceError,
    StoreError,
    TermsError,
    TransferError,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = [
    "AccessError",
    "CatalogueError",
    "ContentError",
    "FetchError",
    "NothingMatched",
    "SourceError",
    "StoreError",
    "TermsError",
    "TransferError",
    "fetch",
]


def fetch(
    *names: str, home: Path | None = None, include: Sequence[str] = (), exclude: Sequence[str] = ()
) -> list[Path]:
    """Bring datasets here and give the paths of what is held of them; what is held already is left alone.

    `names` are addresses as on the command line (`shenzhen`, `oasis/2`, `tcia/LIDC-IDRI`). `home` is the workspace;
    by default the one that the command line would use. Nothing is accepted on a person's behalf.
    Raises `FetchError`: its first failure's kind, with what and hint, where any of them did not come whole.
    """
    from fetchers import api

    return api.fetch(names, home=home, include=tuple(include), exclude=tuple(exclude))
