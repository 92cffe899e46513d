"""Can this licence expression be read, and does every licence in it mean something?

SPDX's grammar: identifiers, `AND`, `OR`, `WITH`, parentheses. An identifier means something if the catalogue defines
it, if SPDX does, or if it is a `LicenseRef-NAME`: that one may stand for terms that nobody has described yet.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fetchers.checks.licences import BUILT_IN

if TYPE_CHECKING:
    from collections.abc import Collection

_WORD = re.compile(r"[()]|[^\s()]+")
_REFERENCE = re.compile(r"(?:DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+")
_JOINS = ("AND", "OR", "WITH")


def expression_fault(written: str, known: Collection[str]) -> str | None:
    """Say what is wrong with an SPDX expression whose own identifiers stand in `known`; None where nothing is."""
    words = _WORD.findall(written)
    if fault := _grammar_fault(words):
        return f'"{written}" is no SPDX expression: {fault}'
    names = [word for word in words if word not in ("(", ")", *_JOINS)]
    strangers = [name for name in names if name not in known and not _REFERENCE.fullmatch(name)]
    strangers = [name for name in strangers if name not in BUILT_IN]
    if not strangers:
        return None
    from fetchers.checks.spdx import unknown_to_spdx  # noqa: PLC0415 - SPDX's whole list is long and rarely asked

    unknown = ", ".join(unknown_to_spdx(strangers))
    if not unknown:
        return None
    return f"{unknown} is neither SPDX's nor defined under [licences]; terms of their own are called LicenseRef-NAME"


def _grammar_fault(words: list[str]) -> str | None:
    depth, operand_wanted = 0, True
    for word in words:
        if word == "(":
            if not operand_wanted:
                return "AND, OR or WITH is missing before ("
            depth += 1
        elif word == ")":
            if operand_wanted or not depth:
                return "a licence is missing before )" if operand_wanted else "a ( is missing"
            depth -= 1
        elif word in _JOINS:
            if operand_wanted:
                return f"a licence is missing before {word}"
            operand_wanted = True
        elif not operand_wanted:
            return f"AND, OR or WITH (in capitals) is missing before {word}"
        else:
            operand_wanted = False
    if operand_wanted:
        return "a licence is missing at the end"
    return "a ) is missing" if depth else None
