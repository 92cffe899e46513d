"""Find the images that two held datasets share: the same bytes, the same SOP Instance UID, the same decoded pixels.

Readmes, licence texts and empty files are no images: that two datasets have the same ones says nothing.
"""

from __future__ import annotations

from heapq import merge
from itertools import combinations, groupby
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from fetchers.dataset import address_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fetchers.storage.record.manifest import Manifest

_EXAMPLES = 5


class Example(NamedTuple):
    """One image that both have: where it lies in each, and what is the same."""

    a: str
    b: str
    same: str


class Pair(NamedTuple):
    """What two datasets or parts share; `pixels` is None where they were not compared."""

    a: str
    b: str
    files: int
    instances: int
    pixels: int | None
    examples: tuple[Example, ...]


def pairs(manifests: Sequence[Manifest], asked: frozenset[str] | None, *, pixels: bool) -> list[Pair]:
    """Return what datasets share, those of `asked` with any other; the largest overlap first."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    shown: dict[tuple[str, str], list[Example]] = {}
    for same in ("files", "instances", "pixels") if pixels else ("files", "instances"):
        for _, rows in groupby(_shared(manifests, same), key=itemgetter(0)):
            where = _first_paths(rows)
            for a, b in combinations(sorted(where), 2):
                if asked is not None and not asked & {a, b}:
                    continue
                counts = found.setdefault((a, b), {})
                counts[same] = counts.get(same, 0) + 1
                examples = shown.setdefault((a, b), [])
                if len(examples) < _EXAMPLES and all(one.a != where[a] for one in examples):
                    examples.append(Example(where[a], where[b], same))
    told = [
        Pair(
            a=a,
            b=b,
            files=counts.get("files", 0),
            instances=counts.get("instances", 0),
            pixels=counts.get("pixels", 0) if pixels else None,
            examples=tuple(shown[a, b]),
        )
        for (a, b), counts in found.items()
    ]
    return sorted(told, key=lambda pair: (-max(pair.files, pair.instances, pair.pixels or 0), pair.a, pair.b))


def overlapping(manifests: Sequence[Manifest]) -> Mapping[str, frozenset[str]]:
    """Return with which others each held dataset or part shares images, as far as they were compared."""
    found: dict[str, set[str]] = {}
    for pair in pairs(manifests, None, pixels=True):
        found.setdefault(pair.a, set()).add(pair.b)
        found.setdefault(pair.b, set()).add(pair.a)
    return {address: frozenset(others) for address, others in found.items()}


def _shared(manifests: Sequence[Manifest], same: str) -> Iterable[tuple[str, str, str, str]]:
    """Return what several datasets have, in order of the keys; of several stores all images, for any may be shared."""
    if len(manifests) == 1:
        return manifests[0].shared(same)
    return merge(*(manifest.shared(same, alone=True) for manifest in manifests))


def _first_paths(rows: Iterable[tuple[str, str, str, str]]) -> dict[str, str]:
    """Return one path in each dataset or part that has the image."""
    where: dict[str, str] = {}
    for _, dataset, part, path in rows:
        where.setdefault(address_of(dataset, part or None), path)
    return where
