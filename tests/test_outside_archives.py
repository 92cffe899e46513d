"""What people pack is taken in, and what is refused is kept for the next step: real commands against a replica."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
import zlib

import inflate64
import pytest

from tests.test_outside_get import BASE, World, _dataset, _result, _rules, _tar, _urls, _zip, world

__all__ = ["world"]

MIXED = 'container = "mixed"'


def _held(world: World, name: str, body: bytes, *words: str, more: str = "") -> dict[str, bytes]:
    world.internet.put(BASE + name, body)
    world.catalogue(_dataset("mydata", f'url = "{BASE}{name}"\n{more}', more=MIXED))
    ran = world.run("mydata", *words)
    assert ran.status == 0, ran.out
    return world.held()


def _raw_zip(name: bytes, data: bytes, body: bytes, method: int, flags: int = 0) -> bytes:
    crc = zlib.crc32(body)
    common = struct.pack("<HHHHIIIHH", flags, method, 0, 0x21, crc, len(data), len(body), len(name), 0)
    local = b"PK\3\4" + struct.pack("<H", 20) + common + name + data
    central = b"PK\1\2" + struct.pack("<HH", 20, 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name
    return local + central + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 1, 1, len(central), len(local), 0)


def test_deflate64(world: World) -> None:
    """Windows packs so what is larger than 2 GB."""
    body = bytes(range(256)) * 4000
    deflater = inflate64.Deflater()
    packed = deflater.deflate(body) + deflater.flush()
    assert _held(world, "x.zip", _raw_zip(b"big.bin", packed, body, 9)) == {"big.bin": body}


@pytest.mark.parametrize(
    ("names", "encoding"),
    [
        (["画像/患者01.dcm.txt", "脳/説明.txt"], "cp932"),
        (["数据/图像.txt", "病人/扫描.txt"], "gb18030"),
        (["Köpfe/größe.txt", "Schädel.txt"], "cp1252"),
    ],
)
@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_names_that_do_not_say_their_encoding(world: World, names: list[str], encoding: str, kind: str) -> None:
    """They are read by guess, and that is said."""
    if kind == "tar":
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT, encoding=encoding) as archive:
            for name in names:
                entry = tarfile.TarInfo(name)
                entry.size = 1
                archive.addfile(entry, io.BytesIO(b"x"))
        body = buffer.getvalue()
    else:
        marks = [f"{'#' * len(name.encode(encoding))}{number}" for number, name in enumerate(names)]
        body = _zip(dict.fromkeys(marks, b"x"))
        for number, (mark, name) in enumerate(zip(marks, names, strict=True)):
            body = body.replace(mark.encode(), name.encode(encoding) + str(number).encode())
        names = [f"{name}{number}" for number, name in enumerate(names)]
    world.internet.put(BASE + f"x.{kind}", body)
    world.catalogue(_dataset("mydata", *_urls(f"x.{kind}"), more=MIXED))
    ran = world.run("mydata")
    assert ran.status == 0, ran.out
    assert sorted(world.held()) == sorted(names)
    assert "name-guessed" in _rules(ran)


def test_backslashes_part_folders(world: World) -> None:
    """As .NET wrote them for years."""
    body = _zip({"a#b.txt": b"1"}).replace(b"a#b", b"a\\b")
    assert _held(world, "x.zip", body) == {"a/b.txt": b"1"}


def test_a_hard_link_becomes_a_copy(world: World) -> None:
    """Two files of their own, as the archive has them."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        entry = tarfile.TarInfo("a.txt")
        entry.size = 3
        archive.addfile(entry, io.BytesIO(b"abc"))
        link = tarfile.TarInfo("b/c.txt")
        link.type, link.linkname = tarfile.LNKTYPE, "a.txt"
        archive.addfile(link)
    assert _held(world, "x.tar", buffer.getvalue()) == {"a.txt": b"abc", "b/c.txt": b"abc"}


def test_content_decides_before_the_ending(world: World) -> None:
    """`unpack = true` for an address without an ending; a `.tar.gz` that is a plain tar, a `.zip` that is a tar."""
    members = {"a.txt": b"1" * 100, "b.txt": b"2" * 100}
    packed = _tar(members)
    plain = zlib.decompress(packed, 31)
    for name, body, more in (
        ("files/12346", _zip(members), "unpack = true"),
        ("files/12347", packed, "unpack = true"),
        ("x.tar.gz", plain, ""),
        ("x.zip", packed, ""),
    ):
        assert _held(world, name, body, more=more) == members
        world.run("release", "mydata", "--yes", "--reason", "x")
    assert _held(world, "files/12348", b"only text", more="unpack = true")["12348"] == b"only text"


def _split(members: dict[str, bytes], size: int) -> list[bytes]:
    """Cut a zip into disks as `zip -s` does: offsets count from each disk's start, the first begins with a mark."""
    disks, central, here = [bytearray(b"PK\7\x08")], b"", 0
    for name, body in members.items():
        data, crc = body, zlib.crc32(body)
        common = struct.pack("<HHHHIIIHH", 0, 0, 0, 0x21, crc, len(data), len(body), len(name), 0)
        if len(disks[-1]) >= size:
            disks.append(bytearray())
        disk, at = len(disks) - 1, len(disks[-1])
        rest = b"PK\3\4" + struct.pack("<H", 20) + common + name.encode() + data
        while rest:
            room = size - len(disks[-1])
            if room <= 0:
                disks.append(bytearray())
                continue
            disks[-1] += rest[:room]
            rest = rest[room:]
        central += b"PK\1\2" + struct.pack("<HH", 20, 20) + common + struct.pack("<HHHII", 0, disk, 0, 0, at)
        central += name.encode()
        here += 1
    disks.append(bytearray())
    last = len(disks) - 1
    disks[-1] += central + struct.pack("<4sHHHHIIH", b"PK\5\6", last, last, here, here, len(central), 0, 0)
    return list(map(bytes, disks))


@pytest.mark.parametrize("adopted", [False, True])
def test_a_split_zip(world: World, *, adopted: bool) -> None:
    """`.z01`, `.z02` ... `.zip` are one archive, for `get` and for `adopt`; a lost file is brought again."""
    members = {f"{number}.txt": bytes([65 + number]) * 700 for number in range(5)}
    disks = _split(members, 1000)
    names = [*(f"x.z{number:02d}" for number in range(1, len(disks))), "x.zip"]
    for name, body in zip(names, disks, strict=True):
        world.internet.put(BASE + name, body)
        (world.home / name).write_bytes(body)
    world.catalogue(_dataset("mydata", *([] if adopted else _urls(*names)), more=MIXED))
    paths = [str(world.home / name) for name in names]
    ran = world.run("adopt", "mydata", *paths) if adopted else world.run("mydata")
    assert ran.status == 0, ran.out
    assert world.held() == members
    if not adopted:
        (world.home / "cache" / "mydata" / "3.txt").unlink()
        assert world.run("mydata").status == 0
        assert world.held() == members


def test_what_costs_too_much_is_kept_for_the_next_step(world: World) -> None:
    """The refusal names the flag; nothing is fetched twice, and with the flag, or unpacked not at all, it is held."""
    members = {"mask.txt": b"\0" * 3_000_000}
    world.internet.put(BASE + "x.zip", _zip(members))
    world.catalogue(_dataset("mydata", *_urls("x.zip"), more=MIXED))
    for _ in range(2):
        ran = world.run("mydata", "--max-unpacked", "1M")
        assert ran.status == 4, ran.out
        assert "fetch get mydata --max-unpacked 1G" in _result(ran)["failures"][0]["hint"]
    assert len(world.internet.asked) == 1
    assert world.held() == {}
    (waiting,) = world.run("status").document["under_way"]
    assert "kept" in waiting["message"]
    ran = world.run("mydata", "--no-unpack")
    assert (ran.status, list(world.held())) == (0, ["x.zip"]), ran.out
    assert len(world.internet.asked) == 1
    assert world.left_over() == []


def test_with_the_flag_it_goes_on_from_what_is_here(world: World) -> None:
    """Without the flag a thousandfold is nothing special."""
    members = {"mask.txt": b"\0" * 3_000_000}
    world.internet.put(BASE + "x.zip", _zip(members))
    world.catalogue(_dataset("mydata", *_urls("x.zip"), more=MIXED))
    assert world.run("mydata", "--max-unpacked", "1M").status == 4
    ran = world.run("mydata")
    assert ran.status == 0, ran.out
    assert _result(ran)["downloaded_bytes"] == 0
    assert len(world.internet.asked) == 1
    assert world.held() == members


def test_an_encrypted_one_asks_for_the_password(world: World) -> None:
    """What can be done is a command that can be typed."""
    world.internet.put(BASE + "x.zip", _raw_zip(b"a", b"1" * 20, b"1" * 8, 8, flags=1))
    world.catalogue(_dataset("mydata", *_urls("x.zip"), more=MIXED))
    ran = world.run("mydata")
    assert ran.status == 4
    hint = _result(ran)["failures"][0]["hint"]
    assert "password" in hint
    assert "fetch adopt mydata FOLDER" in hint


def test_max_size_bounds_what_is_unpacked(world: World) -> None:
    """What arrives is small; what comes out of it is not."""
    world.internet.put(BASE + "x.zip", _zip({"a.txt": b"\0" * 3_000_000}))
    world.catalogue(_dataset("mydata", *_urls("x.zip"), more=MIXED))
    assert world.run("mydata", "--max-size", "1M").status == 7
    assert world.run("mydata", "--max-size", "4M").status == 0
    assert len(world.internet.asked) == 1


def test_zipfile_knows_the_same(world: World) -> None:
    """A sound archive of the standard library stays what it is."""
    body = _zip({"a.txt": b"1"})
    assert zipfile.is_zipfile(io.BytesIO(body))
    assert _held(world, "x.zip", body) == {"a.txt": b"1"}


def _bomb(levels: int) -> bytes:
    body = _zip({f"{number}.bin": bytes(4 << 20) for number in range(16)})
    for _ in range(levels):
        body = _zip({f"{number}.zip": body for number in range(16)})
    return body


def test_a_nested_bomb_is_refused_whatever_the_flag(world: World) -> None:
    """A zip of zips of zips, each small; an honest zip in a zip is held as it is."""
    world.internet.put(BASE + "x.zip", _zip({"a.txt": b"1", "inner.zip": _bomb(3)}))
    world.internet.put(BASE + "y.zip", _zip({"b.txt": b"1", "inner.zip": _zip({"c.txt": b"2"})}))
    world.catalogue(_dataset("mydata", *_urls("x.zip", "y.zip"), more=MIXED))
    ran = world.run("mydata", "--max-unpacked", "900G")
    assert ran.status == 9, ran.out
    assert "nested" in _result(ran)["failures"][0]["error"]
    assert sorted(world.held()) == ["b.txt", "inner.zip"]


@pytest.mark.parametrize("after", [b"\n", bytes(512), b"sent by hand" * 99])
@pytest.mark.parametrize("adopted", [False, True])
def test_bytes_after_the_end_of_a_zip_are_no_fault(world: World, after: bytes, *, adopted: bool) -> None:
    """A sound archive with a line or a sector behind it is taken in, and that is said."""
    archive = _zip({"a.txt": b"A", "b.txt": b"B"}) + after
    world.internet.put(BASE + "a.zip", archive)
    world.catalogue(_dataset("mydata", *_urls("a.zip"), more=MIXED))
    (world.home / "a.zip").write_bytes(archive)
    ran = world.run(*(("adopt", "mydata", str(world.home / "a.zip")) if adopted else ("mydata",)))
    assert (ran.status, world.held()) == (0, {"a.txt": b"A", "b.txt": b"B"}), ran.err
    assert [(one["rule"], one["severity"], one["path"]) for one in _result(ran)["findings"]] == [
        ("trailing-bytes", "info", "a.zip")
    ]
