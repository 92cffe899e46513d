"""What the standard licences allow, cell by cell; a lawyer may read this table beside the licences."""

from __future__ import annotations

import pytest

from fetchers.checks.terms.licence_names import recognise
from fetchers.checks.terms.licences import BUILT_IN
from fetchers.checks.terms.list_phrases import PHRASES, phrase
from fetchers.checks.terms.spdx import unknown_to_spdx
from fetchers.checks.terms.verdict import judge
from fetchers.dataset import USES
from tests.checks.lives import at

NOW = at("2026-11-22")
# One letter for each use: a allowed, d allowed-with-duties, f forbidden, u unknown; in the order of USES:
# research, teaching, train, publish-model, commercial, clinical, modify, share-team, redistribute, publish-derivatives,
# ai-service.
MATRIX = {
    "CC0-1.0": "aaaaaaaaaaa",
    "PDDL-1.0": "aaaaaaaaaaa",
    "Unlicense": "aaaaaaaaaaa",
    "CC-BY-4.0": "ddddddddddd",
    "CC-BY-3.0": "ddddddddddd",
    "CC-BY-SA-4.0": "ddduddddddd",
    "CC-BY-ND-4.0": "dddudddddfu",
    "CC-BY-NC-4.0": "dddufuddddu",
    "CC-BY-NC-3.0": "dddufuddddu",
    "CC-BY-NC-SA-4.0": "dddufuddddu",
    "CC-BY-NC-ND-4.0": "dddufudddfu",
    "MIT": "ddddddddddd",
    "Apache-2.0": "ddddddddddd",
    "BSD-3-Clause": "ddddddddddd",
    "ODC-By-1.0": "ddddddddddd",
    "ODbL-1.0": "ddduddddddd",
    "CDLA-Permissive-2.0": "ddddddddddd",
    "CDLA-Sharing-1.0": "ddddddddddd",
    "GPL-3.0-only": "ddduddddddd",
    "AGPL-3.0-only": "ddduddddddu",
    "LicenseRef-Nobody-Knows": "uuuuuuuuuuu",
}
_LETTERS = {"a": "allowed", "d": "allowed-with-duties", "f": "forbidden", "u": "unknown"}
CELLS = [
    (licence, use, _LETTERS[letter]) for licence, row in MATRIX.items() for use, letter in zip(USES, row, strict=True)
]


@pytest.mark.parametrize(("licence", "use", "verdict"), CELLS)
def test_a_cell(licence: str, use: str, verdict: str) -> None:
    """The verdict is the one in the table, and its reason names the licence that decided."""
    found = judge(licence, use, BUILT_IN, (), NOW)
    assert found.verdict == verdict
    assert found.reason.startswith(licence)
    assert found.decided_by == licence
    assert bool(found.duties) == (verdict == "allowed-with-duties")


@pytest.mark.parametrize(
    ("licence", "duties"),
    [
        ("CC-BY-4.0", {"cite", "notice"}),
        ("CC-BY-SA-4.0", {"cite", "notice", "share-alike"}),
        ("CC-BY-NC-SA-3.0", {"cite", "notice", "share-alike"}),
        ("MIT", {"notice"}),
        ("CC0-1.0", set()),
    ],
)
def test_the_duties(licence: str, duties: set[str]) -> None:
    """Credit, notices and share-alike come with the licences that ask for them."""
    assert set(BUILT_IN[licence].duties) == duties


def test_every_built_in_licence_is_spdx_and_answers_every_use() -> None:
    """No identifier is ours, and no use is left to guessing; each answer has its reason."""
    assert unknown_to_spdx(BUILT_IN) == ()
    for licence in BUILT_IN.values():
        assert set(licence.uses) == set(licence.reasons) == set(USES), licence.id
        assert licence.url is not None
        assert licence.url.startswith("https://")


def test_versions_and_ports_answer_alike() -> None:
    """A national port, an old version and another spelling are the same terms."""
    assert BUILT_IN["CC-BY-3.0-IGO"].uses == BUILT_IN["cc-by-4.0"].uses
    assert BUILT_IN["CC-BY-NC-ND-1.0"].uses["publish-derivatives"] == "no"
    assert BUILT_IN["CC-BY-NC-ND-1.0"].uses["modify"] == "yes"
    assert "CC-BY-5.0" not in BUILT_IN


@pytest.mark.parametrize(
    ("name", "url", "identifier"),
    [
        (
            "Creative Commons Attribution 3.0 Unported License",
            "http://creativecommons.org/licenses/by/3.0/",
            "CC-BY-3.0",
        ),
        ("Creative Commons Attribution 4.0 International License", None, "CC-BY-4.0"),
        ("Creative Commons Attribution-NonCommercial 3.0 Unported License", None, "CC-BY-NC-3.0"),
        ("Creative Commons Attribution-NonCommercial-ShareAlike 4.0 International", None, "CC-BY-NC-SA-4.0"),
        ("Creative Commons Attribution Non Commercial No Derivatives 4.0 International", None, "CC-BY-NC-ND-4.0"),
        ("Attribution-NonCommercial-NoDerivs 3.0 IGO", None, "CC-BY-NC-ND-3.0-IGO"),
        ("CC BY 4.0", None, "CC-BY-4.0"),
        ("CC BY-NC-SA 4.0", None, "CC-BY-NC-SA-4.0"),
        ("cc-by-nc-4.0", None, "CC-BY-NC-4.0"),
        ("cc-zero", None, "CC0-1.0"),
        (None, "https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        (None, "https://creativecommons.org/licenses/by-nc/4.0/legalcode", "CC-BY-NC-4.0"),
        (None, "http://creativecommons.org/licenses/by-sa/3.0/de/", "CC-BY-SA-3.0-DE"),
        ("http://creativecommons.org/licenses/by/4.0/", None, "CC-BY-4.0"),
        ("MIT License", None, "MIT"),
        (None, "https://opendatacommons.org/licenses/odbl/1-0/", "ODbL-1.0"),
        # not without doubt: unknown
        ("Creative Commons Attribution", None, "LicenseRef-CC-BY"),  # as every version
        ("CC BY", None, "LicenseRef-CC-BY"),
        ("TCIA Restricted License", "https://wiki.example/restricted", None),
        ("CC BY 4.0", "https://creativecommons.org/licenses/by-nc/4.0/", None),
        (None, None, None),
        ("", "", None),
    ],
)
def test_which_licence_a_place_means(name: str | None, url: str | None, identifier: str | None) -> None:
    """Prose, addresses and short names are recognised; what is not certain stays unknown."""
    assert recognise(name, url) == identifier


LISTED = {
    ("Non-commercial, non-modify, non-distribute", "commercial"): "forbidden",
    ("Non-commercial, non-modify, non-distribute", "modify"): "forbidden",
    ("Non-commercial, non-modify, non-distribute", "redistribute"): "forbidden",
    ("Non-commercial, non-modify, non-distribute", "publish-derivatives"): "forbidden",
    ("Non-commercial, non-modify, non-distribute", "research"): "unknown",
    ("Non-commercial", "commercial"): "forbidden",
    ("Non-commercial", "research"): "unknown",
    ("Non-commercial", "modify"): "unknown",
    ("Non-commercial, non-distribute", "redistribute"): "forbidden",
    ("Non-commercial, non-distribute", "modify"): "unknown",
    ("Primarily research and algorithm development", "research"): "allowed",
    ("Primarily research and algorithm development", "train"): "allowed",
    ("Primarily research and algorithm development", "commercial"): "unknown",
    ("Personal use only, including local private distribution", "share-team"): "allowed",
    ("Personal use only, including local private distribution", "redistribute"): "forbidden",
    ("Personal use only, including local private distribution", "commercial"): "forbidden",
    ("Modify and distribute on creator agreement", "modify"): "forbidden",
    ("Modify and distribute on creator agreement", "redistribute"): "forbidden",
    ("Modify and distribute on creator agreement", "commercial"): "unknown",
    ("Non-modify, additional restrictions on certain sub datasets", "modify"): "forbidden",
    ("Non-modify, additional restrictions on certain sub datasets", "redistribute"): "unknown",
    ("MIT licence", "commercial"): "allowed-with-duties",
}


@pytest.mark.parametrize(("words", "use"), LISTED)
def test_the_original_lists_words(words: str, use: str) -> None:
    """What a phrase forbids is forbidden; what it does not speak of is unknown, never allowed."""
    licence = phrase(words)
    assert licence is not None
    found = judge(licence.id, use, {licence.id: licence}, (), NOW)
    assert found.verdict == LISTED[words, use]
    assert found.reason


def test_every_phrase_of_the_list_is_mapped() -> None:
    """The eight phrases of the list's licence column, and no other words."""
    assert len(PHRASES) == 8
    assert all(phrase(words) for words in PHRASES)
    assert phrase("Something else") is None
