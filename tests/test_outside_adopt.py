"""`adopt` from outside, as the contract has it: every file comes in, or is named and left."""

from __future__ import annotations

import io
import json
import os
import tarfile
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.commands import Ran, fetch

PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><form><input type=password></form></body></html>"
CATALOGUE = """
[datasets.mydata]
title = "My data"
access = "open"
container = "{container}"
link = "https://data.example.org/"
[[datasets.mydata.files]]
url = "https://data.example.org/a.zip"
"""


def _png(shade: int = 1) -> bytes:
    picture = io.BytesIO()
    Image.new("L", (20, 10), shade).save(picture, "PNG")
    return picture.getvalue()


def _zip(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name.replace("__", "/"), body)
    return buffer.getvalue()


def _home(tmp_path: Path, container: str = "mixed") -> Path:
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    (home / "catalogue.toml").write_text(CATALOGUE.format(container=container))
    return home


def _folder(tmp_path: Path, **files: bytes) -> Path:
    folder = tmp_path / "brought"
    for name, body in files.items():
        path = folder / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    return folder


def _held(home: Path, dataset: str = "mydata") -> dict[str, bytes]:
    root = home / "cache" / dataset
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and "LICENCE" not in path.relative_to(root).parts
    }


def _result(ran: Ran) -> dict[str, Any]:
    (result,) = ran.document["datasets"]
    assert ran.document["exit"] == ran.status
    return dict(result)


def _left_over(home: Path) -> list[Path]:
    return [p for p in (home / "cache").rglob("*") if p.is_file() and ".partial" in p.parts and "lock" not in p.name]


def test_every_file_of_a_folder_is_taken_in_whatever_it_is(tmp_path: Path) -> None:
    """Pictures, tables, a file without a name's end, something unknown: all by their content."""
    home = _home(tmp_path)
    files = {
        "one_dot_png": _png(),
        "deep__er__table_dot_csv": b"a,b\n1,2\n",
        "README": b"hello\n",
        "blob_dot_xyz": bytes(range(256)) * 10,
        "page_dot_html": PAGE,
        "notes_dot_pdf": b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer<<>>\n%%EOF\n",
    }
    folder = _folder(tmp_path, **files)
    ran = fetch(home, "adopt", "mydata", str(folder), "--json")
    assert ran.status == 0, ran.out + ran.err
    assert _held(home) == {name.replace("__", "/").replace("_dot_", "."): body for name, body in files.items()}
    result = _result(ran)
    assert (result["files"], result["failed"]) == (6, 0)
    assert not _left_over(home)
    assert fetch(home, "verify", "mydata", "--json").document["checked_files"] == 6


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("bad.zip", _zip(a=_png())[:-30]),
        ("bad.zip", _zip(a=os.urandom(5000)).replace(b"PK\x05\x06", b"XX\x05\x06")),
        ("login.zip", PAGE),
        ("scan.png", b""),
        ("bad.tar.gz", b"\x1f\x8b\x08\x00" + b"rubbish" * 50),
    ],
)
def test_what_is_turned_away_is_named_and_left_alone(tmp_path: Path, name: str, body: bytes) -> None:
    """Alone: 4. With a good neighbour: 9, and the neighbour is held. The source stays, even with --move."""
    home = _home(tmp_path, "png")
    folder = _folder(tmp_path)
    folder.mkdir()
    (folder / name).write_bytes(body)
    ran = fetch(home, "adopt", "mydata", str(folder), "--move", "--json")
    assert ran.status == 4, ran.out + ran.err
    result = _result(ran)
    assert (result["failed"], result["files"]) == (1, 0)
    assert name in ran.out
    assert (folder / name).read_bytes() == body
    assert not _held(home)
    assert not _left_over(home)
    (folder / "good.png").write_bytes(_png())
    ran = fetch(home, "adopt", "mydata", str(folder), "--move", "--json")
    assert ran.status == 9, ran.out + ran.err
    assert _held(home) == {"good.png": _png()}
    assert [path.name for path in folder.iterdir()] == [name]
    assert not _left_over(home)


def test_an_archive_is_unpacked_and_adopting_again_changes_nothing(tmp_path: Path) -> None:
    """Idempotent: by archive, and by a plain file; the record and the disk stay as they are."""
    home = _home(tmp_path, "png")
    folder = _folder(tmp_path, set_dot_zip=_zip(**{"x__1.png": _png(1), "x__2.png": _png(2)}))
    (folder / "three.png").write_bytes(_png(3))
    first = fetch(home, "adopt", "mydata", str(folder), "--json")
    assert first.status == 0, first.out + first.err
    assert set(_held(home)) == {"x/1.png", "x/2.png", "three.png"}
    before = {p: p.stat().st_mtime_ns for p in (home / "cache/mydata").rglob("*") if p.is_file()}
    again = fetch(home, "adopt", "mydata", str(folder), "--json")
    assert again.status == 0, again.out + again.err
    assert _result(again)["files"] == _result(first)["files"] == 3
    assert _result(again)["downloaded_files"] == 0
    assert before == {p: p.stat().st_mtime_ns for p in (home / "cache/mydata").rglob("*") if p.is_file()}


def test_moving_what_is_held_already_removes_only_what_is_held(tmp_path: Path) -> None:
    """A second copy of the same bytes may go; the store keeps its own."""
    home = _home(tmp_path, "png")
    folder = _folder(tmp_path, one_dot_png=_png())
    assert fetch(home, "adopt", "mydata", str(folder)).status == 0
    assert (folder / "one.png").exists()
    ran = fetch(home, "adopt", "mydata", str(folder), "--move", "--json")
    assert ran.status == 0
    assert not (folder / "one.png").exists()
    assert _held(home) == {"one.png": _png()}


def test_moving_two_files_of_one_name_loses_neither(tmp_path: Path) -> None:
    """Two folders hold different files of one name: whichever is not held stays where it is."""
    home = _home(tmp_path, "png")
    sources = []
    for number in (1, 2):
        folder = tmp_path / f"f{number}"
        folder.mkdir()
        (folder / "one.png").write_bytes(_png(number))
        sources.append(folder)
    fetch(home, "adopt", "mydata", *map(str, sources), "--move", "--json")
    everywhere = set(_held(home).values()) | {p.read_bytes() for f in sources for p in f.iterdir()}
    assert everywhere == {_png(1), _png(2)}


def test_move_of_a_file_in_the_store_itself_loses_nothing(tmp_path: Path) -> None:
    """A person points at the store's own folder: the held file is still held afterwards."""
    home = _home(tmp_path, "png")
    folder = _folder(tmp_path, one_dot_png=_png())
    assert fetch(home, "adopt", "mydata", str(folder)).status == 0
    fetch(home, "adopt", "mydata", str(home / "cache/mydata"), "--move", "--json")
    assert _held(home) == {"one.png": _png()}
    fetch(home, "adopt", "mydata", str(home / "cache/mydata/one.png"), "--move", "--json")
    assert _held(home) == {"one.png": _png()}
    assert fetch(home, "verify", "mydata").status == 0


@pytest.mark.parametrize("size", [100, 3 << 20])
def test_link_is_a_hard_link_or_reflink_never_a_symbolic_link(tmp_path: Path, size: int) -> None:
    """The bytes are shared where the file system can; the source stays."""
    home = _home(tmp_path, "raw")
    body = os.urandom(size)
    folder = _folder(tmp_path, big_dot_bin=body)
    ran = fetch(home, "adopt", "mydata", str(folder), "--link", "--json")
    assert ran.status == 0, ran.out + ran.err
    held = home / "cache/mydata/big.bin"
    assert not held.is_symlink()
    assert held.read_bytes() == (folder / "big.bin").read_bytes() == body
    same = held.stat().st_ino == (folder / "big.bin").stat().st_ino
    assert same or held.stat().st_dev == (folder / "big.bin").stat().st_dev  # a reflink has an inode of its own
    again = fetch(home, "adopt", "mydata", str(folder), "--link", "--json")
    assert again.status == 0, again.out + again.err
    assert (folder / "big.bin").read_bytes() == body


def test_another_file_under_a_held_name_stays_out(tmp_path: Path) -> None:
    """The held one stays; the new one is refused (named) or held under another name."""
    home = _home(tmp_path, "png")
    folder = _folder(tmp_path, one_dot_png=_png(1))
    assert fetch(home, "adopt", "mydata", str(folder)).status == 0
    (folder / "one.png").write_bytes(_png(2))
    ran = fetch(home, "adopt", "mydata", str(folder), "--move", "--json")
    held = _held(home)
    assert held["one.png"] == _png(1)
    assert "one.png" in ran.out
    if _png(2) not in held.values():
        assert ran.status in (4, 9), ran.out + ran.err
        assert (folder / "one.png").read_bytes() == _png(2)
    assert fetch(home, "verify", "mydata").status == 0


@pytest.mark.parametrize(
    "name", ["a:b.png", "con.png", "dot..", "space .png", "ümlaut.png", "new\nline.png", "-dash.png", "back\\slash.png",
             "e\u0301.png", "tab\t.png", "x" * 240 + ".png"]
)  # fmt: skip
def test_odd_names_lose_no_file(tmp_path: Path, name: str) -> None:
    """Held under this or another name that is said; verify finds it."""
    home = _home(tmp_path)
    folder = _folder(tmp_path)
    folder.mkdir()
    (folder / name).write_bytes(_png())
    ran = fetch(home, "adopt", "mydata", str(folder), "--json")
    assert ran.status == 0, ran.out + ran.err
    (held,) = _held(home).items()
    assert held[1] == _png()
    if held[0] != name:
        said = [f for f in _result(ran)["findings"] if f["path"] and f["path"].endswith(held[0])]
        assert said, ran.out
    assert fetch(home, "verify", "mydata").status == 0


def test_a_name_that_is_no_text_is_held_and_said(tmp_path: Path) -> None:
    """A file name in Latin-1 bytes: the document is still JSON, the file is held."""
    home = _home(tmp_path)
    folder = _folder(tmp_path)
    folder.mkdir()
    with open(os.fsencode(folder) + b"/caf\xe9.png", "wb") as file:  # noqa: PTH123 - a Path takes no bytes
        file.write(_png())
    ran = fetch(home, "adopt", "mydata", str(folder), "--json")
    assert ran.status == 0, ran.out + ran.err
    assert list(_held(home).values()) == [_png()]
    assert json.loads(ran.out)["datasets"][0]["findings"]
    assert fetch(home, "verify", "mydata", "--json").document["checked_files"] == 1


def test_names_that_differ_in_case_or_form_only_lose_no_file(tmp_path: Path) -> None:
    """Scan.png and scan.png, and two normal forms, from a folder and from an archive."""
    home = _home(tmp_path)
    folder = _folder(tmp_path)
    folder.mkdir()
    names = ["Scan.png", "scan.png", "\u00e9.png", "e\u0301.png"]
    for number, name in enumerate(names):
        (folder / name).write_bytes(_png(number))
    ran = fetch(home, "adopt", "mydata", str(folder), "--json")
    assert {_png(n) for n in range(4)} <= set(_held(home).values()) or ran.status in (4, 9), ran.out
    (tmp_path / "set.zip").write_bytes(_zip(**{f"z__{name}": _png(10 + n) for n, name in enumerate(names)}))
    ran = fetch(home, "adopt", "mydata", str(tmp_path / "set.zip"), "--json")
    assert {_png(10 + n) for n in range(4)} <= set(_held(home).values()) or ran.status in (4, 9), ran.out
    assert fetch(home, "verify", "mydata", "--json").status == 0


def _tar_with_links() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        good = tarfile.TarInfo("good.png")
        good.size = len(_png())
        archive.addfile(good, io.BytesIO(_png()))
        for name, kind, target in (
            ("sym.png", tarfile.SYMTYPE, "good.png"),
            ("hard.png", tarfile.LNKTYPE, "good.png"),
            ("fifo", tarfile.FIFOTYPE, ""),
        ):
            link = tarfile.TarInfo(name)
            link.type, link.linkname = kind, target
            archive.addfile(link)
    return buffer.getvalue()


def test_links_in_an_archive_are_left_out_and_said(tmp_path: Path) -> None:
    """Never made; a hard link to a member may be a copy; each that is left out is named."""
    home = _home(tmp_path)
    folder = _folder(tmp_path, set_dot_tar_dot_gz=_tar_with_links())
    ran = fetch(home, "adopt", "mydata", str(folder), "--json")
    assert ran.status == 0, ran.out + ran.err
    assert not [p for p in (home / "cache").rglob("*") if p.is_symlink() or p.is_fifo()]
    held = _held(home)
    assert held["good.png"] == _png()
    for name in ("sym.png", "hard.png", "fifo"):
        said = any((f["path"] or "").endswith(name) for f in _result(ran)["findings"])
        assert said or name in held, ran.out


def test_links_in_a_folder_are_left_out_and_said(tmp_path: Path) -> None:
    """A link to a file, to a folder, and a fifo: none is followed, each is named."""
    home = _home(tmp_path)
    folder = _folder(tmp_path, one_dot_png=_png())
    (tmp_path / "secret").write_bytes(b"private")
    (tmp_path / "aside").mkdir()
    (tmp_path / "aside/x.png").write_bytes(_png(9))
    (folder / "link.png").symlink_to(tmp_path / "secret")
    (folder / "linked").symlink_to(tmp_path / "aside")
    os.mkfifo(folder / "fifo")
    ran = fetch(home, "adopt", "mydata", str(folder), "--json", timeout=20)
    assert ran.status == 0, ran.out + ran.err
    assert _held(home) == {"one.png": _png()}
    for name in ("link.png", "linked", "fifo"):
        assert any((f["path"] or "").endswith(name) for f in _result(ran)["findings"]), (name, ran.out)


def test_a_gated_set_is_adopted_before_the_grant_and_audit_says_so(tmp_path: Path) -> None:
    """0 or 4 of the content alone; `audit` says access-missing and exits 8; modes are private."""
    home = tmp_path / "home"
    folder = _folder(tmp_path, table_dot_csv=b"a,b\n1,2\n")
    ran = fetch(home, "adopt", "adni", str(folder), "--json")
    assert ran.status == 0, ran.out + ran.err
    audited = fetch(home, "audit", "adni", "--json", "--offline")
    assert audited.status == 8
    assert "access-missing" in {f["rule"] for f in audited.document["findings"]}
    assert "copy-exposed" not in {f["rule"] for f in audited.document["findings"]}
    held = next(p for p in (home / "cache/adni").rglob("table.csv"))
    assert held.stat().st_mode & 0o777 == 0o600
    assert held.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["adopt", "mydata", "/nowhere/at/all"], 2),
        (["adopt", "nosuchthing", "."], 2),
        (["adopt", "mydata"], 2),
        (["adopt", "mydata", ".", "--copy", "--move"], 2),
    ],
)
def test_a_wrong_command_is_2_and_still_a_document(tmp_path: Path, words: list[str], status: int) -> None:
    """Every verb prints its document when it fails, too."""
    ran = fetch(_home(tmp_path), *words, "--json")
    assert ran.status == status, ran.out + ran.err
    assert ran.document["exit"] == status


def test_an_empty_folder_matches_nothing(tmp_path: Path) -> None:
    """Exit 3, with a document."""
    (tmp_path / "none").mkdir()
    ran = fetch(_home(tmp_path), "adopt", "mydata", str(tmp_path / "none"), "--json")
    assert ran.status == 3
    assert ran.document["exit"] == 3


@pytest.mark.parametrize(
    ("container", "name", "status"),
    [
        ("mixed", "empty.bin", 0),
        ("raw", "empty.raw", 0),
        ("dicom", "README.txt", 0),
        ("dicom", "tbl.csv", 0),
        ("dicom", "notes", 0),
        ("dicom", "LICENSE.txt", 0),
        ("dicom", ".gitkeep", 0),
        ("dicom", "1.dcm", 4),
        ("dicom", "IM0001", 4),
        ("png", "1.png", 4),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_an_empty_file(tmp_path: Path, container: str, name: str, status: int, *, packed: bool) -> None:
    """Is taken in where any kind is, and where it is words; where data were promised, it is none."""
    home = _home(tmp_path, container)
    folder = _folder(tmp_path)
    folder.mkdir()
    (folder / ("x.zip" if packed else name)).write_bytes(_zip(**{name: b""}) if packed else b"")
    ran = fetch(home, "adopt", "mydata", str(folder), "--json")
    assert (ran.status, name in _held(home)) == (status, packed or status == 0), ran.out


def test_an_archive_with_a_taken_name_has_a_folder_of_its_own(tmp_path: Path) -> None:
    """One member's name is another archive's, with other bytes: held below a folder named after the later one."""
    home = _home(tmp_path, "png")
    first, second = tmp_path / "first.zip", tmp_path / "second.zip"
    first.write_bytes(_zip(**{"x.png": _png(1)}))
    second.write_bytes(_zip(**{"x.png": _png(2), "y.png": _png(3)}))
    assert fetch(home, "adopt", "mydata", str(first)).status == 0
    for mode in ("--copy", "--move"):
        assert fetch(home, "adopt", "mydata", str(second), mode, "--json").status == 0
    assert not second.exists()
    assert _held(home) == {"x.png": _png(1), "second/x.png": _png(2), "y.png": _png(3)}


@pytest.mark.parametrize("mode", ["--copy", "--move"])
def test_archives_of_one_name_from_several_folders(tmp_path: Path, mode: str) -> None:
    """Both are named `images.zip`: what they have of one name is held twice, and the record keeps them apart."""
    home = _home(tmp_path, "png")
    brought = []
    for number in (1, 2, 3):
        (tmp_path / f"site{number}").mkdir()
        brought.append(tmp_path / f"site{number}" / "images.zip")
        brought[-1].write_bytes(_zip(**{"x.png": _png(number), f"{number}.png": _png(number)}))
    words = [str(path) for path in brought]
    assert fetch(home, "adopt", "mydata", *words[:2], "--json").status == 0
    assert fetch(home, "adopt", "mydata", *words, mode, "--json").status == 0
    assert _held(home) == {"x.png": _png(1), "images/x.png": _png(2), "3_images/x.png": _png(3)} | {
        f"{number}.png": _png(number) for number in (1, 2, 3)
    }
    assert [path.exists() for path in brought] == [mode == "--copy"] * 3
    assert fetch(home, "verify").status == 0
    if mode == "--copy":
        again = fetch(home, "adopt", "mydata", *words, "--json")
        assert (again.status, again.document["datasets"][0]["downloaded_files"]) == (0, 0)


def test_a_broken_archive_of_a_taken_name_is_not_removed(tmp_path: Path) -> None:
    """With `--move`, what is turned away stays where it is, also when it would have had another name."""
    home = _home(tmp_path)
    for number, body in ((1, _zip(a=b"1")), (2, _zip(a=b"2" * 99)[:70])):
        (tmp_path / f"site{number}").mkdir()
        (tmp_path / f"site{number}" / "i.zip").write_bytes(body)
    words = [str(tmp_path / f"site{number}" / "i.zip") for number in (1, 2)]
    assert fetch(home, "adopt", "mydata", *words, "--move").status == 9
    assert [Path(word).exists() for word in words] == [False, True]
    assert _held(home) == {"a": b"1"}


def test_the_same_file_twice_in_one_command(tmp_path: Path) -> None:
    """Two folders with the same readme, one file named twice, two archives with the same member: no fault."""
    home = _home(tmp_path)
    folders = []
    for number in (1, 2):
        folder = tmp_path / f"f{number}"
        folder.mkdir()
        (folder / "readme.txt").write_bytes(b"please read\n")
        (folder / f"{number}.zip").write_bytes(_zip(**{f"{number}.png": _png(number), "same.txt": b"the same\n"}))
        folders.append(str(folder))
    ran = fetch(home, "adopt", "mydata", *folders, folders[0] + "/readme.txt", "--move", "--json")
    assert ran.status == 0, ran.out + ran.err
    assert set(_held(home)) == {"readme.txt", "same.txt", "1.png", "2.png"}
    assert not [path for folder in folders for path in Path(folder).iterdir()]
    assert fetch(home, "verify").status == 0


def test_a_file_named_like_the_folder_of_the_terms(tmp_path: Path) -> None:
    """LICENCE in the data does not stand in the way of LICENCE/ of the store: held, renamed, said."""
    home = _home(tmp_path)
    catalogue = home / "catalogue.toml"
    catalogue.write_text(catalogue.read_text().replace("access =", 'licence = "CC-BY-4.0"\naccess ='))
    folder = _folder(tmp_path, LICENCE=b"you may\n", one_dot_png=_png())
    ran = fetch(home, "adopt", "mydata", str(folder), "--json")
    assert ran.status == 0, ran.out + ran.err
    assert b"you may\n" in _held(home).values()
    assert "renamed" in {finding["rule"] for finding in _result(ran)["findings"]}
    assert fetch(home, "verify", "--json").document["checked_files"] == 2


def test_a_pipe_that_is_named_is_not_waited_for(tmp_path: Path) -> None:
    """It is turned away by name; nothing else was brought."""
    os.mkfifo(tmp_path / "fifo")
    ran = fetch(_home(tmp_path), "adopt", "mydata", str(tmp_path / "fifo"), "--json", timeout=20)
    assert (ran.status, _result(ran)["failures"][0]["path"]) == (4, "fifo")


def _corrupt(file: Path) -> None:
    """Turn the bytes of a held file, and keep its size."""
    file.write_bytes(bytes(byte ^ 0xFF for byte in file.read_bytes()))


@pytest.mark.parametrize("mode", ["--copy", "--move", "--link"])
@pytest.mark.parametrize("brought", ["1.png", "set.zip"])
@pytest.mark.parametrize("harm", ["corrupt", "cut", "gone"])
def test_a_held_copy_that_is_not_true_is_put_right(tmp_path: Path, mode: str, brought: str, harm: str) -> None:
    """What was held once is no reason to let a source go: the held bytes are, and they are mended from it."""
    home = _home(tmp_path, "png")
    folder = _folder(tmp_path)
    folder.mkdir()
    body = _png(1) if brought == "1.png" else _zip(**{"1.png": _png(1), "2.png": _png(2)})
    (folder / brought).write_bytes(body)
    assert fetch(home, "adopt", "mydata", str(folder)).status == 0
    held, before = home / "cache/mydata/1.png", _held(home)
    if harm == "corrupt":
        _corrupt(held)
    elif harm == "cut":
        held.write_bytes(b"cut")
    else:
        held.unlink()
    ran = fetch(home, "adopt", "mydata", str(folder), mode, "--json")
    assert (ran.status, _held(home)) == (0, before), ran.out
    assert (folder / brought).exists() is (mode != "--move")
    assert fetch(home, "verify", "mydata").status == 0


def test_a_corrupt_member_that_two_archives_brought_is_put_right(tmp_path: Path) -> None:
    """The record names the last archive that brought it; the first one is as good a witness."""
    home = _home(tmp_path, "png")
    for name in ("a", "b"):
        (tmp_path / f"{name}.zip").write_bytes(_zip(**{f"{name}.png": _png(ord(name)), "same.png": _png(7)}))
        assert fetch(home, "adopt", "mydata", str(tmp_path / f"{name}.zip")).status == 0
    before = _held(home)
    _corrupt(home / "cache/mydata/same.png")
    assert fetch(home, "adopt", "mydata", str(tmp_path / "a.zip"), "--move").status == 0
    assert _held(home) == before


def _listed(home: Path, *files: str) -> None:
    """Have the catalogue list these files, each a TOML table's lines."""
    catalogue = home / "catalogue.toml"
    tables = "".join(f'[[datasets.mydata.files]]\nurl = "https://data.example.org/x"\n{lines}\n' for lines in files)
    catalogue.write_text(catalogue.read_text().split("[[")[0] + tables)


@pytest.mark.parametrize("read", [("1", "2"), ("2", "1")])
def test_listed_files_of_one_name_in_two_folders(tmp_path: Path, read: tuple[str, str]) -> None:
    """Each is held against its own checksum, whichever the catalogue lists last."""
    home = _home(tmp_path)
    folder = _folder(tmp_path, **{f"{name}__a.png": _png(int(name)) for name in read})
    _listed(home, *(f'path = "{name}/a.png"\nsha256 = "{sha256(_png(int(name))).hexdigest()}"' for name in read))
    ran = fetch(home, "adopt", "mydata", str(folder), "--json")
    assert (ran.status, set(_held(home))) == (0, {"1/a.png", "2/a.png"}), ran.out


@pytest.mark.parametrize(
    ("path", "brought", "promise", "status"),
    [
        ("readme.txt", "sub__readme_dot_txt", 'sha256 = "{other}"', 0),
        ("readme.txt", "readme_dot_txt", 'sha256 = "{other}"', 4),
        ("data/readme.txt", "readme_dot_txt", 'sha256 = "{other}"', 4),
        ("data/readme.txt", "data__readme_dot_txt", 'sha256 = "{other}"', 4),
        ("readme.txt", "readme_dot_txt", "size = 100", 4),
        ("readme.txt", "readme_dot_txt", "size = 5", 0),
        ("readme.txt", "sub__readme_dot_txt", "size = 100", 0),
    ],
)
def test_a_promise_is_held_to_by_the_file_that_is_meant(
    tmp_path: Path, path: str, brought: str, promise: str, status: int
) -> None:
    """By its path, or by its bare name where one listed file has it; size and checksum both count."""
    home = _home(tmp_path)
    _listed(home, f'path = "{path}"\n{promise.format(other=sha256(b"other").hexdigest())}')
    ran = fetch(home, "adopt", "mydata", str(_folder(tmp_path, **{brought: b"bytes"})), "--json")
    assert ran.status == status, ran.out


@pytest.mark.parametrize("together", [False, True])
def test_a_file_refused_for_a_taken_name_has_that_refusal_alone(tmp_path: Path, *, together: bool) -> None:
    """What is wrong with it is not said of the good file that bears the name."""
    home = _home(tmp_path, "png")
    good, other = (_folder(tmp_path / name) for name in ("a", "b"))
    good.mkdir(parents=True)
    other.mkdir(parents=True)
    (good / "n.png").write_bytes(_png())
    (other / "n.png").write_bytes(b"GIF89a" + bytes(range(1, 8)) + b";")
    if not together:
        assert fetch(home, "adopt", "mydata", str(good)).status == 0
    ran = fetch(home, "adopt", "mydata", *map(str, [good, other]), "--json")
    result = _result(ran)
    assert (ran.status, result["findings"], result["failed"]) == (9, [], 1), ran.out
    assert "n.png: another file has" in result["failures"][0]["error"]
    assert "--force" not in result["failures"][0]["hint"]


@pytest.mark.parametrize(
    ("member", "held"),
    [
        (".hid/h1.png", "_.hid/h1.png"),
        ("a/.partial/x.png", "a/_.partial/x.png"),
        (".hid.png", ".hid.png"),
        ("p/1.png", "_p/1.png"),
        ("p.png", "p.png"),
        ("a/p/1.png", "a/p/1.png"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_a_folder_with_a_meaning_of_its_own_is_held_under_another_name(
    tmp_path: Path, member: str, held: str, *, packed: bool
) -> None:
    """Hidden folders are what is under way, and a part's name is the folder of the part: from an archive as well."""
    home = _home(tmp_path)
    with (home / "catalogue.toml").open("a") as catalogue:
        catalogue.write('[datasets.mydata.parts.p]\ntitle = "P"\n')
    folder = _folder(tmp_path)
    (folder / member).parent.mkdir(parents=True)
    (folder / member).write_bytes(_png())
    if packed:
        (folder / member).unlink()
        (folder / "x.zip").write_bytes(_zip(**{member: _png()}))
    ran = fetch(home, "adopt", "mydata", str(folder), "--json")
    renamed = [finding["path"] for finding in _result(ran)["findings"] if finding["rule"] == "renamed"]
    assert (ran.status, set(_held(home)), renamed) == (0, {held}, [held] if held != member else []), ran.out
    audited = fetch(home, "audit", "mydata", "--json").document["findings"]
    assert not {finding["rule"] for finding in audited} & {"copy-missing", "copy-unknown"}
