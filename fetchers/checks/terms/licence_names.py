"""Recognise the licence that an archive means.

Places name a licence in prose (`Creative Commons Attribution 3.0 Unported License`), by its address, or by a short name
(`cc-by-4.0`). What they say is matched as a whole and never searched: case, punctuation and the usual dress (`the`,
`v1.0`, brackets that say the same again) are no matter, but any word more (a negation, a second licence, "only") and
the words are not recognised. A name and an address must agree. What is not recognised is unknown; where it was said of
a record, the record lends it a name of its own, so that nobody's answer for one record counts for another.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from fetchers.checks.terms import creative_commons, places
from fetchers.checks.terms.creative_commons import Creative
from fetchers.checks.terms.expression import current
from fetchers.checks.terms.licence_addresses import of_address, unparsed

if TYPE_CHECKING:
    from collections.abc import Iterable

Meanings = frozenset["str | Creative"]
_NOTHING: Meanings = frozenset()
_QUOTES = dict.fromkeys(map(ord, "\"'\u2018\u2019\u201c\u201d\u00ab\u00bb"))
_DASHES = {ord(dash): "-" for dash in "\u2010\u2011\u2012\u2013\u2014\u2212"}
_APART = re.compile(r"[\s,:;()\[\]_-]+")
_CUT_OFF = re.compile(r"^[-_,:;)\]]|[-_,:;(\[]\.?$|[\s_-]v?\d\.$")  # `CC BY-NC-`, `Apache License 2.`
_VERSION = re.compile(r"\b(?:v|ver|version)\.? ?(?=\d)")
_ZERO = re.compile(  # CC0 and the words that its owners and Kaggle, Dataverse and DataCite put around it
    r"(?:creative commons (?:zero|cc ?0|cc zero)|cc ?0|cc zero)(?: 1\.0)?(?: universal)?(?: cc ?0(?: 1\.0)?)?"
    r"(?: (?:public domain(?: dedication)?|waiver))?(?: license)?"
)
_SAID = "-said-"
_LONGEST_WORDS = 60  # of what becomes part of an identifier
_LONGEST_SAID = 4000  # a whole agreement in place of a name is not read
_UNFIT = re.compile(r"[^A-Za-z0-9.-]")
_UNFITS = re.compile(r"[^A-Za-z0-9.]+")


@lru_cache(maxsize=1024)  # a million series are under a handful of licences
def recognise(said: str | None, url: str | None = None, *, record: str | None = None) -> str | None:
    """Return the licence expression that a place's words and address mean.

    `record` names what it was said of (`zenodo-162231`, `hf-OWNER--NAME`). With it, what is not recognised is a
    `LicenseRef-` of that record's own; without it, None. Where the place says nothing at all: None.
    """
    name, address = (said or "").strip(), (url or "").strip()
    if not name and not address:
        return None
    found = _meant(name, address)
    if found is not None or record is None:
        return found
    return _own(record, name, address)


def _meant(name: str, address: str) -> str | None:
    by_name = _of_name(name) if name else None
    by_address = of_address(address) if address else None
    if by_name is None or by_address is None:
        return _single(by_name or by_address or _NOTHING)
    return _single(_agreed(by_name, by_address))


def _of_name(name: str) -> Meanings | None:
    """Return what a name may mean; nothing where it is not recognised, None where it is a mere title."""
    if len(name) > _LONGEST_SAID:
        return _NOTHING
    if unparsed(name):
        return of_address(name)
    if identified := creative_commons.of_short_name(name) or _with_exception(name):
        return frozenset((identified,))
    words = _words(name)
    if words is None:
        return _NOTHING
    if words in places.TITLES:
        return None
    return _known(words) or _twice(name) or _NOTHING


def _with_exception(name: str) -> str | None:
    """Return `LICENCE WITH EXCEPTION` where SPDX lists both; an exception of its list only adds to the licence."""
    licence, joined, exception = (*name.split(), "", "", "")[:3]
    if joined.casefold() != "with" or len(name.split()) != 3:  # noqa: PLR2004 - licence, WITH, exception
        return None
    from fetchers.checks.terms.spdx import licence_id, spdx_list

    before, after = licence_id(licence), spdx_list().exceptions.get(exception.casefold())
    return f"{before} WITH {after}" if before and after else None


def _known(words: str) -> Meanings:
    """Return what these words mean, every one of them."""
    if found := places.PHRASES.get(words):
        return frozenset((found,))
    if _ZERO.fullmatch(words):
        return frozenset(("CC0-1.0",))
    if creative := creative_commons.of_words(words):
        return frozenset((creative,))
    every = _spdx_words()
    return every.get(words) or every.get(words.removesuffix(" license")) or every.get(f"{words} license") or _NOTHING


def _twice(name: str) -> Meanings:
    """Return what `A (B)` means: a name, and in brackets at its end the same again."""
    found = re.fullmatch(r"([^()\[\]]+)[(\[]([^()\[\]]+)[)\]]\s*\.?", name)
    if not found:
        return _NOTHING
    outer, inner = _words(found[1].strip()), _words(found[2].strip())
    if not outer or not inner:
        return _NOTHING
    before, again = _known(outer), _known(inner)
    return _agreed(before, again) or _agreed(again, before)


def _agreed(name: Meanings, address: Meanings) -> Meanings:
    """Return what both mean: the same licence, or the closer one of a family that the other names."""
    known = {_spelled(one): one for one in address}
    same = {known[spelled] for spelled in map(_spelled, name) if spelled in known}
    if same:
        return frozenset(same)
    pairs = [(one, other) for one in name for other in address if isinstance(one, Creative)]
    return frozenset(other for one, other in pairs if isinstance(other, Creative) and one.covers(other))


def _spelled(one: str | Creative) -> str:
    return one.id if isinstance(one, Creative) else current(one)


def _single(meanings: Meanings) -> str | None:
    """Return the one identifier; of those that differ in `-only` and `-or-later` alone, `-only`, which says less."""
    ids = {one.id if isinstance(one, Creative) else one for one in meanings}
    if len(ids) > 1:
        stems = {re.sub(r"-(?:only|or-later)$", "", one) for one in ids}
        ids = {one for one in ids if one.endswith("-only")} if len(stems) == 1 else set()
    return ids.pop() if len(ids) == 1 else None


def _words(name: str) -> str | None:
    """Return the words of a name in one dress: lower case, `license`, bare versions; None for what is cut off.

    Signs that could change the sense (`!`, `?`, `*`, `~`, `+`, `/`, `&`) stay where they are.
    """
    plain = unicodedata.normalize("NFKC", name).translate(_DASHES).translate(_QUOTES).casefold()
    plain = plain.replace("(c)", "\u00a9").strip()
    if _CUT_OFF.search(plain) or not _closed(plain):
        return None
    plain = plain.removesuffix(".").rstrip()
    spaced = " ".join(_APART.sub(" ", plain).split()).replace("licence", "license")
    return _VERSION.sub("", spaced).removeprefix("the ")


def _closed(text: str) -> bool:
    """Return True if each bracket has its partner."""
    for opening, closing in ("()", "[]"):
        depth = 0
        for sign in text:
            depth += (sign == opening) - (sign == closing)
            if depth < 0:
                return False
        if depth:
            return False
    return True


@cache
def _spdx_words() -> dict[str, Meanings]:
    """Return what SPDX's identifiers and full names mean, in the dress of `_words`.

    Two identifiers of one name are kept both, unless one of them is out of use.
    """
    from fetchers.checks.terms.spdx import spdx_list

    rows = spdx_list().licences.values()
    named: dict[str, set[str]] = {}
    for row in sorted(rows, key=lambda row: row.deprecated):
        words = _words(row.name)
        if words and (words not in named or not row.deprecated):
            named.setdefault(words, set()).add(row.id)
    meanings: dict[str, Meanings] = {words: frozenset(ids) for words, ids in named.items()}
    dressed = _grouped((_words(row.id) or "", row.id) for row in rows)
    return meanings | dressed


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, Meanings]:
    found: dict[str, set[str]] = {}
    for words, identifier in pairs:
        found.setdefault(words, set()).add(identifier)
    return {words: frozenset(ids) for words, ids in found.items()}


def _own(record: str, name: str, address: str) -> str:
    """Return a name for what a place said of one record, after the record; words that say something are kept in it."""
    base = f"LicenseRef-{_fit(record)}"
    words = _words(name) if name else None
    if words in places.PLACEHOLDERS and not address:
        return f"{base}-other-nc" if words == "other nc" else base
    said = _UNFITS.sub("-", name or address.partition("://")[2]).strip("-.")
    if (name and address) or len(said) > _LONGEST_WORDS or not said:  # the words alone may not tell it from another
        digest = _digest(f"{name}\n{address}")
        said = f"{said[:_LONGEST_WORDS].strip('-.')}-{digest}".strip("-.")
    return f"{base}{_SAID}{said}"


def _fit(record: str) -> str:
    """Return a record's name with the signs that an identifier may have, so that no two records share one."""
    fit = _UNFIT.sub("-", record).strip("-.")
    return fit if fit and fit == record and _SAID not in fit else f"{fit}-{_digest(record)}".strip("-")


def _digest(text: str) -> str:
    from hashlib import sha256

    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]  # a place may send half of a character
