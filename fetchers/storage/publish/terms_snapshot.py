"""Keep the text of the terms, as it was seen, with the data."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from fetchers.errors import StoreError
from fetchers.storage import layout
from fetchers.storage.publish.publish import Piece, publish, stage
from fetchers.storage.share import let_read

if TYPE_CHECKING:
    from pathlib import Path


def keep(
    store: Path, dataset: str, licence: str, text: str, *, private: bool, readers: int | None = None
) -> tuple[str, str]:
    """Keep `text` under `<dataset>/LICENCE/`; return its path relative to the store, and its SHA-256.

    Another text under the same licence's name is another version of it: both are kept. The group `readers` may read the
    text of a private copy.
    """
    body = text.encode()
    digest = hashlib.sha256(body).hexdigest()
    folder = f"{dataset}/{layout.TERMS}"
    with layout.opened(store) as opened:
        for name in (f"{licence}.txt", f"{licence}-{digest[:12]}.txt"):
            path = f"{folder}/{name}"
            source, mtime = stage(opened, body, private=private)
            piece = Piece(source=source, target=path, sha256=digest, size=len(body), mtime_ns=mtime, private=private)
            (placed,) = publish(opened, [piece])
            if placed.refused is None:
                if private and readers is not None:
                    let_read(opened, dataset, [f"{layout.TERMS}/{name}"], readers)
                break
            if isinstance(placed.refused, StoreError):
                raise placed.refused
    return path, digest


def is_kept(store: Path, text_path: str) -> bool:
    """Return True if a text that was kept is still there."""
    try:
        with layout.opened(store) as opened:
            return opened.stat(text_path).st_size > 0
    except OSError:
        return False
