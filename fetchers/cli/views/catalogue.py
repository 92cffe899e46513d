"""What the catalogue holds, for a person: a line for each dataset, or a page of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.checks.terms.duties import WORDS
from fetchers.cli.style import count, number, size
from fetchers.cli.table import Cell, Column, table
from fetchers.cli.views.findings import wrapped
from fetchers.dataset import address_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fetchers.cli.style import Style
    from fetchers.inspection.catalogue_rows import PartListing, Row, Show

ACCESS_STYLES = {
    "open": "good",
    "registration": "warn",
    "application": "warn",
    "subscription": "warn",
    "unavailable": "dim",
}
VERDICT_STYLES = {"allowed": "good", "allowed-with-duties": "good", "forbidden": "bad", "unknown": "warn"}
_WIDE = 100  # columns from which the licence has room
_LABEL = 12
_KINDS = 4  # modalities that a line of the listing has room for


def listing(rows: Sequence[Row], look: Style) -> Iterator[str]:
    """Yield a line for each dataset."""
    columns = [Column("NAME"), Column("IS REALLY"), Column("BODY PART"), Column("IMAGES", right=True), Column("ACCESS")]
    wide = look.width >= _WIDE
    columns += [Column("LICENCE")] if wide else []
    yield from table([*columns, Column("HELD", right=True)], (_row(row, wide=wide) for row in rows), look)
    if not rows:
        yield "no dataset matches"
    elif not look.quiet:
        yield ""
        if any(row.errata for row in rows):
            yield look.paint("* the original list says otherwise here: fetch show NAME", "dim")
        if len({row.original for row in rows}) > 1:
            first = sum(row.original for row in rows)
            yield look.paint(f"the first {first} are those of the original list: fetch list --list original", "dim")
        yield look.paint("fetch NAME gets one; fetch show NAME tells all about it", "dim")


def parts(rows: Sequence[PartListing], look: Style) -> Iterator[str]:
    """Yield a line for each part."""
    counted = any(row.series is not None for row in rows)
    columns = [Column("NAME"), Column("WHAT LIES IN IT", wrap=True)]
    if counted:
        columns = [Column("NAME"), Column("PATIENTS", right=True), Column("SERIES", right=True)]
        columns += [Column("SIZE", right=True), Column("KINDS", wrap=True), Column("LICENCES", wrap=True)]
    yield from table(columns, (_part(row, counted=counted) for row in rows), look)
    if not look.quiet and rows:
        yield ""
        yield look.paint(f"fetch {rows[0].dataset}/PART gets one", "dim")


def _part(row: PartListing, *, counted: bool) -> list[str | Cell]:
    name = Cell(address_of(row.dataset, row.part), "head")
    if not counted:
        return [name, row.line or row.title]
    amount = "?" if row.bytes is None else size(row.bytes)
    return [name, number(row.patients), number(row.series), amount, " ".join(row.modalities), ", ".join(row.licences)]


def _row(row: Row, *, wide: bool) -> list[str | Cell]:
    held = Cell(number(row.held_files), "good") if row.held_files else Cell("-", "dim")
    kinds = _some(row.modalities, " ", _KINDS)
    return [
        Cell(row.dataset, "head"),
        f"{kinds} *" if row.errata else kinds,
        _some(row.body_parts, ", ", 1),
        number(row.images),
        Cell(row.access, ACCESS_STYLES.get(row.access, "dim")),
        *([row.licence or Cell("unknown", "warn")] if wide else []),
        held,
    ]


def _some(words: Sequence[str], comma: str, most: int) -> str:
    more = f" +{len(words) - most}" if len(words) > most else ""
    return comma.join(words[:most]) + more or "?"


def show(shown: Show, look: Style) -> Iterator[str]:
    """Yield a page of one dataset."""
    name = address_of(shown.dataset, shown.part)
    yield f"{look.paint(name, 'head')}  {shown.title}"
    also = f"also called {', '.join(shown.aliases)}" if shown.aliases else ""
    yield from _pair("", also, look)
    yield from _pair(
        "is", " ".join(shown.modalities) + (f" of {', '.join(shown.body_parts)}" if shown.body_parts else ""), look
    )
    yield from _pair("images", f"{_known(shown.images)}, patients {_known(shown.patients)}", look)
    yield from _pair("access", shown.access, look, ACCESS_STYLES.get(shown.access))
    yield from _pair("licence", shown.licence or "unknown", look, None if shown.licence else "warn")
    words = shown.licence_words or ""
    yield from _pair("in words", words if words != shown.licence else "", look)
    yield from _pair("version", shown.version or "", look)
    yield from _pair("link", shown.link or "", look)
    yield from _pair("made from", ", ".join(shown.made_from), look)
    yield from _pair("notes", shown.notes or "", look)
    old = " (more than a year ago: see for yourself whether it still holds)" if shown.aged else ""
    yield from _pair("checked on", f"{shown.checked_on or ''}{old}", look, "warn" if old else None)
    held = f"{count(shown.held_files, 'file')}" if shown.held_files else f"nothing: fetch {name}"
    yield from _pair("held", held, look, "good" if shown.held_files else None)
    yield from _errata(shown, look)
    yield from _parts(shown, look)
    yield from _steps(shown, look)
    yield from _uses(shown, look)
    yield from _citations(shown, look)
    yield from _acknowledgement(shown, look)


def _errata(shown: Show, look: Style) -> Iterator[str]:
    if not shown.errata:
        return
    yield ""
    yield look.paint("Where the original list is wrong", "head")
    for erratum in shown.errata:
        listed = erratum.listed or "(nothing)"
        yield f"  {look.paint(erratum.field, 'warn')}: the list says {look.paint(listed, 'bad')}"
        yield from wrapped(f"found: {erratum.found}", look, indent="    ")
        yield from wrapped(f"evidence of {erratum.on}: {erratum.evidence}", look, indent="    ")


def _steps(shown: Show, look: Style) -> Iterator[str]:
    if not shown.steps:
        return
    yield ""
    yield look.paint("What a person has to do first", "head")
    for index, step in enumerate(shown.steps, 1):
        days = step.lapses_after_days or step.repeats_after_days
        again = f" (again every {days} days)" if days else ""
        yield from wrapped(f"{index}. {step.key}: {step.title}{again}", look, indent="  ", hang="     ")
        if step.url:
            yield f"     {look.paint(step.url, 'info')}"
    name = address_of(shown.dataset, shown.part)
    yield f"  {look.paint('next', 'dim')}  fetch apply {name} --owner PERSON --purpose TEXT"


def _parts(shown: Show, look: Style) -> Iterator[str]:
    if not shown.part_rows:
        return
    yield ""
    yield look.paint("Its parts", "head")
    rows = [
        (
            f"  {shown.dataset}/{part.part}",
            Cell(part.access, ACCESS_STYLES.get(part.access, "dim")),
            part.title,
            part.licence or Cell("unknown", "warn"),
        )
        for part in shown.part_rows
    ]
    yield from table([Column("  NAME"), Column("ACCESS"), Column("TITLE", wrap=True), Column("LICENCE")], rows, look)


def _uses(shown: Show, look: Style) -> Iterator[str]:
    """Yield each reason once, with the uses that it decides; the strictest last."""
    yield ""
    yield look.paint("What it may be used for", "head")
    groups: dict[tuple[str, str], list[str]] = {}
    for use, one in shown.uses.items():
        duties = f" [{', '.join(one.duties)}]" if one.duties else ""
        groups.setdefault((one.verdict, f"{one.reason}{duties}".replace(f" {use},", " it,")), []).append(use)
    for (verdict, reason), uses in sorted(groups.items(), key=lambda item: list(VERDICT_STYLES).index(item[0][0])):
        first, *more = wrapped(f"{_short(verdict)}: {', '.join(uses)}", look, indent="  ", hang="    ")
        yield look.paint(first, VERDICT_STYLES[verdict])
        yield from (look.paint(line, VERDICT_STYLES[verdict]) for line in more)
        yield from wrapped(reason, look, indent="      ")
    for duty in dict.fromkeys(duty for one in shown.uses.values() for duty in one.duties):
        yield from wrapped(f"{duty}: {WORDS.get(duty, duty)}", look, indent="  ", hang="    ")
    yield from _promised(shown, look)


def _promised(shown: Show, look: Style) -> Iterator[str]:
    """Yield what the list's words would allow if they were true."""
    differing: dict[str, list[str]] = {}
    for use, one in shown.listed_uses.items():
        if one.verdict != shown.uses[use].verdict:
            differing.setdefault(one.verdict, []).append(use)
    if differing and shown.listed is not None:
        told = "; ".join(f"{_short(verdict)} for {', '.join(uses)}" for verdict, uses in differing.items())
        text = f'the list\'s words, "{shown.listed.licence}", would say otherwise: {told}'
        yield from (look.paint(line, "dim") for line in wrapped(text, look, indent="  ", hang="    "))


def _short(verdict: str) -> str:
    return "allowed, with duties" if verdict == "allowed-with-duties" else verdict


def _citations(shown: Show, look: Style) -> Iterator[str]:
    if not shown.citation:
        return
    yield ""
    yield look.paint("What to cite (fetch cite NAME gives BibTeX)", "head")
    for citation in shown.citation:
        said = (citation.text or "", f"https://doi.org/{citation.doi}" if citation.doi else "")
        yield from wrapped("; ".join(filter(None, said)) or "see its BibTeX", look, indent="  ")


def _acknowledgement(shown: Show, look: Style) -> Iterator[str]:
    """Yield the owner's words, a paragraph for each text."""
    if not shown.acknowledge:
        return
    yield ""
    yield look.paint("Words that the owner requires in a paper", "head")
    for line in shown.acknowledge:
        yield from wrapped(line, look, indent="  ", hang="    ")


def _known(count: int | None) -> str:
    return "unknown" if count is None else f"{count:,}"


def _pair(label: str, text: str, look: Style, style: str | None = None) -> Iterator[str]:
    if not text:
        return
    lines = list(wrapped(text, look, indent=" " * (_LABEL + 2)))
    first = lines[0].strip()
    yield f"  {look.paint(label.ljust(_LABEL - 2), 'dim')}  {look.paint(first, style) if style else first}"
    yield from lines[1:]
