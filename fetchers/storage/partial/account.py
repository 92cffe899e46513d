"""Say what whoever counts the bytes of a command is told."""

from __future__ import annotations

from typing import Protocol


class Account(Protocol):
    """Who is told of bytes: of those that arrive, and of the length that a server says before the first one."""

    def spend(self, count: int, /) -> None:
        """Count bytes that arrived, or negative ones that were thrown away; what it raises ends the transfer."""

    def promise(self, total: int, here: int, /) -> None:
        """Hear of a file of `total` bytes, of which some are `here`; what it raises ends the transfer."""
