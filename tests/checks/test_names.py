"""Unsafe names are refused, others kept, and a person's own made portable."""

# ruff: noqa: E501 - tables of cases, and helpers that hand anything on
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetchers.checks.formats.safe_names import fold, local_name, safe_path, uid_name
from fetchers.errors import ContentError

GOOD = [
    "a", "a/b.dcm", "LIDC-IDRI-0001/1.3.6.1/1-001.dcm", "a b/c d.txt", "(tmp)moo", "M\u00fcller/x", "\u65e5\u672c/\u8a9e.txt",
    "a..b", "...a", ".hidden", "conner/auxiliary.txt", "COM/LPT", "com10", "nul-file", "lpt", "x" * 200, "a/" * 31 + "b",
    "a&b;c", "100%", "~user", "-rf", "$HOME", "`id`", "'q'",
]  # fmt: skip
BAD = {
    "": "empty", "/a": "absolute", "//a/b": "absolute", "a//b": "empty component", "a/": "empty component", "..": "'..'",
    "a/../b": "'..'", "./a": "'.'", "a\\b": "backslash", "..\\a": "backslash", "C:/a": "colon", "a:b": "colon",
    "\\\\host\\share": "backslash", "a\0b": "\\x00", "a\nb": "\\n", "a\x1bb": "\\x1b", "a\x7fb": "\\x7f", "a\x9bb": "\\x9b",
    "a*": "'*'", "a?": "'?'", 'a"b': "'\"'", "a<b": "'<'", "a|b": "'|'", "a.": "ends with", "a /b": "ends with",
    "CON": "device", "con.txt": "device", "a/NUL": "device", "a/aux.c/b": "device", "Com1": "device", "COM\u00b9": "device",
    "lpt\u00b3.txt": "device", "CONIN$": "device", "CLOCK$": "device", "x" * 201: "200 bytes", "\u65e5" * 70: "200 bytes",
    "a/" * 32 + "b": "deep", "/".join(["y" * 150] * 7): "long", "a\ud800": "Unicode",
    "COM1 .txt": "device", "nul .x": "device",
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_kept_as_they_are(name: str) -> None:
    """A name that is safe everywhere is given back, not one letter changed."""
    assert safe_path(name) == name


@pytest.mark.parametrize(("name", "reason"), list(BAD.items()))
def test_unsafe_names_are_refused(name: str, reason: str) -> None:
    """What leads out, or is another name elsewhere, is refused with the reason and never repaired."""
    with pytest.raises(ContentError, match="refused") as refusal:
        safe_path(name)
    assert reason in str(refusal.value)


@given(st.text(max_size=60))
def test_what_passes_stays_inside(name: str) -> None:
    """No name that passes has a component that leads anywhere else."""
    try:
        path = safe_path(name)
    except ContentError:
        return
    assert not path.startswith("/")
    assert not {"", ".", ".."} & set(path.split("/"))
    assert not set(path) & set('\\:\0<>"|?*')


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("a/b.dcm", "a/b.dcm"),
        ("scan:1.dcm", "scan%3A1.dcm"),
        ("aux.txt", "_aux.txt"),
        ("a./b", "a%2E/b"),
        ("../../etc/x", "etc/x"),
        ("e\u0301.txt", "\u00e9.txt"),
        ("a\nb", "a%0Ab"),
    ],
)
def test_local_names_are_made_portable(name: str, path: str) -> None:
    """A person's own file gets a portable name, and whether it differs is said."""
    assert local_name(name) == (path, path != name)


@given(st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=300))
def test_local_names_are_safe(name: str) -> None:
    """Whatever a person's file is called, its portable name is one that a stranger could have had, or empty."""
    path, _ = local_name(name)
    assert not path or safe_path(path) == path


def test_long_local_names_stay_apart() -> None:
    """Two long names that begin alike do not become one, and the ending is kept."""
    one, two = local_name("x" * 250 + "1.nii.gz")[0], local_name("x" * 250 + "2.nii.gz")[0]
    assert one != two
    assert one.endswith(".gz")
    assert safe_path(one) == one


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("A/b", "a/B", True),
        ("\u00e9", "e\u0301", True),
        ("stra\u00dfe", "STRASSE", True),
        ("a", "b", False),
        ("\u212b", "\u00e5", True),
        ("\u0390", "\u1fd3", True),
    ],
)
def test_names_that_some_file_system_merges_have_one_key(one: str, two: str, *, same: bool) -> None:
    """Names that some file system holds for one have one key."""
    assert (fold(one) == fold(two)) is same


@pytest.mark.parametrize(
    ("uid", "kept"),
    [
        ("1.2.3", True), ("1" * 64, True), ("1" * 65, False), ("1..2", False), ("../x", False), ("", False), ("1.2\n", False),
    ],
)  # fmt: skip
def test_a_uid_names_its_file(uid: str, *, kept: bool) -> None:
    """A UID names its file; what is none becomes a hash, never a path."""
    name = uid_name(uid)
    assert (name == uid) is kept
    assert safe_path(name) == name
