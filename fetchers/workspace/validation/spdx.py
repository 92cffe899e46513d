"""Can this licence expression be read, and does every licence in it mean something?

SPDX's grammar: identifiers, `AND`, `OR`, `WITH`, parentheses. An identifier means something if the catalogue defines
it, if SPDX does, or if it is a `LicenseRef-NAME`: that one may stand for terms that nobody has described yet.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from fetchers.checks.terms.licences import BUILT_IN

if TYPE_CHECKING:
    from collections.abc import Collection

_WORD = re.compile(r"[()]|[^\s()]+")
_REFERENCE = re.compile(r"(?:DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+")
_ADDITION = re.compile(r"(?:DocumentRef-[A-Za-z0-9.-]+:)?AdditionRef-[A-Za-z0-9.-]+")
_JOINS = ("AND", "OR", "WITH")


def expression_fault(written: str, known: Collection[str]) -> str | None:
    """Say what is wrong with an SPDX expression whose own identifiers stand in `known`; None where nothing is."""
    words = _WORD.findall(written)
    if fault := _grammar_fault(words):
        return f'"{written}" is no SPDX expression: {fault}'
    exceptions = [word for before, word in pairwise(words) if before == "WITH" and not _ADDITION.fullmatch(word)]
    names = [word for before, word in pairwise(("", *words)) if before != "WITH" and word not in ("(", ")", *_JOINS)]
    strangers = [name for name in names if name not in known and not _REFERENCE.fullmatch(name)]
    strangers = [name for name in strangers if name not in BUILT_IN]
    if not strangers and not exceptions:
        return None
    from fetchers.checks.terms import spdx

    if unknown := ", ".join(spdx.unknown_to_spdx(strangers)):
        return (
            f"{unknown} is neither SPDX's nor defined under [licences]; terms of their own are called LicenseRef-NAME"
        )
    if unknown := ", ".join(spdx.no_exceptions_of_spdx(exceptions)):
        return f"{unknown} is no exception of SPDX's, and one stands after WITH"
    return None


def _grammar_fault(words: list[str]) -> str | None:
    return _joins_fault(words) or _exceptions_fault(words)


def _exceptions_fault(words: list[str]) -> str | None:
    """Say what is wrong around each WITH: one licence before it, one exception after it."""
    excepted = False
    for before, word in pairwise(words):
        if word == "WITH" and before == ")":
            return "one licence stands before WITH, not several in parentheses"
        if word == "WITH" and excepted:
            return "AND or OR is missing before the second WITH"
        if before == "WITH" and word == "(":
            return "an exception is missing after WITH"
        excepted = before == "WITH"
    return None


def _joins_fault(words: list[str]) -> str | None:
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
