"""Archives are unpacked, and hostile ones refused with a reason."""

# ruff: noqa: E501, ANN401, SIM105 - tables of cases, and helpers that hand anything on
from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import os
import random
import stat
import struct
import subprocess
import tarfile
import zipfile
from shutil import which
from typing import TYPE_CHECKING, Any

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fetchers.checks.formats import safe_names
from fetchers.errors import ContentError, StoreError
from fetchers.storage.archive.unpack import Limits, Member, remove_tree, unpack

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_LINK = stat.S_IFLNK | 0o777


class _Unseekable(io.RawIOBase):
    """A stream that a zip is written to with data descriptors."""

    def __init__(self) -> None:
        super().__init__()
        self.body = bytearray()

    def writable(self) -> bool:
        """Say yes."""
        return True

    def write(self, data: Any) -> int:
        """Take the bytes."""
        self.body += bytes(data)
        return len(data)


def zipped(
    members: dict[str, bytes], *, modes: dict[str, int] | None = None, method: int = 8, stream: bool = False
) -> bytes:
    """Make a zip; `modes` are of Unix."""
    sink: Any = _Unseekable() if stream else io.BytesIO()
    with zipfile.ZipFile(sink, "w", method) as archive:
        for name, body in members.items():
            info = zipfile.ZipInfo("x")
            info.filename, info.compress_type = name, method
            info.external_attr = (modes or {}).get(name, stat.S_IFREG | 0o644) << 16
            archive.writestr(info, body)
    return bytes(sink.body) if stream else bytes(sink.getvalue())


def tarred(*members: tuple[str, bytes] | tarfile.TarInfo, form: int = tarfile.PAX_FORMAT) -> bytes:
    """Make a tar of files, or of whatever an info says."""
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w", format=form) as archive:
        for one in members:
            if isinstance(one, tarfile.TarInfo):
                archive.addfile(one)
                continue
            info = tarfile.TarInfo(one[0])
            info.size = len(one[1])
            archive.addfile(info, io.BytesIO(one[1]))
    return sink.getvalue()


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    """Make a link or a device."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def taken(data: bytes, kind: str, into: Path, **more: Any) -> dict[str, Member]:
    """Unpack all of it."""
    return {one.path: one for one in unpack([data], kind, into, naming=safe_names, **more)}


def patched(data: bytes, at: int, new: bytes) -> bytes:
    """Put other bytes at a place; from the end where it is below zero."""
    at = at if at >= 0 else len(data) + at
    return data[:at] + new + data[at + len(new) :]


PLAIN = zipped({"a.txt": b"hello" * 50, "b/c.txt": b"there" * 50})
STORED = zipped({"a.txt": b"hello" * 9}, method=0)
DIRECTORY = PLAIN.index(b"PK\1\2")
END = len(PLAIN) - 22
SECOND = PLAIN.index(b"PK\3\4", 4)


def _overlap() -> bytes:
    """Make two entries of one and the same local header."""
    one = PLAIN.index(b"PK\1\2")
    entry = PLAIN[one : PLAIN.index(b"PK\1\2", one + 4)]
    body = PLAIN[:SECOND]
    return body + entry * 2 + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 2, 2, len(entry) * 2, len(body), 0)


def _names(name: str) -> bytes:
    return zipped({name: b"x"})


HOSTILE_ZIPS: dict[str, tuple[bytes, str]] = {
    "out": (_names("../x"), "'..'"), "far out": (_names("a/../../x"), "'..'"), "absolute": (_names("/etc/x"), "absolute"),
    "backslash": (_names("..\\x"), "component"), "drive": (_names("C:/x"), "colon"),
    "stream of NTFS": (_names("a:b"), "colon"), "no name": (_names(""), "name"),
    "file and folder": (zipped({"a": b"1", "a/b": b"2"}), "is both"),
    "folder and file": (zipped({"a/b": b"1", "a": b"2"}), "twice"),
    "through a link": (zipped({"a": b"/tmp", "a/b": b"2"}, modes={"a": _LINK}), "link"),
    "through a later link": (zipped({"a/b": b"2", "a": b"/tmp"}, modes={"a": _LINK}), "link"),
    "through a link of another case": (zipped({"A": b"/tmp", "a/b": b"2"}, modes={"A": _LINK}), "link"),
    "encrypted": (patched(patched(PLAIN, 6, b"\1\0"), DIRECTORY + 8, b"\1\0"), "encrypted"),
    "method": (patched(patched(PLAIN, 8, b"\x63\0"), DIRECTORY + 10, b"\x63\0"), "method 99"),
    "other method": (patched(PLAIN, 8, b"\0\0"), "different methods"),
    "other name": (patched(PLAIN, 30, b"z"), "local header"), "other size": (patched(PLAIN, 22, b"\1"), "sizes"),
    "other crc": (patched(PLAIN, 14, b"\1\2"), "checksums"), "no local": (patched(PLAIN, 0, b"XX"), "no local"),
    "wrong content": (patched(STORED, 40, b"zz"), "CRC-32"), "disks": (patched(PLAIN, END + 4, b"\1\0"), "disks"),
    "count too high": (patched(PLAIN, END + 8, b"\3\0\3\0"), "3 entries"),
    "count too low": (patched(PLAIN, END + 8, b"\1\0\1\0"), "more than its"),
    "count differs": (patched(PLAIN, END + 8, b"\1\0"), "disks"),
    "directory nowhere": (patched(PLAIN, END + 16, b"\0\0\0\x7f"), "fit"),
    "directory of no size": (patched(PLAIN, END + 12, b"\0\0\0\0"), "unexplained"),
    "bytes in front": (b"MZ" * 30 + PLAIN, "unexplained"),
    "comment cut": (patched(PLAIN, END + 20, b"\5\0"), "comment is cut off"), "overlap": (_overlap(), "overlap"),
    "two in one": (PLAIN + PLAIN, "unexplained"),
    "zip64 without": (patched(PLAIN, END + 16, b"\xff\xff\xff\xff"), "zip64"),
    "size beyond": (patched(patched(STORED, 18, b"\xff\xff"), STORED.index(b"PK\1\2") + 20, b"\xff\xff"), "said to be"),
    "folder with content": (_names("a/"), "has content"),
    "no zip": (b"PK\3\4" + bytes(200), "truncated"), "nothing": (b"", "truncated"),
}  # fmt: skip
_A = ("a.txt", b"hello")
_B = (_A[0], b"other")
HOSTILE_TARS: dict[str, tuple[bytes, str]] = {
    "out": (tarred(("../x", b"1")), "'..'"), "absolute": (tarred(("/x", b"1")), "absolute"),
    "out by a link": (tarred(special("l", tarfile.SYMTYPE, "/tmp"), ("l/x", b"1")), "link"),
    "over a link": (tarred(special("l", tarfile.SYMTYPE, "/tmp/x"), ("l", b"1")), "link"),
    "over a hard link": (tarred(special("l", tarfile.LNKTYPE, "/etc/passwd"), ("l", b"1")), "link"),
    "a link over a file": (tarred(("l", b"1"), special("l", tarfile.SYMTYPE, "/tmp/x"), ("l/x", b"2")), "link"),
    "a chain": (
        tarred(special("a", tarfile.SYMTYPE, "."), special("a/b", tarfile.SYMTYPE, ".."), ("a/b/x", b"1")), "refused"
    ),
    "of another case": (tarred(special("L", tarfile.SYMTYPE, "/tmp"), ("l/x", b"1")), "link"),
    "twice": (tarred(_A, _B), "twice"), "backslash": (tarred(("..\\x", b"1")), "component"),
    "cut": (tarred(("a", bytes(5000)))[:3000], "truncated"), "no end": (tarred(_A)[:1024], "truncated"),
    "rest": (tarred(_A) + b"x" * 512, "end"), "checksum": (patched(tarred(_A), 0, b"z"), "broken"),
}  # fmt: skip
HOSTILE = [
    *((f"zip {name}", "zip", *case) for name, case in HOSTILE_ZIPS.items()),
    *((f"tar {name}", "tar", *case) for name, case in HOSTILE_TARS.items()),
    *(
        (f"{kind} {name}", kind, pack(HOSTILE_TARS[name][0]), HOSTILE_TARS[name][1])
        for kind, pack in (("gzip", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress))
        for name in ("out", "out by a link", "twice", "no end")
    ),
    ("gzip of no tar", "gzip", gzip.compress(b"hello"), ""),
    ("tar of noise", "tar", random.Random(1).randbytes(4096), ""),
]


@pytest.mark.parametrize(("kind", "data", "reason"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE])
def test_hostile_archives_are_refused_with_a_reason(tmp_path: Path, kind: str, data: bytes, reason: str) -> None:
    """Each is refused with a named reason, and nothing lies outside the folder that the caller removes."""
    into = tmp_path / "under" / "tree"
    with pytest.raises(ContentError) as refusal:
        taken(data, kind, into)
    assert reason in str(refusal.value)
    remove_tree(into)
    assert [path for path in tmp_path.rglob("*") if path != tmp_path / "under"] == []


def test_how_many_are_hostile() -> None:
    """The set is not small."""
    assert len(HOSTILE) >= 60


GOOD = {"a.txt": b"hello" * 5000, "b/c.bin": random.Random(2).randbytes(70_000), "b/d/empty": b"", "\u00fc.txt": b"u"}


def _by_zip(tmp_path: Path) -> bytes:
    command = which("zip")
    if command is None:
        pytest.skip("no zip on this machine")
    folder = tmp_path / "in"
    for name, body in GOOD.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(body)
    subprocess.run([command, "-qr", "../out.zip", "."], cwd=folder, check=True)
    return (tmp_path / "out.zip").read_bytes()


def _zip64() -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", 8) as archive:
        for name, body in GOOD.items():
            with archive.open(name, "w", force_zip64=True) as member:
                member.write(body)
    return sink.getvalue()


MAKERS: dict[str, tuple[str, Callable[[Path], bytes]]] = {
    "stored": ("zip", lambda _: zipped(GOOD, method=0)),
    "deflate": ("zip", lambda _: zipped(GOOD)),
    "bzip2": ("zip", lambda _: zipped(GOOD, method=12)),
    "lzma": ("zip", lambda _: zipped(GOOD, method=14)),
    "streamed": ("zip", lambda _: zipped(GOOD, stream=True)),
    "zip64": ("zip", lambda _: _zip64()),
    "the zip command": ("zip", _by_zip),
    "pax": ("tar", lambda _: tarred(*GOOD.items())),
    "gnu": ("tar", lambda _: tarred(*GOOD.items(), form=tarfile.GNU_FORMAT)),
    "tar.gz": ("gzip", lambda _: gzip.compress(tarred(*GOOD.items()))),
    "tar.bz2": ("bz2", lambda _: bz2.compress(tarred(*GOOD.items()))),
    "tar.xz": ("xz", lambda _: lzma.compress(tarred(*GOOD.items()))),
    "tar.zst": ("zstd", lambda _: zstandard.compress(tarred(*GOOD.items()))),
}


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_good_archives_are_unpacked(tmp_path: Path, name: str) -> None:
    """What honest programs make is unpacked: every byte, its size, its hash, its first bytes."""
    kind, make = MAKERS[name]
    found = taken(make(tmp_path), kind, tmp_path / "under" / "tree")
    assert set(found) == set(GOOD)
    for path, body in GOOD.items():
        assert (tmp_path / "under" / "tree" / path).read_bytes() == body
        assert found[path].sha256 == hashlib.sha256(body).hexdigest()
        assert (found[path].size, found[path].head) == (len(body), body[: 1 << 16])


@pytest.mark.parametrize("name", ["deflate", "streamed", "zip64", "pax", "tar.gz", "tar.bz2", "tar.xz", "tar.zst"])
def test_cut_at_every_twentieth(tmp_path: Path, name: str) -> None:
    """A cut archive is never taken for a whole one."""
    kind, make = MAKERS[name]
    data = make(tmp_path)
    for part in range(20):
        size = min(len(data) * part // 20, len(data) - 10240) if kind == "tar" else len(data) * part // 20
        with pytest.raises(ContentError):
            taken(data[:size], kind, tmp_path / f"{part}" / "tree")


def test_an_archive_in_pieces_is_one(tmp_path: Path) -> None:
    """An archive in three pieces, some in memory, is one."""
    data = zipped(GOOD)
    (tmp_path / "second").write_bytes(data[5000:9000])
    sources: list[bytes | Path] = [data[:5000], tmp_path / "second", data[9000:]]
    assert {one.path for one in unpack(sources, "zip", tmp_path / "u" / "t", naming=safe_names)} == set(GOOD)


def test_a_link_is_left_out_and_said(tmp_path: Path) -> None:
    """A link that nothing passes through is not made; its neighbours are."""
    found = taken(zipped({"a": b"1", "l": b"a"}, modes={"l": _LINK}), "zip", tmp_path / "u" / "zip")
    assert found["l"].skipped is not None
    assert found["a"].skipped is None
    found = taken(
        tarred(_A, special("l", tarfile.SYMTYPE, "a.txt"), special("f", tarfile.FIFOTYPE)), "tar", tmp_path / "u" / "t"
    )
    assert {path for path, one in found.items() if one.skipped} == {"l", "f"}
    assert not any(os.path.lexists(tmp_path / "u" / tree / "l") for tree in ("zip", "t"))


@pytest.mark.parametrize(
    ("listing", "reason"),
    [
        ("a.txt,{good}\n", None),
        ('name,md5\r\n"a.txt","{good}"\r\n', None),
        ("a.txt,{bad}\n", "is listed"),
        ("a.txt,{good}\nb.txt,{good}\n", "not in the archive"),
    ],
)
def test_members_must_match_listed_hashes(tmp_path: Path, listing: str, reason: str | None) -> None:
    """A member with other bytes than its list says, or a listed one that is not there, ends it."""
    good, bad = hashlib.md5(b"hello").hexdigest(), hashlib.md5(b"other").hexdigest()
    data = zipped({"a.txt": b"hello", "md5hashes.csv": listing.format(good=good, bad=bad).encode()})
    if reason is None:
        assert set(taken(data, "zip", tmp_path / "u" / "t", hashes="md5hashes.csv")) == {"a.txt", "md5hashes.csv"}
        return
    with pytest.raises(ContentError, match=reason):
        taken(data, "zip", tmp_path / "u" / "t", hashes="md5hashes.csv")


@pytest.mark.parametrize("limits", [Limits(free=9), Limits(unpacked=4096)])
@pytest.mark.parametrize(("kind", "data"), [("zip", PLAIN), ("tar", tarred(_A, ("b", b"hello")))])
def test_bytes_and_members_are_bounded(tmp_path: Path, kind: str, data: bytes, limits: Limits) -> None:
    """No more bytes and no more members than there is room for."""
    with pytest.raises((ContentError, StoreError), match=r"refused|there is room"):
        taken(data, kind, tmp_path / "u" / "t", limits=limits)


def test_no_member_becomes_executable(tmp_path: Path) -> None:
    """No member gets an x bit or setuid; private ones are their owner's only."""
    data = zipped({"a": b"1"}, modes={"a": stat.S_IFREG | 0o6777})
    taken(data, "zip", tmp_path / "u" / "t", private=True)
    assert stat.S_IMODE((tmp_path / "u" / "t" / "a").stat().st_mode) == 0o600


_PART = st.sampled_from(["..", ".", "", "a", "A", "b", "l", "/", "\\", "C:", "con", "\u00e9", "e\u0301"])
_NAME = st.lists(_PART, min_size=1, max_size=4).map("/".join)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(_NAME, st.sampled_from(["file", "link", "hard", "folder"]), _NAME), max_size=6))
def test_nothing_is_written_outside(tmp_path: Path, members: list[tuple[str, str, str]]) -> None:
    """Whatever the names and links, all that is new lies in the folder, and is a file or a folder."""
    kinds = {"file": tarfile.REGTYPE, "link": tarfile.SYMTYPE, "hard": tarfile.LNKTYPE, "folder": tarfile.DIRTYPE}
    data = tarred(*(special(name, kinds[kind], target) for name, kind, target in members))
    under = tmp_path / "under"
    before = set(tmp_path.iterdir()) | {under}
    try:
        taken(data, "tar", under / "tree")
    except ContentError:
        pass
    assert set(tmp_path.iterdir()) <= before
    assert set(under.iterdir()) <= {under / "tree"}
    assert not any(path.is_symlink() or not (path.is_file() or path.is_dir()) for path in under.rglob("*"))
    remove_tree(under / "tree")
