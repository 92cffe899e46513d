"""Find the end of a file by its own format."""

from __future__ import annotations

from typing import Literal, NamedTuple, Protocol, runtime_checkable

from fetchers.records import Problem


class Ending(NamedTuple):
    """Whether a file is whole by its own format: `whole`, `cut` (or damaged), or `unknown` where the format is silent.

    `why` says in words what is missing; `trailing` counts the bytes after the end.
    """

    state: Literal["whole", "cut", "unknown"]
    why: str = ""
    trailing: int = 0

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return what is to be said of it: `truncated` (error), `trailing-bytes` (info), or nothing."""
        if self.state == "cut":
            return (Problem("truncated", "error", self.why),)
        if self.trailing:
            what = "byte follows" if self.trailing == 1 else "bytes follow"
            return (Problem("trailing-bytes", "info", f"{self.trailing:,} {what} after the end of the format"),)
        return ()


WHOLE = Ending("whole")
UNKNOWN = Ending("unknown")


def cut(why: str) -> Ending:
    """Return the ending of a file that is cut off or damaged."""
    return Ending("cut", why)


@runtime_checkable
class Follower(Protocol):
    """Follows a file to its end while its bytes pass by: each is put in once, in order."""

    def update(self, data: bytes | memoryview, /) -> object:
        """Take the next bytes; raises nothing for what is in them."""

    def ending(self) -> Ending:
        """Return the answer, when no more bytes come."""
