"""Check that every licence of an expression is defined.

SPDX's grammar is read by `license-expression`. An identifier means something if the catalogue defines it, if SPDX does,
or if it is a `LicenseRef-NAME`: that one may stand for terms that nobody has described yet. After WITH stands an
exception of SPDX's, an `AdditionRef-NAME` or a `LicenseRef-NAME`; what the latter two mean is judged to be unknown.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fetchers.checks.terms.licences import BUILT_IN

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_REFERENCE = re.compile(r"(?:DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+")
_ADDITION = re.compile(r"(?:DocumentRef-[A-Za-z0-9.-]+:)?AdditionRef-[A-Za-z0-9.-]+")
_SIMPLE = re.compile(r"[A-Za-z0-9.+:-]+")
_NO_LICENCE = ("NONE", "NOASSERTION")  # SPDX's values where there is no licence, or where nobody says


def expression_fault(written: str, known: Collection[str]) -> str | None:
    """Return what is wrong with an SPDX expression, or None; `known` has the identifiers beside SPDX's."""
    if written in _NO_LICENCE:
        return None
    if _SIMPLE.fullmatch(written):
        return _licences_fault((written,), known)
    from fetchers.checks.terms.expression import With, leaves, syntax_fault

    if fault := syntax_fault(written):
        return f'"{written}" is no SPDX expression: {fault}{_meant(written)}'
    found = leaves(written)
    names = [leaf.licence if isinstance(leaf, With) else leaf for leaf in found]
    return _licences_fault(names, known) or _exceptions_fault(
        leaf.exception for leaf in found if isinstance(leaf, With)
    )


def policy_fault(identifier: str, known: Collection[str]) -> str | None:
    """Return why a policy cannot name this identifier: neither SPDX nor the catalogue has it."""
    if _ADDITION.fullmatch(identifier):
        return None
    fault = _licences_fault((identifier,), known)
    return _exceptions_fault((identifier,)) and fault


def _licences_fault(names: Iterable[str], known: Collection[str]) -> str | None:
    strangers = [name for name in names if name not in known and not _REFERENCE.fullmatch(name)]
    strangers = [name for name in strangers if name not in BUILT_IN]
    if not strangers:
        return None
    from fetchers.checks.terms import spdx

    unknown = spdx.unknown_to_spdx(strangers)
    if not unknown:
        return None
    from fetchers.checks.terms.licence_names import recognise

    near = " or ".join(
        dict.fromkeys(one for name in unknown for one in (recognise(name), *spdx.nearest(name, known)) if one)
    )
    return (
        f"{', '.join(unknown)} is neither SPDX's nor defined under [licences]"
        f"{f'; did you mean {near}?' if near else ';'} Terms of one's own are called LicenseRef-NAME"
    )


def _exceptions_fault(names: Iterable[str]) -> str | None:
    strangers = [name for name in names if not _ADDITION.fullmatch(name) and not _REFERENCE.fullmatch(name)]
    if not strangers:
        return None
    from fetchers.checks.terms import spdx

    if unknown := ", ".join(spdx.no_exceptions_of_spdx(strangers)):
        return f"{unknown} is no exception of SPDX's, and one (or AdditionRef-NAME) stands after WITH"
    return None


def _meant(written: str) -> str:
    """Return the identifier of what was written as places write it: `CC BY 4.0` for `CC-BY-4.0`."""
    from fetchers.checks.terms.licence_names import recognise

    meant = recognise(written)
    return f"; did you mean {meant}?" if meant else ""
