"""A stranger's text stays text, wherever it is shown."""

from __future__ import annotations

import csv as tables
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetchers.dataset import Citation, Dataset
from fetchers.reports.bibtex import bibliography
from fetchers.reports.escape import bibtex, csv, ics, terminal

LIVE = "=+-@\t\r\0＝＋－＠"  # noqa: RUF001 - the full-width signs start a formula, too


@given(st.text(st.characters(codec=None), max_size=60))
def test_a_terminal_obeys_nobody(text: str) -> None:
    """Only signs that print come out: no escape, no line end, no bidi mark, no lone surrogate."""
    shown = terminal(text)
    assert shown.isprintable()
    assert not text.isprintable() or shown == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("two\nlines\r\t", "two\\x0alines\\x0d\\x09"),
        ("\u202egnp", "\\u202egnp"),
        ("\U000e0041", "\\U000e0041"),
        ("\ud800", "\\ud800"),
        ("Größe", "Größe"),
    ],
)
def test_what_does_not_print_is_shown(text: str, shown: str) -> None:
    """A reader sees that something was there."""
    assert terminal(text) == shown


@given(st.text(max_size=40))
def test_no_cell_is_a_formula(text: str) -> None:
    """The cell comes back as one cell, and neither it nor what follows its leading blanks starts a formula."""
    cell = next(tables.reader(StringIO(csv(text) + "\r\n", newline=""), strict=True), [""])
    assert len(cell) <= 1
    value = cell[0] if cell else ""
    assert value in (text, f"'{text}")
    assert value[:1] not in LIVE or not value
    assert value.lstrip()[:1] not in LIVE or not value.strip()


def test_numbers_stay_numbers() -> None:
    """A negative number is no formula."""
    assert [csv(value) for value in (-5, 2.5, None, "-5", "＝1", "  =1", 'a"b,c')] == [  # noqa: RUF001 - on purpose
        "-5", "2.5", "", "'-5", "'＝1", '"\'  =1"' if csv("  =1").startswith('"') else "'  =1", '"a""b,c"',  # noqa: RUF001
    ]  # fmt: skip


@given(st.text(max_size=60))
def test_bibtex_stays_in_its_braces(text: str) -> None:
    """No unescaped brace, and no line of its own."""
    made = bibtex(text)
    depth = 0
    for before, sign in zip(" " + made, made, strict=False):
        if before != "\\":
            depth += (sign == "{") - (sign == "}")
        assert depth >= 0
    assert depth == 0
    assert made.isprintable()
    assert ics(text).isprintable()


def test_a_bibliography_of_what_there_is() -> None:
    """A given entry as it stands, an entry made of a DOI, one of a page; equal keys get a number."""
    given_ = Citation(bibtex="@article{key,\n  title = {A}\n}")
    other = Citation(bibtex="@article{key,\n  title = {B}\n}")
    text = bibliography(
        [
            Dataset(name="a", citations=(given_,)),
            Dataset(name="b", part="x y", title="B & C_{", citations=(given_, other, Citation(doi="10.1/x_y}"))),
            Dataset(name="c", title="C", link="https://c.example/"),
        ]
    )
    assert text.count("title = {A}") == 1
    assert "@article{key-2," in text
    assert "@misc{b-x-y-3,\n  title = {{B \\& C\\_\\{}},\n  doi = {10.1/x_y%7D}," in text
    assert "@misc{c,\n  title = {{C}},\n  url = {https://c.example/}," in text
