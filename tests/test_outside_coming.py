"""Nothing is lost in silence and nothing sound refused, seen from outside: real commands against a replica."""

from __future__ import annotations

from urllib.parse import quote
from xml.sax.saxutils import escape

import pytest

from tests.test_outside_get import BASE, World, _dataset, _result, _rules, _urls, _zip, world

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
