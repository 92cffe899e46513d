"""Make the certificate of a destruction.

Plain text that a lawyer, a data owner and a script can read: what was destroyed, on whose word, when and why, and each
file with its SHA-256 as it was recorded when the file came. It says, too, what was not destroyed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fetchers.reports.escape import terminal

if TYPE_CHECKING:
    from collections.abc import Sequence


class Line(NamedTuple):
    """One file: its path below the store, and what became of it."""

    path: str
    sha256: str
    size: int
    outcome: str
    links: int


class Destruction(NamedTuple):
    """What was destroyed, on whose word, when and why. `at` is UTC; `left` are paths that the record does not know."""

    address: str
    title: str
    licences: Sequence[str]
    at: str
    who: str
    why: str | None
    store: str
    lines: Sequence[Line]
    left: Sequence[str]
    views: Sequence[str] = ()


def certificate(of: Destruction) -> str:
    """Return the certificate's text."""
    gone = [line for line in of.lines if line.outcome == "destroyed"]
    shared = sum(line.links > 0 for line in gone)
    head = [
        "CERTIFICATE OF DESTRUCTION",
        "",
        f"dataset:    {terminal(of.address)}  {terminal(of.title)}".rstrip(),
        f"terms:      {', '.join(map(terminal, of.licences)) or 'unknown'}",
        f"destroyed:  {len(gone)} files, {sum(line.size for line in gone)} bytes",
        f"at:         {of.at} (UTC)",
        f"by:         {terminal(of.who)}",
        f"reason:     {terminal(of.why) if of.why else 'none given'}",
        f"store:      {terminal(of.store)}",
        "",
        "The names were removed from the file system. The blocks were not overwritten; back-ups, snapshots and copies",
        "elsewhere are not covered (`fetch audit --scan DIR` finds copies).",
    ]
    if shared:
        head.append(
            f"{shared} of the files had further names (hard links) outside the store: their bytes are still there."
        )
    body = ["", "sha256 as recorded on arrival, bytes, outcome, path:", *(_line(line) for line in of.lines)]
    rest = (
        ["", "left in the folder, because the record does not know them:", *map(terminal, of.left)] if of.left else []
    )
    if of.views:
        rest += ["", "made of it by `fetch view`, outside of the store, and there still:", *map(terminal, of.views)]
    return "\n".join([*head, *body, *rest]) + "\n"


def _line(line: Line) -> str:
    links = f" ({line.links} more names)" if line.links > 0 else ""
    return f"{line.sha256}  {line.size}  {terminal(line.outcome)}{links}  {terminal(line.path)}"
