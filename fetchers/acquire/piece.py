"""One piece of a download on a worker of a cluster: bring some remote files, hold them, and say what came of it.

The worker publishes files under their final names by the same durable order as everybody; it reads the record and does
not write it. A piece may run twice: what the first run published is recognised by its hash.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from fetchers.acquire.record_buffer import Calls, buffered
from fetchers.context import Context
from fetchers.sources import load
from fetchers.storage.disk_space import Budget
from fetchers.workspace import open_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fetchers.acquire.messages import StoreOptions, Totals
    from fetchers.dataset import RemoteFile

# What a worker takes of the command's environment: how to get out, and whom to trust on the way. No secret is among it.
ENVIRONMENT = frozenset(
    f"{name}{end}" for name in ("http", "https", "ftp", "all", "no") for end in ("_proxy",)
) | {"SSL_CERT_FILE"}  # fmt: skip


class Manner(NamedTuple):
    """What all pieces of one dataset share. Rates are bytes a second, for one piece alone."""

    home: str
    cache: str
    stamp: str
    who: str
    environ: Mapping[str, str]
    mirrors: Mapping[str, str]
    timeout: float
    retries: int
    options: StoreOptions
    jobs: int
    limit_rate: int | None
    connections: int | None
    pause: float


class Brought(NamedTuple):
    """What came of one piece; `calls` are to be written into the record, in their order.

    `rest` are seconds for which a host asked to be left alone.
    """

    totals: Totals
    files: int
    bytes: int
    calls: Calls
    rest: float


class _NothingHeld:
    """Stands for the index of what is held: the client has left out what is."""

    def missing(self, files: Sequence[RemoteFile]) -> Iterator[RemoteFile]:
        yield from files

    def again(self) -> _NothingHeld:
        return self


def bring(manner: Manner, files: list[RemoteFile], room: int | None) -> Brought:
    """Download some remote files of one dataset; `room` bounds their bytes."""
    from fetchers.acquire.download import Download
    from fetchers.transport.downloader import Downloader
    from fetchers.transport.network_session import connect

    home = Path(manner.home)
    tokens = {name: value for name, value in os.environ.items() if name.startswith("FETCH_TOKEN_")}
    environ = {**manner.environ, **tokens}
    workspace = open_workspace(home=home, cache=Path(manner.cache), environ={}, cwd=home)
    context = Context(
        workspace=workspace,
        now=datetime.strptime(manner.stamp, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC),
        who=manner.who,
        environ=environ,
        load=load,
        mirrors=manner.mirrors,
        timeout=manner.timeout,
        retries=manner.retries,
    )
    session = connect(
        home=home,
        environ=environ,
        mirrors=manner.mirrors,
        timeout=manner.timeout,
        retries=manner.retries,
        limit_rate=manner.limit_rate,
        jobs=manner.jobs,
        netrc=workspace.config.netrc,
    )
    calls: Calls = []
    budget = Budget(room, context.store)
    record = partial(buffered, context.store, calls)
    download = Download(context, manner.options, session, budget, _NothingHeld(), record=record)
    downloader = Downloader(session, connections=manner.connections, pause=manner.pause)
    totals = download.run(files, downloader)
    return Brought(totals, download.files, download.bytes, calls, downloader.rest)
