"""Make one self-contained HTML page of the whole account.

The page loads nothing and runs nothing: its policy (`Content-Security-Policy`) allows its own style, by hash, and
pictures that stand in it. Whatever a stranger wrote (a title, a header, a file name) is escaped by the template engine.
What is open stands first, then a list of the datasets, then each of them with all that is known of it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from jinja2 import Environment, StrictUndefined, select_autoescape

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from fetchers.records import Finding

_SIGNS = {
    "allowed": "✓",
    "allowed-with-duties": "✓",
    "forbidden": "✗",
    "unknown": "?",
    "error": "✗",
    "warning": "!",
    "info": "i",
    "granted": "✓",
    "active": "✓",
    "denied": "✗",
    "lapsed": "✗",
    "revoked": "✗",
    "closed": "-",
    "open": "…",
}
_WORDS = {"allowed-with-duties": "allowed, with duties"}
_BAR_WIDTH = 420  # pixels of the longest bar
_SHOWN = 200  # findings of one table; a command lists all
_HASH = re.compile(r"\b[0-9a-f]{64}\b")
_STEP = 16


class Copy(NamedTuple):
    """What is held of one dataset or part under one licence, and who brought it."""

    address: str
    title: str
    files: int
    bytes: int
    acquired_on: str
    licence: str | None
    access: str
    fetched_by: tuple[str, ...] = ()
    adopted_by: tuple[str, ...] = ()
    readers: str | None = None


class Cell(NamedTuple):
    """The answer for one copy and one use, and why."""

    address: str
    licence: str | None
    use: str
    verdict: str
    reason: str
    duties: tuple[str, ...] = ()
    evidence: str | None = None


class Request(NamedTuple):
    """One application for access."""

    dataset: str
    state: str
    granted_on: str | None
    until: str | None
    next_task: str | None
    owner: str | None = None
    purpose: str | None = None
    granted_by: str | None = None


class Due(NamedTuple):
    """One task that is not done."""

    dataset: str
    key: str
    title: str
    state: str
    owner: str | None
    due: date | None
    url: str | None
    overdue: bool


class Permitted(NamedTuple):
    """One use that an owner permitted."""

    dataset: str
    use: str
    state: str
    on: str
    until: str | None
    who: str
    said: str | None


class Proof(NamedTuple):
    """One document that is kept: what it proves, who brought it, where it lies below the home, its SHA-256."""

    dataset: str
    what: str
    on: str
    who: str
    path: str
    sha256: str


class Accepted(NamedTuple):
    """One agreement of a person to a licence's text."""

    licence: str
    name: str
    on: str
    sha256: str | None
    url: str | None


class Listing(NamedTuple):
    """A difference between the original list and what is known today."""

    field: str
    listed: str
    found: str
    on: str
    evidence: str


class Terms(NamedTuple):
    """A licence that a copy is under, with its address."""

    id: str
    name: str
    url: str | None


class Picture(NamedTuple):
    """A thumbnail, as the bytes of a PNG; only of copies that may be shown to others."""

    address: str
    name: str
    png: bytes


class Chapter(NamedTuple):
    """One dataset or part, with all that is known of it."""

    address: str
    title: str
    access: str
    link: str | None
    copies: tuple[Copy, ...] = ()
    terms: tuple[Terms, ...] = ()
    cells: tuple[Cell, ...] = ()
    requests: tuple[Request, ...] = ()
    due: tuple[Due, ...] = ()
    permitted: tuple[Permitted, ...] = ()
    proofs: tuple[Proof, ...] = ()
    errata: tuple[Listing, ...] = ()
    findings: tuple[Finding, ...] = ()
    pictures: tuple[Picture, ...] = ()

    @property
    def anchor(self) -> str:
        """What a link to it ends with."""
        return "set-" + re.sub(r"[^A-Za-z0-9_.-]", "-", self.address)


class ReportData(NamedTuple):
    """All that the page tells. `made_at` is UTC; `modalities` counts files; `bibtex` is what must be cited."""

    made_at: str
    made_by: str
    store: str = ""
    chapters: tuple[Chapter, ...] = ()
    modalities: tuple[tuple[str, int], ...] = ()
    uses: tuple[str, ...] = ()
    acceptances: tuple[Accepted, ...] = ()
    certificates: tuple[Proof, ...] = ()
    findings: tuple[Finding, ...] = ()
    bibtex: str = ""


class _Bar(NamedTuple):
    label: str
    images: int
    width: int
    y: int


def page(report: ReportData) -> str:
    """Return the page. It prints well, needs no script, and opens from a mail or a shared disk."""
    room = files("fetchers.reports")
    style = room.joinpath("report.css").read_text(encoding="utf-8")
    environment = Environment(
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(size=_size, picture=_data_address, web=_web, word=lambda text: _WORDS.get(text, text))
    environment.filters.update(sign=lambda text: _SIGNS.get(text, "·"), hashed=_hashed)
    template = environment.from_string(room.joinpath("report.html").read_text(encoding="utf-8"))
    copies = [copy for chapter in report.chapters for copy in chapter.copies]
    due = [due for chapter in report.chapters for due in chapter.due]
    wanting = [one for one in report.findings if one.severity != "info"]
    return template.render(
        report=report,
        style=style,
        # The browser hashes exactly what stands between the tags: https://www.w3.org/TR/CSP3/#match-element-to-source-list
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        bars=_bars(report.modalities),
        copies=copies,
        due=due,
        wanting=wanting[:_SHOWN],
        more=max(len(wanting) - _SHOWN, 0),
        total_files=sum(copy.files for copy in copies),
        total_bytes=sum(copy.bytes for copy in copies),
        overdue=sum(one.overdue for one in due),
        serious=sum(finding.severity == "error" for finding in report.findings),
        shown=_SHOWN,
    )


def _bars(modalities: Sequence[tuple[str, int]]) -> list[_Bar]:
    most = max((count for _, count in modalities), default=0)
    return [
        _Bar(label=label, images=count, width=max(2, count * _BAR_WIDTH // most), y=index * 30)
        for index, (label, count) in enumerate(modalities)
    ]


def _hashed(text: str | None) -> list[str]:
    """Cut a text where a long hash may be broken over two lines."""
    pieces: list[str] = []
    at = 0
    for found in _HASH.finditer(text or ""):
        pieces.append((text or "")[at : found.start()])
        pieces += [found[0][start : start + _STEP] for start in range(0, len(found[0]), _STEP)]
        at = found.end()
    return [piece for piece in (*pieces, (text or "")[at:]) if piece]


def _size(count: int) -> str:
    amount = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if amount < 1024:  # noqa: PLR2004 - the power the units stand for
            return f"{count} B" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} TiB"


def _data_address(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def _web(address: str | None) -> str | None:
    """Return an address only if it leads to the web: `javascript:` and its like are no links."""
    return address if address and address.startswith(("https://", "http://")) else None
