"""What the catalogue has, filtered and shown; what must be cited."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest

from fetchers.cli.style import Style
from fetchers.cli.views import catalogue as pages
from fetchers.dataset import USES
from fetchers.errors import CatalogueError
from fetchers.verbs import catalogue, cite, permit
from tests.verbs.contexts import context
from tests.verbs.holdings import hold

if TYPE_CHECKING:
    from pathlib import Path

    from fetchers.context import Context

LISTED = [
    "adni",
    "amrg",
    "abide",
    "belarus",
    "chd",
    "determine",
    "ddsm",
    "drive",
    "i2cvb",
    "jsrt",
    "medpix",
    "mesa",
    "montgomery",
    "oasis",
    "osirix",
    "scmr",
    "shenzhen",
    "sunnybrook",
    "tcia",
]


@pytest.fixture(name="here")
def _here(tmp_path: Path) -> Context:
    return context(tmp_path / "home")


def test_the_listed_datasets_are_all_there(here: Context) -> None:
    """Nineteen rows by name come first, or alone; nothing is held, and the store is not made by looking."""
    rows = catalogue.listing(here)
    assert [row.dataset for row in rows if row.original] == sorted(LISTED)
    assert [row.dataset for row in rows[:19]] == sorted(LISTED)
    further = [row.dataset for row in rows[19:]]
    assert further == sorted(further)
    assert catalogue.listing(here, which="original") == rows[:19]
    assert catalogue.listing(here, which="further") == rows[19:]
    assert {row.held_files for row in rows} == {0}
    assert not here.store.exists()


@pytest.mark.parametrize(
    ("filters", "found", "left_out"),
    [
        ({"access": "application"}, {"adni", "oasis"}, {"shenzhen", "tcia"}),
        ({"access": "unavailable"}, {"determine"}, {"adni"}),
        ({"modality": "CR"}, {"shenzhen", "tcia"}, {"adni", "sunnybrook"}),
        ({"modality": "xr"}, {"shenzhen", "montgomery", "tcia"}, {"adni"}),
        ({"modality": "PE"}, {"adni", "tcia"}, {"shenzhen"}),
        ({"body_part": "Lung"}, {"shenzhen", "tcia", "osirix"}, {"adni"}),
        ({"licence": "cc0-1.0"}, {"sunnybrook"}, {"tcia", "adni"}),
        ({"licence": "CC-BY-3.0"}, {"ddsm"}, {"sunnybrook"}),
        ({"held": True}, set(), {"adni"}),
    ],
)
def test_the_catalogue_is_filtered(here: Context, filters: dict[str, str], found: set[str], left_out: set[str]) -> None:
    """By access, modality (umbrella words understood), body part, licence and what is held."""
    names = {row.dataset for row in catalogue.listing(here, **filters)}  # type: ignore[arg-type]  # one of the keywords
    assert found <= names
    assert not left_out & names


def test_what_is_held_is_counted(here: Context) -> None:
    """Over all parts, also those that the catalogue does not name."""
    hold(here, "tcia/A", {"1.dcm": b"1", "2.dcm": b"2"})
    hold(here, "tcia/B", {"1.dcm": b"3"})
    assert [(row.dataset, row.held_files) for row in catalogue.listing(here, held=True)] == [("tcia", 3)]
    assert catalogue.show(here, "tcia").held_files == 3
    assert catalogue.show(here, "tcia/A").held_files == 2


@pytest.mark.parametrize("name", LISTED)
def test_all_is_shown(here: Context, name: str) -> None:
    """Each listed dataset has the list's own words, a verdict with a reason for every use, and something to cite."""
    shown = catalogue.show(here, name)
    assert shown.listed is not None
    assert shown.listed.licence
    assert list(shown.uses) == list(USES)
    assert all(one.reason for one in shown.uses.values())
    assert set(shown.listed_uses) == set(USES)
    assert all(code.label for code in shown.duo)
    assert (shown.access == "open") or shown.steps
    assert "@" in cite.run(here, [name]).bibtex


def test_the_lists_word_is_not_taken(here: Context) -> None:
    """The list calls Shenzhen MIT: by its words commerce would be allowed, by what is known it is not."""
    shown = catalogue.show(here, "chinaset")
    assert shown.listed_uses["commercial"].verdict == "allowed-with-duties"
    assert shown.uses["commercial"].verdict == "unknown"
    assert shown.uses["redistribute"].verdict == "forbidden"
    permit.run(here, "shenzhen", "redistribute", note="the library wrote so")
    assert catalogue.show(here, "shenzhen").uses["redistribute"].verdict == "allowed-with-duties"


def test_old_facts_are_said_to_be_old(here: Context) -> None:
    """A year and a day after they were checked; until then nothing is said."""
    checked = catalogue.show(here, "shenzhen").checked_on
    assert checked is not None
    at = {days: datetime.combine(checked, time(12), UTC) + timedelta(days=days) for days in (0, 365, 366)}
    assert [catalogue.show(here._replace(now=now), "shenzhen").aged for now in at.values()] == [False, False, True]
    page = "\n".join(pages.show(catalogue.show(here._replace(now=at[366]), "shenzhen"), Style(width=100)))
    assert "more than a year ago" in page


def test_what_an_owner_wants_to_read_is_shown_and_cited(here: Context) -> None:
    """ADNI's by-line stands on its page and, as a comment, above its entries; the remark on a paper does, too."""
    shown = catalogue.show(here, "adni")
    assert any("By-line" in text for text in shown.acknowledge)
    page = "\n".join(pages.show(shown, Style(width=100)))
    assert "By-line, after the authors" in page
    assert "https://doi.org/10.1212/WNL.0b013e3181cb3e25" in page
    text = cite.run(here, ["adni", "sunnybrook"]).bibtex
    assert "% By-line, after the authors: for the Alzheimer's Disease Neuroimaging Initiative*" in text
    assert "% sunnybrook: MIDAS Journal" in text
    entries = [line for line in text.splitlines() if line.startswith("@")]
    assert len(entries) == text.count("@")  # no comment begins an entry


def test_a_part_that_is_not_brought_is_not_cited(here: Context) -> None:
    """`fetch ddsm` brings the original alone, so its curated subset is cited by its own name."""
    assert "sawyerlee2016cbisddsm" not in cite.run(here, ["ddsm"]).bibtex
    assert "sawyerlee2016cbisddsm" in cite.run(here, ["ddsm/cbis"]).bibtex
    assert "craddock2013pcp" in cite.run(here, ["abide"]).bibtex


def test_an_unknown_name(here: Context) -> None:
    """It gets the nearest ones, as everywhere."""
    for verb in (lambda: catalogue.show(here, "shenzen"), lambda: cite.run(here, ["shenzen"])):
        with pytest.raises(CatalogueError) as caught:
            verb()
        assert "shenzhen" in str(caught.value.hint)


def test_entries_are_cited_once(here: Context) -> None:
    """Several sets of one paper share an entry; keys are unique."""
    text = cite.run(here, ["amrg", "chd", "oasis"]).bibtex
    assert text.count("fonseca2011cap,") == 1
    assert "% amrg, chd" in text
    keys = [line.split("{")[1].rstrip(",") for line in text.splitlines() if line.startswith("@")]
    assert len(keys) == len(set(keys))
    assert "lamontagne2019oasis3" in keys


def test_the_list_pays_for_no_database(here: Context) -> None:
    """A fresh workspace is listed without loading sqlite3, the expression library or anything of the network."""
    heavy = ("sqlite3", "license_expression", "httpx", "pydicom", "icalendar", "jinja2")
    code = (
        "import sys; from pathlib import Path; from tests.verbs.contexts import NOW; from fetchers.workspace import *;"
        " from fetchers.context import Context; from fetchers.verbs import catalogue;"
        f" w = open_workspace(home=Path({str(here.workspace.home)!r}), cache=None, environ={{}}, cwd=Path('/'));"
        " p = Context(workspace=w, now=NOW, who='a', environ={}, load=None); assert catalogue.listing(p);"
        f" print([name for name in {heavy!r} if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert told.stdout.strip() == "[]"
