"""The built-in sources: one module per kind of archive."""

from __future__ import annotations

from fetchers.sources.loading import known, load

__all__ = ["known", "load"]
