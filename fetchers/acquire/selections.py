"""Remember what was selected of a place when files of it came, so that only that is compared with the place later."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.acquire.plan import matches
from fetchers.dataset import Selection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fetchers.acquire.request import GetRequest
    from fetchers.dataset import Dataset, RemoteFile
    from fetchers.source import Client, Source
    from fetchers.storage.record.manifest import Manifest

_WHOLE = "{}"
_FIELDS = ("patients", "studies", "series", "modalities", "body_parts", "folders", "urls", "licences")


class _One(NamedTuple):
    selection: Selection = Selection(everything=True)
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    limited: bool = False


class Chosen(NamedTuple):
    """What was selected, run by run. `complete` says that all that fits was wanted, so that what is anew is missed."""

    runs: tuple[_One, ...]

    @property
    def complete(self) -> bool:
        """Return True where no run was limited to some of what fits."""
        return not any(one.limited for one in self.runs)

    def listed(self, source: Source, dataset: Dataset, client: Client) -> Iterator[RemoteFile]:
        """Yield what the place lists today of the selected files, each once."""
        told: set[str] = set()
        for one in self.runs:
            for remote in source.files(dataset, one.selection, client):
                fits = (not one.include or matches(remote.path, one.include)) and not matches(remote.path, one.exclude)
                if fits and remote.path not in told:
                    told.add(remote.path)
                    yield remote


def note(manifest: Manifest, dataset: Dataset, request: GetRequest, selection: Selection) -> None:
    """Remember the selection of one run."""
    if request.pins is not None:
        return
    said: dict[str, object] = {name: list(getattr(selection, name)) for name in _FIELDS if getattr(selection, name)}
    said |= {"include": list(request.include)} if request.include else {}
    said |= {"exclude": list(request.exclude)} if request.exclude else {}
    said |= {"limited": True} if request.limit is not None or request.shard is not None else {}
    manifest.note_selection(dataset.name, dataset.part, json.dumps(said, sort_keys=True))


def chosen_of(manifest: Manifest, dataset: Dataset) -> Chosen:
    """Return what was selected of a dataset or part; the whole of it where that is not known."""
    noted = manifest.selections(dataset.name, dataset.part)
    if not noted or _WHOLE in noted:
        return Chosen((_One(),))
    return Chosen(tuple(map(_read, noted)))


def _read(text: str) -> _One:
    """Read one selection; one that makes no sense any more counts as the whole."""
    try:
        said = json.loads(text)
        words: dict[str, Any] = {name: tuple(map(str, said.get(name, ()))) for name in (*_FIELDS, "include", "exclude")}
    except (ValueError, TypeError, AttributeError):
        return _One()
    selection = Selection()._replace(**{name: words[name] for name in _FIELDS})
    if selection.empty:
        selection = Selection(everything=True)
    return _One(selection, words["include"], words["exclude"], said.get("limited") is True)
