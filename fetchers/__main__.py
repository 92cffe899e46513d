"""How does the program start? `fetch`, and `python -m fetchers`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and leave with its exit status."""
    from fetchers.cli.front import run  # noqa: PLC0415 - nothing happens at import

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
