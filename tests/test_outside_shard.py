"""N jobs side by side: each takes its share of a plan, together they take all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.run import fetch
from tests.faultd import Answer, Faultd

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = [f"{number:03}.bin" for number in range(40)]


@pytest.fixture
def server() -> Iterator[Faultd]:
    """Serve forty small files."""
    with Faultd() as made:
        for name in (*NAMES, "041.bin"):
            made.on(f"/{name}", Answer(name.encode() * 3))
        yield made


def _home(folder: Path, server: Faultd, names: list[str]) -> Path:
    folder.mkdir(exist_ok=True)
    urls = [server.url(f"/{name}") for name in names]
    rows = "".join(f'[[datasets.lungs.files]]\nurl = "{url}"\n' for url in urls)
    text = f'[datasets.lungs]\ntitle = "Lungs"\naccess = "open"\ncontainer = "mixed"\n{rows}'
    (folder / "catalogue.toml").write_text(text, encoding="utf-8")
    return folder


def _held(home: Path) -> set[str]:
    return {path.name for path in (home / "cache" / "lungs").glob("*.bin")}


def test_the_shares_are_the_whole(tmp_path: Path, server: Faultd) -> None:
    """Each file is taken by one job of four and by no other."""
    homes = [_home(tmp_path / str(number), server, NAMES) for number in range(1, 5)]
    for number, home in enumerate(homes, 1):
        done = fetch("get", "lungs", "--shard", f"{number}/4", home=home)
        assert done.status == 0, done.err
    shares = [_held(home) for home in homes]
    assert sorted(name for share in shares for name in share) == NAMES
    assert all(shares)


def test_a_grown_listing_moves_nothing(tmp_path: Path, server: Faultd) -> None:
    """The next day's new file belongs to one job; every other file stays with its own."""
    home = _home(tmp_path / "home", server, NAMES)
    plans = [fetch("get", "lungs", "--shard", f"{number}/3", home=home).status for number in (1, 2, 3)]
    assert plans == [0, 0, 0]
    server.asked.clear()
    _home(home, server, ["041.bin", *NAMES])
    for number in (1, 2, 3):
        assert fetch("get", "lungs", "--shard", f"{number}/3", home=home).status == 0
    assert [one.path for one in server.asked] == ["/041.bin"]


def test_an_empty_share_is_well(tmp_path: Path, server: Faultd) -> None:
    """Of one file in fifty shares forty-nine are empty: 0, and nothing is held."""
    home = _home(tmp_path / "home", server, NAMES[:1])
    done = [fetch("get", "lungs", "--shard", f"{number}/50", "--json", home=home) for number in (1, 2, 3)]
    assert {one.status for one in done} == {0}


@pytest.mark.parametrize("wrong", ["5/4", "1/0", "x", "1", "-1/4", "1/4/2"])
def test_an_invalid_shard_is_refused(tmp_path: Path, server: Faultd, wrong: str) -> None:
    """What is no share is refused before anything is asked."""
    home = _home(tmp_path / "home", server, NAMES)
    done = fetch("get", "lungs", f"--shard={wrong}", home=home)
    assert done.status == 2
    assert "I/N" in done.err
    assert not server.asked
