"""An executor whose workers are on other machines: pieces of work go to a Dask client.

The work is handed out as by any `concurrent.futures.Executor`: a function of a module and small arguments travel, a
small result comes back. Dask (https://distributed.dask.org) tries a piece again when its worker is lost; whatever is
run here may therefore run twice. A piece is refused by a worker that does not see the store: a file with a random name
and content, which lies in the store while the command runs, proves that it does.
"""

from __future__ import annotations

import copyreg
import pickle
import platform
import time
from concurrent.futures import Executor, Future
from concurrent.futures import TimeoutError as NotYetError
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from fetchers.errors import StoreError, TransferError

if TYPE_CHECKING:
    from collections.abc import Callable

_LOOK_AGAIN = 1.0  # seconds between two looks at whether there is still a worker
_ROUND = 4  # pieces that wait at each thread of a worker, so that none idles while the client reads rows
_Result = TypeVar("_Result")


def _rebuilt(items: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(items)


# Records of the catalogue hold read-only mappings, which pickle does not know by itself.
copyreg.pickle(MappingProxyType, lambda mapping: (_rebuilt, (dict(mapping),)))


class Probe(NamedTuple):
    """A file of the store that only who sees the store can read, and what stands in it."""

    path: str
    token: str

    def seen(self) -> bool:
        """Return True if this process sees the store."""
        try:
            return Path(self.path).read_text(encoding="ascii") == self.token
        except (OSError, ValueError):
            return False


class ClusterExecutor(Executor):
    """Hands work to the workers of a Dask client. What `submit` returns knows only `result`."""

    def __init__(self, client: Any, probe: Probe, timeout: float) -> None:  # noqa: ANN401 - distributed has no types
        self._client = client
        self._executor = client.get_executor(pure=False)
        self._probe = probe
        self._timeout = timeout

    @property
    def threads(self) -> int:
        """Return how many pieces can be worked at once."""
        return max(1, int(sum(self._client.nthreads().values())))

    @property
    def ahead(self) -> int:
        """Return how many pieces to hand out before the first result is waited for."""
        return _ROUND * self.threads

    def submit(self, work: Callable[..., _Result], /, *args: object, **kwargs: object) -> Future[_Result]:
        """Hand over one piece: a function of a module, and arguments that can be pickled."""
        # As bytes: Dask looks through every list that it is given for futures.
        piece = pickle.dumps((work, args, kwargs), protocol=5)
        return _Piece(self._executor.submit(_run, self._probe, piece), self._workers, self._timeout)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - the base class's signature
        """Wait for what was handed out, or cancel it."""
        self._executor.shutdown(wait=wait and not cancel_futures)

    def _workers(self) -> int:
        workers: dict[str, object] = self._client.scheduler_info(n_workers=-1)["workers"]
        return len(workers)


class _Piece(Future[_Result]):
    """One piece under way. Waiting for it ends when there has been no worker for a while."""

    def __init__(self, future: Future[_Result], workers: Callable[[], int], timeout: float) -> None:
        super().__init__()
        self._future, self._workers, self._timeout = future, workers, timeout

    def result(self, timeout: float | None = None) -> _Result:
        """Return what came of it, or raise what it raised; `TransferError` where nobody is left to do it."""
        end = None if timeout is None else time.monotonic() + timeout
        alone: float | None = None
        while True:
            try:
                return self._future.result(_LOOK_AGAIN)
            except NotYetError:
                now = time.monotonic()
                if self._future.done() or (end is not None and now > end):
                    raise
                if self._workers():
                    alone = None
                elif now - (alone := alone or now) > self._timeout:
                    raise TransferError(
                        f"no worker has been there for {self._timeout:g} s", hint="start workers, and type it again"
                    ) from None


def _run(probe: Probe, piece: bytes) -> Any:  # noqa: ANN401 - whatever the work returns
    """Do one piece, on the worker."""
    if not probe.seen():
        raise blind(platform.node(), Path(probe.path).parent.parent)
    work, args, kwargs = pickle.loads(piece)  # noqa: S301 - the client's own, as is all that a Dask worker runs
    return work(*args, **kwargs)


def blind(who: str, store: Path) -> StoreError:
    """Return the error for a worker that does not see the store."""
    return StoreError(
        f"the worker {who} does not see the store {store}",
        hint="the store must lie under one path on a file system that all machines share: --cache DIR",
    )
