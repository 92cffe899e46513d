"""The workspace: its folder, its catalogue and its configuration.

`open_workspace` finds the home and the cache, reads `config.toml` and the catalogues, and creates nothing.
"""

from __future__ import annotations

from fetchers.workspace.catalogue import Catalogue
from fetchers.workspace.config import Config
from fetchers.workspace.workspace import Workspace, built_in_path, open_workspace

__all__ = ["Catalogue", "Config", "Workspace", "built_in_path", "open_workspace"]
