"""`fetch licence`, policies and catalogues with licences that mean nothing, as a person meets them."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from fetchers.dataset import USES
from tests.commands import fetch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BY_4 = "https://creativecommons.org/licenses/by/4.0/"


class _Text(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Answer every question with the same small file."""
        self.send_response(200)
        self.send_header("Content-Length", "6")
        self.end_headers()
        self.wfile.write(b"a,b\r\n1")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
        """Say nothing."""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """Yield a workspace with two datasets, one of which names a licence that there is not."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Text)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    rows = [
        f'[datasets.{name}]\ntitle = "{name}"\naccess = "open"\nlicence = "{licence}"\n'
        f'[[datasets.{name}.files]]\nurl = "http://127.0.0.1:{server.server_address[1]}/{name}.csv"\n'
        for name, licence in (("good", "CC-BY-4.0"), ("bad", "CC-BY-40"))
    ]
    (tmp_path / "catalogue.toml").write_text("".join(rows), encoding="utf-8")
    yield tmp_path
    server.shutdown()
    server.server_close()


def test_what_a_places_words_mean(tmp_path: Path) -> None:
    """The expression, and each use with verdict, reason and duties; nothing is written."""
    ran = fetch(tmp_path, "licence", "Attribution-NonCommercial 4.0 International (CC BY-NC 4.0)", "--json")
    assert ran.status == 0
    assert set(ran.document) == {"said", "url", "licence", "uses", "exit"}
    assert ran.document["licence"] == "CC-BY-NC-4.0"
    assert tuple(ran.document["uses"]) == USES
    commercial, research = (ran.document["uses"][use] for use in ("commercial", "research"))
    assert set(commercial) == {"verdict", "reason", "duties"}
    assert (commercial["verdict"], research["verdict"]) == ("forbidden", "allowed-with-duties")
    assert research["duties"] == ["cite", "notice", "state-changes"]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "licence"),
    [
        (("CC", "BY", "4.0"), "CC-BY-4.0"),  # as one types it without quotes
        (("CC BY 4.0", "--url", BY_4), "CC-BY-4.0"),
        (("--url", BY_4), "CC-BY-4.0"),
        (("CC BY-NC", "--url", BY_4), None),
        (("other",), None),
        (("Creative Commons Attribution 4.0, no commercial use",), None),
        (("--id", "LicenseRef-ADNI-DUA"), "LicenseRef-ADNI-DUA"),
        (("LicenseRef-ADNI-DUA",), None),  # a place's words never name the catalogue's own terms
    ],
)
def test_what_is_not_recognised_is_null(tmp_path: Path, words: tuple[str, ...], licence: str | None) -> None:
    """Exit 0 all the same: that was the question."""
    ran = fetch(tmp_path, "licence", *words, "--json")
    assert (ran.status, ran.document["licence"], ran.document["exit"]) == (0, licence, 0)
    if licence is None:
        assert {one["verdict"] for one in ran.document["uses"].values()} == {"unknown"}


@pytest.mark.parametrize("words", [(), ("", "--url", ""), ("--id", "CC-BY-40"), ("MIT", "--id", "MIT")])
def test_a_question_that_cannot_be_answered_is_refused(tmp_path: Path, words: tuple[str, ...]) -> None:
    """Nothing asked, an identifier that there is not, two questions at once."""
    assert fetch(tmp_path, "licence", *words).status == 2


def test_a_person_reads_a_table(tmp_path: Path) -> None:
    """Use, answer, reason with its clause, the duties in words; 60 columns suffice."""
    out = fetch(tmp_path, "licence", "CC BY-ND 3.0", environ={"COLUMNS": "60"}).out
    assert max(map(len, out.splitlines())) <= 60
    assert "modify               forbidden    section 3" in out
    assert "cite: cite the data set" in out
    assert "by-nd/3.0/" in out


def test_one_datasets_licence_shuts_no_other(home: Path) -> None:
    """The dataset at fault says so, with the nearest identifier; list, get and status of the others go on."""
    listed = fetch(home, "list", "--json")
    assert listed.status == 0
    assert {"good", "bad"} <= {row["dataset"] for row in listed.document}
    assert "CC-BY-40" in listed.err
    assert fetch(home, "get", "good", "--json").document["datasets"][0]["files"] == 1
    bad = fetch(home, "get", "bad")
    assert bad.status == 2
    assert "did you mean CC-BY-4.0" in bad.err
    both = fetch(home, "get", "good", "bad", "--json")
    assert both.status == 2  # the status that all failures share
    assert [one["files"] for one in both.document["datasets"]] == [1, 0]
    assert "say what was changed" in fetch(home, "audit", "good").out
    assert fetch(home, "status").status == fetch(home, "audit", "--use", "research").status == 0
    assert fetch(home, "show", "bad").status == 2
    asked = fetch(home, "audit", "good", "bad", "--use", "commercial", "--json").document["verdicts"]
    assert {row["dataset"]: row["verdict"] for row in asked} == {"good": "allowed-with-duties", "bad": "unknown"}


def test_a_policy_that_names_no_licence_is_refused(home: Path) -> None:
    """Exit 2 with the nearest, for every verb: it would forbid nothing."""
    (home / "config.toml").write_text('[policy]\nforbid = ["CC-BY-NC-40"]\n', encoding="utf-8")
    ran = fetch(home, "get", "good")
    assert ran.status == 2
    assert "did you mean CC-BY-NC-4.0" in ran.err


def test_both_sides_of_with_count(home: Path) -> None:
    """What takes back what the licence allows makes it unknown, and a policy sees it."""
    text = (home / "catalogue.toml").read_text(encoding="utf-8")
    said = "Apache-2.0 WITH LicenseRef-scancode-commons-clause"
    (home / "catalogue.toml").write_text(text.replace("CC-BY-40", said), encoding="utf-8")
    assert fetch(home, "get", "bad").status == 0
    (row,) = fetch(home, "audit", "bad", "--use", "commercial", "--json").document["verdicts"]
    assert (row["verdict"], row["licence"]) == ("unknown", said)
    assert fetch(home, "audit", "bad", "--use", "commercial", "--strict").status == 8
    (home / "config.toml").write_text('[policy]\nforbid = ["LicenseRef-scancode-commons-clause"]\n', encoding="utf-8")
    assert fetch(home, "get", "bad", "--force").status == 8
    (home / "config.toml").write_text('[policy]\nallow = ["Apache-2.0"]\n', encoding="utf-8")
    assert fetch(home, "get", "bad", "--force").status == 8


def test_families_ports_and_terms_of_places_in_a_catalogue(home: Path) -> None:
    """Without a version, before 4.0, a port that SPDX does not list, a record's own terms: each with its answers."""
    text = (home / "catalogue.toml").read_text(encoding="utf-8")
    for licence, use, verdict in (
        ("CC-BY-ND-3.0", "modify", "forbidden"),
        ("CC-BY-ND-3.0", "train", "unknown"),
        ("CC-BY-ND-4.0", "modify", "allowed-with-duties"),
        ("LicenseRef-CC-BY-NC", "commercial", "forbidden"),
        ("LicenseRef-CC-BY-NC-3.0-US", "research", "allowed-with-duties"),
        ("LicenseRef-zenodo-162231", "research", "unknown"),
        ("LicenseRef-PhysioNet-Restricted-1.5.0", "redistribute", "forbidden"),
    ):
        (home / "catalogue.toml").write_text(text.replace("CC-BY-40", licence), encoding="utf-8")
        (row,) = fetch(home, "audit", "bad", "--use", use, "--json").document["verdicts"]
        assert row["verdict"] == verdict, (licence, use)
