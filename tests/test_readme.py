"""README.md says what the program does."""

from __future__ import annotations

import re
import tomllib

import pytest

from fetchers.cli.registry import VERBS
from tests.readme import PARTS, README, part

TEXT = README.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PARTS)
def test_generated_part_is_the_programs_own(name: str) -> None:
    """Output, tables and help in the README are what the program prints today (`make readme` writes them)."""
    assert part(TEXT, name) == PARTS[name]()


def test_every_verb_is_named() -> None:
    """Whatever can be typed is in the README."""
    for verb in VERBS:
        assert re.search(rf"\b{verb}\b", TEXT), verb


def test_the_first_screen_has_the_two_commands() -> None:
    """A reader with a fresh machine sees at once what to type."""
    first = "\n".join(TEXT.splitlines()[:40])
    assert "make demo" in first
    assert "make test" in first
    assert "fetch shenzhen" in first


@pytest.mark.parametrize("example", re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL))
def test_toml_examples_parse(example: str) -> None:
    """What one copies out of the README is TOML."""
    assert tomllib.loads(example)


@pytest.mark.parametrize("example", re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL))
def test_python_examples_compile(example: str) -> None:
    """What one copies out of the README is Python."""
    assert compile(example, "README.md", "exec")
