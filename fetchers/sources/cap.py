"""List the files of the Cardiac Atlas Project: https://www.cardiacatlas.org/

To a person's browser, after the steps. What has an address of its own stands in the catalogue, and is fetched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.errors import AccessError
from fetchers.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from fetchers.dataset import Dataset, RemoteFile, Selection


class Cap(Source):
    """The catalogue's files; where it lists none, a person brings them."""

    def files(self, dataset: Dataset, wanted: Selection, client: httpx.Client) -> Iterator[RemoteFile]:
        """Yield `[[datasets.NAME.files]]`."""
        del wanted, client
        if not dataset.files:
            raise AccessError(
                f"{dataset.address}: only a person's browser may fetch it, from {dataset.link}",
                hint=f"download it there, then: fetch adopt {dataset.address} PATH...",
            )
        yield from dataset.files
