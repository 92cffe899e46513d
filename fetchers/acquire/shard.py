"""Choose the shard of a plan that a remote file belongs to.

The share is decided by a hash of the file's own name, so that a listing that grew moves nothing from one job to
another. The pieces of one split archive belong together.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from fetchers.dataset import RemoteFile


def takes(shard: tuple[int, int] | None) -> Callable[[RemoteFile], bool]:
    """Return what says whether a remote file belongs to the I-th of N shares; without a share, all of them do."""
    if shard is None:
        return lambda _: True
    number, of = shard

    def belongs(remote: RemoteFile) -> bool:
        digest = hashlib.sha256((remote.joins or remote.path).encode()).digest()
        return int.from_bytes(digest[:8], "big") % of == number % of

    return belongs
