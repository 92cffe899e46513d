"""Join a Dask cluster by its address, or start one here for one command; say what stands in the way.

Importing Dask takes seconds, so this module is imported only where `--on` is given.
"""

from __future__ import annotations

import logging
import os
import platform
import secrets
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as NotYetError
from contextlib import contextmanager, suppress
from importlib.metadata import version
from ipaddress import ip_address
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from fetchers.errors import CatalogueError, FetchError, StoreError, TransferError
from fetchers.workers.cluster_executor import ClusterExecutor, Probe, blind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_LOCAL = "dask:"
_SCHEMES = ("tcp", "tls")
_GRACE = 3.0  # seconds beyond the timeout, in which Dask says itself what is wrong


@contextmanager
def cluster(
    address: str, *, store: Path, timeout: float, offline: bool, say: Callable[[str], None]
) -> Iterator[ClusterExecutor]:
    """Join the scheduler at `address` (`tcp://HOST:PORT`, `tls://...`), or start `dask:N` workers here.

    Raises `CatalogueError` for an address that is none, without Dask, and where the workers run other versions;
    `StoreError` where a worker does not see the store; `TransferError` where nobody answers, or where the scheduler is
    lost on the way.
    """
    check_address(address, offline=offline)
    if urlsplit(address).scheme == "tcp" and not _is_here(urlsplit(address).hostname or ""):
        say(f"{address} is not encrypted: whoever reaches it can run programs as you; tls:// as Dask is configured")
    _quiet()
    _patience(timeout)
    try:
        with _client(address, timeout) as client, _probe(store) as probe:
            try:
                _wait(client, address, timeout)
                _same_versions(client)
                _see_the_store(client, probe, store)
            except OSError as error:
                raise _lost(address) from error
            executor = ClusterExecutor(client, probe, timeout)
            finished = False
            try:
                yield executor
                finished = True
            finally:
                with suppress(Exception):  # the scheduler may be gone, which is told as such
                    executor.shutdown(cancel_futures=not finished)
    except (FetchError, KeyboardInterrupt):
        raise
    except Exception as error:
        if (ours := _ours(error, address)) is None:
            raise
        raise ours from error


def check_address(address: str, *, offline: bool) -> None:
    """Raise `CatalogueError` for an address that no scheduler can have, and for another machine's while offline."""
    found = urlsplit(address)
    if address.startswith(_LOCAL):
        if not address.removeprefix(_LOCAL).isdecimal() or int(address.removeprefix(_LOCAL)) < 1:
            raise CatalogueError(f"{address}: expected dask:N, with N workers", hint="fetch verify --on dask:2")
        return
    if found.scheme not in _SCHEMES or not found.hostname or _port(found.netloc) is None:
        hint = "fetch verify --on tcp://HOST:8786   (for workers of this machine: --on dask:2)"
        raise CatalogueError(f"{address}: expected tcp://HOST:PORT, tls://HOST:PORT or dask:N", hint=hint)
    if offline and not _is_here(found.hostname):
        raise CatalogueError(f"--offline, and --on {address} is another machine", hint="leave one of them out")


def _port(netloc: str) -> int | None:
    _, _, port = netloc.rpartition(":")
    return int(port) if port.isdecimal() else None


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _quiet() -> None:
    """Keep Dask's own log away from the person: it writes tracebacks of what is told in a sentence."""
    for name in ("distributed", "tornado", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _patience(timeout: float) -> None:
    """Return the settings that make Dask give up a lost scheduler after our own timeout."""
    with suppress(ImportError):
        from dask import config

        config.set({"distributed.comm.timeouts.connect": f"{timeout:g}s"})


@contextmanager
def _client(address: str, timeout: float) -> Iterator[Any]:
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise CatalogueError(f"--on {address} needs Dask", hint="pip install 'fetch-imaging[dask]'") from error
    if not address.startswith(_LOCAL):
        with _joined(Client, address, timeout) as client:
            yield client
        return
    os.environ["PYTHONSAFEPATH"] = "1"  # the workers import nothing from the current folder
    count = int(address.removeprefix(_LOCAL))
    with (
        LocalCluster(n_workers=count, threads_per_worker=1, dashboard_address="127.0.0.1:0", host="127.0.0.1") as here,
        Client(here, timeout=timeout, set_as_default=False) as client,
    ):
        yield client


def _joined(client: Any, address: str, timeout: float) -> Any:  # noqa: ANN401 - see above
    """Join the scheduler; Dask itself waits for ever where something listens that is no scheduler."""
    made: Future[Any] = Future()

    def join() -> None:
        try:
            made.set_result(client(address, timeout=timeout, set_as_default=False))
        except BaseException as error:  # noqa: BLE001 - raised below, where somebody waits for it
            made.set_exception(error)

    Thread(target=join, daemon=True).start()
    try:
        return made.result(timeout + _GRACE)
    except (OSError, TimeoutError, ValueError, NotYetError) as error:
        said = str(error) or f"what listens there says nothing that Dask knows, for {timeout:g} s"
        hint = f"dask scheduler, on the machine that {address} names"
        raise TransferError(f"{address}: no scheduler answers: {said}", hint=hint) from error


@contextmanager
def _probe(store: Path) -> Iterator[Probe]:
    token = secrets.token_hex(16)
    folder = store / ".partial"
    path = folder / f".probe-{token[:8]}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        path.write_text(token, encoding="ascii")
    except OSError as error:
        raise StoreError(
            f"{path} cannot be written: {error.strerror}; it is to show whether the workers see the store",
            hint="leave --on out: the check runs on this machine",
        ) from error
    try:
        yield Probe(os.fspath(path.resolve()), token)
    finally:
        path.unlink(missing_ok=True)


def _wait(client: Any, address: str, timeout: float) -> None:  # noqa: ANN401 - see above
    try:
        client.wait_for_workers(1, timeout=timeout)
    except TimeoutError as error:
        raise TransferError(
            f"{address}: no worker within {timeout:g} s", hint=f"dask worker {address}, on each machine that is to work"
        ) from error


def _same_versions(client: Any) -> None:  # noqa: ANN401
    own = _versions()
    for worker, theirs in client.run(_versions, on_error="ignore").items():  # one that died has none
        differs = [
            f"{name} {theirs.get(name)} there, {here} here" for name, here in own.items() if theirs.get(name) != here
        ]
        if differs:
            raise CatalogueError(
                f"the worker {worker} runs other versions: {'; '.join(differs)}",
                hint="start the workers from the environment of this command",
            )


def _versions() -> dict[str, str]:
    """Return what must be the same on both sides, or what travels is misread."""
    names = ("fetch-imaging", "distributed", "dask", "pydicom")
    return {"Python": ".".join(platform.python_version_tuple()[:2]), **{name: version(name) for name in names}}


def _see_the_store(client: Any, probe: Probe, store: Path) -> None:  # noqa: ANN401
    without = [worker for worker, sees in client.run(probe.seen, on_error="ignore").items() if not sees]
    if without:
        raise blind(", ".join(map(str, without)), store)


def _ours(error: Exception, address: str) -> FetchError | None:
    """Turn what Dask raises into an error of ours; None where it is nobody's we know."""
    from distributed import KilledWorker
    from distributed.comm.core import CommClosedError

    if isinstance(error, KilledWorker):
        return StoreError(
            f"{address}: a piece of work killed several workers, perhaps for lack of memory",
            hint="give the workers more memory, or type the command without --on",
        )
    # Dask has cancelled errors of its own, one of which is no CancelledError.
    if isinstance(error, (CancelledError, CommClosedError)) or "Cancelled" in type(error).__name__:
        return _lost(address)
    return None


def _lost(address: str) -> TransferError:
    return TransferError(
        f"{address}: the scheduler does not answer any more", hint="start it again, and type the same command"
    )
