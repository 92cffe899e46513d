"""Is the page whole, harmless, and quiet?"""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import date
from typing import TYPE_CHECKING

import pytest

from fetchers.records import Finding
from fetchers.reports.html import Cell, Copy, Due, Picture, ReportData, Request, page
from fetchers.verbs.demo.pictures import radiograph

if TYPE_CHECKING:
    from pathlib import Path

_EVIL = "<script>document.title='EVIL'</script><img src=x onerror=\"document.title='EVIL'\">"
_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def _report(text: str = "plain") -> ReportData:
    return ReportData(
        made_at="2026-11-22 08:00 UTC",
        made_by=text,
        copies=(
            Copy(address="set", title=text, files=2, bytes=3072, acquired_on="2026-11-22", licence=text, access="open"),
        ),
        modalities=((text, 2), ("CT", 1)),
        uses=("research", "train"),
        verdicts=(
            Cell(
                address="set", licence=text, use="research", verdict="allowed-with-duties", reason=text, duties=(text,)
            ),
            Cell(address="set", licence=text, use="train", verdict="unknown", reason=text, evidence=text),
        ),
        requests=(Request(dataset=text, state="granted", granted_on=text, until=None, next_task=text),),
        due=(
            Due(
                dataset=text, key=text, title=text, state="todo", owner=text, due=date(2026, 11, 1),
                url="javascript:document.title='EVIL'", overdue=True,
            ),
        ),
        findings=(Finding("remark", "error", text, dataset="set", part=text, path=text, hint=text),),
        pictures=(Picture(address="set", name=text, png=radiograph(1, ill=False)),),
        bibtex=text,
    )  # fmt: skip


def test_what_strangers_wrote_is_text() -> None:
    """No title, header, file name or answer of a place becomes markup, wherever it stands."""
    made = page(_report(_EVIL))
    assert "<script" not in made
    assert 'onerror="' not in made
    assert made.count("&lt;script&gt;") >= 15
    assert "javascript:" not in made


def test_the_page_loads_nothing() -> None:
    """It says so itself, and has no address that a browser would ask unasked."""
    made = page(_report())
    assert "default-src 'none'" in made
    assert not re.findall(r"(?:src|href)=\"(?!data:image/png;base64,)", made)
    assert "url(" not in made


def test_an_empty_workspace_has_a_page_too() -> None:
    """Nothing held is said, not shown as an empty table."""
    made = page(ReportData(made_at="2026-11-22 08:00 UTC", made_by="ada"))
    assert "Nothing is held yet" in made
    assert 'matrix"' not in made


@pytest.mark.slow
@pytest.mark.skipif(_CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium")
def test_a_browser_shows_it(tmp_path: Path) -> None:
    """The style's own hash lets it in, nothing of a stranger's runs, and the whole matrix is there."""
    file = tmp_path / "account.html"
    file.write_text(page(_report(_EVIL)), encoding="utf-8")
    shown = subprocess.run(
        [
            str(_CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}",
            "--enable-logging=stderr", "--dump-dom", file.as_uri(),
        ],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert "<title>Imaging data" in shown.stdout
    assert "EVIL'</title>" not in shown.stdout
    assert "Refused to apply inline style" not in shown.stderr
    assert "Content Security Policy" not in shown.stderr
    assert shown.stdout.count("<details>") == 2
