"""Interpret an archive's words on a licence, and say what may be done under it.

Answered from the package and the workspace's catalogue alone: no record is opened and nobody is asked. The words are
read by the same function that reads what every place says of its files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.checks.terms import verdict
from fetchers.checks.terms.licence_names import recognise
from fetchers.dataset import USES, Licence
from fetchers.document import document
from fetchers.errors import CatalogueError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fetchers.context import Context


class Use(NamedTuple):
    """What the terms say of one use."""

    verdict: str
    reason: str
    duties: tuple[str, ...]


class Meaning(NamedTuple):
    """What was said, the licence expression that it means (None: not recognised), and each use under it."""

    said: str | None
    url: str | None
    licence: str | None
    uses: Mapping[str, Use]
    exit: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Return the verb's JSON document."""
        return dict(document(self))


def run(context: Context, said: str | None = None, *, url: str | None = None, identifier: str | None = None) -> Meaning:
    """Return what words, an address, or both mean; with `identifier`, what an expression of the catalogue means.

    Raises `CatalogueError` where nothing is asked, or where `identifier` is no expression of licences that there are.
    """
    if identifier is not None:
        _refuse_unknown(context, identifier)
        return Meaning(said=identifier, url=None, licence=identifier, uses=_uses(context, identifier))
    if not (said or "").strip() and not (url or "").strip():
        raise CatalogueError("no words and no address are given", hint='fetch licence "CC BY 4.0"')
    licence = recognise(said, url)
    return Meaning(said=said, url=url, licence=licence, uses=_uses(context, licence))


def licences_of(context: Context, expression: str | None) -> tuple[Licence, ...]:
    """Return the licences of an expression, for whoever wants their names and sources."""
    known = context.workspace.catalogue.licences
    found = (verdict.lookup(one, known) or _listed(one) for one in verdict.licences_in(expression))
    return tuple(one for one in found if one is not None)


def _listed(identifier: str) -> Licence | None:
    """Return what SPDX's list alone says of a licence that nobody has described."""
    from fetchers.checks.terms.spdx import spdx_list

    listed = spdx_list()
    row = listed.licences.get(identifier.removesuffix("+").casefold())
    if row is None:
        return None
    url, source = f"https://spdx.org/licenses/{row.id}.html", f"SPDX licence list {listed.version}"
    return Licence(id=identifier, name=row.name, url=url, source=source)


def _uses(context: Context, licence: str | None) -> Mapping[str, Use]:
    if licence is None:
        reason = "the words, with the address if there is one, are not recognised: what they allow is not known"
        return {use: Use("unknown", reason, ()) for use in USES}
    known = context.workspace.catalogue.licences
    judged = {use: verdict.judge(licence, use, known, (), context.now) for use in USES}
    return {use: Use(one.verdict, one.reason, one.duties) for use, one in judged.items()}


def _refuse_unknown(context: Context, identifier: str) -> None:
    from fetchers.workspace.validation.spdx import expression_fault

    if fault := expression_fault(identifier, tuple(context.workspace.catalogue.licences)):
        raise CatalogueError(fault, hint="fetch licence --id CC-BY-4.0")
