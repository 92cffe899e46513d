"""The HTML page is complete, harmless, and loads nothing."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import date
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest

from fetchers.records import Finding
from fetchers.reports.html import (
    Accepted,
    Cell,
    Chapter,
    Copy,
    Due,
    Listing,
    Permitted,
    Picture,
    Proof,
    ReportData,
    Request,
    Terms,
    page,
)
from fetchers.verbs.demo.pictures import radiograph

if TYPE_CHECKING:
    from pathlib import Path

_EVIL = "<script>document.title='EVIL'</script><img src=x onerror=\"document.title='EVIL'\">"
SUM = "0123456789abcdef" * 4
_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def _report(text: str = "plain") -> ReportData:
    copy = Copy(
        address="set", title=text, files=2, bytes=3072, acquired_on="2026-11-22", licence=text, access="open",
        fetched_by=(text,), adopted_by=(text,), readers=text,
    )  # fmt: skip
    finding = Finding("remark", "error", text, dataset="set", part=text, path=text, hint=text)
    chapter = Chapter(
        address="set",
        title=text,
        access="application",
        link="javascript:document.title='EVIL'",
        copies=(copy,),
        terms=(Terms(text, text, "javascript:document.title='EVIL'"),),
        cells=(
            Cell(
                address="set", licence=text, use="research", verdict="allowed-with-duties", reason=text, duties=(text,)
            ),
            Cell(address="set", licence=text, use="train", verdict="unknown", reason=text, evidence=text),
        ),
        requests=(Request(text, "granted", text, text, text, text, text, text),),
        due=(
            Due(
                dataset=text, key=text, title=text, state="todo", owner=text, due=date(2026, 11, 1),
                url="javascript:document.title='EVIL'", overdue=True,
            ),
        ),
        permitted=(Permitted(text, "commercial", "active", "2026-11-01", None, text, f"{text} {SUM}"),),
        proofs=(Proof("set", text, "2026-11-01", text, text, SUM),),
        errata=(Listing(text, text, text, "2026-11-01", text),),
        findings=(finding,),
        pictures=(Picture(address="set", name=text, png=radiograph(1, ill=False)),),
    )  # fmt: skip
    return ReportData(
        made_at="2026-11-22 08:00 UTC",
        made_by=text,
        store=text,
        chapters=(chapter,),
        modalities=((text, 2), ("CT", 1)),
        uses=("research", "train"),
        acceptances=(Accepted(text, text, "2026-11-01", SUM, text),),
        certificates=(Proof(text, text, "2026-11-01", text, text, SUM),),
        findings=(finding,),
        bibtex=text,
    )


def test_what_strangers_wrote_is_text() -> None:
    """No title, header, file name or answer of a place becomes markup, wherever it stands."""
    made = page(_report(_EVIL))
    assert "<script" not in made
    assert 'onerror="' not in made
    assert made.count("&lt;script&gt;") >= 35
    assert "javascript:" not in made


def test_the_page_loads_nothing() -> None:
    """It says so itself, and has no address that a browser would ask unasked."""
    made = page(_report())
    assert "default-src 'none'" in made
    assert not re.findall(r"(?:src|href)=\"(?!data:image/png;base64,|#)", made)
    assert "url(" not in made


def test_an_empty_workspace_has_a_page_too() -> None:
    """Nothing held is said, not shown as an empty table."""
    made = page(ReportData(made_at="2026-11-22 08:00 UTC", made_by="ada"))
    assert "Nothing is held yet" in made
    assert "What we may do with it" not in made


def _flags(tmp_path: Path) -> list[str]:
    return [
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
        *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
        f"--user-data-dir={tmp_path / 'profile'}",
    ]


@pytest.mark.slow
@pytest.mark.skipif(_CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium")
def test_a_browser_shows_it(tmp_path: Path) -> None:
    """The style's own hash lets it in, nothing of a stranger's runs, and the whole matrix is there."""
    file = tmp_path / "account.html"
    file.write_text(page(_report(_EVIL)), encoding="utf-8")
    shown = subprocess.run(
        [
            str(_CHROMIUM), *_flags(tmp_path), "--enable-logging=stderr", "--dump-dom", file.as_uri(),
        ],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert "<title>Imaging data" in shown.stdout
    assert "EVIL'</title>" not in shown.stdout
    assert "Refused to apply inline style" not in shown.stderr
    assert "Content Security Policy" not in shown.stderr
    assert 'href="#set-set"' in shown.stdout
    assert 'id="set-set"' in shown.stdout


def _contrast(one: str, other: str) -> float:
    """WCAG 2.2, 1.4.3: the ratio of relative luminances."""

    def luminance(colour: str) -> float:
        parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_every_colour_can_be_read() -> None:
    """AA in both schemes: text on paper and shade, and each chip on its own ground."""
    style = (files("fetchers.reports") / "report.css").read_text(encoding="utf-8")
    for block in re.findall(r":root \{(.*?)\}", style, re.DOTALL)[:2]:
        colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
        pairs = [
            (colours[name], colours[ground]) for name in ("ink", "soft", "accent") for ground in ("paper", "shade")
        ]
        pairs += [(colours[name], colours[f"{name}-bg"]) for name in ("good", "duty", "bad", "open")]
        assert min(_contrast(*pair) for pair in pairs) >= 4.5


@pytest.mark.slow
@pytest.mark.skipif(_CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium")
def test_a_narrow_screen_needs_no_sideways_scrolling(tmp_path: Path) -> None:
    """At 400 pixels nothing is wider than the screen, whatever the words of strangers."""
    (tmp_path / "page.html").write_text(page(_report("a-long-word-" * 12)), encoding="utf-8")
    frame = (
        '<iframe id="f" src="page.html" style="width:400px;height:3000px;border:0"></iframe><script>'
        'onload=()=>{const d=document.getElementById("f").contentDocument.documentElement;'
        "document.title=`${d.scrollWidth} of ${d.clientWidth}`}</script>"
    )
    (tmp_path / "frame.html").write_text(frame, encoding="utf-8")
    shown = subprocess.run(
        [str(_CHROMIUM), *_flags(tmp_path), "--allow-file-access-from-files", "--virtual-time-budget=3000",
         "--dump-dom", (tmp_path / "frame.html").as_uri()],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    said = re.search(r"<title>(\d+) of (\d+)</title>", shown.stdout)
    assert said is not None
    assert int(said[1]) <= int(said[2]) <= 400
