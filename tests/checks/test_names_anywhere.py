"""No stranger's name leads out of the store or becomes another name elsewhere, and no name of one's own is lost."""

from __future__ import annotations

import ntpath
import os
import string
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetchers.checks.formats.safe_names import fold, local_name, safe_path, uid_name
from fetchers.errors import ContentError

_DEVICES = [
    *("CON", "PRN", "AUX", "NUL", "CLOCK$", "CONIN$", "CONOUT$"),
    *(f"{port}{digit}" for port in ("COM", "LPT") for digit in "0123456789\u00b9\u00b2\u00b3"),
]

_GOOD = [
    "a",
    "a.png",
    "images/CHNCXR_0001_0.png",
    "CXR_png/with space/in it (1).png",
    ".hidden/file",
    "..a/b..c",
    "a...b",
    "sub-01/anat/sub-01_T1w.nii.gz",
    "Müller/Ä.dcm",
    "日本語/ファイル.dcm",
    "console/null.txt/auxiliary",
    "com/lpt/com10/lpt10.x",
    "x.con",
    "~user/[1]/{2}/#3/%41/$HOME/`id`/-rf/'q'/&/;",
    "a" * 200,
    "é" * 100,
    "/".join(["d"] * 32),
    "/".join(["n" * 199] * 5),
]

_BAD = {
    "": "empty",
    "/etc/passwd": "absolute",
    "//server/share/x": "absolute",
    "\\\\server\\share\\x": "backslash",
    "C:\\x": "colon",
    "C:x": "colon",
    "c:/x": "colon",
    "a\\..\\b": "backslash",
    "a/b\\c": "backslash",
    "..": "'..'",
    "../x": "'..'",
    "a/../../b": "'..'",
    "a/..": "'..'",
    ".": "'.'",
    "a/./b": "'.'",
    "a//b": "empty component",
    "a/": "empty component",
    "a\0b": "x00",
    "a\nb": "\\n",
    "a\rb": "\\r",
    "a\tb": "\\t",
    "a\x1b[2Jb": "x1b",
    "a\x7f": "x7f",
    "a\x85b": "x85",
    "a\x9bb": "x9b",
    "a<b": "<",
    "a>b": ">",
    "a:b": "colon",
    "file.txt:stream": "colon",
    'a"b': '"',
    "a|b": "|",
    "a?b": "?",
    "a*b": "*",
    "a.": "dot or a space",
    "a ": "dot or a space",
    "a./b": "dot or a space",
    "a /b": "dot or a space",
    "...": "dot or a space",
    "é.": "dot or a space",
    "a/nul": "device",
    "con.tar.gz": "device",
    "a/Com1.txt/b": "device",
    "\udc80": "Unicode",
    "x/\ud800.png": "Unicode",
    "a" * 201: "200 bytes",
    "x/" + "é" * 101: "200 bytes",
    "/".join(["d"] * 33): "33 levels",
    "/".join(["n" * 199] * 5) + "/x": "1001 bytes",
}


@pytest.mark.parametrize("name", _GOOD)
def test_a_harmless_name_stays_as_it_is(name: str) -> None:
    """Nothing is repaired or changed."""
    assert safe_path(name) == name


@pytest.mark.parametrize(("name", "reason"), _BAD.items())
def test_a_name_that_could_harm_is_refused_with_the_reason(name: str, reason: str) -> None:
    """The message tells the reason and the name, and prints nothing that steers a terminal."""
    with pytest.raises(ContentError) as caught:
        safe_path(name)
    assert reason in caught.value.what
    assert caught.value.what.isprintable()
    assert repr(name[:200]) in caught.value.what


@pytest.mark.parametrize("device", _DEVICES)
def test_the_devices_of_windows_are_refused_in_every_dress(device: str) -> None:
    """Upper, lower, within a folder, as a folder, with one ending or two."""
    for name in (
        device,
        device.lower(),
        f"a/{device}",
        f"{device}/a",
        f"{device}.txt",
        f"{device} .txt",
        f"x/{device.title()}.tar.gz",
    ):
        with pytest.raises(ContentError, match="device"):
            safe_path(name)


@given(st.text(st.characters(exclude_categories=()), max_size=80) | st.text("./\\: aCONcom1\0", max_size=20))
def test_what_is_taken_stays_within_on_every_system(name: str) -> None:
    """Whatever passes is relative, goes nowhere up, and is read alike by POSIX and by Windows."""
    try:
        path = safe_path(name)
    except ContentError:
        return
    assert path == name
    parts = PurePosixPath(path).parts
    assert "/".join(parts) == path == os.path.normpath(path)
    assert PureWindowsPath(path).parts == parts
    assert not ntpath.isabs(path)
    assert not ntpath.splitdrive(path)[0]
    assert ".." not in parts


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("a/b.png", "a/b.png"),
        ("a:b.png", "a%3Ab.png"),
        ("what?.dcm", "what%3F.dcm"),
        ("a\\b", "a%5Cb"),
        ("line\nbreak", "line%0Abreak"),
        ("\x9bm", "%C2%9Bm"),
        ("dot.", "dot%2E"),
        ("space ", "space%20"),
        ("con", "_con"),
        ("a/NUL.txt", "a/_NUL.txt"),
        ("e\u0301.png", "é.png"),
        ("/abs/x", "abs/x"),
        ("./a", "a"),
    ],
)
def test_ones_own_name_becomes_a_portable_one(name: str, path: str) -> None:
    """What other systems cannot hold is written otherwise, and whether it was is told."""
    assert local_name(name) == (path, path != name)


def test_long_names_are_shortened_and_stay_apart() -> None:
    """Two long names that differ at their ends only remain two; the ending stays."""
    first, changed = local_name("n" * 250 + "1.nii.gz")
    second, _ = local_name("n" * 250 + "2.nii.gz")
    assert changed
    assert first != second
    assert first.endswith(".gz")
    assert safe_path(first) == first


def test_long_and_deep_paths_are_shortened_and_stay_apart() -> None:
    """What differs in the first folder only remains two, within the limits; the file's own name stays."""
    for middle in (["d"] * 40, ["f" * 190] * 10, ["é" * 150] * 33):
        paths = {local_name("/".join((first, *middle, "scan.dcm"))) for first in "ab"}
        assert len(paths) == 2
        for path, changed in paths:
            assert changed
            assert safe_path(path) == path
            assert path.endswith("/scan.dcm")
            assert local_name(path) == (path, False)


_COMPONENT = st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1)


@given(st.lists(_COMPONENT, max_size=4))
def test_a_portable_name_is_a_safe_name(parts: list[str]) -> None:
    """What `local_name` gives, `safe_path` takes, and `local_name` leaves alone from then on."""
    path, changed = local_name("/".join(parts))
    assert changed == (path != "/".join(parts))
    if path:
        assert safe_path(path) == path
        assert local_name(path) == (path, False)


@given(st.binary(min_size=1, max_size=300))
def test_bytes_that_are_no_text_still_get_a_name(raw: bytes) -> None:
    """Linux takes any bytes as a name; Python hands them over with surrogates."""
    path, _ = local_name(os.fsdecode(raw))
    assert not path or safe_path(path) == path


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("A.PNG", "a.png", True),
        ("\u00e9", "e\u0301", True),
        ("É", "e\u0301", True),
        ("straße", "STRASSE", True),
        ("ﬀ", "FF", True),
        ("a", "b", False),
        ("a/b", "a_b", False),
        ("\u0131", "i", False),
    ],
)
def test_names_that_some_disk_takes_for_one_have_one_key(one: str, other: str, *, same: bool) -> None:
    """Case and normal form do not tell two names apart."""
    assert (fold(one) == fold(other)) is same


@given(st.text(string.printable + "éÉßﬀ\u0130\u0131\u017f\u212a\u0301\u0345"))
def test_folding_is_settled_after_one_time(text: str) -> None:
    """A key's key is a key for the same names: upper case of a name never has another key than the name."""
    assert fold(text.casefold()) == fold(text) or not text.isascii()
    if text.isascii():
        assert fold(text.upper()) == fold(text)


@pytest.mark.parametrize("uid", ["1", "1.2.840.10008.1.1", "2.25." + "9" * 39, "1." * 31 + "12"])
def test_a_uid_is_its_own_name(uid: str) -> None:
    """Digits and dots, 64 at most."""
    assert len(uid) <= 64
    assert uid_name(uid) == uid


@pytest.mark.parametrize(
    "uid",
    [
        "",
        ".",
        "..",
        "1..2",
        ".1",
        "1.",
        "1.2.",
        "1/2",
        "../1",
        "1.a",
        "1.2\0",
        "1.2 ",
        "1.2\n",
        "\udc80",
        "1" * 65,
        "\u0661",
    ],
)
def test_what_is_no_uid_becomes_a_hash(uid: str) -> None:
    """A header may hold anything; the name that comes of it is safe, and the same each time."""
    name = uid_name(uid)
    assert name != uid
    assert safe_path(name) == name == uid_name(uid)
    assert len(name) == 32
