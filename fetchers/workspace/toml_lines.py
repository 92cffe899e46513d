"""Find the line of a key in a TOML text.

The parser gives values, not places; a fault without its line sends a person searching through ten thousand files. So
this scanner walks over the text once more, only when there is a fault to report. It knows headers (`[a.b]`,
`[[a.b]]`), keys in front of `=`, and enough of values (strings of all four kinds, brackets) to tell where the next
statement begins. What stands inside an inline table is found at the line of the table's own key.
The text has been parsed before, so it is well-formed; what the scanner misreads costs a line number, never a fault.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Where = tuple[str | int, ...]

_WORD = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
_NAME = rf"{_WORD}(?:[ \t]*\.[ \t]*{_WORD})*"
_HEADER = re.compile(rf"[ \t]*(\[\[?)[ \t]*({_NAME})[ \t]*\]")
_KEY = re.compile(rf"[ \t]*({_NAME})[ \t]*=")
_PIECE = re.compile(_WORD)
# What matters inside a value: a string, a comment, a bracket, the end of a line.
_TOKEN = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}|'
    r"'''.*?'{3,5}|"
    r"""\"(?:[^"\\\n]|\\.)*\"|'[^'\n]*'|\#[^\n]*|[\[{]|[\]}]|\n""",
    re.DOTALL,
)


def lines_of(text: str) -> dict[Where, int]:
    """Map each key's path to its line, counted from 1; an element of an array of tables is a number in the path."""
    found: dict[Where, int] = {}
    counted: dict[Where, int] = {}
    table: Where = ()
    for line, start in _statements(text):
        if header := _HEADER.match(text, start):
            table = _resolve(_names(header[2]), counted, grows=header[1] == "[[")
            for length in range(1, len(table) + 1):  # `[a.b]` is where `a` begins, too, if nothing said so before
                found.setdefault(table[:length], line)
        elif key := _KEY.match(text, start):
            found.setdefault(table + _names(key[1]), line)
    return found


def line_of(where: Where, found: Mapping[Where, int]) -> int:
    """Return the line of a path, or of the nearest thing around it that has one."""
    for length in range(len(where), 0, -1):
        if line := found.get(where[:length]):
            return line
    return 1


def _names(written: str) -> Where:
    return tuple(piece.strip("\"'") for piece in _PIECE.findall(written))


def _resolve(names: Where, counted: dict[Where, int], *, grows: bool) -> Where:
    where: Where = ()
    for position, name in enumerate(names, 1):
        where += (name,)
        if grows and position == len(names):
            counted[where] = counted.get(where, -1) + 1
        if where in counted:
            where += (counted[where],)
    return where


def _statements(text: str) -> Iterator[tuple[int, int]]:
    """Yield (line, offset) of the start of each statement: a line that no value has run into from above."""
    line, start, depth, at = 1, 0, 0, 0
    yield line, start
    header = _HEADER.match(text, start)
    at = header.end() if header else start
    while token := _TOKEN.search(text, at):
        at = token.end()
        said = token[0]
        line += said.count("\n")
        if said in "[{":
            depth += 1
        elif said in "]}":
            depth = max(0, depth - 1)
        elif said == "\n" and depth == 0:
            yield line, at
            if header := _HEADER.match(text, at):
                at = header.end()
