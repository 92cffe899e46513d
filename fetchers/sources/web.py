"""List the one file at a web address: any https://HOST/PATH of one file.

What no other place understands, and what ends in a file's name, is taken as it is: one file, its size and its kind
told by the answer alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from fetchers.dataset import Dataset, RemoteFile, Selection
from fetchers.errors import CatalogueError
from fetchers.source import Source, store_name
from fetchers.transport.redaction import redact_written

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from fetchers.source import Asker


class Web(Source):
    """The one file at `options.url`."""

    def at(self, address: str, client: Asker) -> Dataset | None:
        """Return the file that an http(s) or ftp address names."""
        del client
        if not address.lower().startswith(("https://", "http://", "ftp://", "ftps://")):
            return None
        parts = urlsplit(address)
        name = _name(address)
        if "@" in parts.netloc:
            raise CatalogueError(
                f"https://{parts.hostname}/: an address must not hold a user or a password",
                hint=f"fetch login https://{parts.hostname}/",
            )
        if not parts.hostname or not name:
            raise CatalogueError(
                f"{address}: this is the address of no file, nor of a record that fetch understands",
                hint="give the address of one file, a DOI, or a record such as zenodo:162231",
            )
        return Dataset(
            name=store_name("web", parts.netloc, name),
            title=f"{name} of {parts.netloc}",
            source="web",
            link=redact_written(address),
            options={"url": address},
        )

    def files(self, dataset: Dataset, wanted: Selection, client: httpx.Client) -> Iterator[RemoteFile]:
        """Yield the one file."""
        del wanted, client
        url = dataset.options.get("url")
        if not isinstance(url, str) or not _name(url):
            raise CatalogueError(
                f"{dataset.address}: options.url should be the address of a file and is {url!r}",
                hint=f'[datasets.{dataset.name}.options] url = "https://host/file.zip"',
            )
        yield RemoteFile(url=url, path=_name(url))


def _name(address: str) -> str:
    return unquote(urlsplit(address).path).rpartition("/")[2]
