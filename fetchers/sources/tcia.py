"""The Cancer Imaging Archive, through NBIA's REST service at https://services.cancerimagingarchive.net.

Version 1 is the main road: it takes parameters that it does not know in silence, and its `getImageWithMD5Hash` brings
each series as a zip with the MD5 of every file. Version 4 answers 400 to an unknown parameter and wants IncludeMD5 named
(its absence is a null dereferenced in the server); it is asked where version 1 does not answer. An empty body means no
rows. The zips are streamed: no length, no range, so their own end and the MD5 list prove them. `FileSize` is unpacked.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from fetchers.checks.modality import expand
from fetchers.checks.names import uid_name
from fetchers.dataset import RemoteFile
from fetchers.errors import NothingMatched, SourceError, TransferError
from fetchers.source import Source
from fetchers.sources import answer, idc

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from fetchers.dataset import Dataset, Selection
    from fetchers.sources.answer import Fields

_API = "https://services.cancerimagingarchive.net/nbia-api/services/"


class Tcia(Source):
    """NBIA's collections, series by series."""

    must_choose = True
    connections = 8

    def files(self, dataset: Dataset, wanted: Selection, client: httpx.Client) -> Iterator[RemoteFile]:
        """Yield one zip for each wanted series; a wanted UID that the place does not have ends in `NothingMatched`."""
        if wanted.folders:
            yield from idc.of_folders(wanted.folders, client)
            return
        api = str(dataset.options.get("api", _API))
        collection = str(dataset.options.get("collection") or dataset.part or "") or None
        found: set[str] = set()
        for question in _questions(collection, wanted):
            for row in self._series(client, api, question):
                uid = row.text("SeriesInstanceUID")
                if uid not in found and _fits(row, wanted):
                    found.add(uid) if wanted.series else None
                    yield _file(row, uid, api)
        missing = [uid for uid in wanted.series if uid not in found]
        if missing:
            raise NothingMatched(
                f"{dataset.address}: the place has {len(missing)} of the wanted series not: {', '.join(missing[:5])}",
                hint="check the UIDs; a series that was withdrawn is in no listing",
            )

    def parts(self, dataset: Dataset, client: httpx.Client) -> Iterator[tuple[str, str]]:
        """Yield the collections, with the number of their patients or series where the place says it."""
        api = str(dataset.options.get("api", _API))
        try:
            listed = list(answer.rows(client, f"{api}v4/getCollectionValuesAndCounts"))
            counted = [(row.text("criteria"), f"{row.count('count'):,} patients") for row in listed]
        except (TransferError, SourceError):
            counted = []
        if counted:
            yield from counted
            return
        for row in answer.rows(client, f"{api}v1/getCollectionValues"):
            yield row.text("Collection"), ""

    def _series(self, client: httpx.Client, api: str, question: dict[str, str]) -> Iterator[Fields]:
        """Ask version 1, and version 4 where that does not answer; once rows came, a break is a break."""
        rows = answer.rows(client, f"{api}v1/getSeries", **question)
        try:
            first = next(rows, None)
        except TransferError as error:
            self.remarks.append(f"version 1 of the service does not answer ({error.what}): version 4 was asked")
            yield from answer.rows(client, f"{api}v4/getSeries", **question)
            return
        if first is not None:
            yield first
            yield from rows


def _questions(collection: str | None, wanted: Selection) -> Iterator[dict[str, str]]:
    """Yield one set of parameters for each combination of what is wanted."""
    modalities = sorted({code for one in wanted.modalities for code in expand(one.upper())})
    choices: list[tuple[str, tuple[str, ...]]] = [
        ("Collection", (collection,) if collection else ()),
        ("PatientID", wanted.patients),
        ("StudyInstanceUID", wanted.studies),
        ("SeriesInstanceUID", wanted.series),
        ("Modality", tuple(modalities)),
        ("BodyPartExamined", tuple(part.upper() for part in wanted.body_parts)),
    ]
    named = [(name, values) for name, values in choices if values]
    for values in product(*(values for _, values in named)):
        yield dict(zip((name for name, _ in named), values, strict=True))


def _fits(row: Fields, wanted: Selection) -> bool:
    """Hold a row against the selection once more: a service that drops a parameter in silence returns everything."""
    modality = (row.text_or_none("Modality") or "").upper()
    part = (row.text_or_none("BodyPartExamined") or "").upper()
    return (
        (not wanted.modalities or any(modality in expand(one.upper()) for one in wanted.modalities))
        and (not wanted.body_parts or part in {one.upper() for one in wanted.body_parts})
        and (not wanted.patients or row.text_or_none("PatientID") in wanted.patients)
        and (not wanted.series or row.text("SeriesInstanceUID") in wanted.series)
        and (not wanted.studies or row.text_or_none("StudyInstanceUID") in wanted.studies)
    )


def _file(row: Fields, uid: str, api: str) -> RemoteFile:
    name, url = row.text_or_none("LicenseName"), row.text_or_none("LicenseURI")
    path = uid_name(uid)
    question = urlencode({"SeriesInstanceUID": uid})
    return RemoteFile(
        url=f"{api}v1/getImageWithMD5Hash?{question}",
        path=f"{path}.zip",
        into=path,
        hashes="md5hashes.csv",
        licence=spdx_of(name, url),
        licence_url=url,
        modality=row.text_or_none("Modality"),
        body_part=row.text_or_none("BodyPartExamined"),
        series=uid,
        images=row.count_or_none("ImageCount"),
        mirrors=(f"{api}v4/getImage?{question}&NewFileNames=Yes&IncludeMD5=Yes",),
    )
