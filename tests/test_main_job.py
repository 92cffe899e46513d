"""The main job, from outside: real commands against a replica of the internet at the real addresses."""

from __future__ import annotations

import hashlib
import io
import os
import random
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from tests.commands import fetch
from tests.internet import Internet

SHENZHEN = "https://openi.nlm.nih.gov/imgs/collections/ChinaSet_AllFiles.zip"
LOGIN = (
    b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><form><input type=password></form></body></html>"
)


def _chinaset(pictures: int = 6, padding: int = 0) -> tuple[bytes, dict[str, str]]:
    """Make a small ChinaSet: its zip, and the SHA-256 of every member."""
    noise = random.Random(7)
    buffer = io.BytesIO()
    digests = {}
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        members: dict[str, bytes] = {"ChinaSet_AllFiles/NLM-ChinaCXRSet-ReadMe.txt": b"Please read.\n"}
        for number in range(pictures):
            picture = io.BytesIO()
            Image.new("L", (40, 30), number * 20).save(picture, "PNG")
            stem = f"CHNCXR_{number + 1:04}_{number % 2}"
            members[f"ChinaSet_AllFiles/CXR_png/{stem}.png"] = picture.getvalue()
            members[f"ChinaSet_AllFiles/ClinicalReadings/{stem}.txt"] = b"male 45yrs\nnormal\n"
        if padding:
            members["ChinaSet_AllFiles/notes.bin"] = noise.randbytes(padding)
        for name, body in members.items():
            archive.writestr(name, body)
            digests[name] = hashlib.sha256(body).hexdigest()
    return buffer.getvalue(), digests


def _held(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and "LICENCE" not in path.relative_to(root).parts
    }


def _under_way(home: Path) -> list[Path]:
    return [path for path in (home / "cache").rglob("*") if path.is_file() and ".partial" in path.parts]


def test_shenzhen_comes_whole_and_a_second_run_asks_for_nothing(tmp_path: Path) -> None:
    """Every file by its content, an honest status, nothing under way, no second question."""
    body, digests = _chinaset()
    with Internet(tmp_path) as internet:
        internet.put(SHENZHEN, body)
        first = fetch(tmp_path / "home", "shenzhen", "--json", environ=internet.environment())
        assert first.status == 0, first.err
        asked = len(internet.asked)
        second = fetch(tmp_path / "home", "shenzhen", "--json", environ=internet.environment())
        assert len(internet.asked) == asked == 1
    (result,) = first.document["datasets"]
    assert _held(Path(result["root"])) == digests
    assert (result["files"], result["failed"]) == (len(digests), 0)
    assert second.status == 0
    assert second.document["datasets"][0]["downloaded_files"] == 0
    assert second.document["datasets"][0]["files"] == len(digests)
    assert not _under_way(tmp_path / "home")


def test_verify_says_unverifiable_and_works_offline(tmp_path: Path) -> None:
    """PNG carries no modality: said, never passed silently, never an error."""
    body, _ = _chinaset()
    with Internet(tmp_path) as internet:
        internet.put(SHENZHEN, body)
        fetch(tmp_path / "home", "shenzhen", environ=internet.environment())
    verified = fetch(tmp_path / "home", "verify", "shenzhen", "--json", "--offline")
    assert verified.status == 0, verified.err
    assert verified.document["checked_files"] == 13
    assert verified.document["unverifiable"] == 6
    assert {f["rule"] for f in verified.document["findings"]} == {"unverifiable", "count-short"}  # six are not 662


def test_a_flipped_bit_is_found(tmp_path: Path) -> None:
    """`verify` reads every byte again."""
    body, _ = _chinaset()
    with Internet(tmp_path) as internet:
        internet.put(SHENZHEN, body)
        fetch(tmp_path / "home", "shenzhen", environ=internet.environment())
    victim = tmp_path / "home/cache/shenzhen/ChinaSet_AllFiles/CXR_png/CHNCXR_0001_0.png"
    damaged = bytearray(victim.read_bytes())
    damaged[-20] ^= 1
    victim.write_bytes(damaged)
    verified = fetch(tmp_path / "home", "verify", "--json")
    assert verified.status == 4
    assert [f["path"].rpartition("/")[2] for f in verified.document["findings"] if f["rule"] == "hash-mismatch"] == [
        victim.name
    ]


def test_a_cut_line_goes_on_where_it_was(tmp_path: Path) -> None:
    """Within a run nothing is asked twice beyond what was lost on the line."""
    body, digests = _chinaset(padding=12 << 20)
    with Internet(tmp_path) as internet:
        internet.put(SHENZHEN, body)
        internet.cut(SHENZHEN, 5 << 20, 4 << 20)
        ran = fetch(tmp_path / "home", "shenzhen", "--json", environ=internet.environment())
        assert ran.status == 0, ran.err
        assert len(internet.asked) == 3
        assert all("if-range" in asked.headers for asked in internet.asked[1:])
        assert sum(asked.sent for asked in internet.asked) < len(body) + (2 << 20)
    assert _held(tmp_path / "home/cache/shenzhen") == digests


def test_a_killed_run_goes_on_in_the_next(tmp_path: Path) -> None:
    """SIGKILL in the middle: the next run asks for the rest only, and the result is whole."""
    body, digests = _chinaset(padding=24 << 20)
    with Internet(tmp_path) as internet:
        internet.put(SHENZHEN, body)
        process = subprocess.Popen(
            [sys.executable, "-m", "fetchers", "shenzhen", "--limit-rate", "16M"],
            env={**os.environ, "FETCH_HOME": str(tmp_path / "home"), **internet.environment()},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        limit = time.monotonic() + 20
        while time.monotonic() < limit and sum(p.stat().st_size for p in _under_way(tmp_path / "home")) < 10 << 20:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
        reached = sum(path.stat().st_size for path in _under_way(tmp_path / "home"))
        assert 10 << 20 <= reached < len(body)
        ran = fetch(tmp_path / "home", "shenzhen", "--json", environ=internet.environment())
        assert ran.status == 0, ran.err
        (start,) = [int(a.headers["range"][6:].rstrip("-")) for a in internet.asked if "range" in a.headers]
        assert start > reached - (6 << 20)
    assert _held(tmp_path / "home/cache/shenzhen") == digests
    assert not _under_way(tmp_path / "home")


@pytest.mark.parametrize("content_type", ["text/html", "application/zip"])
def test_a_login_page_is_refused_and_leaves_nothing(tmp_path: Path, content_type: str) -> None:
    """A page with status 200 in place of a zip, whatever the server calls it: sign in first (6)."""
    with Internet(tmp_path, content_type=content_type) as internet:
        internet.put(SHENZHEN, LOGIN)
        ran = fetch(tmp_path / "home", "shenzhen", "--json", environ=internet.environment())
    assert ran.status == 6, ran.err
    assert ran.document["exit"] == 6
    assert not _under_way(tmp_path / "home")
    assert not [p for p in (tmp_path / "home/cache/shenzhen").rglob("*") if p.is_file()]


def test_a_wrong_checksum_is_refused(tmp_path: Path) -> None:
    """Montgomery's zip is pinned: another one is not taken, and both values are named."""
    body, _ = _chinaset()
    with Internet(tmp_path) as internet:
        internet.put("https://openi.nlm.nih.gov/imgs/collections/NLM-MontgomeryCXRSet.zip", body)
        ran = fetch(tmp_path / "home", "montgomery", "--json", environ=internet.environment())
    assert ran.status == 4, ran.err
    assert not list((tmp_path / "home/cache").rglob("*.png"))


def test_a_gated_set_asks_the_network_for_nothing(tmp_path: Path) -> None:
    """Exit 6, what to do first and where, and the tasks are there."""
    with Internet(tmp_path) as internet:
        ran = fetch(tmp_path / "home", "adni", environ=internet.environment())
        assert not internet.asked
    assert ran.status == 6
    assert "https://ida.loni.usc.edu" in ran.out + ran.err
    tasks = fetch(tmp_path / "home", "tasks", "adni", "--json").document
    assert any(task["url"] for task in tasks)


def test_a_dry_run_writes_nothing_at_all(tmp_path: Path) -> None:
    """Not even the folder of the store."""
    home = tmp_path / "home"
    ran = fetch(home, "get", "shenzhen", "--dry-run", "--json", "--offline")
    assert ran.status == 0, ran.err
    assert ran.document["datasets"][0]["plan"]["files"] == 1
    assert not home.exists()


def test_offline_opens_no_connection(tmp_path: Path) -> None:
    """Transfer status, and nobody was asked."""
    with Internet(tmp_path) as internet:
        ran = fetch(tmp_path / "home", "shenzhen", "--offline", environ=internet.environment())
        assert not internet.asked
    assert ran.status == 5


def test_a_larger_plan_than_allowed_is_refused_first(tmp_path: Path) -> None:
    """Montgomery's size is known: `--max-size` refuses before the first byte."""
    with Internet(tmp_path) as internet:
        ran = fetch(tmp_path / "home", "montgomery", "--max-size", "1M", environ=internet.environment())
        assert not internet.asked
    assert ran.status == 7
