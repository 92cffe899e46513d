"""Write the data statement of a paper from the record: what is held, its terms, approvals and references."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.document import document
from fetchers.handover.corpus_facts import facts
from fetchers.reports import statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fetchers.context import Context
    from fetchers.dataset import Citation
    from fetchers.handover.corpus_facts import Facts, Numbers


class Total(NamedTuple):
    """The numbers of the whole, and of each dataset or part."""

    datasets: int
    files: int
    bytes: int
    images: int
    patients: int
    series: int
    modalities: dict[str, int]
    each: tuple[Numbers, ...]


class Statement(NamedTuple):
    """The text, and each number that stands in it."""

    text: str
    numbers: Total
    exit: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the verb's JSON document."""
        return dict(document(self))


def run(context: Context, names: Sequence[str], *, markup: statement.Markup = "md", ai_act: bool = False) -> Statement:
    """Return the statement of `names`, or of all that is held; with `ai_act` the summary of training content instead.

    Raise `NothingMatched` where nothing is held.
    """
    found = facts(context, names)
    parts = [_part(one) for one in found]
    if ai_act:
        text = statement.training_summary(parts, context.now.date().isoformat())
    else:
        text = statement.paragraph(parts, markup)
    return Statement(text, _total([one.numbers for one in found]))


def _total(each: Sequence[Numbers]) -> Total:
    kinds: dict[str, int] = {}
    for one in each:
        for code, count in one.modalities.items():
            kinds[code] = kinds.get(code, 0) + count
    return Total(
        datasets=len(each),
        files=sum(one.files for one in each),
        bytes=sum(one.bytes for one in each),
        images=sum(one.images for one in each),
        patients=sum(one.patients for one in each),
        series=sum(one.series for one in each),
        modalities=dict(sorted(kinds.items())),
        each=tuple(each),
    )


def _part(one: Facts) -> statement.Part:
    dataset, numbers = one.dataset, one.numbers
    approval = None
    if one.approval is not None:
        until = f" until {one.approval.until}" if one.approval.until else ""
        approval = f"access was granted{f' on {one.approval.granted_on}' if one.approval.granted_on else ''}{until}"
    return statement.Part(
        address=dataset.address,
        title=dataset.title or dataset.address,
        version=dataset.version,
        link=dataset.link,
        licence=one.licence,
        files=numbers.files,
        bytes=numbers.bytes,
        images=numbers.images,
        patients=numbers.patients,
        studies=numbers.studies,
        series=numbers.series,
        modalities=numbers.modalities,
        first_day=numbers.first_acquired_on,
        last_day=numbers.last_acquired_on,
        approval=approval,
        accepted=tuple(
            f"its terms {term.id} were agreed to on {term.accepted_on}" for term in one.terms if term.accepted_on
        ),
        references=tuple(text for citation in dataset.citations if (text := _reference(citation))),
        acknowledge=dataset.acknowledge,
    )


def _reference(citation: Citation) -> str | None:
    doi = f"https://doi.org/{citation.doi}" if citation.doi else ""
    if citation.text or doi:
        return " ".join(filter(None, (citation.text, doi)))
    return " ".join(citation.bibtex.split()) if citation.bibtex else None
