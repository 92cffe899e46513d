"""Look for words in the catalogue and in the collections of the index, without the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fetchers.document import Rows
from fetchers.errors import NothingMatched

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fetchers.context import Context
    from fetchers.dataset import Dataset

_COLLECTIONS = "tcia"


class Found(NamedTuple):
    """One dataset, part or collection that has all of the words; `address` is what `get` takes."""

    address: str
    dataset: str
    part: str | None
    title: str
    access: str
    licence: str | None
    modalities: tuple[str, ...]
    body_parts: tuple[str, ...]


def run(context: Context, words: Sequence[str]) -> Rows[Found]:
    """Return what has all of `words` in title, names, body parts, modalities or notes.

    Raises `NothingMatched` where nothing has.
    """
    wanted = [word.casefold() for text in words for word in text.split()]
    found = [row for row, text in _everything(context) if all(word in text for word in wanted)]
    if not found:
        raise NothingMatched(
            f"nothing is known with the words {' '.join(words)}", hint="fewer words find more: fetch search lung"
        )
    return Rows(found)


def _everything(context: Context) -> Iterator[tuple[Found, str]]:
    """Yield all that can be found, with its words in one case."""
    named: set[tuple[str, str | None]] = set()
    for outline in context.workspace.catalogue.all():
        dataset = context.workspace.catalogue.datasets[outline.name]
        for one in (dataset, *dataset.parts):
            named.add((one.name, one.part))
            yield _row(one), _words(one)
    source = context.load(_COLLECTIONS)
    for name, text in source.words():
        if (_COLLECTIONS, name) not in named:
            row = Found(
                address=f"{_COLLECTIONS}/{name}", dataset=_COLLECTIONS, part=name, title=name, access="open",
                licence=None, modalities=(), body_parts=(),
            )  # fmt: skip
            yield row, f"{name} {text}".casefold()


def _row(dataset: Dataset) -> Found:
    return Found(
        address=dataset.address,
        dataset=dataset.name,
        part=dataset.part,
        title=dataset.title,
        access=dataset.access,
        licence=dataset.licence,
        modalities=dataset.modalities,
        body_parts=dataset.body_parts,
    )


def _words(dataset: Dataset) -> str:
    texts = (dataset.address, dataset.title, dataset.notes or "", dataset.link or "")
    return " ".join((*texts, *dataset.aliases, *dataset.body_parts, *dataset.modalities)).casefold()
