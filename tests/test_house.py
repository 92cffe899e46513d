"""Does the house stand as designed? Floors, doors, captions, sizes, and what starting may cost."""

from __future__ import annotations

import ast
import inspect
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

import click
import pytest

import fetchers
from fetchers.cli.app import front
from fetchers.cli.command import long_name
from fetchers.cli.registry import VERBS

HOUSE = Path(__file__).parent.parent / "fetchers"
FLOORS = {
    "errors": 1, "dataset": 1, "records": 1, "document": 1, "own_process": 1,
    "checks": 2, "transport": 2, "storage": 2, "reports": 2, "workers": 2,
    "source": 3, "workspace": 3, "values": 3,
    "sources": 4, "context": 4,
    "events": 5, "inspection": 5, "progress": 5,
    "acquire": 6, "handover": 6,
    "verbs": 7,
    "cli": 8, "api": 8,
    "__main__": 9, "__init__": 9,
}  # fmt: skip
DOORS: dict[str, set[str]] = {
    "httpx": {"transport", "source", "sources"},
    "pycurl": {"transport"},
    "tenacity": {"transport"},
    "certifi": {"transport"},
    "boto3": {"transport"},
    "distributed": {"workers"},
    "dask": {"workers"},
    "botocore": {"transport"},
    "keyring": {"transport"},
    "pydicom": {"checks"},
    "license_expression": {"checks"},
    "PIL": {"checks", "reports"},
    "sqlite3": {"storage"},
    "zstandard": {"storage"},
    "inflate64": {"storage"},
    "charset_normalizer": {"checks"},
    "zipfile": {"storage", "verbs"},  # the demo packs what its replica serves
    "tarfile": {"storage"},
    "jinja2": {"reports"},
    "icalendar": {"reports"},
    "apprise": {"transport"},
    "platformdirs": {"workspace"},
    "pyarrow": {"reports"},
    "duckdb": {"sources"},
    "tomli": {"workspace"},
    "tomlkit": {"workspace"},
    "ijson": {"sources"},
    "defusedxml": {"sources"},
    "tqdm": {"cli", "api"},
    "click": {"cli"},
}
# The ground floor's three stones are one: the record's nouns and the catalogue's may know each other and the errors.
ONE_ROOM = {"errors": "nouns", "dataset": "nouns", "records": "nouns"}
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}
LONGEST_FILE, LONGEST_FUNCTION = 330, 60
HEAVY = {
    "apprise", "requests",
    "httpx", "pycurl", "tenacity", "keyring", "pydicom", "numpy", "PIL", "sqlite3", "jinja2", "icalendar",
    "license_expression", "tqdm", "duckdb", "zstandard", "ijson", "email", "http", "asyncio", "multiprocessing",
    "boto3", "botocore",
}  # fmt: skip


class Module(NamedTuple):
    """One file of the house."""

    name: str
    path: Path
    tree: ast.Module

    @property
    def room(self) -> str:
        """The room that it is in: the first word below the package."""
        return self.name.split(".")[1] if "." in self.name else "__init__"


@cache
def modules() -> dict[str, Module]:
    """Read every module of the house, by its dotted name."""
    found = {}
    for path in sorted(HOUSE.rglob("*.py")):
        parts = path.relative_to(HOUSE.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = Module(name, path, ast.parse(path.read_text(encoding="utf-8")))
    return found


def imports(module: Module) -> set[str]:
    """Name all that a module imports, wherever the import stands, under TYPE_CHECKING and in functions too."""
    found = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module.name}: import by the full name"
            whole = node.module or ""
            found |= {inner if (inner := f"{whole}.{alias.name}") in modules() else whole for alias in node.names}
    return found


def named(*, packages: bool = False) -> list[Module]:
    """List the modules; with `packages` their `__init__`s, too."""
    return [module for module in modules().values() if packages or module.path.name != "__init__.py"]


EVERY = pytest.mark.parametrize("module", named(packages=True), ids=lambda module: module.name)


@EVERY
def test_a_room_imports_only_from_floors_below(module: Module) -> None:
    """No arrow climbs, and rooms of one floor do not know each other."""
    floor, room = FLOORS[module.room], ONE_ROOM.get(module.room, module.room)
    for name in imports(module):
        if name.split(".")[0] != "fetchers":
            continue
        other = name.split(".")[1] if "." in name else "__init__"
        if ONE_ROOM.get(other, other) == room:
            continue
        assert FLOORS[other] < floor, f"{module.name} (floor {floor}) imports {name} (floor {FLOORS[other]})"


@EVERY
def test_an_outside_package_comes_in_by_its_door(module: Module) -> None:
    """Each outside package is imported by one room, so that it can be exchanged there."""
    for name in imports(module):
        package = name.split(".")[0]
        if package in DOORS:
            assert module.room in DOORS[package], f"{module.name} imports {package}: that is for {DOORS[package]}"
        else:
            known = package in sys.stdlib_module_names or package == "fetchers"
            assert known, f"{module.name} imports {package}, which has no door yet"


def test_no_circle() -> None:
    """Inside a room, too, the imports are a tree that one can read from the leaves."""
    arrows = {
        module.name: {
            name for name in imports(module) if name in modules() and modules()[name].path.name != "__init__.py"
        } - {module.name}
        for module in named()
    }  # fmt: skip
    while leaves := {name for name, targets in arrows.items() if not targets}:
        arrows = {name: targets - leaves for name, targets in arrows.items() if name not in leaves}
    assert not arrows, f"these import each other in a circle: {sorted(arrows)}"


@EVERY
def test_a_module_says_first_which_question_it_answers(module: Module) -> None:
    """The docstring's first line is the room's caption everywhere; it stands on the line of the quotes."""
    first = module.tree.body[0] if module.tree.body else None
    assert isinstance(first, ast.Expr), f"{module.name} has no docstring"
    assert isinstance(first.value, ast.Constant)
    text = str(first.value.value)
    caption = text.split("\n", 1)[0]
    assert caption.strip(), f"{module.name}: the caption stands on the docstring's first line"
    assert caption == caption.strip()
    assert caption.endswith((".", "?", "!", ":")) or "." in caption, f"{module.name}: a caption is a sentence"


@EVERY
def test_no_room_for_odds_and_ends(module: Module) -> None:
    """A room has a question of its own, or it is no room."""
    assert not FORBIDDEN_NAMES & set(module.name.split("."))


@EVERY
def test_files_and_functions_stay_small(module: Module) -> None:
    """A file or function that outgrows its measure is two ideas."""
    lines = module.path.read_text(encoding="utf-8").count("\n")
    assert lines <= LONGEST_FILE, f"{module.name}: {lines} lines"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            long = (node.end_lineno or 0) - node.lineno + 1
            assert long <= LONGEST_FUNCTION, f"{module.name}.{node.name}: {long} lines"


def loaded_by(*words: str, home: Path) -> set[str]:
    """Run the command line in a process of its own and name the modules that it loaded."""
    program = (
        "import sys\nfrom fetchers.cli.app import run\n"
        "try:\n    status = run(sys.argv[1:])\nexcept SystemExit as left:\n    status = left.code\n"
        "print(*sorted(sys.modules), file=sys.stderr)\nsys.exit(status)"
    )
    environ = {**os.environ, "FETCH_HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, text=True, check=False, env=environ, timeout=30
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.strip().splitlines()[-1].split())


@pytest.mark.parametrize("words", [("--help",), ("list",), ("list", "--json"), ("list", "--held")], ids=" ".join)
def test_starting_loads_nothing_heavy(words: tuple[str, ...], tmp_path: Path) -> None:
    """What a verb does not need it does not import."""
    assert not HEAVY & {name.split(".")[0] for name in loaded_by(*words, home=tmp_path)}


def test_help_loads_no_verb(tmp_path: Path) -> None:
    """The menu knows one line of each verb, and that is all it needs."""
    rooms = {name.split(".")[1] for name in loaded_by("--help", home=tmp_path) if name.startswith("fetchers.")}
    assert rooms == {"cli", "document", "errors", "values"}


def test_nothing_happens_at_import(tmp_path: Path) -> None:
    """No folder is made, no file read, no logging configured by importing the package."""
    program = "import os, logging, fetchers; print(os.listdir('.'), logging.root.handlers)"
    environ = {**os.environ, "PYTHONPATH": str(HOUSE.parent), "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path, env=environ
    )
    assert done.stdout == "[] []\n"


_TEACHES = (
    "fetchers/api/__init__.py tells how a verb becomes a function of Python: write it with one keyword argument for "
    "each long option, and name it in fetchers/api/__init__.py, fetchers/api/workspace.py and fetchers/__init__.py"
)


def _options(command: click.Command) -> set[str]:
    """Name the long options of a verb that are its own, as keyword arguments."""
    names = {
        long_name(option).replace("-", "_")
        for option in command.params
        if isinstance(option, click.Option) and not option.is_eager
    }
    moves = command.commands.values() if isinstance(command, click.Group) else ()
    return names.union(*(_options(move) | ({move.name or ""} - {"list"}) for move in moves))


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_is_a_function_of_python(verb: str) -> None:
    """Whatever can be typed can be called: the same name, the flags as keyword arguments, in a workspace, too."""
    assert verb in fetchers.__all__, f"fetchers.{verb} is missing. {_TEACHES}"
    assert hasattr(fetchers.Workspace, verb), f"fetchers.Workspace.{verb} is missing. {_TEACHES}"
    takes = inspect.signature(getattr(fetchers, verb)).parameters
    command = front().get_command(click.Context(front()), verb)
    assert command is not None
    wanted = {"home", "cache"} | _options(command)
    assert wanted <= takes.keys(), f"fetchers.{verb} does not take {sorted(wanted - takes.keys())}. {_TEACHES}"
    assert getattr(fetchers, verb).__doc__, f"fetchers.{verb} has no docstring"
