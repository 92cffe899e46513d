"""Words and addresses of places are matched as a whole: nothing is recognised as more than it says."""

from __future__ import annotations

import time
import tomllib
from pathlib import Path
from random import Random
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fetchers.checks.terms.licence_names import recognise
from fetchers.checks.terms.spdx import spdx_list
from tests.checks.licence_phrases import case, falsely_allowed

BY_4 = "https://creativecommons.org/licenses/by/4.0/"


@pytest.mark.parametrize(
    "said",
    [
        "Creative Commons Attribution 4.0 International, non-commercial use only",
        "Non-Commercial Attribution 4.0 International",
        "Noncommercial - Attribution 4.0",
        "Creative Commons NonCommercial-Attribution 4.0",
        "NoDerivatives Attribution 4.0",
        "Not licensed under Creative Commons Attribution 4.0",
        "Attribution 4.0 International for metadata; images are restricted",
        "Creative Commons Attribution 4.0 with additional restrictions: no commercial use",
        "Attribution-NonCommercial 4.0 and CC BY 4.0",
        "CC BY 4.0 and Attribution-NonCommercial 4.0",
        "CC BY 4.0?",
        "!MIT",
        "MIT/0",
        "MIT or Apache 2.0",
        "CC BY 4.0 (non-commercial)",
        "Attribution 4.0 International (CC BY-NC 4.0)",
        "Creative Commons Attribution-",  # cut off
        "CC BY-NC-",
        "CC BY (4.0",
        "CC-BY-9.9",
        "CC-BY-2.1",
        "CC BY-SA-ND 4.0",
        "CC BY 4.0 4.0",
        "ABIDE",
        "LicenseRef-ABIDE",
        "DRIVE",
        "TCIA Restricted License",
        "other",
        "Creative Commons",
        "cc",
        "bsd",
        "openrail",
        "PD",
        "Public Domain",
        "CC-BY-4.0 " * 1000,
    ],
)
def test_what_says_more_or_less_is_not_recognised(said: str) -> None:
    """A negation, a restriction, a second licence, a cut: unrecognised."""
    assert recognise(said) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/not-creativecommons.org/licenses/by/4.0/",
        "https://creativecommons.org.evil.example/licenses/by/4.0/",
        "https://creativecommons.org@evil.example/licenses/by/4.0/",
        "https://evil.example/?to=https://creativecommons.org/licenses/by/4.0/",
        "https://notunlicense.org/",
        "https://creativecommons.org/licenses/by/4.0/by-nc/",
        "https://creativecommons.org/x/licenses/by/4.0/",
        "https://creativecommons.org:8080/licenses/by/4.0/",
        "https://creativecommons.org/licenses/by/9.9/",
        "javascript://creativecommons.org/licenses/by/4.0/",
        "https://creativecommons.org\\@evil.example/licenses/by/4.0/",
        "https://opensource.org/licenses/mit-not",
    ],
)
def test_an_address_counts_by_host_and_path(url: str) -> None:
    """Containing the address of a licence is not being it, be it in the field for addresses or for names."""
    assert recognise(None, url) is None
    assert recognise(url) is None


@pytest.mark.parametrize(
    ("name", "url", "licence"),
    [
        ("CC BY-NC", BY_4, None),
        ("No commercial use", BY_4, None),
        ("All rights reserved", BY_4, None),
        ("TCIA Restricted License", BY_4, None),
        ("CC BY 3.0", BY_4, None),
        ("CC BY 4.0", "https://wiki.example/terms", None),
        ("Creative Commons Attribution 3.0 Unported", "http://creativecommons.org/licenses/by/3.0/us/", None),
        ("CC BY-NC 3.0 IGO", "https://creativecommons.org/licenses/by-nc/3.0/", None),
        ("License", BY_4, "CC-BY-4.0"),
        ("see page", BY_4, "CC-BY-4.0"),
        ("", BY_4, "CC-BY-4.0"),
        ("CC BY", BY_4, "CC-BY-4.0"),
        ("cc-by-4.0", f"{BY_4}legalcode", "CC-BY-4.0"),
        ("CC BY 4.0", f"{BY_4}?ref=chooser-v1", "CC-BY-4.0"),
        ("Creative Commons Attribution 3.0", "http://creativecommons.org/licenses/by/3.0/us/", "CC-BY-3.0-US"),
        ("GNU General Public License v3.0 or later", "https://www.gnu.org/licenses/gpl-3.0.html", "GPL-3.0-or-later"),
        (None, "https://www.gnu.org/licenses/gpl-3.0.en.html", "GPL-3.0-only"),
        (None, "https://opensource.org/license/gpl-3.0", "GPL-3.0-only"),
        ("GNU General Public License (GPL) 3.0", "https://opensource.org/license/gpl-3.0", "GPL-3.0-only"),
        ("GPL 3.0+", "https://www.gnu.org/licenses/gpl-3.0.html", "GPL-3.0-or-later"),
        ("gpl-2.0-only with classpath-exception-2.0", None, "GPL-2.0-only WITH Classpath-exception-2.0"),
        ("MIT with research-only", None, None),
        ("MIT WITH LicenseRef-scancode-commons-clause", None, None),
    ],
)
def test_name_and_address_agree_or_neither_counts(name: str | None, url: str | None, licence: str | None) -> None:
    """Who gives both means both; a mere title says nothing."""
    assert recognise(name, url) == licence


def test_the_whole_list_of_spdx_is_known() -> None:
    """By identifier in any case, by full name, by the list's own addresses where they are one licence's alone."""
    rows = list(spdx_list().licences.values())
    assert len(rows) > 700
    owners: dict[str, set[str]] = {}
    for row in rows:
        assert recognise(row.id.upper()) == recognise(row.id.lower()) == row.id
        if not row.deprecated:
            assert recognise(row.name) == row.id
            assert recognise(None, f"https://spdx.org/licenses/{row.id}.html") == row.id
        for address in row.addresses:
            owners.setdefault(address.lower().replace("http:", "https:"), set()).add(row.id)
    wrong = {
        (address, row.id): recognise(None, address)
        for row in rows
        for address in row.addresses
        if owners[address.lower().replace("http:", "https:")] == {row.id} and recognise(None, address) != row.id
    }
    assert all(found is None for found in wrong.values()), wrong
    assert len(wrong) < 15, wrong  # addresses that differ from another licence's in nothing that counts


@pytest.mark.parametrize(
    "said",
    [
        "\ud800", "\x00", "(" * 3000, "a." * 1900 + "org/", "cc by " * 600, "attribution " * 300, "https://[::1",
        "\u200bMIT",
        "https://creativecommons.org:x/licenses/by/4.0/", "//creativecommons.org/licenses/by/4.0/", " " * 3999 + "x",
        "M\u0406T", "\u0421\u0421 BY 4.0", "CC BY 4.0\u202e", "[CC BY 4.0", "\ufdfa" * 3000,
    ],
)  # fmt: skip
def test_whatever_a_place_sends_is_answered(said: str) -> None:
    """Half a character, a sign that looks like another, a flood of brackets: unrecognised, at once, and named."""
    begun = time.perf_counter()
    assert recognise(said) is None
    assert recognise(None, said) is None
    assert str(recognise(said, said, record="zenodo-1")).startswith("LicenseRef-zenodo-1-said-")
    assert time.perf_counter() - begun < 0.5


def test_no_two_records_share_a_name() -> None:
    """Whatever signs their names have, and whatever was said of them."""
    records = ("a-b", "a_b", "a b", "a/b", "a.b", "a--b", "-a-b", "a-b-said-x", "ab", "", "_")
    named = {recognise(said, record=record) for record in records for said in ("other", "x", "y z", "y-z", "y_z")}
    assert len(named) >= len(records) * 3


@pytest.mark.parametrize(
    ("said", "licence"),
    [
        ("cc-by-3.0-it", "LicenseRef-CC-BY-3.0-IT"),
        ("CC-BY-NC-SA-3.0-NO", "LicenseRef-CC-BY-NC-SA-3.0-NO"),
        ("CC-BY-3.0-AT", "CC-BY-3.0-AT"),
        ("CC BY 3.0 ES", "LicenseRef-CC-BY-3.0-ES"),
        ("Creative Commons Attribution 3.0 Spain License", "LicenseRef-CC-BY-3.0-ES"),
        ("CC BY-NC 3.0 IGO", "CC-BY-NC-3.0-IGO"),
        ("CC-BY-SA-2.1-JP", "CC-BY-SA-2.1-JP"),
        ("CC BY 4.0 no", None),
        ("CC-BY-4.0: no", None),
        ("CC-BY-4.0-NO", None),
        ("CC BY 3.0 in", None),
    ],
)
def test_ports(said: str, licence: str | None) -> None:
    """SPDX's where SPDX lists it, else a reference of ours; a code that is a word counts in an identifier alone."""
    assert recognise(said) == licence


@pytest.mark.parametrize(
    ("said", "record", "licence"),
    [
        ("other-open", "zenodo-162231", "LicenseRef-zenodo-162231"),
        ("Other (specified in description)", "kaggle-a--b", "LicenseRef-kaggle-a--b"),
        ("unknown", "hf-OWNER--NAME", "LicenseRef-hf-OWNER--NAME"),
        ("other-nc", "zenodo-1", "LicenseRef-zenodo-1-other-nc"),
        ("ABIDE", "hf-a--b", "LicenseRef-hf-a--b-said-ABIDE"),
        ("CC-BY-9.9", "hf-a--b", "LicenseRef-hf-a--b-said-CC-BY-9.9"),
        ("other", "hf-a--x_y", "LicenseRef-hf-a--x-y-fcfc14f4"),  # another record than hf-a--x-y
        ("other", "hf-a--x-y", "LicenseRef-hf-a--x-y"),
        ("MIT", "hf-a--b", "MIT"),
        ("", "hf-a--b", None),
    ],
)
def test_what_is_not_recognised_is_named_after_its_record(said: str, record: str, licence: str | None) -> None:
    """So that what somebody read of one record answers for no other, and never for the catalogue's own terms."""
    assert recognise(said, record=record) == licence


PLACES = tomllib.loads((Path(__file__).parent.parent / "data" / "place_licences.toml").read_text(encoding="utf-8"))
SAID = [
    (place, words, licence)
    for place, rows in PLACES.items()
    if not place.endswith("-series")
    for words, licence in rows.items()
]


@pytest.mark.parametrize(("place", "words", "licence"), SAID, ids=lambda value: str(value)[:40])
def test_what_each_place_says(place: str, words: str, licence: str) -> None:
    """The words of ten places' forms and APIs, one by one."""
    assert (recognise(words) or "") == licence, place
    if not licence:
        assert (recognise(words, record="zenodo-1") or "").startswith("LicenseRef-zenodo-1")


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(random=st.randoms(use_true_random=False))
def test_no_phrase_is_recognised_as_more_than_it_says(random: Random) -> None:
    """Thousands of phrases: dressed, cut off, negated, restricted, combined, contradicted, moved to another host."""
    for _ in range(40):
        one = case(random)
        assert not falsely_allowed(one), one


def test_the_generator_finds_a_recogniser_that_searches(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that looks for words it knows anywhere in a phrase is caught within a few hundred phrases."""

    def searching(name: str | None, url: str | None = None) -> str | None:
        return "CC-BY-4.0" if "attribution" in f"{name} {url}".casefold() else None

    monkeypatch.setattr("tests.checks.licence_phrases.recognise", SimpleNamespace(__wrapped__=searching))
    random = Random(1)
    assert any(falsely_allowed(case(random)) for _ in range(300))
