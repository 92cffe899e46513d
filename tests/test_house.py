"""The structure stays as designed: layers, doors of outside packages, captions, sizes, what a start may load."""

from __future__ import annotations

import ast
import inspect
import os
import re
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

PACKAGE = Path(__file__).parent.parent / "fetchers"
LAYERS = {
    "errors": 1, "dataset": 1, "records": 1, "rules": 1, "document": 1, "own_process": 1,
    "system": 1, "system_process": 1,
    "checks": 2, "transport": 2, "storage": 2, "reports": 2, "workers": 2,
    "source": 3, "workspace": 3, "values": 3,
    "sources": 4, "context": 4, "options": 4,
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
    "numpy": {"checks"},
    "PIL": {"checks", "reports"},
    "sqlite3": {"storage"},
    "zstandard": {"storage", "checks"},  # unpacked there, followed to its end here
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
    "defusedxml": {"sources"},
    "tqdm": {"cli", "api"},
    "click": {"cli"},
}
# The nouns are one package: those of the record and of the catalogue may know each other and the errors.
ONE_PACKAGE = {"errors": "nouns", "dataset": "nouns", "records": "nouns", "rules": "nouns", "system": "system",
               "system_process": "system"}  # fmt: skip
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}
OPENING = re.compile(r"(Give|Say whether|Whether|Say (which|what|why|how))\b")
PRIVATE = re.compile(r"\bthe (house|mover|lander)('s)?\b", re.IGNORECASE)
LONGEST_FILE, LONGEST_FUNCTION = 335, 60
HEAVY = {
    "apprise", "requests",
    "httpx", "pycurl", "tenacity", "keyring", "pydicom", "numpy", "PIL", "sqlite3", "jinja2", "icalendar",
    "license_expression", "tqdm", "duckdb", "zstandard", "email", "http", "asyncio", "multiprocessing",
    "boto3", "botocore",
}  # fmt: skip


class Module(NamedTuple):
    """One file of the package."""

    name: str
    path: Path
    tree: ast.Module

    @property
    def package(self) -> str:
        """The package that it is in: the first word below `fetchers`."""
        return self.name.split(".")[1] if "." in self.name else "__init__"


@cache
def modules() -> dict[str, Module]:
    """Read every module, by its dotted name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
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


def test_a_package_imports_only_from_layers_below() -> None:
    """Nothing climbs, and packages of one layer do not import each other."""
    wrong = []
    for module in named(packages=True):
        layer, own = LAYERS[module.package], ONE_PACKAGE.get(module.package, module.package)
        for name in imports(module):
            if name.split(".")[0] != "fetchers":
                continue
            other = name.split(".")[1] if "." in name else "__init__"
            if ONE_PACKAGE.get(other, other) != own and LAYERS[other] >= layer:
                wrong.append(f"{module.name} (layer {layer}) imports {name} (layer {LAYERS[other]})")
    assert not wrong


def test_an_outside_package_comes_in_by_its_door() -> None:
    """Each outside package is imported by one package of ours, so that it can be exchanged there."""
    wrong = []
    for module in named(packages=True):
        for outside in {name.split(".")[0] for name in imports(module)}:
            if outside in DOORS and module.package not in DOORS[outside]:
                wrong.append(f"{module.name} imports {outside}: that is for {DOORS[outside]}")
            if outside not in DOORS and outside not in sys.stdlib_module_names and outside != "fetchers":
                wrong.append(f"{module.name} imports {outside}, which has no door yet")
    assert not wrong


def test_no_circle() -> None:
    """Inside a package, too, the imports are a tree that one can read from the leaves."""
    arrows = {
        module.name: {
            name for name in imports(module) if name in modules() and modules()[name].path.name != "__init__.py"
        } - {module.name}
        for module in named()
    }  # fmt: skip
    while leaves := {name for name, targets in arrows.items() if not targets}:
        arrows = {name: targets - leaves for name, targets in arrows.items() if name not in leaves}
    assert not arrows, f"these import each other in a circle: {sorted(arrows)}"


def test_a_module_says_first_what_it_is_for() -> None:
    """The docstring's first line is the module's caption everywhere; it stands on the line of the quotes."""
    wrong = []
    for module in named(packages=True):
        text = ast.get_docstring(module.tree, clean=False) or ""
        caption = text.split("\n", 1)[0]
        if not caption.strip() or caption != caption.strip() or not (caption[-1] in ".?!:" or "." in caption):
            wrong.append(f"{module.name}: {caption!r} is no sentence")
    assert not wrong


def test_docstrings_are_statements() -> None:
    """A caption is no question, a function that returns something says "Return ...", and words are the field's."""
    wrong = []
    for module in named(packages=True):
        caption = (ast.get_docstring(module.tree) or "").partition("\n")[0]
        if "? " in f"{caption} " and "://" not in caption:
            wrong.append(f"{module.name}: write a statement that names the thing: {caption}")
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.FunctionDef):
                continue
            said = ast.get_docstring(node) or ""
            if OPENING.match(said):
                wrong.append(f"{module.name}.{node.name}: begin with 'Return' or 'Return True if': {said}")
            elif PRIVATE.search(said):
                wrong.append(f"{module.name}.{node.name}: say package, downloader, ingest process: {said}")
    assert not wrong


def test_no_package_for_odds_and_ends() -> None:
    """A module has a question of its own, or it is no module."""
    assert not [module.name for module in named(packages=True) if FORBIDDEN_NAMES & set(module.name.split("."))]


def test_files_and_functions_stay_small() -> None:
    """A file or function that outgrows its measure is two ideas."""
    wrong = []
    for module in named(packages=True):
        lines = module.path.read_text(encoding="utf-8").count("\n")
        if lines > LONGEST_FILE:
            wrong.append(f"{module.name}: {lines} lines")
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                long = (node.end_lineno or 0) - node.lineno + 1
                if long > LONGEST_FUNCTION:
                    wrong.append(f"{module.name}.{node.name}: {long} lines")
    assert not wrong


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
    loaded = {name.split(".")[1] for name in loaded_by("--help", home=tmp_path) if name.startswith("fetchers.")}
    assert loaded == {"cli", "document", "errors", "values"}


def test_nothing_happens_at_import(tmp_path: Path) -> None:
    """No folder is made, no file read, no logging configured by importing the package."""
    program = "import os, logging, fetchers; print(os.listdir('.'), logging.root.handlers)"
    environ = {**os.environ, "PYTHONPATH": str(PACKAGE.parent), "HOME": str(tmp_path)}
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
