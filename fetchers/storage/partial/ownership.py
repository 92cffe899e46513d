"""Find the owner of a partial download, and whether it is still running.

The name of a partial's folder ends with its owner: host, process, when that process started, and which of its runs. A
lock would not do: on Lustre, GPFS and some NFS mounts everybody gets it (huggingface_hub gave shared partials up for
this reason, PR #4306).
"""

from __future__ import annotations

import errno
import hashlib
import itertools
import os
import socket
import stat
import time
from contextlib import contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING

from fetchers import system_process
from fetchers.storage import layout
from fetchers.storage.link_errors import LinkInTheWayError
from fetchers.storage.safe_folder import SafeFolder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_DEAD = ("Z", "X")  # proc(5); in a container nobody may bury them
_SILENT = 600.0  # seconds after which another machine's partial counts as left behind; a stalled try ends sooner


@cache
def me() -> str:
    """Return a name of this process by which another can tell whether it is still running."""
    return f"{_host()}-{os.getpid()}-{system_process.process_state(os.getpid())[1]}"


_running: set[str] = set()
_count = itertools.count(1)
os.register_at_fork(after_in_child=me.cache_clear)


@contextmanager
def running() -> Iterator[str]:
    """Return a name for one run of this process: several threads may work on one store."""
    name = f"{me()}-{next(_count)}"
    _running.add(name)
    try:
        yield name
    finally:
        _running.discard(name)


def left_behind(store: Path, *, now: Callable[[], float] = time.time) -> dict[str, list[str]]:
    """List what dead runs left, by the key of the file, as paths relative to the store; remove what is of no use.

    Raises `StoreError` where a link stands in place of the folder or of a file in it: nothing of ours ever is one.
    """
    found: dict[str, list[str]] = {}
    try:
        with SafeFolder(store) as folder:
            for name, state in folder.scan(layout.PARTIAL):
                path = f"{layout.PARTIAL}/{name}"
                inside = folder.scan(path) if stat.S_ISDIR(state.st_mode) else []
                _refuse_links(store, path, [(name, state), *inside])
                newest = max(one.st_mtime for _, one in [("", state), *inside])
                if not is_left(name, newest, now()):
                    continue
                if {"body", "state"}.isdisjoint(inner for inner, _ in inside):
                    folder.remove_tree(path)
                else:
                    found.setdefault(name.partition(".")[0], []).append(path)
    except LinkInTheWayError as error:
        raise layout.disk_error(error, store) from error
    except OSError:  # there is none yet, or it is not ours to read
        return found
    return found


def forget(store: Path, prefix: str) -> None:
    """Remove what dead runs left of files that are recorded by now, of the keys that begin with `prefix`."""
    with suppress(OSError), SafeFolder(store) as folder:
        for key, paths in left_behind(store).items():
            if key.startswith(prefix):
                for path in paths:
                    if not folder.exists(f"{path}/body"):
                        folder.remove_tree(path)


def _refuse_links(store: Path, path: str, entries: Iterable[tuple[str, os.stat_result]]) -> None:
    for number, (name, state) in enumerate(entries):
        if stat.S_ISLNK(state.st_mode):
            full = f"{store}/{path}/{name}" if number else f"{store}/{path}"
            raise LinkInTheWayError(errno.ELOOP, "a symbolic link, which is not followed", full)


@cache
def _host() -> str:
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]


def is_left(name: str, newest: float, now: float) -> bool:
    """Return True where the owner that `name` ends with is dead, or has given no sign of life; times in seconds."""
    tag = name.split(".")[1] if name.count(".") else ""
    host, _, rest = tag.partition("-")
    pid, _, rest = rest.partition("-")
    started, _, _ = rest.partition("-")
    if host == _host() and pid.isdigit():
        if int(pid) == os.getpid():
            return tag != me() and tag not in _running
        lives = _lives(int(pid), started)
        if lives is not None:
            return not lives
    return now - newest > _SILENT


def _lives(pid: int, started: str) -> bool | None:
    """Return True if this PID is the same process (same start time) and not a zombie; None where nobody may see."""
    anothers = False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        anothers = True
    state, since = system_process.process_state(pid)
    if anothers and not state:  # /proc is mounted with hidepid
        return None
    return since == started and state not in _DEAD
