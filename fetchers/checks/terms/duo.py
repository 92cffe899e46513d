"""The codes of the Data Use Ontology, and purposes that contradict the terms.

Labels of the ontology's release of 2021-02-23 (http://purl.obolibrary.org/obo/duo.owl, CC BY 4.0, GA4GH). A code says
what a data set may be used for in words that other archives use, too; the verdicts do not rest on it.

Terms and purpose are matched by the ontology's definitions: a permission covers what is narrower than itself (no
restriction, general research, health research, research on a disease), and a modifier narrows it. What a purpose does
not speak of is no contradiction; `unanswered` names it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

RELEASE = "2021-02-23"
LABELS = {
    "DUO:0000004": "no restriction",
    "DUO:0000006": "health or medical or biomedical research",
    "DUO:0000007": "disease specific research",
    "DUO:0000011": "population origins or ancestry research only",
    "DUO:0000012": "research specific restrictions",
    "DUO:0000015": "no general methods research",
    "DUO:0000016": "genetic studies only",
    "DUO:0000018": "not for profit, non commercial use only",
    "DUO:0000019": "publication required",
    "DUO:0000020": "collaboration required",
    "DUO:0000021": "ethics approval required",
    "DUO:0000022": "geographical restriction",
    "DUO:0000024": "publication moratorium",
    "DUO:0000025": "time limit on use",
    "DUO:0000026": "user specific restriction",
    "DUO:0000027": "project specific restriction",
    "DUO:0000028": "institution specific restriction",
    "DUO:0000029": "return to database or resource",
    "DUO:0000031": "method development",
    "DUO:0000032": "population research",
    "DUO:0000033": "ancestry research",
    "DUO:0000034": "age category research",
    "DUO:0000035": "gender category research",
    "DUO:0000036": "research control",
    "DUO:0000037": "biomedical research",
    "DUO:0000038": "genetic research",
    "DUO:0000039": "drug development research",
    "DUO:0000040": "disease category research",
    "DUO:0000042": "general research use",
    "DUO:0000043": "clinical care use",
    "DUO:0000044": "population origins or ancestry research prohibited",
    "DUO:0000045": "not for profit organisation use only",
    "DUO:0000046": "non-commercial use only",
}


def label(code: str) -> str | None:
    """Return the ontology's label for `DUO:0000042`; None for a code that this release does not have."""
    return LABELS.get(code)


_ANY, _GENERAL, _HEALTH, _DISEASE, _ORIGINS = (
    f"DUO:00000{number}" for number in ("04", "42", "06", "07", "11")
)  # the permissions, from the widest to the narrowest
_CARE, _NO_METHODS, _GENETIC_ONLY, _NO_ORIGINS = (f"DUO:00000{number}" for number in ("43", "15", "16", "44"))
_METHODS, _GENETIC = "DUO:0000031", "DUO:0000038"
_POPULATIONS = frozenset((_ORIGINS, "DUO:0000032", "DUO:0000033"))
_PURPOSES = frozenset(f"DUO:00000{number}" for number in range(31, 41))  # investigations
_RESEARCH = _PURPOSES | {_GENERAL, _HEALTH, _DISEASE, _ORIGINS}
# What a permission does not cover: what is wider than it, and what its definition leaves out.
_OUTSIDE: dict[str, frozenset[str]] = {
    _ANY: frozenset(),
    _GENERAL: frozenset((_ANY, _CARE)),
    _HEALTH: frozenset((_ANY, _CARE, _GENERAL)) | _POPULATIONS,
    _DISEASE: frozenset((_ANY, _CARE, _GENERAL, _HEALTH)) | _POPULATIONS,
    _ORIGINS: (_RESEARCH | {_ANY, _CARE}) - _POPULATIONS,
}
_NOT_FOR_PROFIT = ("DUO:0000018", "DUO:0000045", "DUO:0000046")  # the first is both of the others
_CONDITIONS = frozenset(f"DUO:00000{number}" for number in (12, 18, 19, *range(20, 30), 45, 46) if number != 23)  # noqa: PLR2004


class Mismatch(NamedTuple):
    """One code of the terms, and the code of the purpose that it does not allow."""

    terms: str
    purpose: str
    reason: str


def codes_in(text: str) -> tuple[str, ...] | None:
    """Return the codes of a text that holds nothing else, commas or spaces between; None where it is prose."""
    words = [word for word in re.split(r"[,;\s]+", text.strip().upper()) if word]
    codes = tuple(word.replace("DUO_", "DUO:") for word in words)
    return codes if codes and all(re.fullmatch(r"DUO:\d{7}", code) for code in codes) else None


def contradictions(licence: Collection[str], purpose: Collection[str]) -> tuple[Mismatch, ...]:
    """Return where a purpose is outside what the terms allow; both as codes, in any order.

    Of several permissions in the terms one that covers a purpose is enough. A code that this release does not have
    contradicts nothing.
    """
    return (*_by_permission(licence, purpose), *_by_modifier(licence, purpose))


def unanswered(licence: Collection[str], purpose: Collection[str]) -> tuple[str, ...]:
    """Return the conditions of the terms that the purpose does not take up, in the terms' order."""
    taken = set(purpose)
    if _NOT_FOR_PROFIT[0] in taken:
        taken.update(_NOT_FOR_PROFIT)
    if taken.issuperset(_NOT_FOR_PROFIT[1:]):
        taken.add(_NOT_FOR_PROFIT[0])
    return tuple(dict.fromkeys(code for code in licence if code in _CONDITIONS and code not in taken))


def _by_permission(licence: Collection[str], purpose: Collection[str]) -> Iterator[Mismatch]:
    permissions = [code for code in licence if code in _OUTSIDE]
    if not permissions:
        return
    for wanted in purpose:
        if wanted == _CARE and _CARE in licence:
            continue
        if all(wanted in _OUTSIDE[permission] for permission in permissions):
            widest = min(permissions, key=lambda code: len(_OUTSIDE[code]))
            yield _mismatch(widest, wanted, "allows")


def _by_modifier(licence: Collection[str], purpose: Collection[str]) -> Iterator[Mismatch]:
    if _NO_METHODS in licence and _METHODS in purpose:
        yield _mismatch(_NO_METHODS, _METHODS, "says")
    if _NO_ORIGINS in licence:
        yield from (_mismatch(_NO_ORIGINS, wanted, "says") for wanted in purpose if wanted in _POPULATIONS)
    if _GENETIC_ONLY in licence and _GENETIC not in purpose:
        yield from (_mismatch(_GENETIC_ONLY, wanted, "says") for wanted in purpose if wanted in _RESEARCH)


def _mismatch(terms: str, purpose: str, verb: str) -> Mismatch:
    reason = f"{terms} {verb} {LABELS[terms]}; the purpose is {purpose}, {LABELS[purpose]}"
    return Mismatch(terms, purpose, reason)
