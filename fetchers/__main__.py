"""How does the program start? `fetch`, and `python -m fetchers`."""

from __future__ import annotations

import gc
import signal
import sys

_INTERRUPTED = 130  # as `errors` has it, which is not there yet
_NEW_OBJECTS = 50_000  # a listing makes hundreds of thousands; looking for cycles among them every 700 costs a tenth


def main() -> None:
    """Run the command line and leave with its exit status."""
    gc.set_threshold(_NEW_OBJECTS)
    try:
        from fetchers.cli.front import run  # noqa: PLC0415 - nothing happens at import

        status = run(sys.argv[1:])
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is said; Python on its way down would only show its calls
    except KeyboardInterrupt:  # before the command line could say so
        status = _INTERRUPTED
    sys.exit(status)


if __name__ == "__main__":
    main()
