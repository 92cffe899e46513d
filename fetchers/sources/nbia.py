"""List the series of NBIA: https://nbia.cancerimagingarchive.net/nbia-api/services/

The second road to The Cancer Imaging Archive, whose makers move to the Imaging Data Commons and do not want NBIA asked
first. Its REST interface lists series; each comes as one zip. A part is a collection.

Version 4 at nbia.cancerimagingarchive.net is its one production server; the same version and version 1 at
services.cancerimagingarchive.net are asked where it fails. Version 4 comes first, for three reasons: it wants no token,
it answers 400 to a parameter that it does not know (version 1 ignores it, and a filter that is ignored brings the whole
archive), and its `getImage` puts both the licence text and `md5hashes.csv` into the zip. `IncludeMD5` is always said
there: its absence is a null pointer in the server. Version 1's `getImage` knows no `IncludeMD5`, so there the zips come
by `getImageWithMD5Hash`, and the licence stands in the listing alone. The road that listed a series also hands it out,
and the others are asked when it does not.

No token is asked for: what is public wants none, and what is not public lies no longer at NBIA but at dbGaP
(https://www.cancerimagingarchive.net/nih-controlled-data-access-policy/).

An empty answer is a list without rows, `{}` an element without content. `FileSize` is what the series' files measure
and not the zip, which is made while it is sent: no size is promised. Whatever the server thinks of a filter, each row
is compared with it here once more.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING
from urllib.parse import quote

from fetchers.checks.formats.safe_names import uid_name
from fetchers.dataset import Dataset, RemoteFile, Selection
from fetchers.errors import FetchError, NothingMatched, SourceError
from fetchers.source import Source
from fetchers.sources import carts, json_answers
from fetchers.sources.drs import named_files
from fetchers.sources.licence_ids import identifier_of
from fetchers.sources.selection import codes_of, collection_of, some_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import httpx

    from fetchers.source import Refused
    from fetchers.sources.json_answers import Fields

API = "https://nbia.cancerimagingarchive.net/nbia-api/services/"
OLD_API = "https://services.cancerimagingarchive.net/nbia-api/services/"
_ROADS = ((API, "v4"), (OLD_API, "v4"), (OLD_API, "v1"))
Road = tuple[str, str]  # address of the interface, and its version
_MAY_LACK = ("Modality", "BodyPartExamined")


class Nbia(Source):
    """NBIA at The Cancer Imaging Archive: one zip a series, its licence in the listing."""

    must_choose = True
    connections = 8

    def files(self, dataset: Dataset, wanted: Selection, client: httpx.Client) -> Iterator[RemoteFile]:
        """Yield one zip for each wanted series, as the listing arrives.

        Without a collection, `wanted` selects across all of them. Raises `NothingMatched` after the last file where
        series were asked for by UID and the place does not list them, and for a collection without a series.
        """
        archive = Archive(dataset, client, self.refused)
        collection = collection_of(dataset)
        by_address = bool(wanted.urls)
        wanted = carts.opened(wanted, apis_of(dataset), client, self.refused)
        yield from named_files(wanted.urls, client, self.refused)
        if by_address and not wanted.series:
            return
        if wanted.series:
            yield from _by_uid(archive, collection, wanted)
        elif collection is None and wanted.empty:
            for name, _ in self.parts(dataset, client):
                yield from archive.series(_questions(name, wanted))
        else:
            found = False
            for remote in archive.series(_questions(collection, wanted)):
                found = True
                yield remote
            if not found and not self.refused.named and collection is not None and wanted.empty:
                raise self._no_such(dataset, collection, client)

    def parts(self, dataset: Dataset, client: httpx.Client) -> Iterable[tuple[str, str]]:
        """Yield (collection, how many patients it has) as the place counts them; without counts where it does not."""
        archive = Archive(dataset, client, self.refused)
        try:
            counted = list(archive.counts())  # whole or not at all, so that no collection is named twice
        except FetchError:
            counted = []
        yield from counted or archive.collections()

    def _no_such(self, dataset: Dataset, collection: str, client: httpx.Client) -> NothingMatched:
        from difflib import get_close_matches

        folded = {name.casefold(): name for name, _ in self.parts(dataset, client)}
        near = [folded[name] for name in get_close_matches(collection.casefold(), folded, n=3, cutoff=0.5)]
        meant = f"did you mean {' or '.join(f'{dataset.name}/{name}' for name in near)}?" if near else None
        return NothingMatched(
            f"the place lists no series in collection {collection!r}",
            hint=meant or f"fetch list {dataset.name} --parts",
        )


def roads_of(dataset: Dataset) -> tuple[Road, ...]:
    """Return the interfaces to ask, in their order; `options.api` may name another archive of the same kind."""
    api = dataset.options.get("api")
    known = {API.rstrip("/"), OLD_API.rstrip("/")}
    if not isinstance(api, str) or api.rstrip("/") in known:
        return _ROADS
    return (api, "v4"), (api, "v1")


def apis_of(dataset: Dataset) -> list[str]:
    """Return the addresses of the interfaces, each once."""
    return list(dict.fromkeys(api for api, _ in roads_of(dataset)))


def zip_of(roads: Sequence[Road], uid: str) -> RemoteFile:
    """Return the zip of one series by the first of the roads, with the others behind it."""
    folder, quoted = uid_name(uid), quote(uid, safe="")
    questions = {
        "v4": f"getImage?SeriesInstanceUID={quoted}&NewFileNames=Yes&IncludeMD5=Yes",
        "v1": f"getImageWithMD5Hash?SeriesInstanceUID={quoted}",
    }
    first, *others = [_address(road, questions[road[1]]) for road in roads]
    return RemoteFile(
        url=first, mirrors=tuple(others), path=f"{folder}.zip", into=folder, hashes="md5hashes.csv", series=uid
    )


def _address(road: Road, question: str) -> str:
    return json_answers.address_of(road[0], f"{road[1]}/{question}")


def _by_uid(archive: Archive, collection: str | None, wanted: Selection) -> Iterator[RemoteFile]:
    """Ask for each series by itself: what the place does not list is named at the end, never skipped."""
    missing: list[str] = []
    uids = list(dict.fromkeys(wanted.series))
    for uid in uids:
        found = False
        for remote in archive.series(_questions(collection, wanted, uid)):
            found = True
            yield remote
        if not found:
            missing.append(uid)
    if missing:
        where = f" in collection {collection!r}" if collection else ""
        raise NothingMatched(
            f"the place lists no series {some_of(missing)}{where}: {len(missing)} of {len(uids)} are missing",
            hint="correct the UIDs, or leave out what narrows them down; `--via idc` asks the Imaging Data Commons",
        )


def _questions(collection: str | None, wanted: Selection, uid: str | None = None) -> Iterator[dict[str, str]]:
    """Spell `wanted` in NBIA's parameters; each takes one value, so several values are several questions."""
    values: list[tuple[str, tuple[str, ...]]] = [
        ("Collection", (collection,) if collection is not None else ()),
        ("PatientID", wanted.patients),
        ("StudyInstanceUID", wanted.studies),
        ("SeriesInstanceUID", (uid,) if uid is not None else ()),
        ("Modality", codes_of(wanted.modalities)),
        ("BodyPartExamined", tuple(part.upper() for part in wanted.body_parts)),
    ]
    asked = [(name, tuple(dict.fromkeys(those))) for name, those in values if those]
    for combination in product(*(those for _, those in asked)):
        yield dict(zip((name for name, _ in asked), combination, strict=True))


class Archive:
    """The questions that NBIA answers, on the road that answered last."""

    def __init__(self, dataset: Dataset, client: httpx.Client, refused: Refused) -> None:
        self._refused = refused
        self._client = client
        self._roads = list(roads_of(dataset))

    def series(self, questions: Iterable[Mapping[str, str]]) -> Iterator[RemoteFile]:
        """Yield the zip of each series that the questions ask for; a row that names none is noted, and costs itself."""
        for question in questions:
            for _, row in self._asked("getSeries", question):
                try:
                    agrees = all(_agrees(row, name, value) for name, value in question.items())
                    found = self._zip(row) if agrees else None
                except SourceError as error:
                    self._refused.add(row.place, error)
                    continue
                if found is not None:
                    yield found

    def collections(self) -> Iterator[tuple[str, str]]:
        """Yield the names of all collections."""
        return ((row.text("Collection"), "") for _, row in self._asked("getCollectionValues", {}))

    def counts(self) -> Iterator[tuple[str, str]]:
        """Yield the names of all collections with their counts of patients."""
        road = next(road for road in self._roads if road[1] == "v4")
        for row in json_answers.rows(self._client, _address(road, "getCollectionValuesAndCounts")):
            count = row.count_or_none("count")
            yield row.text("criteria"), "" if count is None else f"{count:,} patients"

    def _asked(self, question: str, parameters: Mapping[str, str]) -> Iterator[tuple[Road, Fields]]:
        """Yield the rows of one answer with the road that they came by.

        Another road is asked only while nothing was yielded. If all fail, each is told with its own reason.
        """
        failed: list[FetchError] = []
        for road in tuple(self._roads):
            begun = False
            try:
                for row in json_answers.rows(self._client, _address(road, question), **parameters):
                    if not begun:
                        begun = True
                        self._prefer(road)
                    yield road, row
            except FetchError as error:
                if begun:
                    raise
                failed.append(error)
                continue
            self._prefer(road)
            return
        # A wrong answer says more than none, and a refusal more than silence.
        worst = next((one for one in failed if isinstance(one, SourceError)), failed[-1])
        told = type(worst)("; ".join(error.what for error in failed), hint=worst.hint)
        raise told from failed[-1]

    def _prefer(self, road: Road) -> None:
        if self._roads[0] != road:
            self._roads.sort(key=lambda other: other != road)

    def _zip(self, row: Fields) -> RemoteFile:
        uid = row.text("SeriesInstanceUID")
        name, page = row.text_or_none("LicenseName"), row.text_or_none("LicenseURI")
        return zip_of(self._roads, uid)._replace(
            licence=identifier_of(name, page, f"tcia-{row.text_or_none('Collection') or uid}"),
            licence_url=page,
            modality=row.text_or_none("Modality"),
            body_part=row.text_or_none("BodyPartExamined"),
            images=row.count_or_none("ImageCount"),
        )


def _agrees(row: Fields, name: str, value: str) -> bool:
    """Return True if a row is what was asked for. What NBIA does not know of a series it leaves out of the row.

    A series without a modality or body part is not of the one that is wanted; one without a UID is a fault; the keys
    that every series has by its making contradict nothing when they are left out.
    """
    found = row.text(name) if name == "SeriesInstanceUID" else row.text_or_none(name)
    if found is None:
        return name not in _MAY_LACK
    return found.casefold() == value.casefold()
