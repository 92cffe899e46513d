"""Compute the hashes of what arrived, and compare them with the promised one."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple, Protocol

from fetchers.errors import ContentError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from hashlib import _Hash

    from fetchers.errors import FetchError


GIT = "git-sha1"


class Follower(Protocol):
    """Looks at the bytes of a file while they pass by."""

    def update(self, data: bytes | memoryview, /) -> object:
        """Take the next bytes; raises nothing."""


class Looked(NamedTuple):
    """What the first bytes say: `doubt` is raised if the checksum is wrong, `follow` makes a follower of the bytes."""

    doubt: FetchError | None = None
    follow: Callable[[], Follower | None] | None = None


class Hashes:
    """The running hashes of one file. `pinned` is `algorithm:hexdigest`, or None.

    The pinned algorithm is the publisher's choice; what the record keeps is SHA-256 in any case. `git-sha1` is what git
    calls a file: the SHA-1 of a head with its `size`, and of its bytes behind it. A `follower` is given the same bytes,
    so that nothing need be read again to see whether they are a whole file.
    """

    __slots__ = ("_pinned", "follower", "running")

    def __init__(self, pinned: str | None, size: int | None = None) -> None:
        self._pinned = pinned
        self.follower: Follower | None = None
        self.running: Sequence[_Hash] = (hashlib.sha256(),)
        algorithm = (pinned or "").partition(":")[0]
        if algorithm == GIT:
            self.running = (*self.running, hashlib.sha1(b"blob %d\0" % (size or 0), usedforsecurity=False))
        elif algorithm not in ("", "sha256"):
            self.running = (*self.running, hashlib.new(algorithm, usedforsecurity=False))

    def update(self, data: bytes | memoryview) -> None:
        """Take the next bytes."""
        for one in self.running:
            one.update(data)
        if self.follower is not None:
            self.follower.update(data)

    @property
    def sha256(self) -> str:
        """SHA-256 of all bytes so far, hexadecimal."""
        return self.running[0].hexdigest()

    def check(self, size: int, doubt: FetchError | None = None) -> None:
        """Raise `doubt`, or else `ContentError`, where the `size` bytes are not those that were promised."""
        if self._pinned is None:
            return
        algorithm, _, promised = self._pinned.partition(":")
        arrived = self.running[-1].hexdigest()
        if arrived != promised.lower():
            raise doubt or ContentError(
                f"{algorithm} {arrived} arrived, {promised.lower()} was promised ({size} bytes)",
                hint="the place may have a new version: compare its page with `fetch show`",
            )
