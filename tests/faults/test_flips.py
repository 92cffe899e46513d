"""One bit of a file turns over: `verify` says which, and says nothing of the others."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from tests.commands import fetch

if TYPE_CHECKING:
    from pathlib import Path

FILES = 2000
FLIPPED = 1000
_CATALOGUE = '[datasets.world]\ntitle = "World"\naccess = "open"\ncontainer = "mixed"\n'


def test_a_thousand_flips_are_a_thousand_findings(tmp_path: Path) -> None:
    """Any bit of any byte, the first and the last among them; times and sizes stay what they were."""
    noise = random.Random(17)
    brought, home = tmp_path / "brought", tmp_path / "home"
    brought.mkdir()
    home.mkdir()
    (home / "catalogue.toml").write_text(_CATALOGUE, encoding="utf-8")
    for number in range(FILES):
        (brought / f"{number:04}.bin").write_bytes(
            noise.randbytes(noise.randrange(1, 200_000 if number < 20 else 3000))
        )
    assert fetch(home, "adopt", "world", str(brought)).status == 0
    flipped = sorted(noise.sample(range(FILES), FLIPPED))
    for number in flipped:
        path = home / "cache" / "world" / f"{number:04}.bin"
        body = bytearray(path.read_bytes())
        at = noise.choice((0, len(body) - 1, noise.randrange(len(body))))
        body[at] ^= 1 << noise.randrange(8)
        path.write_bytes(body)
    ran = fetch(home, "verify", "world", "--json")
    assert ran.status == 4
    wrong = [one for one in ran.document["findings"] if one["severity"] == "error"]
    assert [(one["rule"], one["path"]) for one in wrong] == [
        ("hash-mismatch", f"{number:04}.bin") for number in flipped
    ]
