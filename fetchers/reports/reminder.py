"""Make a reminder: notices in, a title and a text out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.dataset import address_of
from fetchers.reports.escape import terminal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Protocol

    class _Notice(Protocol):
        """What is told: of which kind, of which dataset, and what to type."""

        @property
        def kind(self) -> str: ...
        @property
        def dataset(self) -> str: ...
        @property
        def part(self) -> str | None: ...
        @property
        def message(self) -> str: ...
        @property
        def hint(self) -> str | None: ...


_HEADS = {"due": "To be done", "lapsing": "Ends soon", "lapsed": "Has ended", "changed": "Has changed"}


def reminder(notices: Sequence[_Notice], home: Path) -> tuple[str, str]:
    """Return the title and the text of one message. It names datasets and tasks, never a file or a patient."""
    counts = {kind: sum(one.kind == kind for one in notices) for kind in _HEADS}
    title = "fetch: " + ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
    lines: list[str] = []
    for kind, head in _HEADS.items():
        mine = [one for one in notices if one.kind == kind]
        if not mine:
            continue
        lines += [*([""] if lines else []), head]
        for one in mine:
            address = address_of(one.dataset, one.part)
            lines.append(f"  {terminal(address)}: {terminal(one.message)}")
            if one.hint:
                lines.append(f"    {terminal(one.hint)}")
    return title, "\n".join([*lines, "", f"From the account in {home}. Each of these is sent once."])
