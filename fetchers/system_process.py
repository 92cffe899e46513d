"""Cores, living processes, and processes that end with their parent. What the system lacks, `system` knows."""

from __future__ import annotations

import os

from fetchers import system

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def cores() -> int:
    """Return how many cores there are to use."""
    return len(system.affinity() or ()) or os.cpu_count() or 1


def die_with_parent(parent: int) -> None:
    """Make the kernel kill this process when `parent` ends, however it ends."""
    import signal

    call = system.prctl()
    if call is not None:
        call(_PR_SET_PDEATHSIG, signal.SIGKILL)
        return
    import threading
    import time

    def look() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=look, name="parent", daemon=True).start()


def process_state(pid: int) -> tuple[str, str]:
    """Return the letter of a process's state, and when it started, as digits; ("", "0") where nobody says."""
    try:
        if system.proc():
            # Fields 3 and 22 of /proc/PID/stat, counted after the closing bracket of the command's name: proc(5).
            with open(f"/proc/{pid}/stat", encoding="latin-1") as file:  # noqa: PTH123 - no file of ours
                fields = file.read().rpartition(")")[2].split()
            return fields[0], fields[19]
        return _by_ps(pid)
    except (OSError, IndexError, ValueError):
        return "", "0"


def _by_ps(pid: int) -> tuple[str, str]:
    import subprocess
    import time

    words = ("/bin/ps", "-o", "state=", "-o", "lstart=", "-p", str(pid))
    # The system's own, whatever the search path says.
    told = subprocess.run(words, capture_output=True, check=False, text=True, env={"LC_ALL": "C"})  # noqa: S603
    state, _, started = told.stdout.strip().partition(" ")
    return state[0], str(int(time.mktime(time.strptime(" ".join(started.split())))))


def limit_memory(size: int) -> None:
    """Limit the memory of this process, where the system lets one, and leave no core file."""
    import resource
    from contextlib import suppress

    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(OSError, ValueError):  # macOS refuses
        resource.setrlimit(resource.RLIMIT_AS, (size, size))
