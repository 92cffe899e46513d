"""`get` from outside, as the contract has it: real commands against a replica of the internet."""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import time
import zipfile
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from fetchers.storage.record.manifest import Manifest
from tests.commands import Ran, fetch
from tests.internet import Internet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.internet import Answer, Asked

BASE = "https://data.example.org/"
PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><form><input type=password></form></body></html>"
CANARY = "canary-5f1b7c9e"


def _png(shade: int = 1, size: tuple[int, int] = (20, 10)) -> bytes:
    picture = io.BytesIO()
    Image.new("L", size, shade).save(picture, "PNG")
    return picture.getvalue()


def _zip(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return buffer.getvalue()


def _tar(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, body in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(body)
            archive.addfile(entry, io.BytesIO(body))
    return buffer.getvalue()


def _dataset(name: str, *files: str, more: str = "") -> str:
    rows = "".join(f"[[datasets.{name}.files]]\n{file}\n" for file in files)
    return f'[datasets.{name}]\ntitle = "{name}"\naccess = "open"\n{more}\n{rows}'


def _urls(*names: str) -> list[str]:
    return [f'url = "{BASE}{name}"' for name in names]


class World:
    """A workspace and its internet."""

    def __init__(self, folder: Path, internet: Internet) -> None:
        self.home = folder / "home"
        self.home.mkdir()
        self.internet = internet

    def catalogue(self, *texts: str) -> None:
        """Write the workspace's own catalogue."""
        (self.home / "catalogue.toml").write_text("\n".join(texts))

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Begin one command."""
        return subprocess.Popen(
            [sys.executable, "-m", "fetchers", *words],
            env={**os.environ, "FETCH_HOME": str(self.home), **self.internet.environment()},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def run(self, *words: str, **environ: str) -> Ran:
        """Run `fetch WORDS --json`; its document says the status, too."""
        ran = fetch(self.home, *words, "--json", environ=self.internet.environment(**environ))
        document = ran.document
        if isinstance(document, dict):
            assert document["exit"] == ran.status, ran.out
        return ran

    def held(self, dataset: str = "mydata") -> dict[str, bytes]:
        """Read what lies under final names."""
        root = self.home / "cache" / dataset
        return {
            path.relative_to(root).as_posix(): path.read_bytes()
            for path in sorted(root.rglob("*"))
            if path.is_file() and "LICENCE" not in path.relative_to(root).parts
        }

    def left_over(self) -> list[Path]:
        """List what lies in hidden folders, locks left out."""
        cache = self.home / "cache"
        return [
            p for p in cache.rglob("*")
            if p.is_file() and "lock" not in p.name and any(x.startswith(".") for x in p.relative_to(cache).parts)
        ]  # fmt: skip


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Yield a workspace of its own."""
    with Internet(tmp_path) as internet:
        yield World(tmp_path, internet)


def _result(ran: Ran) -> dict[str, Any]:
    (result,) = ran.document["datasets"]
    return dict(result)


def _rules(ran: Ran) -> set[str]:
    return {f["rule"] for d in ran.document["datasets"] for f in d["findings"]}


def _unbounded(body: bytes) -> Any:  # noqa: ANN401 - an answer
    return lambda _: (HTTPStatus.OK, {"Connection": "close"}, body)


def _status(status: int, **headers: str) -> Any:  # noqa: ANN401 - an answer
    return lambda _: (status, {name.replace("_", "-"): value for name, value in headers.items()}, b"")


SIX = ["a/one.png", "a/two.png", "b/three.png", "b/four.txt", "five.png", "six.png"]


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ([], set(SIX)),
        (["--include", "*.txt"], {"b/four.txt"}),
        (["--include", "a/*", "--include", "six*"], {"a/one.png", "a/two.png", "six.png"}),
        (["--exclude", "*.png"], {"b/four.txt"}),
        (["--include", "b/*", "--exclude", "*.txt"], {"b/three.png"}),
        (["--limit", "2", "--jobs", "1"], {"a/one.png", "a/two.png"}),
    ],
)
def test_include_and_exclude_select_by_name_or_path(world: World, flags: list[str], expected: set[str]) -> None:
    """By a file's name or its path; a dry run plans the same and writes nothing."""
    files = [f'url = "{BASE}{name}"\npath = "{name}"' for name in SIX]
    world.catalogue(_dataset("mydata", *files))
    for number, name in enumerate(SIX):
        world.internet.put(BASE + name, _png(number) if name.endswith("png") else b"some words\n")
    before = sorted(world.home.rglob("*"))
    plan = world.run("get", "mydata", "--dry-run", *flags)
    assert plan.status == 0
    assert _result(plan)["plan"] == {"files": len(expected), "bytes": None, "unknown_sizes": len(expected)}
    assert sorted(world.home.rglob("*")) == before
    ran = world.run("get", "mydata", *flags)
    assert ran.status == 0, ran.out + ran.err
    assert set(world.held()) == expected
    assert (_result(ran)["files"], _result(ran)["downloaded_files"]) == (len(expected), len(expected))
    assert _result(ran)["bytes"] == sum(len(body) for body in world.held().values())
    assert not world.left_over()
    asked = len(world.internet.asked)
    assert world.run("mydata", *flags).status == 0
    assert len(world.internet.asked) == asked


def test_nothing_matched_is_3(world: World) -> None:
    """A selection that leaves no file."""
    world.catalogue(_dataset("mydata", *_urls("a.png")))
    assert world.run("get", "mydata", "--include", "nothing*").status == 3
    assert not world.internet.asked


@pytest.mark.parametrize(
    ("name", "near"), [("shenzen", "shenzhen"), ("chinasett", "shenzhen"), ("tica/x", "tcia"), ("mydat", "mydata")]
)
def test_a_name_that_is_nearly_right(world: World, name: str, near: str) -> None:
    """Exit 2, and the nearest are suggested."""
    world.catalogue(_dataset("mydata", *_urls("a.png")))
    ran = world.run("get", name)
    assert ran.status == 2
    assert near in ran.err + ran.out


def test_archives_are_unpacked_or_kept_by_flag(world: World) -> None:
    """Unpacked by default; --keep-archives keeps it beside; --no-unpack leaves it as it is; `unpack = false`."""
    body = _zip({"x/1.png": _png(1), "x/2.png": _png(2)})
    sized, packed = f'url = "{BASE}a.zip"\nsize = {len(body)}', f'url = "{BASE}a.zip"\nunpack = false'
    world.catalogue(
        *(_dataset(name, sized, more='container = "png"') for name in ("one", "two", "three")),
        _dataset("four", packed, more='container = "dicom"'),
    )
    world.internet.put(BASE + "a.zip", body)
    assert _result(world.run("get", "one", "--dry-run"))["plan"] == {"files": 1, "bytes": len(body), "unknown_sizes": 0}
    assert world.run("get", "one").status == 0
    assert world.run("get", "two", "--keep-archives").status == 0
    assert world.run("get", "three", "--no-unpack").status == 0
    assert world.run("get", "four").status == 0
    inside = {"x/1.png", "x/2.png"}
    held = {name: set(world.held(name)) for name in ("one", "two", "three", "four")}
    assert held == {"one": inside, "two": {*inside, "a.zip"}, "three": {"a.zip"}, "four": {"a.zip"}}
    verified = world.run("verify")
    assert verified.status == 0, verified.out
    assert {f["rule"] for f in verified.document["findings"]} == {"unverifiable"}  # an archive kept is no wrong image


def test_max_size_refuses_before_the_first_byte(world: World) -> None:
    """What the plan exceeds is refused before the first byte; unknown sizes while they arrive."""
    world.catalogue(
        _dataset("known", f'url = "{BASE}k.bin"\nsize = 5000000', more='container = "raw"'),
        _dataset("unknown", f'url = "{BASE}u.bin"', more='container = "raw"'),
    )
    world.internet.put(BASE + "k.bin", bytes(5_000_000))
    world.internet.put(BASE + "u.bin", _unbounded(b"\x07\x91\xfe\x33" * 3_000_000))
    assert world.run("get", "known", "--max-size", "1M").status == 7
    assert not world.internet.asked
    ran = world.run("get", "unknown", "--max-size", "1M")
    assert ran.status == 7, ran.out
    assert not world.held("unknown")
    assert world.run("get", "known", "--max-size", "1G").status == 0


def test_limit_rate_holds_roughly_for_the_whole_command(world: World) -> None:
    """Two files at once, 4 MiB at 2 MiB a second."""
    world.catalogue(_dataset("mydata", *_urls("a.bin", "b.bin"), more='container = "raw"'))
    for name in ("a.bin", "b.bin"):
        world.internet.put(BASE + name, bytes(2 << 20))
    started = time.monotonic()
    assert world.run("get", "mydata", "--limit-rate", "2M").status == 0
    assert 1.2 < time.monotonic() - started < 6


def test_exit_status_of_several_datasets(world: World) -> None:
    """9 where failures differ or some... the single status where all failures share one."""
    world.catalogue(
        _dataset("good", *_urls("good.png")),
        _dataset("gone", *_urls("gone.png")),
        _dataset("lost", *_urls("lost.png")),
        _dataset("page", *_urls("page.zip")),
    )
    world.internet.put(BASE + "good.png", _png())
    world.internet.put(BASE + "page.zip", PAGE)
    ran = world.run("get", "good", "gone", "lost")
    alone = world.run("get", "gone").status
    assert ran.status == alone
    assert alone in (3, 5)
    assert [d["failed"] for d in ran.document["datasets"]] == [0, 1, 1]
    assert world.run("get", "good", "page").status == 6  # a sign-in page: a person must act first
    assert world.run("get", "good", "gone", "page").status == 9
    assert world.run("get", "good", "nosuch").status == 2


def test_one_dataset_of_which_some_files_fail_is_9(world: World) -> None:
    """What came is held and stays; the next run asks for the rest only."""
    world.catalogue(_dataset("mydata", *_urls("good.png", "gone.png")))
    world.internet.put(BASE + "good.png", _png())
    ran = world.run("get", "mydata")
    assert ran.status == 9, ran.out
    assert (_result(ran)["files"], _result(ran)["failed"]) == (1, 1)
    assert "gone.png" in ran.out
    world.internet.put(BASE + "gone.png", _png(2))
    world.internet.asked.clear()
    assert world.run("get", "mydata").status == 0
    assert [asked.url for asked in world.internet.asked] == [BASE + "gone.png"]


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_what_refuses_for_good_is_asked_once_and_named(world: World, status: int) -> None:
    """No try is wasted on it, the status is named, the document stands."""
    world.catalogue(_dataset("mydata", *_urls("a.png")))
    world.internet.put(BASE + "a.png", _status(status))
    ran = world.run("get", "mydata")
    assert ran.status in ((6,) if status in (401, 403) else (3, 5)), ran.out
    assert len(world.internet.asked) == 1
    assert str(status) in ran.out + ran.err
    assert not world.held()
    assert not world.left_over()


CONTENT = {
    "wrong sha256": ("a.png", f'sha256 = "{"0" * 64}"', _png()),
    "wrong md5": ("a.png", f'md5 = "{"0" * 32}"', _png()),
    "wrong checksum of a zip": ("a.zip", f'sha1 = "{"0" * 40}"', _zip({"x.png": _png()})),
    "page for a zip": ("a.zip", "", PAGE),
    "page for a picture": ("a.png", "", PAGE),
    "zip cut before its end": ("a.zip", "", _zip({"x.png": _png(size=(300, 300))})[:-40]),
    "zip with a damaged member": (
        "a.zip",
        "",
        _zip({"x.bin": bytes(range(256)) * 4}).replace(b"\x00\x01", b"\x00\x02"),
    ),
    "empty": ("a.png", "", b""),
}


@pytest.mark.parametrize("case", CONTENT)
def test_what_is_not_what_was_promised_leaves_nothing(world: World, case: str) -> None:
    """Exit 4 (or 5 where the line may be to blame), nothing under a final name, nothing half."""
    name, key, body = CONTENT[case]
    world.catalogue(_dataset("mydata", f'url = "{BASE}{name}"\n{key}', more='container = "mixed"'))
    world.internet.put(BASE + name, body)
    ran = world.run("get", "mydata")
    assert ran.status in ((6,) if body == PAGE else (4, 5)), ran.out  # 6: a page to sign in at
    assert _result(ran)["failed"] == 1
    assert not world.held()
    assert not world.left_over()
    for line in ("wrong sha256", "wrong md5"):
        if case == line:
            assert ran.status == 4
            assert "0" * 32 in ran.out


def test_one_wrong_file_among_many_costs_only_itself(world: World) -> None:
    """Small files are held in groups; the wrong one is turned away, counted as failed, and remembered so."""
    bodies = {f"{number}.png": _png(number) for number in range(40)}
    files = []
    for name, body in bodies.items():
        digest = "0" * 64 if name == "17.png" else hashlib.sha256(body).hexdigest()
        files.append(f'url = "{BASE}{name}"\nsha256 = "{digest}"')
        world.internet.put(BASE + name, body)
    world.catalogue(_dataset("mydata", *files, more='container = "png"'))
    ran = world.run("get", "mydata")
    assert ran.status == 9, ran.out
    result = _result(ran)
    assert (result["files"], result["downloaded_files"], result["failed"]) == (39, 39, 1)
    assert [(one["path"], one["exit"]) for one in result["failures"]] == [("17.png", 4)]
    assert world.held() == {name: body for name, body in bodies.items() if name != "17.png"}
    assert not world.left_over()
    waiting = world.run("status").document
    assert "17.png" not in json.dumps(waiting["held"])
    assert "was promised" in json.dumps(waiting)


def test_a_promised_size_is_a_limit(world: World) -> None:
    """An answer is cut off as soon as it exceeds it; a shorter one is not taken either."""
    world.catalogue(_dataset("long", f'url = "{BASE}l.bin"\nsize = 1000', more='container = "raw"'),
                    _dataset("short", f'url = "{BASE}s.bin"\nsize = 1000', more='container = "raw"'))  # fmt: skip
    world.internet.put(BASE + "l.bin", _unbounded(b"\x07\x91" * 4_000_000))
    world.internet.put(BASE + "s.bin", b"\x07\x91" * 100)
    for name in ("long", "short"):
        ran = world.run("get", name, "--retries", "1")
        assert ran.status in (4, 5), ran.out
        assert not world.held(name)


@pytest.mark.parametrize(
    ("name", "body", "status", "unproven"),
    [
        ("a.png", _png(), 0, False),
        ("a.png", _png(size=(300, 300))[:-30], 5, False),
        ("a.zip", _zip({"x.png": _png()}), 0, False),
        ("a.zip", _zip({"x.bin": bytes(range(256)) * 99})[:-40], 5, False),
        ("a.tar.gz", _tar({"x.png": _png()}), 0, False),
        ("a.tar.gz", _tar({"x.bin": bytes(range(256)) * 99})[:-40], 5, False),
        ("a.csv", b"a,b\n1,2\n" * 20, 0, True),
        ("a.bin", b"\x07\x91\xfe\x33" * 500, 0, True),
        ("a.bin", b"", 5, False),
    ],
)
def test_a_file_whose_end_nothing_proves(world: World, name: str, body: bytes, status: int, unproven: bool) -> None:  # noqa: FBT001 - a table
    """No length, no checksum: its own format must prove it, or it is held and said to be unproven."""
    plain = BASE.replace("https:", "http:")
    world.catalogue(_dataset("mydata", f'url = "{plain}{name}"'))
    world.internet.put(plain + name, _unbounded(body))
    ran = world.run("get", "mydata", "--retries", "1")
    assert (ran.status == 0) == (status == 0), ran.out
    assert ran.status in (0, 4, 5)
    assert bool(world.held()) == (status == 0)
    assert ("unproven" in _rules(ran)) == unproven
    if unproven:
        assert all(f["severity"] == "info" for f in _result(ran)["findings"] if f["rule"] == "unproven")
    assert not world.left_over()


def test_redirects_are_followed_within_the_policy(world: World) -> None:
    """Followed to another host; never from https to http; at most ten; none into a private network."""
    names = ["ok.png", "plain.png", "loop.png", "private.png", "local.png", "odd.png"]
    world.catalogue(*(_dataset(name.partition(".")[0], *_urls(name)) for name in names))
    put = world.internet.put
    put(BASE + "ok.png", _status(302, Location="https://cdn.example.net/there.png"))
    put("https://cdn.example.net/there.png", _png())
    put(BASE + "plain.png", _status(302, Location="http://cdn.example.net/there.png"))
    put("http://cdn.example.net/there.png", _png())
    put(BASE + "loop.png", _status(302, Location=BASE + "loop.png"))
    put(BASE + "private.png", _status(302, Location="https://10.0.0.7/x.png"))
    put(BASE + "local.png", _status(302, Location="https://localhost/x.png"))
    put(BASE + "odd.png", _status(302, Location="https://0x7f.1/x.png"))
    assert world.run("get", "ok").status == 0
    assert world.held("ok") == {"ok.png": _png()}
    for name in ("plain", "loop", "private", "local", "odd"):
        world.internet.asked.clear()
        ran = world.run("get", name)
        assert ran.status in (4, 5), (name, ran.out)
        assert len(world.internet.asked) <= 11
        assert not [a for a in world.internet.asked if not a.url.startswith(BASE)], name
        assert not world.held(name)


@pytest.mark.parametrize("way", ["config", "flag", "environment", "longest"])
def test_the_longest_mirror_prefix_wins(world: World, way: str) -> None:
    """From config.toml, from --mirror, from FETCH_MIRROR; the longest prefix wins."""
    world.catalogue(_dataset("mydata", *_urls("deep/a.png")))
    world.internet.put("https://mirror.example.net/m/deep/a.png", _png())
    rule, words, environ = f"{BASE}=https://mirror.example.net/m/", [], {}
    if way == "flag":
        words = ["--mirror", rule]
    elif way == "environment":
        environ = {"FETCH_MIRROR": rule}
    else:
        rows = [f'"{BASE}" = "https://mirror.example.net/m/"']
        if way == "longest":
            rows = [f'"{BASE}" = "https://wrong.example.net/"', f'"{BASE}deep/" = "https://mirror.example.net/m/deep/"']
        (world.home / "config.toml").write_text("[mirrors]\n" + "\n".join(rows) + "\n")
    ran = world.run("get", "mydata", *words, **environ)
    assert ran.status == 0, ran.out + ran.err
    assert [a.url for a in world.internet.asked] == ["https://mirror.example.net/m/deep/a.png"]


def _credentials(home: Path, text: str, mode: int = 0o600) -> None:
    (home / "credentials.toml").write_text(text)
    (home / "credentials.toml").chmod(mode)


def test_credentials_that_others_may_read_are_refused(world: World) -> None:
    """Mode 0644: exit 2, nobody is asked."""
    world.catalogue(_dataset("mydata", *_urls("a.png")))
    world.internet.put(BASE + "a.png", _png())
    _credentials(world.home, f'["{BASE}"]\ntoken = "{CANARY}"\n', 0o644)
    ran = world.run("get", "mydata")
    assert ran.status == 2, ran.out
    assert not world.internet.asked
    assert CANARY not in ran.out + ran.err


@pytest.mark.parametrize(
    ("keys", "header"),
    [
        (f'token = "{CANARY}"', ("authorization", f"Bearer {CANARY}")),
        (f'header = "X-Api-Key"\nvalue = "{CANARY}"', ("x-api-key", CANARY)),
        (f'user = "u"\npassword = "{CANARY}"', ("authorization", "Basic dTpjYW5hcnktNWYxYjdjOWU=")),
    ],
)
def test_a_secret_goes_to_its_prefix_only_and_is_written_nowhere(
    world: World, keys: str, header: tuple[str, str]
) -> None:
    """Not to a redirect's other origin, not below another path, not into output, not below home."""
    world.catalogue(_dataset("mydata", *_urls("in/a.png", "in/b.png", "out/c.png", "in/missing.png", "in/page.zip")))
    put = world.internet.put
    put(BASE + "in/a.png", _png(1))
    put(
        BASE + "in/b.png",
        _status(302, Location=f"https://cdn.example.net/b.png?X-Amz-Signature={CANARY}&token={CANARY}"),
    )
    put("https://cdn.example.net/b.png", _png(2))
    put(BASE + "out/c.png", _png(3))
    put(BASE + "in/page.zip", PAGE + CANARY.encode())
    _credentials(world.home, f'["{BASE}in/"]\n{keys}\n')
    ran = world.run("get", "mydata", "--verbose")
    assert ran.status == 9, ran.out + ran.err
    sent = {a.url.partition("?")[0]: a.headers.get(header[0]) for a in world.internet.asked}
    assert sent[BASE + "in/a.png"] == sent[BASE + "in/b.png"] == header[1]
    assert sent[BASE + "out/c.png"] is None
    assert sent["https://cdn.example.net/b.png"] is None
    secrets = (CANARY, header[1].rpartition(" ")[2])
    texts = [ran.out, ran.err, world.run("status").out, world.run("show", "mydata").out, world.run("doctor").out]
    assert not [text for text in texts for secret in secrets if secret in text]
    for path in world.home.rglob("*"):
        if path.is_file() and path.name != "credentials.toml":
            assert not [secret for secret in secrets if secret.encode() in path.read_bytes()], path


def test_a_secret_in_a_catalogues_query_is_not_printed(world: World) -> None:
    """The value of a parameter named like a secret is left out everywhere."""
    world.catalogue(_dataset("mydata", f'url = "{BASE}a.png?token={CANARY}"\npath = "a.png"',
                             f'url = "{BASE}gone.png?sig={CANARY}"\npath = "gone.png"'))  # fmt: skip
    world.internet.put(BASE + "a.png", _png())
    ran = world.run("get", "mydata", "--verbose")
    assert ran.status == 9
    assert any(CANARY in a.url for a in world.internet.asked)
    assert CANARY not in ran.out + ran.err
    for path in (world.home / "cache").rglob("*"):
        assert not path.is_file() or CANARY.encode() not in path.read_bytes(), path


def test_an_address_with_userinfo_is_a_fault_of_the_catalogue(world: World) -> None:
    """Exit 2, the password is not repeated."""
    world.catalogue(_dataset("mydata", f'url = "https://me:{CANARY}@data.example.org/a.png"'))
    ran = world.run("get", "mydata")
    assert ran.status == 2
    assert CANARY not in ran.out + ran.err


LICENCE = """
[licences.LicenseRef-Mine]
name = "My terms"
url = "https://data.example.org/terms"
text = "You must be kind."
requires_acceptance = true
[licences.LicenseRef-Mine.uses]
research = "yes"
share-team = "no"
"""


def test_a_text_must_be_agreed_to_first(world: World) -> None:
    """Exit 6 names the licence; the same command with --accept goes on; the next needs no flag."""
    world.catalogue(_dataset("mydata", *_urls("a.png"), more='licence = "LicenseRef-Mine"'), LICENCE)
    world.internet.put(BASE + "a.png", _png())
    ran = world.run("get", "mydata")
    assert ran.status == 6
    assert "LicenseRef-Mine" in ran.out + ran.err
    assert not world.internet.asked
    assert _result(ran)["terms"] == {"licence": "LicenseRef-Mine", "accepted": False}
    assert world.run("get", "mydata", "--accept", "LicenseRef-Other").status in (2, 6)
    assert not world.internet.asked
    ran = world.run("get", "mydata", "--accept", "LicenseRef-Mine")
    assert ran.status == 0, ran.out
    assert _result(ran)["terms"] == {"licence": "LicenseRef-Mine", "accepted": True}
    assert world.run("get", "mydata", "--force").status == 0
    held = world.home / "cache/mydata/a.png"
    assert held.stat().st_mode & 0o777 == 0o600
    assert held.parent.stat().st_mode & 0o777 == 0o700
    audited = world.run("audit", "mydata")
    assert "copy-exposed" not in {f["rule"] for f in audited.document["findings"]}
    verdict = world.run("audit", "mydata", "--use", "research").document["verdicts"][0]
    assert (verdict["licence"], verdict["verdict"]) == ("LicenseRef-Mine", "allowed")


@pytest.mark.parametrize(
    ("policy", "licence", "status"),
    [
        ('forbid = ["CC-BY-NC-4.0"]', 'licence = "CC-BY-NC-4.0"', 8),
        ('forbid = ["CC-BY-NC-4.0"]', 'licence = "CC-BY-4.0"', 0),
        ('allow = ["CC-BY-4.0"]', 'licence = "CC-BY-NC-4.0"', 8),
        ('allow = ["CC-BY-4.0"]', 'licence = "CC-BY-4.0"', 0),
        ('allow = ["CC-BY-4.0"]', "", 8),
        ('forbid = ["LicenseRef-Mine"]', 'licence = "LicenseRef-Mine"', 8),
    ],
)
def test_policy_refuses_before_the_first_connection(world: World, policy: str, licence: str, status: int) -> None:
    """[policy] decides before the first connection; --force overrides nothing."""
    world.catalogue(_dataset("mydata", *_urls("a.png"), more=licence), LICENCE)
    (world.home / "config.toml").write_text(f"[policy]\n{policy}\n")
    world.internet.put(BASE + "a.png", _png())
    ran = world.run("get", "mydata", "--force", "--accept", "LicenseRef-Mine")
    assert ran.status == status, ran.out + ran.err
    assert bool(world.internet.asked) == (status == 0)


def test_the_smallest_dataset_of_a_workspace(world: World) -> None:
    """title, access, one url: it is fetched, and audit says unknown, never allowed."""
    world.catalogue(
        f'[datasets.mydata]\ntitle = "M"\naccess = "open"\n[[datasets.mydata.files]]\nurl = "{BASE}a.png"\n'
    )
    world.internet.put(BASE + "a.png", _png())
    assert world.run("mydata").status == 0
    audited = world.run("audit", "mydata", "--use", "research")
    assert audited.status == 0
    assert [v["verdict"] for v in audited.document["verdicts"]] == ["unknown"]
    assert {f["rule"]: f["severity"] for f in audited.document["findings"]}["use-unknown"] == "warning"
    assert world.run("audit", "mydata", "--use", "research", "--strict").status == 8
    assert world.run("show", "mydata").status == 0
    assert [row["dataset"] for row in json.loads(world.run("list", "--held").out)] == ["mydata"]


def test_a_workspace_overrides_single_keys(world: World) -> None:
    """The rest stays built in; a list replaces the built-in list."""
    world.catalogue('[datasets.montgomery]\ntitle = "Ours"\n[[datasets.montgomery.files]]\n' + _urls("m.zip")[0] + "\n")
    world.internet.put(BASE + "m.zip", _zip({"m/1.png": _png()}))
    shown = world.run("show", "montgomery").document
    assert shown["title"] == "Ours"
    assert shown["licence"]
    ran = world.run("montgomery")
    assert ran.status == 0, ran.out
    assert [a.url for a in world.internet.asked] == [BASE + "m.zip"]
    assert set(world.held("montgomery")) == {"m/1.png"}


def test_options_from_the_environment_and_around_the_verb(world: World) -> None:
    """FETCH_<OPTION> for every long option; global options before and after the verb."""
    world.catalogue(_dataset("mydata", *_urls("a.png", "b.png")))
    world.internet.put(BASE + "a.png", _png(1))
    world.internet.put(BASE + "b.png", _png(2))
    environ = world.internet.environment()
    assert world.run("get", "mydata", FETCH_OFFLINE="1").status == 5
    assert not world.internet.asked
    ran = fetch(world.home, "get", "mydata", environ={**environ, "FETCH_JSON": "1", "FETCH_LIMIT": "1"})
    assert (ran.status, ran.document["datasets"][0]["files"]) == (0, 1)
    ran = world.run("get", "mydata", FETCH_DRY_RUN="1")
    assert _result(ran)["plan"]["files"] == 1
    cache = world.home.parent / "elsewhere"
    for words in (
        ["--json", "--cache", str(cache), "get", "mydata"],
        ["get", "--json", "mydata", "--cache", str(cache)],
        ["mydata", "--cache", str(cache), "--json", "--quiet"],
        ["--quiet", "--json", f"--cache={cache}", "mydata"],
        ["--home", str(world.home), "--cache", str(cache), "--json", "mydata"],
    ):
        ran = fetch(world.home, *words, environ=environ)
        assert ran.status == 0, ran.err
        assert ran.document["datasets"][0]["files"] == 2
        assert ran.document["datasets"][0]["root"].startswith(str(cache))
    ran = world.run("mydata", FETCH_INCLUDE="a.png", FETCH_CACHE=str(world.home.parent / "third"))
    assert _result(ran)["files"] == 1


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["get", "nosuchthing"], 2),
        (["get"], 2),
        (["get", "mydata", "--jobs", "many"], 2),
        (["tasks", "nosuchthing"], 2),
        (["tasks", "done", "adni", "nosuchstep"], 2),
        (["grant", "adni"], 2),
        (["audit", "nosuchthing"], 2),
        (["audit", "--scan", "/nowhere/at/all"], 2),
        (["accept", "LicenseRef-Nowhere"], 2),
        (["permit", "mydata", "nosuchuse"], 2),
        (["release", "nosuchthing"], 2),
        (["cite", "nosuchthing"], 2),
        (["report"], 2),
        (["report", "--html", "/dev/null/x.html"], None),
        (["list", "--access", "sometimes"], 2),
        (["nosuchverb", "mydata"], 2),
    ],
)
def test_every_verb_prints_its_document_when_it_fails(world: World, words: list[str], status: int | None) -> None:
    """One JSON document on stdout with "exit"."""
    world.catalogue(_dataset("mydata", *_urls("a.png")))
    ran = fetch(world.home, *words, "--json", environ=world.internet.environment())
    assert ran.status == status or (status is None and ran.status), ran.out + ran.err
    assert ran.document["exit"] == ran.status


def test_a_broken_catalogue_is_2_and_still_a_document(world: World) -> None:
    """Not TOML, an unknown key, an unknown source."""
    for text in ("not [ toml", _dataset("x", *_urls("a.png"), more='colour = "red"'),
                 _dataset("x", *_urls("a.png"), more='source = "nosuchplace"'),
                 _dataset("verify", *_urls("a.png"))):  # fmt: skip
        world.catalogue(text)
        ran = world.run("get", "x")
        assert ran.status == 2, (text, ran.out)


def test_open_and_gated_parts(world: World) -> None:
    """`fetch oasis` brings the open parts, lists what the others want, and exits 9."""
    parts = ["1", "1-freesurfer", "2"]
    rows = [f'[[datasets.oasis.parts.{p}.files]]\nurl = "{BASE}{p}.tar.gz"\n' for p in parts]
    world.catalogue(*rows)
    for number, part in enumerate(parts):
        world.internet.put(f"{BASE}{part}.tar.gz", _tar({f"s{number}/note{number}.txt": b"words\n"}))
    first = world.run("oasis")
    assert first.status == 6, first.out
    assert "LicenseRef-OASIS-DUA" in first.out + first.err
    ran = world.run("oasis", "--accept", "LicenseRef-OASIS-DUA")
    assert ran.status == 9, ran.out
    results = {d["part"]: d for d in ran.document["datasets"]}
    assert {p for p, d in results.items() if d["files"]} == set(parts)
    assert {"3", "4"} <= {p for p, d in results.items() if d["failed"]}
    assert any(task["url"] for task in json.loads(world.run("tasks", "oasis").out))
    again = world.run("oasis/2")
    assert (again.status, _result(again)["downloaded_files"]) == (0, 0)
    globbed = world.run("oasis/1*")
    assert (globbed.status, {d["part"] for d in globbed.document["datasets"]}) == (0, {"1", "1-freesurfer"})
    assert world.run("oasis/9").status in (2, 3)
    assert world.run("oasis/z*").status in (2, 3)
    assert world.run("verify", "oasis").document["checked_files"] == 3
    assert world.run("verify", "oasis/2").document["checked_files"] == 1


def test_force_brings_what_was_damaged_again(world: World) -> None:
    """A held file that was changed by hand is brought back by --force; a missing one by a plain run."""
    world.catalogue(_dataset("mydata", f'url = "{BASE}a.png"\nsha256 = "{hashlib.sha256(_png()).hexdigest()}"'))
    world.internet.put(BASE + "a.png", _png())
    assert world.run("mydata").status == 0
    held = world.home / "cache/mydata/a.png"
    held.unlink()
    assert world.run("mydata").status == 0
    assert held.read_bytes() == _png()
    held.write_bytes(_png()[:-1] + b"x")
    assert world.run("verify").status == 4
    assert world.run("mydata", "--force").status == 0
    assert world.run("verify").status == 0


def test_a_page_in_place_of_a_html_file_is_that_file(world: World) -> None:
    """What the file is decides, not what the server calls it."""
    world.internet.content_type = "application/zip"
    world.catalogue(_dataset("mydata", *_urls("about.html")))
    world.internet.put(BASE + "about.html", PAGE)
    assert world.run("mydata").status == 0
    assert world.held() == {"about.html": PAGE}


def test_retry_after_is_obeyed(world: World) -> None:
    """A short one is waited for; one longer than a minute ends that file and names when."""
    world.catalogue(_dataset("short", *_urls("s.png")), _dataset("long", *_urls("l.png")))
    answers: list[Answer] = [(503, {"Retry-After": "1"}, b""), (200, {}, _png())]
    world.internet.put(BASE + "s.png", lambda _: answers.pop(0))
    world.internet.put(BASE + "l.png", _status(429, Retry_After="3600"))
    started = time.monotonic()
    assert world.run("short").status == 0
    assert time.monotonic() - started > 1
    ran = world.run("long")
    assert ran.status == 5
    assert len([a for a in world.internet.asked if a.url.endswith("l.png")]) == 1


def test_a_small_file_waits_for_no_large_one(world: World) -> None:
    """What came beside hours of one transfer is recorded soon, not when that ends: a kill must not cost it."""
    world.catalogue(_dataset("both", *_urls("a.bin", "b.bin"), more='container = "raw"'))
    world.internet.put(BASE + "a.bin", b"small")
    world.internet.put(BASE + "b.bin", bytes(16 << 20))
    process = world.start("both", "--limit-rate", "400K")
    limit, recorded = time.monotonic() + 20, 0
    while time.monotonic() < limit and process.poll() is None and not recorded:
        time.sleep(0.1)
        with Manifest.open(world.home / "cache", write=False) as manifest:
            recorded = len(list(manifest.files("both")))
    process.kill()
    process.communicate()
    assert recorded == 1


def test_an_interrupted_run_says_what_it_has(world: World) -> None:
    """Ctrl-C: 130, one document, with what is held of the dataset that was under way."""
    world.catalogue(_dataset("first", *_urls("a.png")), _dataset("second", *_urls("b.bin"), more='container = "raw"'))
    world.internet.put(BASE + "a.png", _png())
    world.internet.put(BASE + "b.bin", bytes(16 << 20))
    process = world.start("first", "second", "--json", "--limit-rate", "1M")
    limit = time.monotonic() + 20
    while time.monotonic() < limit and not [p for p in world.left_over() if p.name == "body" and p.stat().st_size]:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=20)
    document = json.loads(out)
    assert (process.returncode, document["exit"]) == (130, 130)
    assert [(d["dataset"], d["files"], d["exit"]) for d in document["datasets"]] == [
        ("first", 1, 0),
        ("second", 0, 130),
    ]


def test_what_an_interrupted_run_brought_is_counted(world: World) -> None:
    """It is held, so it came."""
    world.catalogue(_dataset("both", *_urls("a.bin", "b.bin"), more='container = "raw"'))
    world.internet.put(BASE + "a.bin", b"small")
    world.internet.put(BASE + "b.bin", bytes(16 << 20))
    process = world.start("both", "--json", "--limit-rate", "1M")
    limit = time.monotonic() + 20
    while time.monotonic() < limit and not [p for p in world.left_over() if p.name == "body" and p.stat().st_size]:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=20)
    (one,) = json.loads(out)["datasets"]
    assert (one["files"], one["downloaded_files"], one["exit"]) == (1, 1, 130)
    assert one["downloaded_bytes"] > 5


def test_a_file_that_would_have_to_be_a_folder_has_a_folder_of_its_archive(world: World) -> None:
    """Nothing is lost and nothing overwritten: the later one is held below a folder named after its archive."""
    world.catalogue(
        _dataset(
            "one", f'url = "{BASE}a.zip"', f'url = "{BASE}b.zip"', f'url = "{BASE}c.bin"', more='container = "mixed"'
        )
    )
    world.internet.put(BASE + "a.zip", _zip({"x": b"a file"}))
    world.internet.put(BASE + "b.zip", _zip({"x/y": b"below it"}))
    world.internet.put(BASE + "c.bin", b"another")
    ran = world.run("one", "--jobs", "1")
    assert ran.status == 0, ran.err
    assert [one["path"] for one in ran.document["datasets"][0]["findings"] if one["rule"] == "renamed"] == ["b/x/y"]
    assert ran.document["datasets"][0]["files"] == 3
    assert [path for path in world.left_over() if path.is_file()] == []


def test_a_second_dataset_is_held_against_what_the_first_one_left(world: World) -> None:
    """`--max-size` is the command's: what exceeds the rest is refused before its first byte."""
    files = [f'url = "{BASE}{name}"\nsize = 60000' for name in ("a.bin", "b.bin")]
    world.catalogue(*(_dataset(name, one, more='container = "raw"') for name, one in zip("xy", files, strict=True)))
    for name in ("a.bin", "b.bin"):
        world.internet.put(BASE + name, bytes(60_000))
    ran = world.run("x", "y", "--max-size", "100000")
    assert [one["files"] for one in ran.document["datasets"]] == [1, 0]
    assert [asked.url for asked in world.internet.asked] == [BASE + "a.bin"]


@pytest.mark.parametrize("flag", ["--unpack", "--no-unpack"])
def test_an_archive_without_a_length_that_breaks_off_is_asked_again(world: World, flag: str) -> None:
    """Its own end proves the end; one that never has it did not arrive."""
    words = [] if flag == "--unpack" else [flag]
    world.catalogue(_dataset("x", f'url = "{BASE}a.zip"', more='container = "mixed"'))
    body, tries = _zip({"x.txt": b"text" * 1000}), list[int]()

    def cut(_: Asked) -> Answer:
        tries.append(0)
        whole = len(tries) == 2
        return HTTPStatus.OK, {"Connection": "close"}, body if whole else body[:-30]

    world.internet.put(BASE + "a.zip", cut)
    assert world.run("x", *words).status == 0
    assert len(tries) == 2
    world.internet.put(BASE + "a.zip", lambda _: (HTTPStatus.OK, {"Connection": "close"}, body[:-30]))
    assert world.run("x", *words, "--force").status in (5, 9)


@pytest.mark.parametrize(
    "words", [("--series", "1.2.3"), ("--patient", "p1"), ("--modality", "MR"), ("--body-part", "eye")]
)
def test_a_selection_that_a_list_cannot_answer_brings_nothing(world: World, words: tuple[str, str]) -> None:
    """All of it in place of one series would be silence."""
    world.catalogue(_dataset("x", *_urls("a.png"), more='modalities = ["XR"]\nbody_parts = ["lung"]'))
    world.internet.put(BASE + "a.png", _png())
    ran = world.run("x", *words)
    assert (ran.status, world.internet.asked) == (3, [])
    for code in ("XR", "CR"):
        assert world.run("x", "--modality", code, "--body-part", "Lung").status == 0


STRANGERS = """
from fetchers.source import RemoteFile, Source

class Breaks(Source):
    def files(self, dataset, wanted, client):
        yield RemoteFile(url="https://data.example.org/a.bin", path="a.bin")
        raise KeyError("no such field")

class Leaves(Source):
    def files(self, dataset, wanted, client):
        raise SystemExit(0)

class Nothing(Source):
    def files(self, dataset, wanted, client):
        return None

class Outside(Source):
    def files(self, dataset, wanted, client):
        yield RemoteFile(url="https://data.example.org/c.zip", path="c.zip", into="../out")

class Text(Source):
    def files(self, dataset, wanted, client):
        yield "https://data.example.org/a.bin"
"""


@pytest.mark.parametrize(
    ("source", "held", "status", "said"),
    [
        ("breaks", 1, 9, "KeyError"),
        ("leaves", 0, 1, "SystemExit"),
        ("nothing", 0, 1, "TypeError"),
        ("text", 0, 1, "str"),
        ("outside", 0, 4, "out"),
    ],
)
def test_a_source_that_fails_costs_only_its_dataset(
    world: World, tmp_path: Path, source: str, held: int, status: int, said: str
) -> None:
    """A stranger's code may raise anything: what it named before is brought, and so are the other datasets."""
    info = tmp_path / "library" / "strangers-1.0.dist-info"
    info.mkdir(parents=True)
    (info.parent / "strangers.py").write_text(STRANGERS)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: strangers\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[fetchers.sources]\n{source} = strangers:{source.title()}\n")
    mine = f'[datasets.mine]\ntitle = "m"\naccess = "open"\nsource = "{source}"\ncontainer = "raw"'
    world.catalogue(mine, _dataset("other", *_urls("b.bin"), more='container = "raw"'))
    for name in ("a.bin", "b.bin"):
        world.internet.put(BASE + name, b"bytes")
    world.internet.put(BASE + "c.zip", _zip({"x": b"x"}))
    ran = world.run("mine", "other", PYTHONPATH=f"{info.parent}:{os.environ.get('PYTHONPATH', '')}")
    one, other = ran.document["datasets"]
    assert (one["files"], one["exit"], other["files"]) == (held, status, 1)
    assert said in one["failures"][0]["error"]
