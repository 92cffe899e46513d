"""List the series of The Cancer Imaging Archive: https://www.cancerimagingarchive.net/

Three roads to the same series. The Imaging Data Commons come first, as the archive itself wants it: the index says
which series there are, the open buckets hand them out. What the index lacks is asked of NBIA (`nbia`), and so is a
series whose bucket does not answer; then each road is told with its own reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.dataset import Dataset, Description, Part, RemoteFile, Selection
from fetchers.errors import FetchError, NothingMatched, TransferError
from fetchers.source import Source
from fetchers.sources import carts, nbia
from fetchers.sources.drs import named_files
from fetchers.sources.idc import Idc, about, age_of, holds, left, of_folders, wishes_of
from fetchers.sources.idc_index import installed
from fetchers.sources.nbia import Nbia
from fetchers.sources.reading.citations import doi_of
from fetchers.sources.selection import collection_of, some_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import httpx

    from fetchers.dataset import Count
    from fetchers.source import Asker
    from fetchers.sources.idc_index import Index
    from fetchers.sources.reading.idc_records import Series


class Tcia(Source):
    """The archive's series: from the Imaging Data Commons, else from NBIA. A part is a collection."""

    must_choose = True
    counts_series = True
    local = True
    connections = 16

    def __init__(self) -> None:
        super().__init__()
        self._idc, self._nbia = Idc(), Nbia()
        for one in (self._idc, self._nbia):
            one.remarks, one.refused, one.short = self.remarks, self.refused, self.short
        self._silent: dict[str, str] = {}  # buckets that do not answer, and why

    @property
    def index(self) -> Index:
        """The index of the Imaging Data Commons."""
        self._idc.settings = self.settings
        return self._idc.index

    def at(self, address: str, client: Asker) -> Dataset | None:
        """Return the collection that `idc/X`, a name alone, or a collection's DOI means."""
        del client
        if not self._indexed:
            return None
        doi = doi_of(address)
        if doi is not None:
            found = self.index.of_doi(doi)
        else:
            place, slash, name = address.rpartition("/")
            found = self.index.spelled(name) if not slash or place.lower() == "idc" else None
        return None if found is None else Dataset(name="tcia", part=found, source="tcia")

    def names(self) -> Iterable[str]:
        """Return the collections of the index."""
        return self.index.spellings.values() if self._indexed else ()

    def words(self) -> Iterable[tuple[str, str]]:
        """Return the collections with the words that the index has of them."""
        return self.index.words() if self._indexed else ()

    def spelled(self, part: str) -> str:
        """Return a collection's name as it is spelled."""
        return (self.index.spelled(part) if self._indexed else None) or part

    def describe(self, dataset: Dataset, client: httpx.Client) -> Description:
        """Return what the index says of a collection; nothing of what it does not have."""
        del client
        return about(self.index, dataset) if self._indexed and collection_of(dataset) else Description()

    def parts(self, dataset: Dataset, client: httpx.Client) -> Iterable[tuple[str, str]]:
        """Yield the collections with their counts, by the index; where there is none, by NBIA."""
        if self._indexed:
            return ((one.name, one.line) for one in self.index.collections())
        return self._nbia.parts(dataset, client)

    def inventory(self, dataset: Dataset) -> Iterable[Part]:
        """Return the collections as the index counts them."""
        self._idc.settings = self.settings
        return self._idc.inventory(dataset) if self._indexed else ()

    def counted(self, dataset: Dataset, wanted: Selection, limit: int | None) -> Count | None:
        """Return what the index counts; None where NBIA has to be asked."""
        if not self._indexed:
            return None
        self._idc.settings, self._idc.held = self.settings, self.held
        found = self._idc.counted(dataset, wanted, limit)
        self.skipped = self._idc.skipped
        return found

    def files(self, dataset: Dataset, wanted: Selection, client: httpx.Client) -> Iterator[RemoteFile]:
        """Yield the files of each wanted series.

        Without a collection, `wanted` selects across all of them. Raises `NothingMatched` after the last file where
        series were asked for by UID and no road has them.
        """
        collection = collection_of(dataset)
        if not self._indexed:
            self.remarks.append("the index of the Imaging Data Commons is not installed; NBIA was asked")
            yield from self._nbia.files(dataset, wanted, client)
            return
        index = self.index
        self.remarks.append(age_of(index, self.settings))
        by_address = bool(wanted.urls)
        wanted = carts.opened(wanted, nbia.apis_of(dataset), client, self.refused)
        yield from named_files(wanted.urls, client, self.refused)
        if wanted.folders or by_address:
            yield from of_folders(index, wanted.folders, client, self)
            if not wanted.series:
                return
        if collection is not None and not holds(index, collection) and not wanted.series:
            self.remarks.append(f"the index has no collection {collection}; NBIA was asked")
            yield from self._nbia.files(dataset, wanted, client)
            return
        for series in index.lookup(wishes_of(dataset, wanted), wanted.limit):
            yield from self._by_any_road(series, dataset, client)
        yield from self._lacking(dataset, wanted, client)

    @property
    def _indexed(self) -> bool:
        return bool(self.settings.get("idc_index")) or installed()

    def _by_any_road(self, series: Series, dataset: Dataset, client: httpx.Client) -> Iterator[RemoteFile]:
        """Yield a series from its bucket; where that does not answer, its zip from NBIA."""
        uid = series.uid or series.uuid
        if self.held.get(uid, 0) >= (series.images or 1):
            self.skipped += 1
            return
        begun = False
        if series.bucket not in self._silent:
            try:
                for remote in self._idc.instances(series, client):
                    begun = True
                    yield remote
            except TransferError as error:
                if begun:
                    raise
                self._silent[series.bucket] = error.what
                self.remarks.append(f"{series.bucket} does not answer ({error.what}); NBIA was asked")
        if not begun:
            yield nbia.zip_of(nbia.roads_of(dataset), uid)._replace(
                licence=series.licence, modality=series.modality, body_part=series.body_part, images=series.images
            )

    def _lacking(self, dataset: Dataset, wanted: Selection, client: httpx.Client) -> Iterator[RemoteFile]:
        """Yield from NBIA the series that were wanted by UID and that the index lacks."""
        missing = self.index.missing(wanted.series) if wanted.series else []
        if not missing:
            return
        gone = left(self.index, missing)
        try:
            yield from self._nbia.files(dataset, wanted._replace(series=tuple(missing), folders=()), client)
        except NothingMatched as error:
            raise NothingMatched(
                f"{error.what}; the index of the Imaging Data Commons does not have them either{gone}", hint=error.hint
            ) from error
        except FetchError as error:
            raise type(error)(
                f"the index of the Imaging Data Commons has no series {some_of(missing)}{gone}; NBIA: {error.what}",
                hint=error.hint,
            ) from error
