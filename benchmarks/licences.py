"""Is any phrase around a known licence taken to allow more than it says, and what do places' words come to?

    python benchmarks/licences.py [PHRASES] [SEED]

Prints the false `allowed` among PHRASES generated ones (a million by default), and of each place's words those that
are recognised; of the Imaging Data Commons by the number of series that say so.
"""

from __future__ import annotations

import sys
import time
import tomllib
from collections import Counter
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parent.parent))

from fetchers.checks.terms.licence_names import recognise
from fetchers.checks.terms.licences import BUILT_IN
from fetchers.checks.terms.spdx import spdx_list
from fetchers.dataset import USES
from tests.checks.licence_phrases import addresses, case, falsely_allowed, names

PLACES = Path(__file__).parent.parent / "tests" / "data" / "place_licences.toml"


def phrases(amount: int, seed: int) -> None:
    """Print how many phrases of each kind are taken to allow a use that they do not say."""
    random, kinds, false = Random(seed), Counter[str](), Counter[str]()
    begun = time.perf_counter()
    for _ in range(amount):
        one = case(random)
        kinds[one.kind] += 1
        if uses := falsely_allowed(one):
            false[one.kind] += 1
            print(f"false: {one.kind}: {one.name!r} {one.url!r}: {', '.join(sorted(uses))}", file=sys.stderr)
    seconds = time.perf_counter() - begun
    print(f"{amount:,} phrases around {len(names()):,} names and {len(addresses()):,} addresses, {seconds:.0f} s\n")
    print("| kind | phrases | false `allowed` |\n|---|---:|---:|")
    for kind in sorted(kinds):
        print(f"| {kind} | {kinds[kind]:,} | {false[kind]} |")
    print(f"| all | {amount:,} | {sum(false.values())} |")


def places() -> None:
    """Print how many of each place's words are recognised, and how many rightly are not."""
    said = tomllib.loads(PLACES.read_text(encoding="utf-8"))
    print("\n| place | strings | recognised | rightly not | wrong |\n|---|---:|---:|---:|---:|")
    for place, rows in said.items():
        if place.endswith("-series"):
            continue
        found = {words: recognise(words) or "" for words in rows}
        wrong = sum(found[words] != licence for words, licence in rows.items())
        known = sum(bool(one) for one in found.values())
        print(f"| {place} | {len(rows)} | {known} | {len(rows) - known} | {wrong} |")
    series = said["idc-series"]
    known = sum(count for words, count in series.items() if recognise(words))
    print(f"\nImaging Data Commons by frequency: {known:,} of {sum(series.values()):,} series")


def answers() -> None:
    """Print how many answers are built in."""
    ours = [one for one in BUILT_IN if one.startswith("LicenseRef-")]
    licences = len(BUILT_IN)
    print(
        f"\n{licences} licences with {len(USES)} answers each, {licences * len(USES):,} in all;"
        f" {len(ours)} of them are terms that SPDX does not know."
        f" SPDX's list {spdx_list().version}: {len(spdx_list().licences)} licences, {len(spdx_list().exceptions)} exceptions."
    )


if __name__ == "__main__":
    said = tuple(map(int, sys.argv[1:]))
    phrases(*said, *(1_000_000, 1)[len(said) :])
    places()
    answers()
