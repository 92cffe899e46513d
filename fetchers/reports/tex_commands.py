r"""Take out of a stranger's TeX every command that is not known to set signs and nothing else.

TeX is a programming language: `\input` and `\openin` read files, `\write` writes them, `\write18` runs programs,
`\catcode`, `\csname` and `^^5c` spell any of these in other ways. So what may stay is listed, and not what may not.
"""

from __future__ import annotations

import re

_LETTERS = frozenset(
    word
    for line in (
        "aa AA ae AE oe OE o O ss SS l L i j dh DH th TH dj DJ c v u H k r b d t ng NG P S dag ddag copyright",
        "pounds emph textit textbf texttt textsc textrm textsf textsl textup textmd textnormal textsuperscript",
        "textsubscript textendash textemdash textquoteleft textquoteright textquotedblleft textquotedblright",
        "textquotesingle textbackslash textasciitilde textless textasciicircum textunderscore textgreater textbar",
        "textdegree textregistered textmu texttrademark textcopyright textellipsis textordfeminine textordmasculine",
        "textperiodcentered it bf tt sc rm em url doi mbox ensuremath LaTeX TeX BibTeX alpha beta gamma delta",
        "epsilon zeta eta theta kappa lambda mu nu xi pi rho sigma tau phi chi psi omega Gamma Delta Theta Lambda",
        "Xi Pi Sigma Phi Psi Omega times pm cdot ldots dots leq geq sim approx infty circ mathrm mathit mathbf",
        "slash space newline par noindent",
    )
    for word in line.split()
)
_SIGNS = frozenset("\"'`^~=.-,;:!&%$#_{}/@ \n\\")
_COMMAND = re.compile(r"\\(?:([A-Za-z@]+)|(.?))", re.DOTALL)


def harmless_tex(text: str) -> str:
    r"""Return `text` with the backslash of each other command left out, and `^^` (any sign by its number) parted."""
    return _COMMAND.sub(_kept, text.replace("^^", "^ ^").replace("^^", "^ ^"))


def _kept(found: re.Match[str]) -> str:
    letters, sign = found.groups()
    if letters is not None:
        return found[0] if letters in _LETTERS else f" {letters}"  # the blank: `\\i\\nput` must not become `\\input`
    return found[0] if sign in _SIGNS and sign else f" {sign}"
