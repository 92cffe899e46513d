"""Nothing is lost in silence and nothing sound refused, seen from outside: real commands against a replica."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import subprocess
import zlib
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.sax.saxutils import escape

import pytest

from tests.test_outside_get import BASE, World, _dataset, _result, _rules, _tar, _urls, _zip, world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.internet import Answer

__all__ = ["world"]

MIXED = 'container = "mixed"'


def test_two_archives_with_members_of_one_name(world: World) -> None:
    """The same bytes are one copy; other bytes lie below a folder named after the later archive, and that is said."""
    world.catalogue(_dataset("mydata", *_urls("p1.zip", "p2.zip"), more=MIXED))
    world.internet.put(BASE + "p1.zip", _zip({"README.txt": b"one", "NOTE.txt": b"n1", "same.txt": b"s", "a/1": b"1"}))
    world.internet.put(BASE + "p2.zip", _zip({"README.txt": b"two", "NOTE.txt": b"n2", "same.txt": b"s", "a/2": b"2"}))
    ran = world.run("mydata")
    assert ran.status == 0, ran.err
    expected = {
        "README.txt": b"one",
        "NOTE.txt": b"n1",
        "same.txt": b"s",
        "a/1": b"1",
        "a/2": b"2",
        "p2/README.txt": b"two",
        "p2/NOTE.txt": b"n2",
    }
    assert world.held() == expected
    renamed = [one["path"] for one in _result(ran)["findings"] if one["rule"] == "renamed"]
    assert sorted(renamed) == ["p2/NOTE.txt", "p2/README.txt"]
    asked = len(world.internet.asked)
    assert world.run("mydata").status == 0
    assert len(world.internet.asked) == asked
    assert world.run("verify", "mydata").status == 0

    root = world.home / "cache" / "mydata"
    for lost in ("README.txt", "p2/README.txt"):
        (root / lost).unlink()
        assert world.run("mydata").status == 0
        assert world.held() == expected


def test_adopted_archives_with_members_of_one_name(world: World) -> None:
    """`adopt` holds both, as `get` does."""
    world.catalogue(_dataset("mydata", more=MIXED))
    for name in ("p1", "p2"):
        (world.home / f"{name}.zip").write_bytes(_zip({"README.txt": name.encode()}))
    ran = world.run("adopt", "mydata", str(world.home / "p1.zip"), str(world.home / "p2.zip"))
    assert ran.status == 0, ran.err
    assert world.held() == {"README.txt": b"p1", "p2/README.txt": b"p2"}
    assert "renamed" in _rules(ran)


def _bucket(world: World, keys: list[str]) -> None:
    rows = "".join(
        f"<Contents><Key>{escape(quote(key))}</Key><Size>{len(key.encode())}</Size></Contents>" for key in keys
    )
    world.internet.put(
        BASE + "b/",
        f"<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>{rows}"
        "<Contents><Key>no-size</Key><Size>x</Size></Contents></ListBucketResult>".encode(),
    )
    for key in keys:
        world.internet.put(BASE + "b/" + quote(key), key.encode())
    world.catalogue(
        f'[datasets.mydata]\ntitle = "S"\naccess = "open"\nsource = "s3"\n{MIXED}\n'
        f'[datasets.mydata.options]\nbucket = "b"\nendpoint = "{BASE}"\n'
    )


@pytest.mark.parametrize("odd", ["s/12:30:05.json", "s/Icon\r", "s /a.txt", "s//a.txt", "s/../../a.txt"])
def test_an_odd_name_costs_itself_alone(world: World, odd: str) -> None:
    """The rest of the listing is held; what was left out is named, and `--exclude` comes before the check."""
    good = [f"sub-{number}/a.txt" for number in range(6)]
    _bucket(world, [*good[:2], odd, *good[2:]])
    ran = world.run("mydata")
    assert ran.status == 9, ran.err
    assert sorted(world.held()) == good
    assert [one["path"] for one in _result(ran)["failures"]] == ["Contents[7]", odd]
    assert world.run("mydata", "--dry-run").status == 9
    ran = world.run("mydata", "--include", "sub-*")
    assert [one["path"] for one in _result(ran)["failures"]] == ["Contents[7]"]


def _zenodo(world: World, files: dict[str, bytes]) -> None:
    rows = []
    for name, body in files.items():
        world.internet.put(BASE + name, body)
        md5 = hashlib.md5(body, usedforsecurity=False).hexdigest()
        rows.append({"key": name, "size": len(body), "checksum": f"md5:{md5}", "links": {"self": BASE + name}})
    world.internet.put(BASE + "api/records/7", json.dumps({"id": 7, "files": rows, "metadata": {}}).encode())
    world.catalogue(
        f'[datasets.mydata]\ntitle = "Z"\naccess = "open"\nsource = "zenodo"\n{MIXED}\n'
        f'[datasets.mydata.options]\nrecord = 7\napi = "{BASE}api/"\n'
    )


def test_a_split_archive_is_repaired(world: World) -> None:
    """One lost file of it, and the same command brings all pieces again and holds it."""
    members = {f"{number}.txt": bytes([number]) * 3000 for number in range(9)}
    body = _tar(members)
    third = len(body) // 3
    pieces = [body[:third], body[third : 2 * third], body[2 * third :]]
    _zenodo(world, {f"p.tar.gz.a{letter}": piece for letter, piece in zip("abc", pieces, strict=True)})
    assert world.run("mydata").status == 0
    assert world.held() == members
    (world.home / "cache" / "mydata" / "4.txt").unlink()
    ran = world.run("mydata")
    assert ran.status == 0, ran.err
    assert world.held() == members
    assert world.run("verify", "mydata").status == 0
    assert _result(world.run("mydata"))["downloaded_files"] == 0


def _provenance(world: World) -> dict[str, str]:
    with sqlite3.connect(world.home / "cache" / "manifest.sqlite") as connection:
        return dict(connection.execute("SELECT path, came_in_sha256 FROM provenance"))


def test_a_newer_archive_brings_nothing_that_it_does_not_hold(world: World) -> None:
    """What the new one lacks is said to be of the old one, each replacement is an event, and no run asks for ever."""
    world.catalogue(_dataset("mydata", *_urls("x.zip"), more=MIXED))
    old, new = _zip({"a.txt": b"a1", "b.txt": b"b1", "c.txt": b"c"}), _zip({"a.txt": b"a2", "c.txt": b"c"})
    was, now = (hashlib.sha256(body).hexdigest() for body in (old, new))
    world.internet.put(BASE + "x.zip", old)
    assert world.run("mydata").status == 0
    assert set(_provenance(world).values()) == {was}
    world.internet.put(BASE + "x.zip", new)
    ran = world.run("mydata", "--force")
    assert ran.status == 0, ran.err
    said = {one["rule"]: one for one in _result(ran)["findings"]}
    before, after = (hashlib.sha256(body).hexdigest() for body in (b"a1", b"a2"))
    assert before in said["replaced"]["message"]
    assert after in said["replaced"]["message"]
    assert said["older-copy"]["path"] == "b.txt"
    assert _provenance(world) == {"a.txt": now, "b.txt": was, "c.txt": now}
    with sqlite3.connect(world.home / "cache" / "manifest.sqlite") as connection:
        ((data,),) = connection.execute("SELECT data FROM events WHERE what = 'replaced'")
    assert json.loads(data) == {"files": [{"path": "a.txt", "old": before, "new": after}]}
    assert world.run("doctor").status == 0

    (world.home / "cache" / "mydata" / "b.txt").unlink()
    asked = len(world.internet.asked)
    ran = world.run("mydata")
    assert ran.status == 4
    assert len(world.internet.asked) == asked
    assert "--force" in _result(ran)["findings"][0]["hint"]
    assert world.run("mydata", "--force").status == 0
    assert world.run("mydata").status == 0
    assert world.run("verify", "mydata").status == 0


def test_a_line_of_a_manifest_that_is_not_understood_is_named(world: World) -> None:
    """What is understood is asked for; the exit status is not 0."""
    manifest = world.home / "m.txt"
    manifest.write_text("1.2.3.4\nnot a uid\n", encoding="utf-16")
    world.catalogue()
    ran = world.run("tcia", "--manifest", str(manifest), "--retries", "0")
    assert ran.status != 0
    (failure,) = [one for one in _result(ran)["failures"] if one["path"]]
    assert failure["path"] == "m.txt:2"
    assert "not a uid" in failure["error"]


@pytest.fixture(scope="module")
def latin(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Make a German locale of ISO 8859-1, as old clusters have it."""
    if shutil.which("localedef") is None or not Path("/usr/share/i18n/locales/de_DE").exists():
        pytest.skip("localedef is not installed")
    folder = tmp_path_factory.mktemp("locales")
    made = folder / "de_DE.ISO-8859-1"
    subprocess.run(["localedef", "-i", "de_DE", "-f", "ISO-8859-1", made], check=False, capture_output=True)
    if not made.exists():
        pytest.skip("the locale cannot be made")
    return {"LOCPATH": str(folder), "LC_ALL": "de_DE.ISO-8859-1"}


@pytest.mark.parametrize("name", ["C", "POSIX", "de_DE.ISO-8859-1"])
def test_any_locale_works(world: World, name: str, request: pytest.FixtureRequest) -> None:
    """Names that the locale cannot write are held, checked and told."""
    environ = request.getfixturevalue("latin") if name.startswith("de") else {"LC_ALL": name}
    world.internet.put(BASE + "d.zip", _zip({"\u6570\u636e/\u56fe\u50cf.txt": b"B"}))
    world.catalogue(_dataset("mydata", *_urls("d.zip"), more=MIXED))
    for words in (("mydata",), ("verify", "mydata"), ("mydata",)):
        ran = world.run(*words, **environ)
        assert ran.status == 0, ran.out + ran.err
    assert world.held() == {"\u6570\u636e/\u56fe\u50cf.txt": b"B"}


def test_a_proxy_is_blamed_for_what_fails_at_it(world: World) -> None:
    """It is named, and what can be looked at."""
    world.catalogue(_dataset("mydata", *_urls("x.txt"), more=MIXED))
    ran = world.run("mydata", "--retries", "0", https_proxy="http://user:pw@127.0.0.1:1", HTTPS_PROXY="")
    (failure,) = _result(ran)["failures"]
    assert "the proxy 127.0.0.1:1 cannot be reached" in failure["error"]
    assert "pw" not in ran.out
    assert ran.status == 5


@pytest.mark.parametrize("encoding", ["application/octet-stream", "8bit", "gzip", "deflate", "UTF-8, identity"])
def test_an_odd_content_encoding_is_taken_for_what_it_is(world: World, encoding: str) -> None:
    """What says gzip and is none, what is no encoding at all, a bare deflate stream."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packer.compress(b"hello") + packer.flush() if encoding == "deflate" else b"hello"
    world.internet.put(BASE + "x.txt", lambda _: (200, {"Content-Encoding": encoding}, body))
    world.catalogue(_dataset("mydata", *_urls("x.txt"), more=MIXED))
    ran = world.run("mydata")
    assert (ran.status, world.held()) == (0, {"x.txt": b"hello"}), ran.out


@pytest.mark.parametrize("status", [509, 520, 522])
def test_statuses_that_pass_are_asked_again(world: World, status: int) -> None:
    """A quota that comes back, a Cloudflare whose server was away."""
    answers: Iterator[Answer] = iter([(status, {}, b""), (200, {}, b"hello")])
    world.internet.put(BASE + "x.txt", lambda _: next(answers))
    world.catalogue(_dataset("mydata", *_urls("x.txt"), more=MIXED))
    assert world.run("mydata").status == 0
    assert world.held() == {"x.txt": b"hello"}


def test_what_a_restart_threw_away_counts_once(world: World) -> None:
    """9 MiB, a server without validators that breaks off once at 6 MiB: they fit into 10 MiB."""
    body = bytes(range(256)) * (9 << 12)
    world.internet.put(BASE + "x.bin", body)
    world.internet.cut(BASE + "x.bin", 6 << 20)
    world.catalogue(_dataset("mydata", *_urls("x.bin"), more='container = "raw"'))
    ran = world.run("mydata", "--max-size", "10M")
    assert ran.status == 0, ran.out
    assert _result(ran)["downloaded_bytes"] == len(body)


def test_a_length_beyond_the_budget_is_refused_at_its_header(world: World) -> None:
    """Nothing of it is counted, and a smaller one comes."""
    world.internet.put(BASE + "x.bin", bytes(3 << 20))
    world.internet.put(BASE + "y.bin", b"small")
    world.catalogue(_dataset("mydata", *_urls("x.bin", "y.bin"), more='container = "raw"'))
    ran = world.run("mydata", "--max-size", "1M")
    assert ran.status == 9, ran.out
    assert world.held() == {"y.bin": b"small"}
    assert _result(ran)["downloaded_bytes"] == 5
    assert "3,145,728 bytes are offered" in _result(ran)["failures"][0]["error"]


@pytest.mark.parametrize("body", [b"Quota exceeded, come back tomorrow\n", b'{"message": "not found"}'])
def test_an_error_text_in_place_of_an_archive_without_an_ending(world: World, body: bytes) -> None:
    """`unpack = true` promises an archive: an error text under a bare name is turned away, any other text is held."""
    world.internet.put(BASE + "download/17", body)
    world.catalogue(_dataset("mydata", *_urls("download/17"), more=MIXED) + "unpack = true\n")
    ran = world.run("mydata", "--json")
    assert (ran.status, world.held()) == (4, {}), ran.out
