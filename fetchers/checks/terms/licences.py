"""The built-in licences, and what they allow.

`BUILT_IN` has the licences of SPDX that data come under, Creative Commons' ports and families that SPDX does not list,
and the terms of places that SPDX does not know; each use with its answer and the clause that gives it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from fetchers.checks.terms import creative_commons
from fetchers.dataset import Licence

if TYPE_CHECKING:
    from fetchers.checks.terms.tables import Table

_OTHER_NC = "-other-nc"  # the end of the name of a record whose place says "other-nc" (`licence_names`)


class _BuiltIn(Mapping[str, Licence]):
    """The licences, made when they are asked for.

    The case of an SPDX identifier is no matter. Terms of places bear names of ours, and those count as they are
    written: a record that happens to be called alike is not meant.
    """

    def __init__(self) -> None:
        self._creative: dict[str, str] = {}
        self._others: dict[str, str] = {}
        self._made: dict[str, Licence] = {}

    def __getitem__(self, identifier: str) -> Licence:
        name = self._name(identifier)
        if name is None:
            raise KeyError(identifier)
        if name not in self._made:
            self._made[name] = _made(name)
        return self._made[name]

    def __contains__(self, identifier: object) -> bool:
        return isinstance(identifier, str) and self._name(identifier) is not None

    def __iter__(self) -> Iterator[str]:
        return iter((*creative_commons.every_listed(), *_standard(), *_known_terms()))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _name(self, identifier: str) -> str | None:
        if identifier.startswith("LicenseRef-"):
            ours = creative_commons.of_reference(identifier) or identifier.endswith(_OTHER_NC)
            return identifier if ours or identifier in _known_terms() else None
        if not self._creative:
            self._creative = {name.casefold(): name for name in creative_commons.every_listed()}
        if found := self._creative.get(identifier.casefold()):
            return found  # most data are under one of these: the tables of the others are not loaded
        if not self._others:
            self._others = {name.casefold(): name for name in _standard()}
        return self._others.get(identifier.casefold())


BUILT_IN: Mapping[str, Licence] = _BuiltIn()


def _made(identifier: str) -> Licence:
    if licence := creative_commons.of_identifier(identifier):
        from fetchers.checks.terms.creative_terms import creative

        return creative(licence)
    from fetchers.checks.terms.tables import licence_of

    if identifier.endswith(_OTHER_NC):
        return Licence(
            id=identifier,
            name="other, non-commercial",
            uses={"commercial": "no"},
            reasons={"commercial": 'the place says "other-nc": not commercial'},
            source="the place's own word; the terms themselves are unknown",
        )
    return licence_of(identifier, _standard().get(identifier) or _known_terms()[identifier])


def _standard() -> Mapping[str, Table]:
    from fetchers.checks.terms.standard_terms import STANDARD

    return STANDARD


def _known_terms() -> Mapping[str, Table]:
    from fetchers.checks.terms.known_terms import KNOWN

    return KNOWN
