"""The line of a key is the one on which a person finds it."""

from __future__ import annotations

import tomli
from hypothesis import given
from hypothesis import strategies as st

from fetchers.workspace.toml_lines import line_of, lines_of

TEXT = '''# a comment with [brackets] and "quotes
[a]                      # 2
b = 1
c = """
[not.a.header]
d = "no key"
"""
e = [                    # 8
  [1], ["x]"], # ] "
  { f = 1 },
]
g.h = 2                  # 12
"quoted key" = 'it''s'
[[a.rows]]               # 14
k = \'\'\'
l = 3
\'\'\'
[[a.rows]]
k = "a # no comment"
  [a.rows.sub]           # 20
  m = 1979-05-27
[b."c.d".e]
f = """a\\"""b"""
g = 1
'''.replace("it''s", "its")


def test_keys_headers_and_rows_have_their_lines() -> None:
    """Strings, comments and lists do not mislead it."""
    tomli.loads(TEXT)
    found = lines_of(TEXT)
    assert found[("a",)] == 2
    assert found[("a", "b")] == 3
    assert found[("a", "c")] == 4
    assert found[("a", "e")] == 8
    assert found[("a", "g", "h")] == 12
    assert found[("a", "quoted key")] == 13
    assert found[("a", "rows", 0)] == 14
    assert found[("a", "rows", 0, "k")] == 15
    assert found[("a", "rows", 1)] == 18
    assert found[("a", "rows", 1, "k")] == 19
    assert found[("a", "rows", 1, "sub")] == 20
    assert found[("a", "rows", 1, "sub", "m")] == 21
    assert found[("b", "c.d", "e")] == 22
    assert found[("b", "c.d", "e", "f")] == 23
    assert found[("b", "c.d", "e", "g")] == 24
    assert not any("1" in where or "not" in where or "d" in where for where in found)


def test_what_has_no_line_is_found_around_it() -> None:
    """A key of an inline table stands where its table stands; what is nowhere, on line 1."""
    found = lines_of(TEXT)
    assert line_of(("a", "e", 1, "f"), found) == 8
    assert line_of(("zzz",), found) == 1


@given(st.text(alphabet="ab\"'[]{}#=\n\\., 1", max_size=60))
def test_any_text_is_walked_through_without_harm(text: str) -> None:
    """A scanner's misreading costs a line number, never a crash or an endless walk."""
    lines = lines_of(text)
    assert all(1 <= line <= text.count("\n") + 1 for line in lines.values())
