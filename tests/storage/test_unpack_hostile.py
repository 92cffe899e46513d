"""An archive becomes its files, all of them, or a reason; never anything beside its folder."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import os
import random
import shutil
import stat
import subprocess
import sys
import tarfile
import zipfile
import zlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fetchers.checks.formats import safe_names
from fetchers.errors import ContentError, FetchError, StoreError
from fetchers.storage.archive.decompress import _METHODS
from fetchers.storage.archive.unpack import Limits, Member, remove_tree, unpack
from tests.storage import hostile
from tests.storage.hostile import BODY, Entry, by_zipfile, file, packers, special, tarred, zipped

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_FILES = {"a/0.dcm": BODY, "a/1.dcm": BODY * 2, "a/2.dcm": BODY * 3}


def taken(place: Path, archive: bytes | Sequence[bytes], kind: str = "zip", **more: object) -> dict[str, bytes]:
    """Unpack into `place`/tree; return what lies there, held against what was said of it."""
    parts = [archive] if isinstance(archive, bytes) else list(archive)
    found = list(unpack(parts, kind, place / "tree", naming=safe_names, **more))  # type: ignore[arg-type]  # as named
    held = {member.path: (place / "tree" / member.path).read_bytes() for member in found if member.skipped is None}
    for member in found:
        if member.skipped is None:
            assert member.size == len(held[member.path])
            assert member.sha256 == hashlib.sha256(held[member.path]).hexdigest()
            assert member.head == held[member.path][: 1 << 16]
    return held


def outside(place: Path) -> set[str]:
    """Name what lies in `place` beside the tree."""
    return {path.name for path in place.iterdir()} - {"tree"}


def made_of(place: Path) -> set[int]:
    """Return the kinds of what lies in the tree."""
    return {stat.S_IFMT(path.lstat().st_mode) for path in (place / "tree").rglob("*")}


_ZIPS, _TARS = hostile.zips(), hostile.tars()


def test_there_are_enough_of_them() -> None:
    """The promise counts kinds of hostile archives."""
    assert len(_ZIPS) + len(_TARS) >= 100


@pytest.mark.parametrize("what", _ZIPS)
def test_a_hostile_zip_is_refused_with_its_reason(what: str, tmp_path: Path) -> None:
    """It ends with a `ContentError` that says why, and nothing lies beside the tree, which the caller removes."""
    archive, words = _ZIPS[what]
    with pytest.raises(ContentError, match=words):
        taken(tmp_path, archive)
    assert outside(tmp_path) == set()
    remove_tree(tmp_path / "tree")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("what", _TARS)
def test_a_hostile_tar_is_refused_with_its_reason(what: str, tmp_path: Path) -> None:
    """The same, plain and packed."""
    archive, words = _TARS[what]
    kinds = ["gzip"] if archive[:2] == b"\x1f\x8b" else ["tar", "gzip"]
    for kind in kinds:
        packed = gzip.compress(archive) if kind == "gzip" and archive[:2] != b"\x1f\x8b" else archive
        with pytest.raises(ContentError, match=words):
            taken(tmp_path, packed, kind)
        assert outside(tmp_path) == set()
        remove_tree(tmp_path / "tree")


@pytest.mark.parametrize(
    "archive",
    [
        by_zipfile(),
        by_zipfile(zipfile.ZIP_STORED),
        by_zipfile(zipfile.ZIP_BZIP2),
        by_zipfile(zipfile.ZIP_LZMA),
        by_zipfile(streamed=True),
        by_zipfile(zipfile.ZIP_STORED, streamed=True),
        by_zipfile(big=True),
        by_zipfile(streamed=True, big=True),
    ],
    ids=["deflate", "stored", "bzip2", "lzma", "streamed", "streamed stored", "zip64", "streamed zip64"],
)
def test_zips_of_the_standard_library(archive: bytes, tmp_path: Path) -> None:
    """Seekable and streamed, with and without zip64, in each method."""
    assert taken(tmp_path, archive) == _FILES


@pytest.mark.parametrize("kind", packers())
@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_tars_of_the_standard_library(kind: str, form: int, tmp_path: Path) -> None:
    """Three formats, five packings, names longer than a header has room for."""
    longer = "/".join(("long" * 12, "name" * 20, "x" * 60))
    files = {**_FILES, longer: b"", "caf\u00e9": b"1"}
    folder = tarfile.TarInfo("a/")
    folder.type = tarfile.DIRTYPE
    archive = tarred((folder, b""), *(file(name, body) for name, body in files.items()), form=form)
    assert taken(tmp_path, packers()[kind](archive), kind) == files


@pytest.mark.parametrize("kind", ["gzip", "bz2", "xz", "zstd"])
def test_streams_put_end_to_end_are_one(kind: str, tmp_path: Path) -> None:
    """As pigz, pbzip2 and `xz -T` write them; zeros may follow."""
    archive = tarred(*(file(name, body) for name, body in _FILES.items()))
    pack = packers()[kind]
    packed = b"".join(pack(archive[at : at + 3000]) for at in range(0, len(archive), 3000))
    assert taken(tmp_path, packed + bytes(512), kind) == _FILES


_TOOLS = {
    "zip": "zip -q -r ../x.zip .",
    "zip from a pipe": "zip -q -r - . > ../x.zip",
    "zip with links": "ln -s a/0.dcm link && zip -q -r -y ../x.zip . && rm link",
    "zip, bzip2": "zip -q -r -Z bzip2 ../x.zip .",
    "zip, a comment": "echo hello | zip -q -r -z ../x.zip . > /dev/null",
    "zip, one deleted": "echo 1 > y; zip -q -r ../x.zip . && zip -q -d ../x.zip y && rm y",
    "zip, grown": "zip -q ../x.zip a/0.dcm && zip -q ../x.zip a/1.dcm a/2.dcm",
    "7z": "7z a -bd ../x.zip . > /dev/null",
    "7z, lzma": "7z a -bd -mm=LZMA ../x.zip . > /dev/null",
    "bsdtar zip": "bsdtar -c --format zip -f ../x.zip .",
    "jar": "jar cfM ../x.zip .",
    "tar": "tar cf ../x.tar .",
    "tar, old": "tar c --format=v7 -f ../x.tar a",
    "tar, gzip": "tar czf ../x.gzip .",
    "tar, xz": "tar cJf ../x.xz a",
    "tar, bz2": "tar cjf ../x.bz2 a",
    "tar, zstd": "tar c . | zstd -q -T0 -o ../x.zstd",
    "tar, devices and links": "ln a/0.dcm hard; ln -s a soft; mkfifo pipe; tar cf ../x.tar a hard soft pipe;"
    " rm hard soft pipe",
    "bsdtar": "bsdtar -cf ../x.tar .",
    "7z tar": "7z a -bd ../x.tar . > /dev/null",
}


@pytest.mark.parametrize("what", _TOOLS)
def test_archives_of_other_tools(what: str, tmp_path: Path) -> None:
    """What ordinary tools write is taken, to the byte."""
    line = _TOOLS[what]
    tool = next(word for word in ("7z", "bsdtar", "jar", "zstd", "zip", "tar") if f"{word} " in line)
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed")
    (tmp_path / "in" / "a").mkdir(parents=True)
    for name, body in _FILES.items():
        (tmp_path / "in" / name).write_bytes(body)
    subprocess.run(["/bin/sh", "-ec", line], cwd=tmp_path / "in", check=True)
    (archive,) = tmp_path.glob("x.*")
    body = archive.read_bytes()
    shutil.rmtree(tmp_path / "in")
    archive.unlink()
    held = taken(tmp_path, body, archive.suffix[1:])
    assert {name: held[name] for name in held if name.startswith("a/")} == _FILES
    assert set(held) - set(_FILES) <= {"META-INF/MANIFEST.MF", "hard"}
    assert made_of(tmp_path) <= {stat.S_IFREG, stat.S_IFDIR}


def test_what_is_no_file_is_left_out_and_said(tmp_path: Path) -> None:
    """Links that stay within, devices and pipes are not made; the rest is held."""
    archive = tarred(
        file("a/1"),
        special("a/soft", tarfile.SYMTYPE, "1"),
        special("hard", tarfile.LNKTYPE, "a/1"),
        special("null", tarfile.CHRTYPE),
        special("pipe", tarfile.FIFOTYPE),
        file("setuid", b"x", mode=0o4777),
    )
    found = list(unpack([archive], "tar", tmp_path / "tree", naming=safe_names))
    left = {member.path: member.skipped for member in found if member.skipped}
    assert set(left) == {"a/soft", "null", "pipe"}
    assert (tmp_path / "tree" / "hard").read_bytes() == BODY
    assert (tmp_path / "tree" / "hard").stat().st_nlink == 1
    assert all("left out" in str(reason) for reason in left.values())
    assert made_of(tmp_path) == {stat.S_IFREG, stat.S_IFDIR}
    assert stat.S_IMODE((tmp_path / "tree" / "setuid").stat().st_mode) & 0o7111 == 0


def test_the_same_bytes_under_the_same_name_are_held_once(tmp_path: Path) -> None:
    """A tar that was appended to, a zip with one entry twice: nothing is lost, and it is said."""
    for kind, archive in (
        ("tar", tarred(file("a/1"), file("a/1"))),
        ("zip", zipped(Entry(), Entry())),
    ):
        found = list(unpack([archive], kind, tmp_path / kind, naming=safe_names))
        assert [member.skipped is None for member in found] == [True, False]
        assert "same bytes" in str(found[1].skipped)


def test_a_private_set_is_nobody_elses_to_read(tmp_path: Path) -> None:
    """Folders 0700, files 0600; otherwise 0755 and 0644, as the mask has it, whatever the archive says."""
    for private, modes in ((True, {0o600, 0o700}), (False, {0o644, 0o755})):
        place = tmp_path / str(private)
        place.mkdir()
        before = os.umask(0o022)
        try:
            list(unpack([by_zipfile()], "zip", place / "tree", naming=safe_names, private=private))
        finally:
            os.umask(before)
        assert {stat.S_IMODE(path.lstat().st_mode) for path in (place / "tree").rglob("*")} == modes


def test_pieces_are_read_end_to_end(tmp_path: Path) -> None:
    """A split archive is one, wherever it was split, from memory and from files."""
    archive = by_zipfile()
    for at in (1, 40, len(archive) // 2, len(archive) - 5):
        assert taken(tmp_path, [archive[:at], archive[at:]]) == _FILES
        remove_tree(tmp_path / "tree")
    (tmp_path / "1").write_bytes(archive[:99])
    (tmp_path / "2").write_bytes(archive[99:])
    found = unpack([tmp_path / "1", tmp_path / "2"], "zip", tmp_path / "tree", naming=safe_names)
    assert {member.path for member in found} == set(_FILES)


def test_a_list_of_hashes_within_is_held_against_the_members(tmp_path: Path) -> None:
    """TCIA's zips bring one; both values are named."""
    digest = hashlib.md5(BODY, usedforsecurity=False).hexdigest()
    wrong = "0" * 32

    def archive(listed: str) -> bytes:
        return zipped(Entry(name=b"1.dcm"), Entry(name=b"md5hashes.csv", body=listed.encode()))

    assert set(taken(tmp_path, archive(f"Filename,MD5Hash\n1.dcm,{digest}\n"), hashes="md5hashes.csv")) == {
        "1.dcm",
        "md5hashes.csv",
    }
    remove_tree(tmp_path / "tree")
    with pytest.raises(ContentError, match=rf"{digest}.*{wrong}"):
        taken(tmp_path, archive(f"Filename,MD5Hash\n1.dcm,{wrong}\n"), hashes="md5hashes.csv")
    remove_tree(tmp_path / "tree")
    with pytest.raises(ContentError, match="not in the archive"):
        taken(tmp_path, archive(f"Filename,MD5Hash\n2.dcm,{digest}\n"), hashes="md5hashes.csv")


def test_each_limit_has_its_refusal(tmp_path: Path) -> None:
    """Room, `--max-size` and the cost each have their refusal; a thousandfold is none."""
    for limits, kind, words in (
        (Limits(free=1000), StoreError, "room"),
        (Limits(budget=1000), StoreError, "--max-size"),
        (Limits(unpacked=1000), ContentError, "would become"),
    ):
        for archive, form in ((by_zipfile(), "zip"), (tarred(*(file(name) for name in "abc")), "tar")):
            with pytest.raises(kind, match=words):
                taken(tmp_path, archive, form, limits=limits)
            remove_tree(tmp_path / "tree")
    assert taken(tmp_path, zipped(Entry(body=bytes(40 << 20)))) == {"a/1.dcm": bytes(40 << 20)}


def test_a_crowd_of_empty_files_costs_a_block_each(tmp_path: Path) -> None:
    """An entry costs 4 KiB on the disk, whatever it holds."""
    for most, refused in ((9, True), (10, False)):
        limits = Limits(unpacked=most * 4096)
        for kind, archive in (
            ("zip", zipped(*(Entry(name=b"%d" % number, body=b"", method=0) for number in range(10)))),
            ("tar", tarred(*(file(str(number), b"") for number in range(10)))),
        ):
            if refused:
                with pytest.raises(ContentError, match="10 entries"):
                    taken(tmp_path, archive, kind, limits=limits)
            else:
                assert len(taken(tmp_path, archive, kind, limits=limits)) == 10
            remove_tree(tmp_path / "tree")


ODD = {
    "a/CON.dcm": "a/_CON.dcm",
    "COM\u00b9": "_COM\u00b9",
    "a/x.": "a/x%2E",
    "a /x": "a%20/x",
    "a\nb": "a%0Ab",
    "a\x1b[31m": "a%1B[31m",
    "a?.dcm": "a%3F.dcm",
    "12:30:05.json": "12%3A30%3A05.json",
    "a//b": "a/b",
    "a\\b": "a/b",
}


@pytest.mark.parametrize("name", ODD)
def test_a_name_that_not_every_system_has_is_held_under_another(name: str, tmp_path: Path) -> None:
    """In zips and in tars."""
    for kind, archive in (("zip", zipped(Entry(name=name.encode()))), ("tar", tarred(file(name)))):
        assert list(taken(tmp_path, archive, kind)) == [ODD[name]]
        remove_tree(tmp_path / "tree")


def test_names_that_are_one_for_some_systems_are_held_apart(tmp_path: Path) -> None:
    """Case and normal forms: neither is lost, and the second is said to have another name."""
    for names in (("d/1.dcm", "d/1.DCM"), ("d/\u00e9", "d/e\u0301")):
        archive = zipped(*(Entry(name=name.encode(), body=name.encode()) for name in names))
        found = taken(tmp_path, archive)
        assert sorted(found.values()) == sorted(name.encode() for name in names)
        remove_tree(tmp_path / "tree")


_CHILD = """
import resource, sys
from pathlib import Path
from fetchers.checks.formats import safe_names
from fetchers.errors import ContentError
from fetchers.storage.archive.unpack import Limits, unpack
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    limits = Limits(unpacked=20 << 20)
    for _ in unpack([Path(sys.argv[1])], sys.argv[2], Path(sys.argv[3]), naming=safe_names, limits=limits):
        pass
except ContentError as error:
    print(error.what)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize("promised", [True, False])
@pytest.mark.parametrize("kind", ["gzip", "bz2", "xz", "zstd"])
def test_a_packed_bomb_is_stopped_and_takes_no_memory(kind: str, *, promised: bool, tmp_path: Path) -> None:
    """A member of 256 MiB of zeros, or so many zeros after the end; at most twice the limit is written."""
    info = tarfile.TarInfo("bomb")
    info.size = 256 << 20
    pack = packers()[kind]
    start = info.tobuf() if promised else tarred(file("a"))
    archive = tmp_path / "bomb"
    zeros = pack(bytes(256 << 20)) if kind == "zstd" else pack(bytes(32 << 20)) * 8
    archive.write_bytes(pack(start) + zeros)
    child = subprocess.run(
        [sys.executable, "-c", _CHILD, str(archive), kind, str(tmp_path / "tree")],
        check=True,
        capture_output=True,
        text=True,
    )
    reason, grown = child.stdout.splitlines()
    assert ("would become" if promised else "unasked") in reason
    assert int(grown) < 80 << 10
    written = sum(path.stat().st_size for path in (tmp_path / "tree").rglob("*"))
    assert written <= 40 << 20


def test_decoder_flushes_at_end_of_stream() -> None:
    """An end is not missed where the room was used up exactly: zlib may hold bytes back without any input left."""
    noise = random.Random(1)
    for size in range(1, 400):
        body = bytes(noise.choice(b"abc") for _ in range(size))
        packed = hostile.deflated(body)
        for room in {size, max(1, size - 1), max(1, size // 2)}:
            one = _METHODS[8]()
            out = one.decompress(packed, room)
            while not one.eof and not one.needs_input:
                out += one.decompress(b"", room)
            assert (out, one.eof) == (body, True)


@pytest.mark.parametrize("kind", ["zip", "tar", "gzip"])
def test_a_piece_of_an_archive_is_never_the_archive(kind: str, tmp_path: Path) -> None:
    """Cut at every hundredth part."""
    archive = by_zipfile() if kind == "zip" else packers()[kind](tarred(*(file(name) for name in "abc")))
    if kind == "tar":
        archive = archive[: 3 * 1536 + 1024]  # without what fills up the tape's block
    for part in range(100):
        with pytest.raises(ContentError):
            taken(tmp_path, archive[: len(archive) * part // 100], kind)
        remove_tree(tmp_path / "tree")


def test_the_tree_is_removed_without_following_links(tmp_path: Path) -> None:
    """A link that somebody planted in it, or in its place, costs nothing else."""
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "x").write_text("x")
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "link").symlink_to(tmp_path / "precious")
    remove_tree(tree)
    assert not tree.exists()
    tree.symlink_to(tmp_path / "precious")
    remove_tree(tree)
    assert (tmp_path / "precious" / "x").read_text() == "x"


def test_a_tree_that_is_there_is_not_written_into(tmp_path: Path) -> None:
    """Nor is a link in its place followed."""
    (tmp_path / "else").mkdir()
    (tmp_path / "tree").symlink_to(tmp_path / "else")
    with pytest.raises(StoreError):
        taken(tmp_path, by_zipfile())
    assert list((tmp_path / "else").iterdir()) == []
    (tmp_path / "tree").unlink()
    (tmp_path / "tree").mkdir()
    with pytest.raises(StoreError):
        taken(tmp_path, by_zipfile())


def test_a_link_planted_while_it_is_unpacked_is_not_followed(tmp_path: Path) -> None:
    """Somebody else on the machine may write into the folder: what is in the way ends it."""
    (tmp_path / "else").mkdir()
    going = unpack([tarred(file("a/1"), file("b/1"), file("a/2"))], "tar", tmp_path / "tree", naming=safe_names)
    next(going)
    (tmp_path / "tree" / "b").symlink_to(tmp_path / "else")
    with pytest.raises(StoreError):
        next(going)
    assert list((tmp_path / "else").iterdir()) == []


def test_a_file_planted_in_a_members_place_is_not_overwritten(tmp_path: Path) -> None:
    """Nor is a link there followed."""
    (tmp_path / "else").write_text("x")
    going = unpack([tarred(file("a/1"), file("a/2"))], "tar", tmp_path / "tree", naming=safe_names)
    next(going)
    (tmp_path / "tree" / "a" / "2").symlink_to(tmp_path / "else")
    with pytest.raises(StoreError):
        next(going)
    assert (tmp_path / "else").read_text() == "x"


_BASES = [("zip", by_zipfile()), ("zip", by_zipfile(streamed=True)), ("tar", tarred(*(file(name) for name in "ab")))]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(_BASES), st.integers(0, 1 << 32))
def test_a_damaged_archive_gives_its_files_or_a_reason(
    tmp_path_factory: pytest.TempPathFactory, base: tuple[str, bytes], seed: int
) -> None:
    """Whatever bytes are turned: no other exception, nothing outside, and what is given is what lies there."""
    kind, archive = base
    noise = random.Random(seed)
    body = bytearray(archive)
    for _ in range(noise.randint(1, 4)):
        body[noise.randrange(len(body))] = noise.randrange(256)
    place = tmp_path_factory.mktemp("damaged")
    try:
        held = taken(place, bytes(body), kind)
        assert all(zlib.crc32(content) for content in held.values())
    except FetchError:
        pass
    assert outside(place) == set()
    assert not (place / "tree").exists() or made_of(place) <= {stat.S_IFREG, stat.S_IFDIR}
    remove_tree(place)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(st.sampled_from("ab./\\:\u00e9C\x00 ~"), min_size=1, max_size=9), min_size=1, max_size=4))
def test_no_name_leads_out(tmp_path_factory: pytest.TempPathFactory, found: list[str]) -> None:
    """Whatever the members are called."""
    place = tmp_path_factory.mktemp("names")
    archive = zipped(*(Entry(name=name.encode(), body=name.encode()) for name in found))
    members: list[Member] = []
    with contextlib.suppress(FetchError):
        members = list(unpack([archive], "zip", place / "tree", naming=safe_names))
    for member in members:
        assert (place / "tree" / member.path).resolve().is_relative_to((place / "tree").resolve())
    assert outside(place) == set()
    remove_tree(place)
