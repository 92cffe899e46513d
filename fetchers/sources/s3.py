"""List the objects of an open S3 bucket that belong to a dataset: https://s3.amazonaws.com/BUCKET/

`options.bucket`, `options.prefix` (all keys that begin with it; a folder ends with `/`), and `options.endpoint` where
it is another than Amazon's. A file's path is its key behind the last slash of the prefix.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from fetchers.dataset import Dataset, RemoteFile, Selection, Step
from fetchers.errors import AbsentError, CatalogueError, NothingMatched
from fetchers.source import Source, store_name
from fetchers.sources.bucket import Bucket

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import httpx

    from fetchers.source import Asker, Refused

ENDPOINT = "https://s3.amazonaws.com"


_ADDRESS = re.compile(r"s3://(?P<bucket>[A-Za-z0-9][A-Za-z0-9._-]{1,62})(?:/(?P<prefix>[^?#]*))?")


class S3(Source):
    """A bucket, listed to its end: sizes, and the MD5 of what was uploaded in one piece."""

    def steps(self, dataset: Dataset) -> Iterable[Step]:
        """Return the catalogue's steps; of an address the one that a closed bucket wants: keys of one's own."""
        if dataset.steps or dataset.origin is None:
            return dataset.steps
        title = "Get keys for the bucket, and keep them in ~/.aws/credentials or AWS_ACCESS_KEY_ID and its kin"
        return (Step(key="keys", title=title, url=dataset.link),)

    def at(self, address: str, client: Asker) -> Dataset | None:
        """Return what `s3://BUCKET/PREFIX` names: the object of that key, or all that lies in that folder."""
        del client
        found = _ADDRESS.fullmatch(address)
        if found is None:
            return None
        bucket, prefix = found["bucket"], found["prefix"] or ""
        return Dataset(
            name=store_name("s3", bucket, prefix),
            title=f"s3://{bucket}/{prefix}",
            source="s3",
            link=f"{ENDPOINT}/{bucket}/{quote(prefix)}",
            options={"bucket": bucket, "prefix": prefix, "whole_names": True},
        )

    def files(self, dataset: Dataset, wanted: Selection, client: httpx.Client) -> Iterator[RemoteFile]:
        """Yield the objects below the prefix."""
        del wanted
        prefix = dataset.options.get("prefix", "")
        if not isinstance(prefix, str):
            raise CatalogueError(
                f"{dataset.address}: options.prefix should be a text and is {prefix!r}",
                hint=f'[datasets.{dataset.name}.options] prefix = "folder/"',
            )
        found, near = False, None
        try:
            for remote in below(bucket_of(dataset, client), prefix, self.refused):
                # A person who types a folder without its slash does not mean its neighbours that begin alike.
                if dataset.options.get("whole_names") is True and not _whole(remote.path, prefix):
                    near = near or remote.path
                    continue
                found = True
                yield remote
        except AbsentError as error:
            raise NothingMatched(
                f"{dataset.address}: there is no bucket {dataset.options.get('bucket')!r}", hint="correct the bucket"
            ) from error
        if not found:
            raise NothingMatched(
                f"{dataset.address}: nothing lies at s3://{dataset.options.get('bucket')}/{prefix}",
                hint=f"the nearest is {near}" if near else "correct the bucket and the prefix; a folder ends with /",
            )


def _whole(path: str, prefix: str) -> bool:
    last = prefix.rpartition("/")[2]
    return not last or path == last or path.startswith(f"{last}/")


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
        yield RemoteFile(url=found.url, path=found.key[folders:], size=found.size, checksum=found.checksum)
