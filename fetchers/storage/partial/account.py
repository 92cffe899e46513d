"""Say what whoever counts the bytes of a command is told."""

from __future__ import annotations

from typing import Protocol


class Account(Protocol):
    """The callbacks for bytes that arrive, and for the length that a server announces before the first one."""

    def spend(self, count: int, /) -> None:
        """Count bytes that arrived, or negative ones that were thrown away; what it raises ends the transfer."""

    def promise(self, total: int, here: int, /) -> None:
        """Take note of a file of `total` bytes, of which `here` are held; an exception ends the transfer."""
