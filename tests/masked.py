"""Run `fetch` on a system that lacks all that `fetchers.system` looks for: `python -m tests.masked get NAME`."""

from __future__ import annotations

from fetchers import system

system.hide(*system.names)

if __name__ == "__main__":
    from fetchers.__main__ import main

    main()
