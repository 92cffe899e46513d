"""Judge the end of a downloaded file by its own format, and decide what follows if it is cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.checks.formats import completeness, sniff
from fetchers.checks.formats.ending import Follower
from fetchers.errors import ContentError
from fetchers.records import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fetchers.acquire.messages import Downloaded
    from fetchers.checks.formats.ending import Ending
    from fetchers.dataset import Dataset


def unpromised(landed: Downloaded) -> bool:
    """Return True if nobody promised where the file ends: no length, no size, no checksum."""
    remote = landed.remote
    return not landed.length_known and remote.checksum is None and remote.size is None


def ending(landed: Downloaded, container: str) -> Ending | None:
    """Return what is known of a file's end before it is judged: by who followed it, or where nobody promised any.

    None where it is left to who judges the file.
    """
    partial = landed.partial
    if partial.follower is not None and isinstance(partial.follower, Follower):  # to ask a protocol is slow
        return completeness.followed(partial.follower)
    if not unpromised(landed) or container == "raw":
        return None
    kind = sniff.sniff(partial.head, partial.offset)
    if not completeness.knows_its_end(kind):
        return None
    return completeness.ending(kind, partial.opened, partial.offset, partial.head)


def cut_off(path: str, found: Ending) -> ContentError:
    """Return the refusal of a file that is cut off at its place."""
    hint = "tell the place that its copy is cut off, or try again later"
    return ContentError(f"{path}: {found.why}; the same bytes came twice", hint=hint)


def found_cut(dataset: Dataset, path: str, found: Ending) -> Iterator[Finding]:
    """Yield what is to be said of a file that is cut off and was not taken."""
    for problem in found.problems:
        yield Finding(problem.rule, problem.severity, problem.message, dataset.name, dataset.part, path, problem.hint)
