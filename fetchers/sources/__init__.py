"""Which places hand out data? One module per place."""

from __future__ import annotations

from fetchers.sources.loading import known, load

__all__ = ["known", "load"]
