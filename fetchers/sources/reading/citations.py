"""Make the citation of a dataset that an archive describes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fetchers.dataset import Citation
from fetchers.reports.escape import bibtex

if TYPE_CHECKING:
    from collections.abc import Sequence

DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:)?(10\.\d{4,9}/[^\s{}\\\"<>]+)", re.IGNORECASE)
_MOST_AUTHORS = 50
_KEY = re.compile(r"[^a-z0-9]+")


def doi_of(written: str | None) -> str | None:
    """Return the DOI in a text that is one, whatever stands before it; None for another text."""
    found = DOI.fullmatch(written.strip()) if written else None
    return found[1] if found else None


def cited(
    *,
    doi: str | None,
    title: str | None,
    authors: Sequence[str] = (),
    year: str | None = None,
    publisher: str | None = None,
    text: str | None = None,
) -> tuple[Citation, ...]:
    """Return the citation that these make; none where there is neither a DOI nor a title with authors nor a text."""
    identifier = doi_of(doi)
    if title is None or not (identifier or authors):
        return (Citation(doi=identifier, text=text),) if identifier or text else ()
    day = year if year and year.isascii() and year.isdecimal() else None
    who = [*authors[:_MOST_AUTHORS], *(["others"] if len(authors) > _MOST_AUTHORS else [])]
    fields = {
        "author": " and ".join("others" if name == "others" else f"{{{bibtex(name)}}}" for name in who),
        "title": f"{{{bibtex(title)}}}",
        "year": day or "",
        "publisher": bibtex(publisher or ""),
        "doi": identifier or "",
    }
    first = _KEY.sub("", (authors[0] if authors else title).lower())[:24] or "dataset"
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    entry = "\n".join([f"@misc{{{first}{day or ''},", *lines, "}"])
    return (Citation(doi=identifier, bibtex=entry, text=text),)
