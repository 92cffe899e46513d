"""The report has what the other verbs know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fetchers.verbs.demo.packing import zipped
from fetchers.verbs.demo.pictures import radiograph
from tests.cli.run import fetch

if TYPE_CHECKING:
    from pathlib import Path

_CATALOGUE = """\
[datasets.{name}]
title = "{name}"
access = "{access}"
container = "png"
modalities = ["XR"]
licence = "{licence}"
[[datasets.{name}.files]]
url = "https://data.example.org/{name}.zip"
[[datasets.{name}.steps]]
key = "form"
title = "Send the form of {name}"
[[datasets.{name}.citations]]
doi = "10.1000/{name}"
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a workspace with a copy that may be shown to others and one that may not."""
    place = tmp_path / "home"
    place.mkdir()
    sets = [("free", "open", "CC-BY-4.0"), ("closed", "registration", "LicenseRef-Unheard-Of")]
    (place / "catalogue.toml").write_text(
        "".join(_CATALOGUE.format(name=name, access=access, licence=licence) for name, access, licence in sets),
        encoding="utf-8",
    )
    for name, _, _ in sets:
        file = tmp_path / f"{name}.zip"
        file.write_bytes(zipped({f"{name}.png": radiograph(1, ill=name == "free")}))
        taken = fetch("adopt", name, str(file), home=place)
        assert taken.status == 0, taken.err
    assert fetch("apply", "closed", home=place).status == 0
    return place


def test_the_page_gathers(home: Path, tmp_path: Path) -> None:
    """Copies, verdicts, tasks, findings and citations are there; the picture of what may not be shown is not."""
    file = tmp_path / "account.html"
    told = fetch("report", "--html", str(file), "--json", home=home)
    assert told.status == 0, told.err
    assert told.document["bytes"] == file.stat().st_size
    page = file.read_text(encoding="utf-8")
    for piece in ("free", "closed", "CC-BY-4.0", "access-missing", "Send the form of closed", "10.1000/free"):
        assert piece in page, piece
    assert page.count("data:image/png;base64,") == 1
    assert 'alt="free.png"' in page


def test_nothing_held_is_a_page_too(tmp_path: Path) -> None:
    """An empty workspace is said, and its store is not made."""
    file = tmp_path / "account.html"
    told = fetch("report", "--html", str(file), home=tmp_path / "empty")
    assert told.status == 0, told.err
    assert "Nothing is held yet" in file.read_text(encoding="utf-8")
    assert not (tmp_path / "empty").exists()


def test_a_folder_that_is_no_place_for_it(tmp_path: Path) -> None:
    """A page that cannot be written is the disk's fault, said in one sentence; a mistyped folder is not made."""
    told = fetch("report", "--html", "/proc/account.html", home=tmp_path)
    assert told.status == 7
    assert told.err.startswith("error: ")
    told = fetch("report", "--html", str(tmp_path / "mistyped" / "account.html"), home=tmp_path)
    assert (told.status, (tmp_path / "mistyped").exists()) == (2, False)
    assert told.err.startswith("error: ")


OWN = ("catalogue.toml", "config.toml", "credentials.toml", "evidence/x", "cache/x.html", "cache/free/free/free.png")


@pytest.mark.parametrize("words", [("report", "--html"), ("tasks", "--ics")], ids=" ".join)
def test_what_is_the_workspaces_own_is_not_written_over(home: Path, words: tuple[str, ...]) -> None:
    """Nor is a file without a name written: usage, 2, and all is as it was."""
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    told = [fetch(*words, name, home=home).status for name in ("", *(str(home / own) for own in OWN))]
    after = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    assert (set(told), after == before) == ({2}, True), told


def test_the_page_has_what_a_lawyer_asks_for(home: Path, tmp_path: Path) -> None:
    """Who did what, on which evidence, until when; what was destroyed; open findings first; a part for each."""
    letter = tmp_path / "letter.txt"
    letter.write_text("yes", encoding="utf-8")
    for words in (
        ("grant", "closed", "--evidence", str(letter), "--until", "2099-12-31"),
        ("permit", "closed", "commercial", "--note", "by mail of the owner"),
        ("release", "free", "--yes", "--reason", "not needed"),
    ):
        told = fetch(*words, home=home)
        assert told.status == 0, told.err
    file = tmp_path / "account.html"
    assert fetch("report", "--html", str(file), home=home).status == 0
    page = file.read_text(encoding="utf-8")
    pieces = (
        *('id="set-closed"', 'href="#set-closed"', "adopted by", "Evidence that is kept", "evidence/closed/"),
        *("by mail of the owner", "Permissions of the owner", "until 2099-12-31", "Copies that were destroyed"),
        *("certificates/free-", "not needed", "Terms: "),
    )
    for piece in pieces:
        assert piece in page, piece
    assert page.index('id="open"') < page.index('id="held"') < page.index('id="set-closed"')
