"""A stranger's entry sets signs, and runs, reads and writes nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetchers.dataset import Citation, Dataset
from fetchers.reports.bibtex import bibliography
from fetchers.reports.tex_commands import harmless_tex

HOSTILE = [
    r"\write18{id}", r"\immediate\write18{id}", r"\input{/etc/passwd}", r"\input /etc/passwd ", r"\openin5=x",
    r"\read5 to\y",
    r"\openout3=x", r"\include{x}", r"\csname input\endcsname{x}", r"\catcode`\@=0", r"\directlua{os.execute('id')}",
    r"\verbatiminput{x}", r"\lstinputlisting{x}", r"\includegraphics{x}", r"\usepackage{x}", r"\special{x}",
    r"\@@input x",
    r"^^5cwrite18{id}", r"^^^^005cwrite18{id}", r"^^^5cinput{x}", r"\ShellEscape{id}", r"\def\x{y}", r"\let\x\input",
    r"\href{run:x}{y}", r"\expandafter\x", r"\newwrite\x", r"\begin{filecontents}{x}", r"\scantokens{x}",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_a_command_that_is_not_known_loses_its_backslash(text: str) -> None:
    """What may stay is listed, for what may not has too many spellings."""
    said = bibliography([Dataset("x", None, "X", citations=(Citation(bibtex=f"@misc{{x,\n title = {{{text}}}\n}}"),))])
    assert "^^" not in said
    assert not any(
        f"\\{word}" in said for word in ("write", "input", "open", "read", "csname", "catcode", "def", "href")
    )
    assert "\\" not in harmless_tex(text).replace("\\`", "")


@pytest.mark.parametrize(
    "text",
    [r"G\"otz, \'{E}mile, \c{C}a, Stra{\ss}e, \AA", r"\textbf{a} \& \% \# \_ $x^2$ \url{https://a/b_c}", r"a \\ b"],
)
def test_what_sets_signs_stays(text: str) -> None:
    """Names have accents."""
    assert harmless_tex(text) == text


@given(st.text(alphabet="\\^5cwriteinput{}@ \n", max_size=60))
def test_nothing_is_made_by_leaving_out(text: str) -> None:
    """What is left is harmless itself: a second time changes nothing."""
    once = harmless_tex(text)
    assert "^^" not in once
    assert "\\write" not in once.replace("\\\\", "")
    assert harmless_tex(once) == once
