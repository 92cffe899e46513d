"""Judge what held and named datasets may be used for, licence by licence.

The strictest answer counts: images that are held under other terms, too, or that a dataset was made from, are bound by
those terms wherever they lie.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fetchers.checks.terms import verdict as terms
from fetchers.dataset import address_of
from fetchers.errors import FetchError
from fetchers.inspection.overlap import overlapping
from fetchers.inspection.scope import Subject
from fetchers.inspection.stores import Stores
from fetchers.records import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fetchers.context import Context
    from fetchers.dataset import Dataset
    from fetchers.records import Event
    from fetchers.storage.record.manifest import Manifest

_STRICTER = ("allowed", "allowed-with-duties", "unknown", "forbidden")
_SOURCE, _SHARED = "which it was made from", "which holds some of its images, too"
_DEEPEST = 8  # datasets made from datasets made from datasets


class VerdictRow(NamedTuple):
    """The answer for one dataset or part, under one licence, for one use."""

    dataset: str
    part: str | None
    licence: str | None
    use: str
    verdict: str
    reason: str
    duties: tuple[str, ...]
    evidence: str | None


def judged(
    context: Context, manifest: Manifest, asked: Sequence[Subject], uses: Sequence[str], events: Sequence[Event]
) -> tuple[list[VerdictRow], list[Finding]]:
    """Return the answer for each subject, licence and use, and a warning wherever other terms made it stricter."""
    rows: list[VerdictRow] = []
    findings: list[Finding] = []
    if not uses:
        return rows, findings
    bound = _Bound(context, manifest, uses, events)
    for one in asked:
        for row in _own(context, one, uses, events):
            other = bound.strictest(one, row)
            rows.append(row if other is None else other.row(row))
            if other is not None:
                findings.append(other.finding(row))
    return rows, findings


class _Other(NamedTuple):
    """The answer of other terms, and why they count."""

    answer: VerdictRow
    why: str

    def row(self, own: VerdictRow) -> VerdictRow:
        duties = tuple(dict.fromkeys((*own.duties, *self.answer.duties)))
        reason = f"{self._address}, {self.why}: {self.answer.reason}"
        return own._replace(verdict=self.answer.verdict, reason=reason, duties=duties, evidence=None)

    def finding(self, own: VerdictRow) -> Finding:
        terms_ = self.answer.licence or "no licence that is known"
        return Finding(
            rule="licence-stricter-elsewhere",
            severity="warning",
            dataset=own.dataset,
            part=own.part,
            message=f"{own.use} is {own.verdict} under {own.licence or 'no known licence'}, and {self.answer.verdict} "
            f"under {terms_} of {self._address}, {self.why}",
            hint=f"fetch overlap {own.dataset if own.part is None else f'{own.dataset}/{own.part}'}",
        )

    @property
    def _address(self) -> str:
        return address_of(self.answer.dataset, self.answer.part)


class _Bound:
    """What binds a dataset besides its own terms; looked up when it is first asked."""

    def __init__(self, context: Context, manifest: Manifest, uses: Sequence[str], events: Sequence[Event]) -> None:
        self._context = context
        self._manifest = manifest
        self._uses = uses
        self._events = events
        self._held: dict[str, Subject] | None = None
        self._shared: Mapping[str, frozenset[str]] = {}
        self._answers: dict[str, list[VerdictRow]] = {}

    def strictest(self, one: Subject, own: VerdictRow) -> _Other | None:
        """Return the strictest answer of other terms where it is stricter than a dataset's own."""
        worst: _Other | None = None
        level = _STRICTER.index(own.verdict)
        for other, why in self._others(one):
            for answer in self._of(other):
                if answer.use == own.use and _STRICTER.index(answer.verdict) > level:
                    worst, level = _Other(answer, why), _STRICTER.index(answer.verdict)
        return worst

    def _others(self, one: Subject) -> Iterator[tuple[Subject, str]]:
        for dataset in _made_from(self._context, one.dataset, _DEEPEST):
            yield Subject(dataset), _SOURCE
        if self._held is None:
            with Stores(self._context) as stores:
                self._held = {each.dataset.address: each for each in stores.held(())}
                self._shared = overlapping(stores.manifests) if len(self._held) > 1 else {}
        for address in sorted(self._shared.get(one.dataset.address, ())):
            if address in self._held:
                yield self._held[address], _SHARED

    def _of(self, other: Subject) -> list[VerdictRow]:
        key = other.dataset.address
        if key not in self._answers:
            self._answers[key] = list(_own(self._context, other, self._uses, self._events))
        return self._answers[key]


def _own(context: Context, one: Subject, uses: Sequence[str], events: Sequence[Event]) -> Iterator[VerdictRow]:
    given = terms.permissions_for(one.dataset.name, one.dataset.part, events)
    for licence in one.licences:
        for use in uses:
            found = terms.judge(licence, use, context.workspace.catalogue.licences, given, context.now)
            yield VerdictRow(
                dataset=one.dataset.name,
                part=one.dataset.part,
                licence=licence,
                use=use,
                verdict=found.verdict,
                reason=found.reason,
                duties=found.duties,
                evidence=found.evidence,
            )


def _made_from(context: Context, dataset: Dataset, depth: int) -> Iterator[Dataset]:
    """Yield what a dataset was made from, and what that was made from; a name that is unknown here says nothing."""
    for address in dataset.made_from if depth else ():
        try:
            found = context.workspace.catalogue.find(address)
        except FetchError:
            continue
        for each in found:
            yield each
            yield from _made_from(context, each, depth - 1)
