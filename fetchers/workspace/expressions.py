"""Does every licence that an expression names mean something?

Placeholder until the room of licences is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection


def expression_fault(written: str, known: Collection[str]) -> str | None:
    """Say what is wrong with an SPDX expression whose identifiers may stand in `known`; None where nothing is."""
    del written, known
    return None
