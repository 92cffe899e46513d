"""Where does the Imaging Data Commons keep a series? https://idc-open-data.s3.amazonaws.com/

The second road to The Cancer Imaging Archive: most of its series lie in open buckets too, a folder for each, one DICOM
file for each instance. The folder is named after the Commons' own UUID of the series, so a SeriesInstanceUID has to be
looked up. Two ways lead there without an account and without anything that is not documented:

* the index that the Commons publish as the package `idc-index-data` (74 MB, 1 row a series; read by pyarrow, a batch at
  a time). It is an extra of this package, asked for when it is needed and not before.
* an s5cmd manifest, as the Commons' portal exports it: it names the folders themselves (`Selection.folders`).

Their DICOMweb proxy is no third way: it gives each instance as a multipart answer and has a quota for each address.

A file's licence is its series' in the index. Without the index the bucket alone is known, and it tells little: what
lies in `idc-open-data-cr` is CC BY-NC in a version that the bucket does not say, so it is recorded under a name of its
own whose uses are unknown; but 4,433 series of CC BY-NC 3.0 lie in `idc-open-data` as well (counted in version 25.0.5
of the index), so what comes from the other buckets is recorded without a licence. A collection in the index holds what
others derived from it, too: segmentations, measurements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.dataset import Dataset, RemoteFile, Selection
from fetchers.errors import NothingMatched
from fetchers.source import Source
from fetchers.sources.bucket import Bucket
from fetchers.sources.idc_index import Series, installed, lookup
from fetchers.sources.selection import codes_of, collection_of, some_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

_NON_COMMERCIAL = "LicenseRef-IDC-CC-BY-NC"


class Idc(Source):
    """The open buckets of the Imaging Data Commons: one file an instance, in a folder for each series."""

    must_choose = True

    def files(self, dataset: Dataset, wanted: Selection, client: httpx.Client) -> Iterator[RemoteFile]:
        """Yield the instances of each wanted series.

        Raises `AccessError` where the index is wanted and not installed, and `NothingMatched` after the last file for
        series that the Commons do not hold.
        """
        if wanted.folders:
            yield from of_folders(wanted.folders, client)
            if not wanted.series:
                return
        found: set[str] = set()
        for series in lookup(
            collection=collection_of(dataset),
            patients=wanted.patients,
            studies=wanted.studies,
            series=wanted.series,
            modalities=codes_of(wanted.modalities),
            body_parts=wanted.body_parts,
        ):
            if wanted.series and series.uid is not None:
                found.add(series.uid)
            yield from _instances(series, client)
        missing = [uid for uid in dict.fromkeys(wanted.series) if uid not in found]
        if missing:
            raise NothingMatched(
                f"the Imaging Data Commons have no series {some_of(missing)}",
                hint="correct the UIDs, or ask the archive itself: leave --via out",
            )


def of_folders(folders: tuple[str, ...], client: httpx.Client) -> Iterator[RemoteFile]:
    """Yield the instances in the folders that an s5cmd manifest names, `BUCKET/FOLDER`.

    Raises `NothingMatched` after the last file for folders in which nothing lies.
    """
    known = {series.folder: series for series in lookup(folders=folders)} if installed() else {}
    missing = []
    for folder in folders:
        bucket, _, name = folder.partition("/")
        licence = _NON_COMMERCIAL if bucket.endswith("-cr") else None
        series = known.get(folder) or Series(uid=None, bucket=bucket, uuid=name, licence=licence)
        count = 0
        for remote in _instances(series, client):
            count += 1
            yield remote
        if not count:
            missing.append(folder)
    if missing:
        raise NothingMatched(
            f"nothing lies in {len(missing)} of the manifest's folders: {some_of(missing)}",
            hint="export the manifest anew: the Commons move series between versions",
        )


def _instances(series: Series, client: httpx.Client) -> Iterator[RemoteFile]:
    prefix = f"{series.uuid}/"
    for found in Bucket(f"https://{series.bucket}.s3.amazonaws.com", series.bucket, client).objects(prefix):
        yield RemoteFile(
            url=found.url,
            path=f"{series.uid or series.uuid}/{found.key.removeprefix(prefix)}",
            size=found.size,
            licence=series.licence,
            modality=series.modality,
            body_part=series.body_part,
            series=series.uid,
        )
