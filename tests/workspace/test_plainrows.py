"""The fast reader of long lists agrees with the TOML parser."""

from __future__ import annotations

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from fetchers.workspace import fast_rows

PLAIN = """\
title = "mine"
[datasets.one]
title = "One"

[[datasets.one.files]]
url = "https://data.example.org/a?x=1#[[datasets.one.files]]"
path = "a"
size = 12
unpack = false
[[datasets.one.files]]
url = ""

[[datasets.one.parts.p.files]]
url = "ü"
[datasets.one.parts.p]
title = "P"
[[datasets.two.files]]
url = "https://data.example.org/b\""""
_STRANGE = {
    "a row that is not plain": '[[d.x.files]]\na = "1"\n[[d.x.files]]\na = [1]\n',
    "a value after a blank line": '[[d.x.files]]\na = "1"\n\nb = [1]\n',
    "a comment": '[[d.x.files]]\na = "1"\n# why\n[[d.x.files]]\na = "2"\n',
    "a text of many lines": 't = """\n[[d.x.files]]\na = "1"\n"""\n',
    "a literal of many lines": "t = '''\n[[d.x.files]]\na = 1\n'''\n",
    "a table below the last row": '[[d.x.files]]\na = "1"\n[d.x.files.more]\nb = 1\n',
    "another spelling of the name": '[[d.x.files]]\na = "1"\n[[ d . "x" . files ]]\na = "2"\n',
    "below an array": '[[d.x]]\nb = 1\n[[d.x.files]]\na = "1"\n[[d.x]]\n[[d.x.files]]\na = "2"\n',
    "ends of lines from elsewhere": '[[d.x.files]]\r\na = "1"\r\n',
    "an escape": '[[d.x.files]]\na = "\\u00e9"\n',
    "no last end of line": "[[d.x.files]]\na = 1",
    "an empty row": "[[d.x.files]]\n[[d.x.files]]\na = 1\n",
    "a number with a sign": "[[d.x.files]]\na = -1\n",
}
_WRONG = {
    "a key said twice": '[[d.x.files]]\na = "1"\na = "2"\n',
    "a list that is closed": '[d.x]\nfiles = []\n[[d.x.files]]\na = "1"\n',
    "no table above": 'd = 1\n[[d.x.files]]\na = "1"\n',
}


def _read(text: str) -> dict[str, object] | None:
    """Read as the catalogue is read; None where the parser is to do it."""
    try:
        rest, lists = fast_rows.take_out(text)
        return fast_rows.put_back(tomli.loads(rest), lists)
    except (fast_rows.NotPlain, tomli.TOMLDecodeError):
        return None


def test_plain_rows_are_read() -> None:
    """All of them, in order, and the lines of the rest stay where they were."""
    assert _read(PLAIN) == tomli.loads(PLAIN)
    rest, lists = fast_rows.take_out(PLAIN)
    assert {name: len(rows) for name, rows in lists.items()} == {
        "datasets.one.files": 2,
        "datasets.one.parts.p.files": 1,
        "datasets.two.files": 1,
    }
    assert rest.splitlines()[14] == PLAIN.splitlines()[14] == "[datasets.one.parts.p]"


@pytest.mark.parametrize("text", _STRANGE.values(), ids=_STRANGE)
def test_what_is_strange_is_read_as_toml_reads_it(text: str) -> None:
    """Or left to the parser."""
    assert _read(text) in (None, tomli.loads(text))


@pytest.mark.parametrize("text", _WRONG.values(), ids=_WRONG)
def test_what_toml_refuses_is_left_to_the_parser(text: str) -> None:
    """It says the line."""
    with pytest.raises(tomli.TOMLDecodeError):
        tomli.loads(text)
    assert _read(text) is None


_LINES = st.lists(
    st.sampled_from(
        ["[[d.x.files]]", "[[d.y.files]]", "[d.x]", "[d]", "[[d.x]]", 'a = "1"', "b = 2", "c = true", "", "# c",
         'a = """', '"""', "files = []", "d.x = 1", "x = { files = [] }", "[[d.x.files.z]]"]
    ),
    max_size=12,
)  # fmt: skip


@given(_LINES)
def test_no_order_of_lines_is_read_otherwise(lines: list[str]) -> None:
    """Whatever stands before and behind: the same, or left to the parser."""
    text = "\n".join(lines)
    found = _read(text)
    if found is not None:
        assert found == tomli.loads(text)
