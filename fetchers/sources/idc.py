"""List the series of the Imaging Data Commons: https://idc-open-data.s3.amazonaws.com/

Open buckets, a folder for each series, one DICOM file for each instance. The folder is named after the Commons' own
UUID of the series, so a SeriesInstanceUID has to be looked up: in the index that comes with this package (`idc_index`),
or in an s5cmd manifest as the Commons' portal exports it, which names the folders themselves (`Selection.folders`).
Their DICOMweb proxy is no third way: it gives each instance as a multipart answer and has a quota for each address.

A file's licence is its series' in the index. Without the index the bucket alone is known, and it tells little: what
lies in `idc-open-data-cr` is CC BY-NC in a version that the bucket does not say, so it is recorded under a name of its
own whose uses are unknown; but 4,433 series of CC BY-NC 3.0 lie in `idc-open-data` as well (counted in version 25.0.5
of the index), so what comes from the other buckets is recorded without a licence. A collection in the index holds what
others derived from it, too: segmentations, measurements.
"""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from fetchers.checks.formats.safe_names import uid_name
from fetchers.dataset import Count, Dataset, Description, Part, RemoteFile, Selection
from fetchers.errors import NothingMatched
from fetchers.source import Short, Source
from fetchers.sources import carts
from fetchers.sources.bucket import Bucket
from fetchers.sources.drs import named_files
from fetchers.sources.idc_index import Index, collection_id, installed
from fetchers.sources.nbia import apis_of
from fetchers.sources.reading.citations import cited
from fetchers.sources.reading.idc_records import Series, Wishes
from fetchers.sources.selection import codes_of, collection_of, some_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import httpx

_NON_COMMERCIAL = "LicenseRef-IDC-CC-BY-NC"
_OLD = 180  # days after which an index is said to be old


class Idc(Source):
    """The open buckets of the Imaging Data Commons: one file an instance, in a folder for each series."""

    must_choose = True
    counts_series = True
    local = True

    @cached_property
    def index(self) -> Index:
        """The index: the one that the command names, else the one that is installed."""
        named = self.settings.get("idc_index")
        return Index(str(named) if named else None)

    def files(self, dataset: Dataset, wanted: Selection, client: httpx.Client) -> Iterator[RemoteFile]:
        """Yield the instances of each wanted series.

        Raises `AccessError` where the index is wanted and not installed, and `NothingMatched` after the last file for
        series that the Commons do not hold.
        """
        if self.settings.get("idc_index") or installed():
            self.remarks.append(age_of(self.index, self.settings))
        by_address = bool(wanted.urls)
        wanted = carts.opened(wanted, apis_of(dataset), client, self.refused)
        yield from named_files(wanted.urls, client, self.refused)
        if wanted.folders or by_address:
            yield from of_folders(self.index, wanted.folders, client, self)
            if not wanted.series:
                return
        for series in self.index.lookup(wishes_of(dataset, wanted), wanted.limit):
            yield from self.instances(series, client)
        missing = self.index.missing(wanted.series) if wanted.series else []
        if missing:
            raise NothingMatched(
                f"the Imaging Data Commons have no series {some_of(missing)}{left(self.index, missing)}",
                hint="correct the UIDs, or ask the archive itself: leave --via out",
            )

    def instances(self, series: Series, client: httpx.Client) -> Iterator[RemoteFile]:
        """Yield the files of one series, unless all of them are held."""
        if series.uid is not None and self.held.get(series.uid, 0) >= (series.images or 1):
            self.skipped += 1
            return
        yield from _instances(series, client, self)

    def parts(self, dataset: Dataset, client: httpx.Client) -> Iterable[tuple[str, str]]:
        """Yield the collections of the index with their counts."""
        del dataset, client
        return ((one.name, one.line) for one in self.index.collections())

    def inventory(self, dataset: Dataset) -> Iterable[Part]:
        """Return the collections of the index, or the one that a part names."""
        wanted = collection_of(dataset)
        return [
            Part(
                name=one.name, line=one.line, patients=one.patients, series=one.series, files=one.images,
                bytes=one.bytes, modalities=one.modalities, licences=one.licences,
            )
            for one in self.index.collections()
            if wanted is None or collection_id(wanted) == collection_id(one.name)
        ]  # fmt: skip

    def spelled(self, part: str) -> str:
        """Return a collection's name as it is spelled."""
        return (self.index.spelled(part) if installed() or self.settings.get("idc_index") else None) or part

    def counted(self, dataset: Dataset, wanted: Selection, limit: int | None) -> Count | None:
        """Return what the index counts; None where the wishes reach beyond it."""
        collection = collection_of(dataset)
        if wanted.folders or wanted.urls or (wanted.series and self.index.missing(wanted.series)):
            return None
        if collection and not holds(self.index, collection):
            return None
        self.remarks.append(age_of(self.index, self.settings))
        found = self.index.counted(wishes_of(dataset, wanted), limit)
        here = self._whole(dataset, wanted)
        if not here:
            return found
        self.skipped = len(here)
        less = self.index.counted(Wishes(series=here), None)
        return Count(
            files=max(found.files - less.files, 0),
            bytes=max(found.bytes - less.bytes, 0),
            series=max(found.series - less.series, 0),
        )

    def _whole(self, dataset: Dataset, wanted: Selection) -> list[str]:
        """Return the wanted series of which all is held."""
        if not self.held:
            return []
        series = tuple(self.held) if not wanted.series else tuple(uid for uid in wanted.series if uid in self.held)
        rows = self.index.lookup(wishes_of(dataset, wanted._replace(series=series))) if series else ()
        return [one.uid for one in rows if one.uid and self.held.get(one.uid, 0) >= (one.images or 1)]

    def describe(self, dataset: Dataset, client: httpx.Client) -> Description:
        """Return what the index says of a collection: title, version, licences, DOI."""
        del client
        return about(self.index, dataset)


def about(index: Index, dataset: Dataset) -> Description:
    """Return what the index says of a collection: title, version, licences, DOI, counts."""
    collection = collection_of(dataset)
    told = index.about(collection) if collection else None
    if collection is None or told is None:
        return Description()
    version, _ = index.version
    count = index.counted(Wishes(collection=collection), None)
    title = told.title or index.spelled(collection)
    return Description(
        title=title,
        version=f"IDC v{version.partition('.')[0]}",
        citations=cited(doi=told.doi, title=title, text=told.citation, publisher="The Cancer Imaging Archive"),
        link=f"https://doi.org/{told.doi}" if told.doi else None,
        files=count.files,
        bytes=count.bytes,
        images=count.files,
    )


def holds(index: Index, collection: str) -> bool:
    """Return True where the index has series of a collection."""
    return index.counted(Wishes(collection=collection), 1).series > 0


def wishes_of(dataset: Dataset, wanted: Selection) -> Wishes:
    """Spell a selection in the index's terms."""
    return Wishes(
        collection=collection_of(dataset),
        patients=wanted.patients,
        studies=wanted.studies,
        series=wanted.series,
        modalities=codes_of(wanted.modalities),
        body_parts=wanted.body_parts,
        licences=wanted.licences,
    )


def age_of(index: Index, settings: Mapping[str, object]) -> str:
    """Return which index was used, and how old it is."""
    version, day = index.version
    today = settings.get("today")
    if day is None or not isinstance(today, date):
        return f"by the index of the Imaging Data Commons, version {version}"
    days = (today - date.fromisoformat(day)).days
    newer = "; a newer one may be there: pip install --upgrade idc-index-data" if days > _OLD else ""
    return f"by the index of the Imaging Data Commons, version {version} of {day}, {days} days old{newer}"


def left(index: Index, missing: Sequence[str]) -> str:
    """Return the versions that had the series which are gone."""
    were = index.earlier(uids=missing)
    if not were:
        return ""
    told = ", ".join(f"{uid} in versions {versions}" for uid, (_, versions) in list(were.items())[:3])
    return f"; {len(were)} of them have left the Commons ({told})"


def of_folders(index: Index, folders: tuple[str, ...], client: httpx.Client, source: Source) -> Iterator[RemoteFile]:
    """Yield the instances in the folders that an s5cmd manifest names, `BUCKET/FOLDER`.

    A folder of an earlier version leads to the present one of the same series, and that is said. Raises
    `NothingMatched` after the last file for folders in which nothing lies.
    """
    indexed = installed() or bool(source.settings.get("idc_index"))
    known = {one.uuid: one for one in index.lookup(Wishes(folders=folders))} if indexed else {}
    strangers = [name for folder in folders if (name := folder.split("/")[1].strip("*")) not in known]
    earlier = index.earlier(folders=strangers) if indexed and strangers else {}
    now = {one.uid: one for one in index.lookup(Wishes(series=[uid for uid, _ in earlier.values()]))} if earlier else {}
    missing = []
    for folder in folders:
        bucket, _, name = folder.partition("/")
        name, _, single = name.strip("/*").partition("/")
        licence = _NON_COMMERCIAL if bucket.endswith("-cr") else None
        series = known.get(name)
        if series is None and name in earlier:
            uid, versions = earlier[name]
            series = now.get(uid)
            what = f"is now {series.folder}" if series else "is in no version of today"
            source.remarks.append(f"{folder} is of versions {versions}; the series {uid} {what}")
        series = series or Series(uid=None, bucket=bucket, uuid=name, licence=licence)
        count = 0
        for remote in _instances(series, client, source):
            if not single or remote.url.rpartition("/")[2] == single:
                count += 1
                yield remote
        if not count:
            missing.append(folder)
    if missing:
        raise NothingMatched(
            f"nothing lies in {len(missing)} of the manifest's folders: {some_of(missing)}",
            hint="export the manifest anew: the Commons move series between versions",
        )


def _instances(series: Series, client: httpx.Client, source: Source) -> Iterator[RemoteFile]:
    """Yield what lies in a series' folder; where that is less than the index counts, each file bears the count."""
    prefix = f"{series.uuid}/"
    folder = uid_name(series.uid) if series.uid else series.uuid
    bucket = Bucket(f"https://{series.bucket}.s3.amazonaws.com", series.bucket, client)
    listed = list(bucket.objects(prefix, source.refused))
    short = series.images is not None and len(listed) < series.images
    if short and series.uid is not None and series.images is not None:
        source.short.append(Short(series.uid, len(listed), series.images, "--via nbia"))
    for found in listed:
        yield RemoteFile(
            url=found.url,
            path=f"{folder}/{found.key.removeprefix(prefix)}",
            size=found.size,
            checksum=found.checksum,
            licence=series.licence,
            modality=series.modality,
            body_part=series.body_part,
            series=series.uid,
            images=series.images if short else None,
        )
