"""The short form of `make fuzz`: a second for each target, and every input that ever found something."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fuzz.run import KNOWN, fuzz, names, one, possible
from tests.fuzz.targets import TARGETS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", names())
def test_what_each_target_begins_with_is_read(name: str) -> None:
    """The seeds are honest input, or refused as they should be."""
    for seed in TARGETS[name].seeds():
        one(name, seed)


@pytest.mark.parametrize("path", sorted(KNOWN.iterdir()), ids=lambda path: path.name)
def test_what_once_found_a_fault_finds_none(path: Path) -> None:
    """Named after its target."""
    one(path.name.partition("-")[0], path.read_bytes())


@pytest.mark.slow
@pytest.mark.skipif(not possible(), reason="atheris cannot be installed for this Python: no coverage-guided fuzzing")
@pytest.mark.parametrize("name", names())
def test_a_second_of_fuzzing_finds_nothing(name: str) -> None:
    """Ten minutes each are `make fuzz`."""
    run = fuzz(name, 1)
    assert not run.fault, run.fault
