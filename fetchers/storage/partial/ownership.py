"""Whose is what lies under way, and does its owner still live?

The name of a partial's folder ends with its owner: host, process, and when that process started. A lock would not do:
on Lustre, GPFS and some NFS mounts everybody gets it (huggingface_hub gave shared partials up for this reason, PR
#4306).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from fetchers.storage import layout

if TYPE_CHECKING:
    from collections.abc import Callable

_DEAD = ("Z", "X")  # proc(5); in a container nobody may bury them
_SILENT = 600.0  # seconds after which another machine's partial counts as left behind; a stalled try ends sooner


@cache
def me() -> str:
    """Name this process so that another can tell whether it still lives."""
    return f"{_host()}-{os.getpid()}-{_state(os.getpid())[1]}"


os.register_at_fork(after_in_child=me.cache_clear)


def left_behind(store: Path, *, now: Callable[[], float] = time.time) -> dict[str, list[Path]]:
    """List what dead runs left, by the key of the file; remove what nobody can go on with."""
    found: dict[str, list[Path]] = {}
    try:
        entries = sorted(os.scandir(store / layout.PARTIAL), key=lambda entry: entry.name)
    except OSError:
        return found
    for entry in entries:
        path = Path(entry.path)
        if not _is_left(path, now()):
            continue
        if (path / "body").exists() or (path / "state").exists():
            found.setdefault(entry.name.partition(".")[0], []).append(path)
        elif entry.is_dir(follow_symlinks=False):
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return found


def forget(store: Path, prefix: str) -> None:
    """Remove what dead runs left of files that are recorded by now, of the keys that begin with `prefix`."""
    for key, folders in left_behind(store).items():
        if key.startswith(prefix):
            for folder in folders:
                if not (folder / "body").exists():
                    shutil.rmtree(folder, ignore_errors=True)


@cache
def _host() -> str:
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]


def _state(pid: int) -> tuple[str, str]:
    """Give the letter of a process's state, and when it started."""
    try:
        # Fields 3 and 22 of /proc/PID/stat, counted after the closing bracket of the command's name: proc(5).
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="latin-1").rpartition(")")[2].split()
        return fields[0], fields[19]
    except (OSError, IndexError):
        return "", "0"


def _is_left(found: Path, now: float) -> bool:
    tag = found.name.split(".")[1] if found.name.count(".") else ""
    host, _, rest = tag.partition("-")
    pid, _, started = rest.partition("-")
    if host == _host() and pid.isdigit():
        return tag != me() and not _lives(int(pid), started)
    try:
        inside = list(found.iterdir()) if found.is_dir() else []
        newest = max(entry.stat(follow_symlinks=False).st_mtime for entry in [found, *inside])
    except OSError:
        return False
    return now - newest > _SILENT


def _lives(pid: int, started: str) -> bool:
    """Whether it is that very process, and not one that has ended and that nobody has buried yet."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    state, since = _state(pid)
    return since == started and state not in _DEAD
