"""The context of a verb: workspace, user, clock, environment and network options.

Everything that a verb may not fetch for itself is handed to it here: the workspace, the one `now` of the command, the
person's name, the environment, a way to show progress and, at a terminal, a way to ask.
"""

from __future__ import annotations

from contextlib import nullcontext
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

    from fetchers.source import Source
    from fetchers.workers.cluster_executor import ClusterExecutor
    from fetchers.workspace import Workspace


class Progress:
    """Shows how far a verb has come; this one shows nothing. The command line draws bars in its own."""

    def begin(self, label: str, *, files: int | None = None, total: int | None = None) -> None:
        """Start a stage of `files` files and `total` bytes, where known."""

    def measure(self, total: int) -> None:
        """Report the total of the stage in bytes, where that becomes known only while it goes on."""

    def advance(self, bytes_: int = 0, files: int = 0) -> None:
        """Report what has been done since the last call; negative where bytes must be brought again."""

    def say(self, message: str) -> None:
        """Print a message for the person without disturbing a bar."""

    def end(self) -> None:
        """End the stage."""


def account_name() -> str:
    """Return the name of this process's account, or its number where it has none."""
    import os
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def person(environ: Mapping[str, str]) -> str:
    """Return the name of the person on whose behalf this process runs."""
    return (
        next((environ[name] for name in ("LOGNAME", "USER", "USERNAME") if environ.get(name)), None) or account_name()
    )


class Context(NamedTuple):
    """The circumstances of one command. `now` is UTC and stays what it is until the command ends."""

    workspace: Workspace
    now: datetime
    who: str
    environ: Mapping[str, str]
    load: Callable[[str], Source]  # finds a place's plug-in by its name
    offline: bool = False
    mirrors: Mapping[str, str] = MappingProxyType({})  # the configuration's and the command line's, merged
    progress: Progress = Progress()
    confirm: Callable[[str], bool] | None = None  # None: there is no terminal, so there is no consent
    timeout: float = 30.0
    retries: int = 4
    readers: Mapping[str, int] = MappingProxyType({})  # dataset or part -> the group that reads its gated copies
    also: tuple[Path, ...] = ()  # stores that are only read

    def readers_of(self, dataset: str, part: str | None) -> int | None:
        """Return the group that reads the gated copies of a dataset or part."""
        address = dataset if part is None else f"{dataset}/{part}"
        return self.readers.get(address, self.readers.get(dataset))

    def of_store(self, store: Path) -> Context:
        """Return the same circumstances for another store."""
        return self._replace(workspace=self.workspace._replace(cache=store), also=())

    @property
    def home_is_shared(self) -> bool:
        """True if the home, too, is a group's."""
        from fetchers.storage.sharing import home_is_shared

        return home_is_shared(self.workspace.home, self.store)

    @property
    def store(self) -> Path:
        """The folder that holds the copies and their manifest."""
        return self.workspace.cache

    def executor(self, on: str | None) -> AbstractContextManager[ClusterExecutor | None]:
        """Return the executor of the cluster that `--on` names; None without it: then this machine does the work."""
        if on is None:
            return nullcontext()
        from fetchers.workers.cluster import cluster

        return cluster(on, store=self.store, timeout=self.timeout, offline=self.offline, say=self.progress.say)

    @property
    def stamp(self) -> str:
        """`now` as the record writes it: ISO 8601, UTC, whole seconds, with Z."""
        return self.now.strftime("%Y-%m-%dT%H:%M:%SZ")
