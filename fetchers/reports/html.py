"""How does the whole account look on one page? Values in, one self-contained HTML page out.

The page loads nothing and runs nothing: its policy (`Content-Security-Policy`) allows its own style, by hash, and
pictures that stand in it. Whatever a stranger wrote (a title, a header, a file name) is escaped by the template engine.
"""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from jinja2 import Environment, StrictUndefined, select_autoescape

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from fetchers.records import Finding

_SIGNS = {"allowed": "✓", "allowed-with-duties": "✓", "forbidden": "✗", "unknown": "?"}
_BAR_WIDTH = 420  # pixels of the longest bar


class Copy(NamedTuple):
    """What is held of one dataset or part under one licence."""

    address: str
    title: str
    files: int
    bytes: int
    acquired_on: str
    licence: str | None
    access: str


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


class Picture(NamedTuple):
    """A thumbnail, as the bytes of a PNG; only of copies that may be shown to others."""

    address: str
    name: str
    png: bytes


class ReportData(NamedTuple):
    """All that the page tells. `made_at` is UTC; `modalities` counts files; `bibtex` is what must be cited."""

    made_at: str
    made_by: str
    copies: tuple[Copy, ...] = ()
    modalities: tuple[tuple[str, int], ...] = ()
    uses: tuple[str, ...] = ()
    verdicts: tuple[Cell, ...] = ()
    requests: tuple[Request, ...] = ()
    due: tuple[Due, ...] = ()
    findings: tuple[Finding, ...] = ()
    pictures: tuple[Picture, ...] = ()
    bibtex: str = ""


class _Bar(NamedTuple):
    label: str
    images: int
    width: int
    y: int


def page(report: ReportData) -> str:
    """Give the page. It prints well, needs no script, and opens from a mail or a shared disk."""
    room = files("fetchers.reports")
    style = room.joinpath("report.css").read_text(encoding="utf-8")
    environment = Environment(
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(size=_size, picture=_data_address, web=_web)
    template = environment.from_string(room.joinpath("report.html").read_text(encoding="utf-8"))
    return template.render(
        report=report,
        style=style,
        # The browser hashes exactly what stands between the tags: https://www.w3.org/TR/CSP3/#match-element-to-source-list
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        bars=_bars(report.modalities),
        rows=_rows(report.verdicts),
        signs=_SIGNS,
        total_files=sum(copy.files for copy in report.copies),
        total_bytes=sum(copy.bytes for copy in report.copies),
        overdue=sum(due.overdue for due in report.due),
        serious=sum(finding.severity == "error" for finding in report.findings),
    )


def _bars(modalities: Sequence[tuple[str, int]]) -> list[_Bar]:
    most = max((count for _, count in modalities), default=0)
    return [
        _Bar(label=label, images=count, width=max(2, count * _BAR_WIDTH // most), y=index * 30)
        for index, (label, count) in enumerate(modalities)
    ]


def _rows(verdicts: Sequence[Cell]) -> list[tuple[str, str | None, dict[str, Cell]]]:
    """Arrange the answers: a row for each copy and licence, a column for each use."""
    rows: dict[tuple[str, str | None], dict[str, Cell]] = {}
    for cell in verdicts:
        rows.setdefault((cell.address, cell.licence), {})[cell.use] = cell
    return [(address, licence, cells) for (address, licence), cells in rows.items()]


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
    """Give an address only if it leads to the web: `javascript:` and its like are no links."""
    return address if address and address.startswith(("https://", "http://")) else None
