"""Which objects of an open S3 bucket belong to a dataset? https://s3.amazonaws.com/BUCKET/

`options.bucket`, `options.prefix` (all keys that begin with it; a folder ends with `/`), and `options.endpoint` where
it is another than Amazon's. A file's path is its key behind the last slash of the prefix.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.dataset import Dataset, RemoteFile, Selection
from fetchers.errors import CatalogueError
from fetchers.source import Source
from fetchers.sources.bucket import Bucket

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from fetchers.source import Refused

ENDPOINT = "https://s3.amazonaws.com"


class S3(Source):
    """An open bucket, listed to its end; sizes are promised, checksums are not."""

    def files(self, dataset: Dataset, wanted: Selection, client: httpx.Client) -> Iterator[RemoteFile]:
        """Yield the objects below the prefix."""
        del wanted
        prefix = dataset.options.get("prefix", "")
        if not isinstance(prefix, str):
            raise CatalogueError(
                f"{dataset.address}: options.prefix should be a text and is {prefix!r}",
                hint=f'[datasets.{dataset.name}.options] prefix = "folder/"',
            )
        yield from below(bucket_of(dataset, client), prefix, self.refused)


def bucket_of(dataset: Dataset, client: httpx.Client) -> Bucket:
    """Open the bucket that a dataset's options name."""
    name = dataset.options.get("bucket")
    if not isinstance(name, str) or not name:
        raise CatalogueError(
            f"{dataset.address}: options.bucket should name a bucket and is {name!r}",
            hint=f'[datasets.{dataset.name}.options] bucket = "NAME"',
        )
    return Bucket(str(dataset.options.get("endpoint") or ENDPOINT), name, client)


def below(bucket: Bucket, prefix: str, refused: Refused) -> Iterator[RemoteFile]:
    """Yield what lies below `prefix`, each file under its key without the folders of the prefix."""
    folders = prefix.rfind("/") + 1
    for found in bucket.objects(prefix, refused):
        yield RemoteFile(url=found.url, path=found.key[folders:], size=found.size)
