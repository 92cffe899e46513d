"""Start the program and end its process: `fetch`, and `python -m fetchers`."""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
from typing import NoReturn

from fetchers.errors import ON_WINDOWS
from fetchers.own_process import leave_relative_entries, speak_utf8

_INTERRUPTED = 130  # as `errors` has it, which is not there yet
_USAGE = 2  # the same
_UNSAID = 120  # as Python has it where the last words could not be written
_NEW_OBJECTS = 50_000  # a listing makes hundreds of thousands; looking for cycles among them every 700 costs a tenth


def main() -> NoReturn:
    """Run the command line and leave with its exit status."""
    speak_utf8()
    if sys.platform == "win32":
        sys.stderr.write(f"{ON_WINDOWS}\n")
        os._exit(_USAGE)
    gc.set_threshold(_NEW_OBJECTS)
    leave_relative_entries(sys.path, os.environ.get("PYTHONPATH", ""))
    try:
        from fetchers.cli.app import run

        status = run(sys.argv[1:])
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is said; Python on its way down would only show its calls
    except KeyboardInterrupt:  # before the command line could say so
        status = _INTERRUPTED
    _leave(status)


def _leave(status: int) -> NoReturn:
    """End at once: who asked to be told is told, and the memory is left to the system.

    Giving it back object by object takes a fifth of `fetch --help`; mypy ends in the same way.
    """
    atexit._run_exitfuncs()  # noqa: SLF001 - there is no other way to have them run now
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        status = _UNSAID
    os._exit(status)


if __name__ == "__main__":
    main()
