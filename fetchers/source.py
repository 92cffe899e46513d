"""The interface of a source: how an archive's files are listed.

A `Source` is one place on the internet (not one dataset). It says; it does not do: it yields files and steps, asks the
client that it is handed, and never sleeps, opens, prints, retries or writes.

    class Mine(Source):
        def files(self, dataset, wanted, client):
            for row in client.get("https://data.example.org/list.json").json():
                yield RemoteFile(url=row["url"], path=row["name"], size=row["bytes"])
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, NamedTuple

from fetchers.dataset import Count, Dataset, Description, Part, RemoteFile, Selection, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    import httpx
    from httpx import Client as Client  # noqa: PLC0414 - what the verbs hand on without knowing httpx

    from fetchers.errors import FetchError

    Asker = Callable[[], Client]  # opens the client when it is first called

__all__ = [
    "ByHand",
    "Count",
    "Dataset",
    "Description",
    "Listed",
    "Refused",
    "RemoteFile",
    "Selection",
    "Short",
    "Source",
    "Step",
    "store_name",
]

_UNFIT = re.compile(r"[^a-z0-9._-]+")
_LONGEST_NAME = 200  # bytes, as for every dataset's name


def store_name(kind: str, *pieces: str) -> str:
    """Return the name in the store of what an address stands for: `store_name("hf", "A/B")` is `hf-a--b`.

    Lower case, `/` as `--`, nothing else than `a-z 0-9 . _ -`.
    """
    joined = "/".join(piece.strip("/") for piece in pieces).lower().replace("/", "--")
    return f"{kind}-{_UNFIT.sub('-', joined)}"[:_LONGEST_NAME].rstrip(".-_")


class Refused:
    """The rows of a listing that cannot be taken, each with its reason: one of them costs itself alone."""

    MOST = 1000  # that are named one by one

    def __init__(self) -> None:
        self.named: list[tuple[str, FetchError]] = []
        self.more = 0

    def add(self, name: str, error: FetchError) -> None:
        """Note one row by the name that it has, or by its place; beyond `MOST` they are only counted."""
        if len(self.named) < self.MOST:
            self.named.append((name, error))
        else:
            self.more += 1


class Short(NamedTuple):
    """A series of which a place lists fewer images than it counts; `other` is a flag that asks another place."""

    series: str
    listed: int
    counted: int
    other: str = ""


class Source(ABC):
    """One place on the internet that hands out imaging data. Made without arguments."""

    by_hand = False  # only a person's browser may fetch it
    must_choose = False  # too large to take whole without --all: a part or a selection is wanted
    connections: int | None = None  # most connections at once that the place bears; None: no limit known
    pause = 0.0  # seconds between the starts of two requests to the place
    second: str | None = None  # the source that hands out the same data, asked where this one's listing fails
    gatekeeper: str | None = (
        None  # where the place itself checks who has access: a credential that it honours is enough
    )
    agent: str | None = None  # the User-Agent that the place wants to see; None: ours
    local = False  # what it describes and counts stands in an index that is here: no client is opened for it
    counts_series = False  # --limit counts its series and not its files

    def __init__(self) -> None:
        self.remarks: list[str] = []  # what a person should know of the listing
        self.settings: Mapping[str, object] = {}  # what the command says to its sources: idc_index, today
        self.held: Mapping[str, int] = {}  # files that are here, by SeriesInstanceUID
        self.skipped = 0  # series that were skipped since all of them is held
        self.refused = Refused()  # rows of the listing that cannot be taken, each with the reason
        self.short: list[Short] = []  # series whose listing lacks some of what the place itself counts

    @abstractmethod
    def files(self, dataset: Dataset, wanted: Selection, client: httpx.Client) -> Iterator[RemoteFile]:
        """Yield the wanted files of `dataset`, as a stream: a million series is never a list in memory.

        Raises `SourceError` (address and field named) where the place's answer is not what it should be.
        """

    def parts(self, dataset: Dataset, client: httpx.Client) -> Iterable[tuple[str, str]]:
        """Yield (name, a line about it) of the parts that the place itself lists; by default the catalogue's."""
        del client
        return ((part.part or "", part.title) for part in dataset.parts)

    def steps(self, dataset: Dataset) -> Iterable[Step]:
        """Yield what a person must do before the files open; by default the catalogue's steps."""
        return dataset.steps

    def at(self, address: str, client: Asker) -> Dataset | None:
        """Return the dataset that an address means, such as `zenodo:162231`; None for no address of this place.

        A DOI comes as `doi:10....`. `client()` opens the client, for the few addresses that only the place can
        tell; everything else is read off the address. The dataset names its source, and its options find its files.
        """
        del address, client
        return None

    def describe(self, dataset: Dataset, client: httpx.Client) -> Description:
        """Return what the place says of a dataset: title, version, licence, citation; nothing of what it does not."""
        del dataset, client
        return Description()

    def inventory(self, dataset: Dataset) -> Iterable[Part]:
        """Return the parts as an index that is here counts them; asks nobody."""
        del dataset
        return ()

    def names(self) -> Iterable[str]:
        """Return the names that may stand alone for a part of this place; asks nobody."""
        return ()

    def words(self) -> Iterable[tuple[str, str]]:
        """Return (part, what is said of it) for a search; asks nobody."""
        return ()

    def spelled(self, part: str) -> str:
        """Return a part's name as the place spells it; asks nobody."""
        return part

    def counted(self, dataset: Dataset, wanted: Selection, limit: int | None) -> Count | None:
        """Return what a selection comes to by an index that is here; None where only the listing can tell."""
        del dataset, wanted, limit
        return None

    def sign_in(self, dataset: Dataset, client: httpx.Client) -> None:  # noqa: B027 - most places want no session
        """Open a session where the place wants one; the client keeps its cookies for the transfers that follow."""

    def sign_out(self, dataset: Dataset, client: httpx.Client) -> None:  # noqa: B027 - the same
        """Close what `sign_in` opened."""


class Listed(Source):
    """The files stand in the catalogue, with their checksums: no client is needed."""

    def files(self, dataset: Dataset, wanted: Selection, client: httpx.Client) -> Iterator[RemoteFile]:
        """Yield `[[datasets.NAME.files]]`."""
        del wanted, client
        yield from dataset.files


class ByHand(Source):
    """Only a person's browser may fetch it; what the person brings comes in by `fetch adopt`."""

    by_hand = True

    def files(self, dataset: Dataset, wanted: Selection, client: httpx.Client) -> Iterator[RemoteFile]:
        """Yield nothing: there is no address that a program may ask."""
        del dataset, wanted, client
        return iter(())
