"""Judge for `fetch show` what a dataset may be used for, as one answer for the whole of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fetchers.dataset import USES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from fetchers.dataset import Dataset, Licence
    from fetchers.records import Event


class Use(NamedTuple):
    """What the terms say of one use."""

    verdict: str
    reason: str
    duties: tuple[str, ...]


def judged_uses(
    dataset: Dataset, licences: Mapping[str, Licence], events: Sequence[Event], now: datetime
) -> Mapping[str, Use]:
    """Judge each use; what a part on other terms does not allow is not allowed of the whole, and the part is named."""
    from fetchers.checks.terms import verdict as terms
    from fetchers.inspection.scope import on_other_terms

    def judged(one: Dataset, use: str) -> Use:
        given = terms.permissions_for(one.name, one.part, events)
        found = terms.judge(one.licence, use, licences, given, now)
        return Use(verdict=found.verdict, reason=found.reason, duties=found.duties)

    uses = {use: judged(dataset, use) for use in USES}
    stricter = ("unknown", "forbidden")
    for part in on_other_terms(dataset, events):
        for use in (use for use, whole in uses.items() if whole.verdict not in stricter):
            if (answer := judged(part, use)).verdict in stricter:
                uses[use] = answer._replace(reason=f"{part.address}: {answer.reason}")
    return uses
