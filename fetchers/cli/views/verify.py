"""What `fetch verify` found, for a person: how much was looked at, what it is, what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.cli.style import count, size
from fetchers.cli.views.findings import findings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fetchers.cli.style import Style
    from fetchers.verbs.verify import Verified


def page(found: Verified, look: Style) -> Iterator[str]:
    """Yield the lines."""
    yield f"{count(found.checked_files, 'file')} checked, {size(found.checked_bytes)}"
    kinds = [f"{number:,} {code}" for code, number in found.modalities.items()]
    if found.unverifiable:
        kinds.append(look.paint(f"{found.unverifiable:,} unverifiable", "warn"))
    if found.beside:
        kinds.append(f"{found.beside:,} supporting files (readmes, tables, licence texts)")
    if kinds:
        yield f"  {', '.join(kinds)}"
    yield from findings(found.findings, look)
    if not any(finding.severity != "info" for finding in found.findings):
        private = any(finding.rule == "copy-private" for finding in found.findings)
        yield look.paint("OK: nothing changed in what could be read" if private else "OK: nothing changed", "good")
