"""Find the images that held datasets share: by bytes, by SOP Instance UID and by decoded pixels."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.document import document
from fetchers.handover.held_files import held_of
from fetchers.inspection import overlap
from fetchers.inspection.pixel_hashes import compare_pixels, undecoded
from fetchers.inspection.stores import Stores
from fetchers.records import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fetchers.context import Context
    from fetchers.inspection.scope import Subject


class Overlap(NamedTuple):
    """The pairs of datasets or parts that share images, the largest overlap first."""

    pairs: tuple[overlap.Pair, ...]
    findings: tuple[Finding, ...]
    exit: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the verb's JSON document."""
        return dict(document(self))


def run(context: Context, names: Sequence[str] = (), *, pixels: bool = True, on: str | None = None) -> Overlap:
    """Compare `names` with each other and with all that is held; without names all with all.

    `on` names a cluster whose workers decode the pixels.

    Raise `NothingMatched` where nothing is held, `CatalogueError` for an unknown name.
    """
    held = held_of(context, names)
    asked = frozenset(one.dataset.address for one in held) if names else None
    findings: list[Finding] = []
    if pixels:
        with context.executor(on) as executor:
            findings = compare_pixels(context, held_of(context, ()), executor)
    with Stores(context) as stores:
        found = overlap.pairs(stores.manifests, asked, pixels=pixels)
        findings += _left_undecoded(stores, held_of(context, ())) if pixels else ()
    return Overlap(tuple(found), tuple(findings))


def _left_undecoded(stores: Stores, held: Sequence[Subject]) -> Iterator[Finding]:
    """Yield a finding for each store that is only read and does not know the pixels of all its images."""
    for store, manifest in stores.opened[1:]:
        count = sum(1 for _ in undecoded(manifest, [one for one in held if store in one.stores]))
        if count:
            message = f"the pixels of {count:,} images in {store} were not compared: they were never decoded there"
            hint = f"fetch --cache {quote(str(store))} overlap   (by somebody who may write there)"
            yield Finding(rule="not-compared", severity="warning", message=message, hint=hint)
