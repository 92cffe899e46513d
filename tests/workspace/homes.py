"""Make the folders that the tests of this room open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from pathlib import Path


def opened(home: Path, catalogue: str | bytes | None = None, config: str | None = None) -> Workspace:
    """Open a home with these two files."""
    home.mkdir(exist_ok=True)
    if catalogue is not None:
        raw = catalogue if isinstance(catalogue, bytes) else catalogue.encode()
        (home / "catalogue.toml").write_bytes(raw)
    if config is not None:
        (home / "config.toml").write_text(config, encoding="utf-8")
    return open_workspace(home=home, cache=None, environ={}, cwd=home)
