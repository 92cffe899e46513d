"""Purposes in codes of the Data Use Ontology are compared with the terms."""

from __future__ import annotations

import pytest

from fetchers.checks.terms.duo import LABELS, codes_in, contradictions, label, unanswered

CASES = [
    # terms, purpose, codes of the purpose that are not allowed
    ("04", "42 06 43 31", ""),
    ("42", "42 06 07 11 31 38", ""),
    ("42", "04 43", "04 43"),
    ("42 43", "43", ""),
    ("06", "06 07 37 39 31", ""),
    ("06", "42 32 33 11", "42 32 33 11"),
    ("07", "07 40", ""),
    ("07", "42 06", "42 06"),
    ("11", "11 33", ""),
    ("11", "37 42", "37 42"),
    ("06 11", "33 37", ""),  # of two permissions each covers something
    ("42 15", "31", "31"),
    ("42 15", "37", ""),
    ("42 44", "33", "33"),
    ("42 16", "38", ""),
    ("42 16", "37", "37"),
    ("42 16", "37 38", ""),
    ("46", "42", ""),  # silence is no contradiction
    ("42 46", "42 46", ""),
    ("", "42", ""),
    ("42", "99", ""),
]


def codes(written: str) -> list[str]:
    """Write `42` as `DUO:0000042`."""
    return [f"DUO:00000{number}" for number in written.split()]


@pytest.mark.parametrize(("terms", "purpose", "refused"), CASES)
def test_a_purpose_outside_the_terms_is_named(terms: str, purpose: str, refused: str) -> None:
    """Every code of the purpose that no permission covers or that a modifier takes out, and no other."""
    found = contradictions(codes(terms), codes(purpose))
    assert [one.purpose for one in found] == codes(refused)
    assert all(one.terms in one.reason and one.purpose in one.reason for one in found)


def test_conditions_that_a_purpose_does_not_take_up() -> None:
    """Not for profit and non-commercial together are the code that says both, and the reverse."""
    assert unanswered(codes("42 46 21"), codes("42")) == tuple(codes("46 21"))
    assert unanswered(codes("42 46 45"), codes("18")) == ()
    assert unanswered(codes("18"), codes("45 46")) == ()
    assert unanswered(codes("42"), codes("42")) == ()


def test_a_text_of_codes() -> None:
    """Commas or spaces between; prose is none."""
    assert codes_in("DUO:0000042, duo_0000046") == ("DUO:0000042", "DUO:0000046")
    assert codes_in("research on lungs") is None
    assert codes_in("") is None


def test_every_code_has_its_label() -> None:
    """The release has these codes; another one has no label."""
    assert label("DUO:0000031") == "method development"
    assert label("DUO:0000099") is None
    assert all(codes_in(code) for code in LABELS)
