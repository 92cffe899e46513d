"""A real Dask scheduler and real workers on loopback, each a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Cluster:
    """A scheduler and its workers; `address` is what `--on` takes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        found = folder / "scheduler.json"
        self._scheduler = self._start(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(found)
        )
        self.workers: list[subprocess.Popen[bytes]] = []
        for _ in range(600):
            if found.exists() and found.stat().st_size:
                break
            time.sleep(0.1)
        import json

        self.address: str = json.loads(found.read_text())["address"]

    def add_worker(self, **environ: str) -> subprocess.Popen[bytes]:
        """Start a worker of one thread."""
        worker = self._start(
            "worker", self.address, "--nthreads", "1", "--no-dashboard", "--no-nanny", "--local-directory",
            str(self._folder), "--host", "127.0.0.1", **environ,
        )  # fmt: skip
        self.workers.append(worker)
        return worker

    def end_scheduler(self) -> None:
        """Kill the scheduler."""
        self._scheduler.kill()
        self._scheduler.wait()

    def end(self) -> None:
        """End what was started here."""
        for process in (*self.workers, self._scheduler):
            process.kill()
            process.wait()

    def _start(self, what: str, *words: str, **environ: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", f"distributed.cli.dask_{what}", *words],
            env={**os.environ, "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "5s", **environ},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self._folder,
        )


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[Cluster]:
    """Run a scheduler and some workers."""
    made = Cluster(folder)
    try:
        for _ in range(workers):
            made.add_worker()
        yield made
    finally:
        made.end()
