"""List the files of the National Library of Medicine: https://data.lhncbc.nlm.nih.gov/

It has no listing that a program may ask: the files' addresses stand in the catalogue.
"""

from __future__ import annotations

from fetchers.source import Listed


class Nlm(Listed):
    """The files stand in the catalogue, with their checksums."""
