"""Make a text from outside harmless where it is shown.

One function for each place: a terminal, a cell of a table file, a calendar, BibTeX. Pages are escaped by their template
engine. Titles, file names and headers are written by strangers, and each of these places obeys some of their signs.
"""

from __future__ import annotations

_FORMULA = frozenset("=+-@\t\r\0＝＋－＠")  # noqa: RUF001 - the full-width signs start a formula, too (OWASP ASVS 5, 1.2.10)
_SHORT = frozenset("\t\n\r")  # Python would write them \t, \n, \r, which looks like three harmless letters
_BIBTEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


def terminal(text: str) -> str:
    r"""Make one line harmless for a terminal: what does not print is shown as `\x1b`, line ends and bidi marks, too."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else _shown(sign) for sign in text)


def csv(value: str | float | None) -> str:
    """Make one cell of a CSV file (RFC 4180) that no spreadsheet runs as a formula; numbers stay numbers."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value)
    text = f"'{value}" if is_formula(value) else value
    if any(sign in text for sign in '",\r\n') or text != text.strip():
        return '"' + text.replace('"', '""') + '"'
    return text


def is_formula(text: str) -> bool:
    """Return True where a spreadsheet would run the text as a formula."""
    return text[:1] in _FORMULA or text.lstrip()[:1] in _FORMULA


def ics(text: str) -> str:
    """Make a text that stays one value in a calendar: the library folds and escapes, control signs it lets through."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def bibtex(text: str) -> str:
    """Make a text that stays within the braces of one BibTeX field and sets as it is written."""
    return "".join(_BIBTEX.get(sign, sign if sign.isprintable() else " ") for sign in text)


def _shown(sign: str) -> str:
    return sign.encode("unicode_escape").decode() if sign not in _SHORT else f"\\x{ord(sign):02x}"
