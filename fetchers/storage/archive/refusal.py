"""Say why an archive is refused, in such a way that the advice can differ by the cause."""

from __future__ import annotations

from typing import Literal

from fetchers.errors import ContentError

Cause = Literal["unsafe", "cost", "encrypted", "unsupported"]


class RefusedError(ContentError):
    """The archive is whole, as far as was seen, and is not unpacked. `size` is what it would cost, in bytes."""

    def __init__(self, what: str, *, hint: str | None = None, cause: Cause = "unsafe", size: int = 0) -> None:
        super().__init__(what, hint=hint)
        self.cause = cause
        self.size = size


def refuse(reason: str, cause: Cause = "unsafe", size: int = 0) -> RefusedError:
    """Make the refusal of an archive."""
    return RefusedError(f"refused: {reason}", cause=cause, size=size)
