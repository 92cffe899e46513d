"""Recognise a licence by the address of its text.

Host and path are compared as wholes; an address that only contains another one says nothing. Known are Creative
Commons and Open Data Commons with all the forms of their pages, SPDX's own pages, and the addresses of SPDX's list.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fetchers.checks.terms import creative_commons, places
from fetchers.checks.terms.expression import current

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from fetchers.checks.terms.creative_commons import Creative

Meanings = frozenset["str | Creative"]
_NOTHING: Meanings = frozenset()
_SCHEME = re.compile(r"(?:https?|ftp)://", re.IGNORECASE)
_BARE = re.compile(r"(?:www\.)?(?:[a-z0-9-]+\.)+(?:org|dev|com|net|gov|edu|de|fr|eu|uk)/[!-~]*", re.IGNORECASE)
_ODC = re.compile(r"/licenses/(pddl|odbl|by|dbcl)(?:/1[.-]0)?(?:/summary|/index\.html)?")
_ODC_IDS = {"pddl": "PDDL-1.0", "odbl": "ODbL-1.0", "by": "ODC-By-1.0", "dbcl": "LicenseRef-DbCL-1.0"}
_GNU = re.compile(
    r"/licenses/(?:old-licenses/)?([al]?gpl|fdl)-([123]\.\d)(?:\.[a-z]{2})?(?:-standalone)?(?:\.html|\.txt)?"
)
_SPDX = re.compile(r"/licenses/([a-z0-9.+-]+?)(?:\.html|\.json|\.txt)?")
_OSI = re.compile(r"/licenses?/([a-z0-9.+-]+?)(?:\.html|\.php)?")
_BASES = ("MPL-2.0", "OFL-1.0", "OFL-1.1")  # their page is that of the licence, not of its variants


def unparsed(text: str) -> bool:
    """Return True if a place gave an address where a name is usual."""
    return bool(_SCHEME.match(text) or _BARE.fullmatch(text))


def of_address(address: str) -> Meanings:
    """Return the licences whose text is at this address; nothing where none is known to be there."""
    split = _split(address)
    if split is None:
        return _NOTHING
    host = (split.hostname or "").removeprefix("www.")
    path = split.path.casefold().rstrip("/")
    if host == "creativecommons.org" and (found := _creative(path)):
        return found
    if host == "opendatacommons.org" and (page := _ODC.fullmatch(path)):
        return frozenset((_ODC_IDS[page[1]],))
    if known := places.ADDRESSES.get(f"{host}{path}"):
        return frozenset((known,))
    return _of_list(host, path, _rest(split))


def _split(address: str) -> SplitResult | None:
    """Return the parts of an address; None for one that is none, or that is written to be mistaken for another."""
    written = address.strip()
    if not re.fullmatch(r"[!-~]+", written) or "\\" in written:
        return None
    try:
        split = urlsplit(written if _SCHEME.match(written) else f"https://{written}")
        port = split.port
    except ValueError:
        return None
    if split.scheme not in ("http", "https", "ftp") or "@" in split.netloc or port not in (None, 80, 443):
        return None
    return split


def _creative(path: str) -> Meanings:
    if re.fullmatch(r"/publicdomain/zero/1\.0(?:/(?:deed|legalcode)(?:\.[a-z-]{2,7})?)?", path):
        return frozenset(("CC0-1.0",))
    if re.fullmatch(r"/publicdomain/mark/1\.0(?:/deed(?:\.[a-z-]{2,7})?)?", path):
        return frozenset(("CC-PDM-1.0",))
    found = creative_commons.of_path(path.strip("/").split("/"))
    return frozenset((found,)) if found else _NOTHING


def _of_list(host: str, path: str, rest: str) -> Meanings:
    """Return what SPDX's list has at this address."""
    from fetchers.checks.terms.spdx import licence_id

    if host == "spdx.org" and (page := _SPDX.fullmatch(path)):
        named = licence_id(page[1])
        return frozenset((named,)) if named else _NOTHING
    if host == "gnu.org" and (page := _GNU.fullmatch(path)):
        stem = f"{page[1].upper().replace('FDL', 'GFDL')}-{page[2]}"
        return frozenset(filter(None, (licence_id(f"{stem}-only"), licence_id(f"{stem}-or-later"))))
    listed = _addresses()
    if found := listed.get(f"{host}{path}{rest}"):
        return found
    if rest and f"{host}{path}?" not in listed and (found := listed.get(f"{host}{path}")):
        return found
    if host == "opensource.org" and (page := _OSI.fullmatch(path)):
        named = licence_id(page[1])
        return frozenset((named,)) if named else _NOTHING
    return _NOTHING


@cache
def _addresses() -> dict[str, Meanings]:
    """Return the addresses of SPDX's list without scheme, `www.` and last slash; some are of several licences."""
    from fetchers.checks.terms.spdx import spdx_list

    found: dict[str, set[str]] = {}
    for row in spdx_list().licences.values():
        for address in row.addresses:
            split = _split(address)
            if split is None:
                continue
            page = f"{(split.hostname or '').removeprefix('www.')}{split.path.casefold().rstrip('/')}"
            found.setdefault(f"{page}{_rest(split)}", set()).add(row.id)
            if _rest(split):
                found.setdefault(f"{page}?", set())  # here it is the rest that tells
    return {place: frozenset(_narrowed(ids)) for place, ids in found.items()}


def _rest(split: SplitResult) -> str:
    query = f"?{split.query.casefold()}" if split.query else ""
    return f"{query}#{split.fragment.casefold()}" if split.fragment else query


def _narrowed(ids: set[str]) -> set[str]:
    """Leave out what is out of use where something else has the same page, and the variants of what has its own."""
    from fetchers.checks.terms.spdx import spdx_list

    rows = spdx_list().licences
    ids = {current(one) if current(one).casefold() in rows else one for one in ids}  # GPL-3.0 is GPL-3.0-only
    used = {one for one in ids if not rows[one.casefold()].deprecated} or ids
    return next(({base} for base in _BASES if base in used), used)
