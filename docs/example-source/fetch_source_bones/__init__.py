"""Which radiographs do the Open Bones hand out? https://bones.example.org/api/

One JSON list names every file with its address, its size in bytes and its SHA-256.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.source import Dataset, RemoteFile, Selection, Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx


class Bones(Source):
    """The whole list; `options.api` is where it lies."""

    def files(self, dataset: Dataset, wanted: Selection, client: httpx.Client) -> Iterator[RemoteFile]:
        """Yield every file of the list."""
        del wanted  # the place cannot select
        for row in client.get(f"{dataset.options['api']}list.json").json():
            yield RemoteFile(url=row["url"], path=row["name"], size=row["bytes"], checksum=f"sha256:{row['sha256']}")
