"""A purpose in codes is held against the terms; words propose codes and contradict nothing."""

from __future__ import annotations

import pytest

from fetchers.checks.access.purposes import fit, proposed, unknown_codes
from fetchers.dataset import Licence

LICENCES = {
    "LicenseRef-Disease": Licence(id="LicenseRef-Disease", duo=("DUO:0000007", "DUO:0000021")),
    "LicenseRef-General": Licence(id="LicenseRef-General", duo=("DUO:0000042",)),
    "LicenseRef-Silent": Licence(id="LicenseRef-Silent"),
}


@pytest.mark.parametrize(
    ("purpose", "licence", "mismatches", "conditions"),
    [
        ("DUO:0000007", "LicenseRef-Disease", 0, 1),
        ("DUO:0000007,DUO:0000021", "LicenseRef-Disease", 0, 0),
        ("duo_0000042", "LicenseRef-Disease", 1, 1),
        ("DUO:0000007", "LicenseRef-General", 0, 0),
        ("DUO:0000042", "LicenseRef-Silent", 0, 0),
        ("general research on anything", "LicenseRef-Disease", 0, 0),
        (None, "LicenseRef-Disease", 0, 0),
    ],
)
def test_codes_are_matched_and_words_are_not(
    purpose: str | None, licence: str, mismatches: int, conditions: int
) -> None:
    """By the ontology's own rules, which have tests of their own."""
    found = fit(purpose, licence, LICENCES)
    assert (len(found.mismatches), len(found.open_conditions)) == (mismatches, conditions)


def test_words_propose_codes() -> None:
    """For a person to take over or to leave."""
    assert proposed("disease-specific research on dementia") == ("DUO:0000007",)
    assert proposed("Segmentation methods, non-commercial") == ("DUO:0000031", "DUO:0000046")
    assert proposed("because I can") == ()
    assert fit("atrophy in Alzheimer's disease", "LicenseRef-Disease", LICENCES).proposed


def test_a_code_that_is_none_is_named() -> None:
    """A slip of a digit must not pass for a purpose."""
    assert unknown_codes("DUO:0000042, DUO:0009999") == ("DUO:0009999",)
    assert unknown_codes("prose") == unknown_codes(None) == ()
