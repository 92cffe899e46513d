"""Ask the places what they have anew, changed or withdrawn since it was fetched; no content is downloaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.acquire.addresses import open_client
from fetchers.acquire.place_changes import Change, Differences, Version, compared, differs
from fetchers.document import document
from fetchers.errors import PARTLY_DONE, FetchError
from fetchers.handover.held_files import held_of
from fetchers.storage.record.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fetchers.context import Context


class Outdated(NamedTuple):
    """What was found; `exit` is 0 where nothing is otherwise, 9 where something is, else why no archive was asked."""

    datasets: tuple[Change, ...]
    exit: int

    def to_dict(self) -> dict[str, Any]:
        """Return the verb's JSON document."""
        return dict(document(self))


def run(context: Context, names: Sequence[str] = ()) -> Outdated:
    """Compare what is held of `names`, or all of it, with what its places list today.

    Raise `NothingMatched` where nothing is held. A place that could not be asked is named in the record.
    """
    context = context._replace(also=())  # what a store that is only read holds is for its owner to bring up to date
    held = held_of(context, names)
    found: list[Change] = []
    errors: list[FetchError] = []
    context.progress.begin("asking the archives", files=len(held))
    try:
        with open_client(context) as client, Manifest.open(context.store, write=False) as manifest:
            for one in held:
                try:
                    found.append(compared(context, one.dataset, manifest, client))
                except FetchError as error:
                    errors.append(error)
                    version = Version(one.dataset.version, None)
                    found.append(Differences().change(one.dataset, version, error))
                context.progress.advance(files=1)
    finally:
        context.progress.end()
    statuses = {error.exit_status for error in errors} | ({PARTLY_DONE} if any(map(differs, found)) else set())
    return Outdated(tuple(found), statuses.pop() if len(statuses) == 1 else PARTLY_DONE if statuses else 0)


def failures(found: Outdated) -> Iterator[tuple[str, str, str | None]]:
    """Yield what could not be asked: dataset, reason, hint."""
    for one in found.datasets:
        if one.error is not None:
            yield one.dataset if one.part is None else f"{one.dataset}/{one.part}", one.error, one.hint
