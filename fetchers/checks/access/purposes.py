"""Hold what somebody wants the data for against the terms.

A purpose is codes of the ontology. Words only propose some: a guess contradicts nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from fetchers.checks.terms.duo import LABELS, codes_in, contradictions, unanswered
from fetchers.checks.terms.expression import licences_in
from fetchers.checks.terms.verdict import lookup

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fetchers.dataset import Licence

# What people write for an investigation or a permission; the longest that fits is proposed, codes of conditions never.
_WORDS: dict[str, tuple[str, ...]] = {
    "DUO:0000007": ("disease specific", "research on a disease", "dementia", "alzheimer", "cancer", "tuberculosis"),
    "DUO:0000006": ("health research", "medical research", "biomedical research", "clinical research"),
    "DUO:0000042": ("general research", "any research"),
    "DUO:0000043": ("clinical care", "patient care", "diagnosis of patients", "treatment of patients"),
    "DUO:0000031": (
        "method",
        "algorithm",
        "software",
        "segmentation",
        "deep learning",
        "machine learning",
        "benchmark",
    ),
    "DUO:0000032": ("population research", "population study"),
    "DUO:0000033": ("ancestry",),
    "DUO:0000034": ("age group", "paediatric", "pediatric", "children", "elderly"),
    "DUO:0000035": ("gender", "sex difference"),
    "DUO:0000036": ("healthy control", "control group"),
    "DUO:0000038": ("genetic", "genome"),
    "DUO:0000039": ("drug development", "drug discovery"),
    "DUO:0000018": ("not for profit", "non profit", "nonprofit"),
    "DUO:0000046": ("non commercial", "noncommercial"),
}


class Fit(NamedTuple):
    """What a purpose comes to: its codes (`proposed` where words named them), and what of it the terms do not allow."""

    codes: tuple[str, ...]
    proposed: bool
    mismatches: tuple[str, ...]
    open_conditions: tuple[str, ...]


def fit(purpose: str | None, expression: str | None, licences: Mapping[str, Licence]) -> Fit:
    """Hold a purpose against the terms that an expression names; prose that proposes nothing contradicts nothing."""
    said = codes_in(purpose) if purpose else ()
    codes = said if said is not None else proposed(purpose or "")
    terms = [code for name in licences_in(expression) if (one := lookup(name, licences)) for code in one.duo]
    return Fit(
        codes=tuple(codes),
        proposed=said is None and bool(codes),
        mismatches=tuple(one.reason for one in contradictions(terms, codes)) if said else (),
        open_conditions=tuple(f"{code} {LABELS[code]}" for code in unanswered(terms, codes)) if said else (),
    )


def unknown_codes(purpose: str | None) -> tuple[str, ...]:
    """Return the codes of a purpose that the ontology does not have."""
    return tuple(code for code in (codes_in(purpose) if purpose else None) or () if code not in LABELS)


def proposed(words: str) -> tuple[str, ...]:
    """Return the codes that the words of a purpose stand for, in the ontology's order."""
    plain = " ".join(re.findall(r"[a-z]+", words.lower()))
    found = {code for code, signs in _WORDS.items() for sign in signs if sign in plain}
    return tuple(code for code in LABELS if code in found)
