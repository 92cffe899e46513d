"""List the files of a dataset at OpenNeuro: https://s3.amazonaws.com/openneuro.org/

The open bucket holds the newest snapshot of each data set, below its accession number. Its own
`dataset_description.json` names the snapshot (in the DOI), the licence and the authors. The bucket's name has a dot,
so it is asked in path style: a certificate for a host with one more dot does not exist.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fetchers.dataset import Dataset, Description, RemoteFile, Selection
from fetchers.errors import AbsentError, CatalogueError, NothingMatched
from fetchers.source import Source, store_name
from fetchers.sources import json_answers
from fetchers.sources.bucket import Bucket
from fetchers.sources.licence_ids import identifier_of
from fetchers.sources.reading.citations import cited, doi_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from fetchers.source import Asker

ENDPOINT = "https://s3.amazonaws.com"
BUCKET = "openneuro.org"
_ADDRESS = re.compile(
    r"(?:openneuro:|doi:10\.18112/openneuro\.|https?://(?:www\.)?openneuro\.org/datasets/)(?P<id>ds\d{6})"
    r"(?:(?:[/@.]v?|/versions/)(?P<version>\d+\.\d+\.\d+))?/?(?:[?#].*)?",
    re.IGNORECASE,
)
_ID = re.compile(r"ds\d{6}")
_SNAPSHOT = re.compile(r".*\.v(\d+\.\d+\.\d+)")


class OpenNeuro(Source):
    """One data set, by its accession number in `options.dataset`."""

    def at(self, address: str, client: Asker) -> Dataset | None:
        """Return the data set that `openneuro:dsNNNNNN`, its page or its DOI names."""
        del client
        found = _ADDRESS.fullmatch(address)
        if found is None:
            return None
        identifier, version = found["id"].lower(), found["version"]
        return Dataset(
            name=store_name("openneuro", identifier),
            title=f"OpenNeuro {identifier}",
            source="openneuro",
            link=f"https://openneuro.org/datasets/{identifier}",
            options={"dataset": identifier} | ({"version": version} if version else {}),
        )

    def describe(self, dataset: Dataset, client: httpx.Client) -> Description:
        """Return name, snapshot, licence and authors as the data set describes itself."""
        asked = _bucket(dataset, client).url(f"{_identifier(dataset)}/dataset_description.json")
        try:
            told = json_answers.one(client, asked)
        except AbsentError:  # whether there is such a data set, the listing says
            return Description(link=dataset.link)
        doi = doi_of(told.text_or_none("DatasetDOI"))
        snapshot = _SNAPSHOT.fullmatch(doi or "")
        version = snapshot[1] if snapshot else None
        wanted = dataset.options.get("version")
        if wanted is not None and wanted != version:
            raise NothingMatched(
                f"{dataset.address}: the bucket holds snapshot {version or 'of no known version'}, not {wanted}",
                hint=f"fetch get openneuro:{_identifier(dataset)}   (the newest; older ones: {dataset.link})",
            )
        words = told.text_or_none("License") or told.text_or_none("Licence")
        return Description(
            title=told.text_or_none("Name"),
            version=version,
            licence=identifier_of(words, None, record=dataset.name),
            licence_words=words,
            citations=cited(
                doi=doi, title=told.text_or_none("Name"), authors=told.texts("Authors"), publisher="OpenNeuro"
            ),
            link=dataset.link,
        )

    def files(self, dataset: Dataset, wanted: Selection, client: httpx.Client) -> Iterator[RemoteFile]:
        """Yield what lies below the accession number."""
        del wanted
        prefix = f"{_identifier(dataset)}/"
        found = False
        try:
            for one in _bucket(dataset, client).objects(prefix):
                found = True
                path = one.key.removeprefix(prefix)
                yield RemoteFile(url=one.url, path=path, size=one.size, checksum=one.checksum)
        except AbsentError as error:
            raise json_answers.nothing_there(f"{ENDPOINT}/{BUCKET}/", dataset.address) from error
        if not found:
            raise json_answers.nothing_there(f"{ENDPOINT}/{BUCKET}/{prefix}", dataset.address)


def _identifier(dataset: Dataset) -> str:
    identifier = dataset.options.get("dataset")
    if not isinstance(identifier, str) or not _ID.fullmatch(identifier):
        raise CatalogueError(
            f"{dataset.address}: options.dataset should be an accession number and is {identifier!r}",
            hint=f'[datasets.{dataset.name}.options] dataset = "ds000001"',
        )
    return identifier


def _bucket(dataset: Dataset, client: httpx.Client) -> Bucket:
    return Bucket(str(dataset.options.get("endpoint") or ENDPOINT), BUCKET, client)
