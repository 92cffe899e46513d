"""The documentation says what is there: its links resolve, its commands can be typed, its examples compile."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fetchers.cli.registry import VERBS
from fetchers.dataset import USES
from fetchers.workspace import open_workspace
from tests.command_lines import fault

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROOT = Path(__file__).parent.parent
PAGES = sorted({*_ROOT.glob("*.md"), *(_ROOT / "docs").rglob("*.md"), _ROOT / "benchmarks" / "README.md"})
EVERY = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(_ROOT)))
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
# Words in lower case that are values: people, bases of example datasets, moves of tasks.
_VALUES = frozenset(USES) | {"ada", "bones", "mydata", "kidney", "lung", "chest", "demo", "help"}


def _names() -> frozenset[str]:
    catalogue = open_workspace(home=_ROOT / "docs", cache=None, environ={}, cwd=_ROOT).catalogue
    return frozenset(name for dataset in catalogue.all() for name in (dataset.name, *dataset.aliases))


def _commands(text: str) -> Iterator[str]:
    """Yield the commands of code blocks, of indented blocks, and of `fetch ...` in a sentence."""
    for language, body in _FENCE.findall(text):
        for line in body.splitlines():
            command = line.strip().removeprefix("$ ")
            if language in ("console", "text", "") and re.match(r"(\S+ \S+ \* \* \S+ +)?fetch [^-]", command):
                yield command[command.index("fetch ") :]
    prose = _FENCE.sub("", text)
    yield from (line.strip() for line in prose.splitlines() if line.startswith("    fetch "))
    yield from (" ".join(one.split()) for one in re.findall(r"(?<!`)`(fetch [^`]+)`(?!`)", prose))


@EVERY
def test_relative_links_resolve(page: Path) -> None:
    """Whoever follows a link arrives."""
    missing = [
        target
        for target in _LINK.findall(page.read_text(encoding="utf-8"))
        if not target.startswith(("http://", "https://", "mailto:", "#"))
        and not (page.parent / target.partition("#")[0]).exists()
    ]
    assert not missing


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "CHANGELOG.md"], ids=lambda page: page.name)
def test_commands_can_be_typed(page: Path) -> None:
    """Each command's verb and options exist, with their values."""
    values = _VALUES | _names() | VERBS.keys()
    wrong = {
        command: why
        for command in _commands(page.read_text(encoding="utf-8"))
        if not command.startswith("fetch VERB") and (why := fault(command.replace("...", ""), values=values))
    }
    assert not wrong


@EVERY
def test_examples_compile(page: Path) -> None:
    """What one copies is Python or TOML."""
    for language, body in _FENCE.findall(page.read_text(encoding="utf-8")):
        if language == "toml":
            tomllib.loads(body)
        elif language == "python":
            compile(body, page.name, "exec")


def test_the_index_has_every_page() -> None:
    """Each page of docs/ can be reached from its index, each decision from theirs."""
    for index in (_ROOT / "docs" / "README.md", _ROOT / "docs" / "decisions" / "README.md"):
        linked = set(_LINK.findall(index.read_text(encoding="utf-8")))
        assert {page.name for page in index.parent.glob("*.md")} - {"README.md"} <= linked
