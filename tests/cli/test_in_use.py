"""What people type, and what they must be told: other programs' verbs, wrong values, completion, short answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fetchers.cli.registry import CUSTOMARY, VERBS
from tests.cli.run import fetch
from tests.faultd import Answer, Faultd
from tests.verbs.contexts import context
from tests.verbs.holdings import hold

if TYPE_CHECKING:
    from pathlib import Path

CATALOGUE = """
[datasets.mine]
title = "Mine"
licence = "CC-BY-4.0"
access = "open"
[[datasets.mine.files]]
url = "http://127.0.0.1:9/x.png"
[datasets.gated]
title = "Gated"
access = "application"
[[datasets.gated.steps]]
key = "account"
title = "Make an account"
"""


@pytest.fixture(name="home")
def _home(tmp_path: Path) -> Path:
    hold(context(tmp_path / "home", catalogue=CATALOGUE), "mine", {"x.png": b"1"})
    return tmp_path / "home"


@pytest.mark.parametrize(
    ("typed", "meant"), [("download mine", "get mine"), ("ls", "list"), ("rm mine", "release mine")]
)
def test_another_programs_verb_is_named_as_such(home: Path, typed: str, meant: str) -> None:
    """The hint is ours for it, with what was typed behind it."""
    told = fetch(*typed.split(), home=home)
    assert (told.status, told.err) == (
        2,
        f"error: there is no verb '{typed.split(maxsplit=1)[0]}'\ntry: fetch {meant}\n",
    )


def test_no_verb_of_ours_is_called_unknown() -> None:
    """What came to be a verb of ours is no longer another program's."""
    assert not set(CUSTOMARY) & set(VERBS)
    assert set(CUSTOMARY.values()) <= set(VERBS)


def test_help_is_a_word_too(home: Path) -> None:
    """`fetch help` and `fetch help VERB`."""
    assert fetch("help", home=home).out == fetch("--help", home=home).out
    assert fetch("help", "audit", home=home).out == fetch("audit", "--help", home=home).out


@pytest.mark.parametrize(
    ("environ", "config", "place"),
    [
        ({"FETCH_JOBS": "many"}, "", "FETCH_JOBS: "),
        ({"FETCH_OFFLINE": "maybe"}, "", "FETCH_OFFLINE: "),
        ({"FETCH_RETRIES": "-1"}, "", "FETCH_RETRIES: "),
        ({}, "jobs = 99\n", "config.toml: jobs: "),
        ({}, "limit-rate = 20\n", "config.toml: limit-rate: 20 is 20 bytes a second; is 20M meant?"),
    ],
)
def test_a_wrong_value_is_blamed_on_what_said_it(home: Path, environ: dict[str, str], config: str, place: str) -> None:
    """Nobody typed that flag."""
    (home / "config.toml").write_text(config, encoding="utf-8")
    told = fetch("get", "mine", home=home, **environ)
    assert told.status == 2
    assert place in told.err
    assert "--" not in told.err.splitlines()[0]


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("tasks d", "done"),
        ("tasks gat", "gated"),
        ("tasks done gated a", "account"),
        ("accept licenseref-ad", "LicenseRef-ADNI-DUA"),
        ("get mi", "mine"),
    ],
)
def test_the_shell_completes_what_comes_next(home: Path, typed: str, offered: str) -> None:
    """Moves of a task, names, keys of steps, licences."""
    words = f"fetch {typed}"
    told = fetch(home=home, _FETCH_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(len(words.split()) - 1))
    assert f"plain,{offered}" in told.out.splitlines()


def test_get_is_short_for_scripts_and_sums_up_for_people(tmp_path: Path) -> None:
    """`cd "$(fetch -q get mine)"` works; several datasets get a closing line."""
    with Faultd() as place:
        place.on("/x.csv", Answer(b"a,b\n1,2\n"))
        context(tmp_path / "home", catalogue=CATALOGUE.replace("http://127.0.0.1:9/x.png", place.url("/x.csv")))
        told = fetch("-q", "get", "mine", home=tmp_path / "home")
        assert (told.status, told.out) == (0, f"{tmp_path}/home/cache/mine\n"), told.err
        both = fetch("get", "mine", "gated", home=tmp_path / "home")
        (held,) = fetch("status", "--json", home=tmp_path / "home").document["held"]
        assert (len(held["fetched_by"]), held["adopted_by"]) == (1, [])
    assert both.out.splitlines()[-1] == "together  1 of 2 held; not as wanted: gated"
    assert "are now tasks: fetch tasks gated" in both.err


def test_a_bare_audit_says_what_it_found(home: Path) -> None:
    """How many copies, which duties, and for which use, also where nothing is wrong."""
    told = fetch("audit", home=home)
    assert told.status == 0
    assert "1 copy, 1 file: no objections" in told.out
    assert "CC-BY-4.0 asks for: cite" in told.out
    assert "fetch audit --use research" in told.out
    assert "judged for: teaching" in fetch("audit", "--use", "teaching", home=home).out


def test_logins_names_places_and_no_secret(home: Path) -> None:
    """A bare host is https; the list says where each is kept."""
    assert fetch("login", "place.example", home=home, stdin="s3cret\n").status == 0
    told = fetch("logins", "--json", home=home, FETCH_TOKEN_OTHER_EXAMPLE="t0p")
    assert [(one["address"], one["kind"]) for one in told.document] == [
        ("other.example", "token"), ("https://place.example/", "token"),
    ]  # fmt: skip
    assert "s3cret" not in told.out + fetch("logins", home=home).out
    assert "t0p" not in told.out
    assert fetch("logout", "place.example", home=home).status == 0
    assert fetch("logins", "--json", home=home).document == []


def test_bibtex_is_printed_as_it_is_pasted(tmp_path: Path) -> None:
    """Each entry and each comment has its own lines, so that the output is a .bib file."""
    told = fetch("cite", "adni", "tcia/LIDC-IDRI", home=tmp_path)
    assert told.status == 0
    lines = told.out.splitlines()
    assert "@article{petersen2010adni," in lines
    assert "% By-line, after the authors: for the Alzheimer's Disease Neuroimaging Initiative*" in lines
    assert lines.count("}") == sum(line.startswith("@") for line in lines)
