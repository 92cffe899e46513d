"""How does the program start? `fetch`, and `python -m fetchers`."""

from __future__ import annotations

import gc
import sys

_NEW_OBJECTS = 50_000  # a listing makes hundreds of thousands; looking for cycles among them every 700 costs a tenth


def main() -> None:
    """Run the command line and leave with its exit status."""
    from fetchers.cli.front import run  # noqa: PLC0415 - nothing happens at import

    gc.set_threshold(_NEW_OBJECTS)
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
