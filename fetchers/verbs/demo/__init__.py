"""The whole story on this machine alone: real commands, real HTTP on loopback, no internet.

One line each:

pictures   drawn radiographs, for the open set
places     what three places would hand out
replica    a server on loopback that hands it out
story      the commands, and how each should end
telling    runs them
"""

from __future__ import annotations

from fetchers.verbs.demo.telling import Told, run

__all__ = ["Told", "run"]
