"""Find the images that held datasets share: by bytes, by SOP Instance UID and by decoded pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.document import document
from fetchers.handover.held_files import held_of
from fetchers.inspection import overlap
from fetchers.inspection.pixel_hashes import compare_pixels
from fetchers.storage.record.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fetchers.context import Context
    from fetchers.records import Finding


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
    with Manifest.open(context.store, write=False) as manifest:
        found = overlap.pairs(manifest, asked, pixels=pixels)
    return Overlap(tuple(found), tuple(findings))
