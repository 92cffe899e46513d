"""Nothing is lost in silence and nothing sound refused, seen from outside: real commands against a replica."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from urllib.parse import quote
from xml.sax.saxutils import escape

import pytest

from tests.test_outside_get import BASE, World, _dataset, _result, _rules, _tar, _urls, _zip, world

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
