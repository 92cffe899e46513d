"""Run a downloader in a test."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fetchers.dataset import RemoteFile
from fetchers.transport.downloader import Downloader, Outcome, Transfer
from fetchers.transport.network_session import NetworkSession

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass
class Memory:
    """A sink that keeps the bytes, and what it was told."""

    data: bytearray = field(default_factory=bytearray)
    validator: str | None = None
    total: int | None = None
    finished: bool = False
    kept: int = 0
    restarts: int = 0
    most: int | None = None
    refuse: Callable[[int], BaseException | None] | None = None

    @property
    def offset(self) -> int:
        """Bytes held."""
        return len(self.data)

    def write(self, data: bytes) -> None:
        """Take bytes, or raise what the test wants."""
        if self.refuse is not None and (error := self.refuse(len(self.data) + len(data))) is not None:
            raise error
        self.data += data

    def restart(self) -> None:
        """Drop everything."""
        self.data.clear()
        self.validator = None
        self.restarts += 1

    def note(self, validator: str | None, total: int | None) -> None:
        """Remember what the server said."""
        self.validator, self.total = validator, total

    def finish(self) -> None:
        """Note the end."""
        self.finished = True

    def keep(self) -> None:
        """Note a failed try."""
        self.kept += 1


class Clock:
    """A clock that runs as the real one does, and jumps over every sleep instead of waiting."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def __call__(self) -> float:
        """Return the time."""
        return time.monotonic() + sum(self.slept)

    def sleep(self, seconds: float) -> None:
        """Jump."""
        self.slept.append(seconds)


def move(
    url: str,
    *,
    sink: Memory | None = None,
    line: NetworkSession | None = None,
    **promises: Any,  # noqa: ANN401 - of RemoteFile
) -> tuple[Outcome, Memory]:
    """Bring one file; the outcome and what was written."""
    memory = sink or Memory()
    promises.setdefault("path", "file.bin")
    transfer = Transfer(remote=RemoteFile(url=url, **promises), sink=memory)
    clock = Clock()
    downloader = Downloader(line or quick(), clock=clock, sleep=clock.sleep, random=lambda: 0.0)
    (outcome,) = downloader.run([transfer])
    return outcome, memory


def quick(**more: Any) -> NetworkSession:  # noqa: ANN401 - the fields of Line
    """Make a line that loses patience soon."""
    return NetworkSession(**{"timeout": 1.0, "retries": 1, **more})
