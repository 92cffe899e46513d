"""A place for a verb that is called from a test: its own workspace, a clock that stands still."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fetchers.context import Context
from fetchers.sources.loading import load
from fetchers.workspace import open_workspace

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


def context(
    home: Path,
    *,
    catalogue: str = "",
    now: datetime = NOW,
    environ: dict[str, str] | None = None,
    offline: bool = False,
    mirrors: dict[str, str] | None = None,
) -> Context:
    """Make the circumstances of a command in `home`; `catalogue` becomes its own catalogue, where there is text."""
    if catalogue:
        home.mkdir(parents=True, exist_ok=True)
        (home / "catalogue.toml").write_text(catalogue, encoding="utf-8")
    return Context(
        workspace=open_workspace(home=home, cache=None, environ={}, cwd=home.parent),
        now=now,
        who="ada",
        environ=environ or {},
        load=load,
        offline=offline,
        mirrors=mirrors or {},
        timeout=1.0,
        retries=0,
    )
