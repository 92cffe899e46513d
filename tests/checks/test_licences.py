"""What the standard licences allow, cell by cell; a lawyer may read this table beside the licences."""

from __future__ import annotations

import subprocess
import sys

import pytest

from fetchers.checks.terms.licence_names import recognise
from fetchers.checks.terms.licences import BUILT_IN
from fetchers.checks.terms.list_phrases import PHRASES, phrase
from fetchers.checks.terms.spdx import unknown_to_spdx
from fetchers.checks.terms.verdict import judge
from fetchers.dataset import DUTIES, USES
from fetchers.workspace.validation.schema import LICENCE
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
    "CC-BY-ND-4.0": "dddudddddfd",
    "CC-BY-ND-3.0": "dduuddfddfd",
    "CC-BY-ND-1.0": "dduuddfddfd",
    "CC-BY-NC-ND-3.0-IGO": "dduufufddfu",
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
    "AGPL-3.0-only": "ddduddddddd",
    "CC-PDM-1.0": "uuuuuuuuuuu",
    "O-UDA-1.0": "ddddddddddd",
    "C-UDA-1.0": "duddduddddu",
    "OGL-UK-3.0": "ddddddddddd",
    "etalab-2.0": "ddddddddddd",
    "DL-DE-BY-2.0": "ddddddddddd",
    "DL-DE-ZERO-2.0": "aaaaaaaaaaa",
    "LGPL-2.1-only": "ddduddddddd",
    "MPL-2.0": "ddduddddddd",
    "EUPL-1.2": "ddduddddddd",
    "MS-PL": "ddduddddddd",
    "OFL-1.1": "ddduudddddd",
    "Artistic-2.0": "ddduddddddd",
    # families without a version, and a port that SPDX does not list
    "LicenseRef-CC-BY": "ddddddddddd",
    "LicenseRef-CC-BY-SA": "ddduddddddd",
    "LicenseRef-CC-BY-NC": "dddufuddddu",
    "LicenseRef-CC-BY-NC-SA": "dddufuddddu",
    "LicenseRef-CC-BY-ND": "dduudduddfd",
    "LicenseRef-CC-BY-NC-ND": "dduufuuddfu",
    "LicenseRef-CC-BY-NC-3.0-US": "dddufuddddu",
    "LicenseRef-CC-BY-ND-3.0-US": "dduuddfddfd",
    # terms that SPDX does not know
    "LicenseRef-PhysioNet-Restricted-1.5.0": "dudfffuffff",
    "LicenseRef-PhysioNet-Credentialed-1.5.0": "dudfffuffff",
    "LicenseRef-PhysioNet-Contributor-Review-1.5.0": "dudfffuffff",
    "LicenseRef-Stanford-RUA": "duuufffffff",
    "LicenseRef-RSNA": "dddufuuuddu",
    "LicenseRef-Kaggle-Competition-NC": "dddufuuuffu",
    "LicenseRef-HCP-Open-Access": "duduuuudddu",
    "LicenseRef-NLM-Terms-2019": "duduuuuuddu",
    "LicenseRef-UK-Biobank-MTA": "duuuuuuuuuu",
    "LicenseRef-DbCL-1.0": "aaaaaaaaaaa",
    "LicenseRef-Original-Authors": "uuuuuuuuuuu",
    "LicenseRef-US-Government-Works": "uuuuuuuuuuu",
    "LicenseRef-IDC-CC-BY-NC": "uuuufuuuuuu",
    "LicenseRef-MIDRC": "uuuuuuuuuuu",
    "LicenseRef-zenodo-162231-other-nc": "uuuufuuuuuu",
    "LicenseRef-Nobody-Knows": "uuuuuuuuuuu",
}
_LETTERS = {"a": "allowed", "d": "allowed-with-duties", "f": "forbidden", "u": "unknown"}
CELLS = [
    (licence, use, _LETTERS[letter]) for licence, row in MATRIX.items() for use, letter in zip(USES, row, strict=True)
]


@pytest.mark.parametrize(("licence", "use", "verdict"), CELLS)
def test_each_verdict_is_the_tables(licence: str, use: str, verdict: str) -> None:
    """The verdict is the one in the table, and its reason names the licence that decided."""
    found = judge(licence, use, BUILT_IN, (), NOW)
    assert found.verdict == verdict
    assert found.reason.startswith(licence)
    assert found.decided_by == licence
    assert bool(found.duties) == (verdict == "allowed-with-duties")


@pytest.mark.parametrize(
    ("licence", "duties"),
    [
        ("CC-BY-4.0", {"cite", "notice", "state-changes"}),
        ("CC-BY-SA-4.0", {"cite", "notice", "share-alike", "state-changes"}),
        ("CC-BY-ND-3.0", {"cite", "notice"}),
        ("CDLA-Permissive-1.0", {"cite", "notice", "state-changes"}),
        ("CDLA-Permissive-2.0", {"notice"}),
        ("Apache-2.0", {"notice", "state-changes"}),
        ("MPL-2.0", {"notice", "share-alike"}),
        ("LicenseRef-UK-Biobank-MTA", {"destroy-at-end"}),
        ("LicenseRef-PhysioNet-Restricted-1.5.0", {"report", "no-reidentification", "publish-code"}),
        ("CC-BY-NC-SA-3.0", {"cite", "notice", "share-alike", "state-changes"}),
        ("MIT", {"notice"}),
        ("CC0-1.0", set()),
    ],
)
def test_duties_come_with_their_licences(licence: str, duties: set[str]) -> None:
    """Credit, notices and share-alike come with the licences that ask for them."""
    assert set(BUILT_IN[licence].duties) == duties


def test_every_built_in_licence_answers_every_use() -> None:
    """SPDX's identifiers or `LicenseRef-`; no use is left to guessing; each answer has its reason, each its source."""
    assert unknown_to_spdx(one for one in BUILT_IN if not one.startswith("LicenseRef-")) == ()
    for licence in BUILT_IN.values():
        assert set(licence.uses) == set(licence.reasons) == set(USES), licence.id
        assert licence.source, licence.id
        assert licence.checked_on, licence.id
        assert set(licence.duties) <= set(DUTIES), licence.id
        assert licence.url is None or licence.url.startswith("https://"), licence.id


def test_every_table_is_one_that_a_catalogue_could_have() -> None:
    """The terms of places pass the checks that a workspace's own tables pass."""
    for licence in BUILT_IN.values():
        for key, check in LICENCE.items():
            value = getattr(licence, key)
            if value not in (None, (), "", False):
                assert check(list(value) if isinstance(value, tuple) else value) is None, (licence.id, key)


def test_each_clause_is_its_versions() -> None:
    """What holds of 4.0 is not said of the versions before it, and the reverse."""
    old, new = BUILT_IN["CC-BY-ND-3.0"], BUILT_IN["CC-BY-ND-4.0"]
    assert "2(a)(1)(B)" in new.reasons["modify"]
    assert "section 3" in old.reasons["modify"]
    assert "database rights" in BUILT_IN["CC-BY-3.0"].reasons["train"]
    assert "database rights" in BUILT_IN["LicenseRef-CC-BY"].reasons["train"]
    assert "database rights" not in BUILT_IN["CC-BY-4.0"].reasons["train"]
    assert "port" in BUILT_IN["CC-BY-3.0-DE"].reasons["train"]
    for identifier in ("ODbL-1.0", "ODC-By-1.0"):
        assert "single images" in BUILT_IN[identifier].reasons["redistribute"]
    assert BUILT_IN["CC-BY-NC-ND-1.0"].url == "https://creativecommons.org/licenses/by-nd-nc/1.0/"


def test_versions_and_ports_answer_alike() -> None:
    """A national port, an old version and another spelling are the same terms, but where ND forbids adaptations."""
    assert BUILT_IN["CC-BY-3.0-IGO"].uses == BUILT_IN["cc-by-4.0"].uses
    assert BUILT_IN["CC-BY-NC-ND-1.0"].uses["publish-derivatives"] == "no"
    for identifier in BUILT_IN:
        if "-ND-" in identifier:
            assert BUILT_IN[identifier].uses["modify"] == ("yes" if "4.0" in identifier else "no"), identifier
    assert "CC-BY-5.0" not in BUILT_IN
    assert "LicenseRef-CC-BY-5.0" not in BUILT_IN
    assert "LicenseRef-CC-BY-4.0" not in BUILT_IN  # SPDX has an identifier for that
    assert "LicenseRef-physionet-restricted-1.5.0" not in BUILT_IN  # a record of that name is not meant


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


def test_what_is_not_asked_is_not_loaded() -> None:
    """Judging a Creative Commons licence reads neither SPDX's list nor the tables of other licences."""
    code = (
        "import sys; from fetchers.checks.terms.verdict import judge;"
        " from fetchers.checks.terms.licences import BUILT_IN; from datetime import datetime, UTC;"
        " judge('CC-BY-4.0', 'train', BUILT_IN, (), datetime.now(UTC));"
        " from fetchers.checks.terms.licence_names import recognise; assert recognise('CC BY 3.0') == 'CC-BY-3.0';"
        " from fetchers.checks.terms import spdx; assert not spdx.spdx_list.cache_info().currsize;"
        " sys.exit(any(name.endswith(('standard_terms', 'software_terms', 'known_terms')) for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
