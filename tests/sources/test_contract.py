"""What holds for every source, whoever wrote it: found by looking, so that a new one cannot be forgotten."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, cast

import pytest

import fetchers.sources
from fetchers.dataset import Dataset, Selection
from fetchers.source import Source
from fetchers.sources import known, load

if TYPE_CHECKING:
    import httpx

HERE = Path(__file__).parent
MODULES = [module.name for module in iter_modules(fetchers.sources.__path__) if not module.ispkg]
PLACES = [name for name, origin in known() if origin == "built in" and name not in ("listed", "byhand")]


class _Nobody:
    """A client that must not be asked."""

    def __getattr__(self, name: str) -> object:
        raise AssertionError(f"the place was asked ({name}) before anybody read a file")


@pytest.mark.parametrize("name", MODULES)
def test_each_module_has_its_tests(name: str) -> None:
    """A module without tests is a hope: write tests/sources/test_NAME.py, with answers as the place gives them."""
    assert (HERE / f"test_{name}.py").is_file(), f"write tests/sources/test_{name}.py"


@pytest.mark.parametrize("path", sorted(HERE.glob("test_*.py")), ids=lambda path: path.stem)
def test_each_test_has_its_module(path: Path) -> None:
    """A test of a module that is gone tests nothing: remove it."""
    assert path.stem.removeprefix("test_") in (*MODULES, "contract", "broken", "example", "addresses", "paging")


@pytest.mark.parametrize("name", PLACES)
def test_it_is_a_place(name: str) -> None:
    """Its first docstring line names the place's address, and its class is the only one and says what it does."""
    module = import_module(f"fetchers.sources.{name}")
    first = (module.__doc__ or "").splitlines()[0]
    assert re.search(r"(?:https?|ftp)://\S+", module.__doc__ or ""), "name the place's address in the docstring"
    assert first.strip(), "the first line of the docstring stands on the line of its quotes"
    kinds = [
        kind
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Source) and kind.__module__ == module.__name__
    ]
    assert len(kinds) == 1, "one module, one place, one class"
    assert kinds[0].__doc__, "say in the class's docstring how the place hands out"
    assert isinstance(load(name), kinds[0])


@pytest.mark.parametrize("name", PLACES)
def test_it_asks_nothing_before_it_is_read(name: str) -> None:
    """`files` is a generator: making it costs nothing, and it is asked only as far as somebody reads."""
    dataset = Dataset(name="x", options={"bucket": "b", "root": "ftp://h/", "host": "https://h/", "record": 1})
    files = load(name).files(dataset, Selection(), cast("httpx.Client", _Nobody()))
    assert iter(files) is files


@pytest.mark.parametrize("name", MODULES)
def test_a_source_neither_sleeps_prints_writes_nor_retries(name: str) -> None:
    """A source says, it does not do: no sleep, no print, no file, no retry, no own connection."""
    text = Path(fetchers.sources.__path__[0], f"{name}.py").read_text(encoding="utf-8")
    for deed in ("time.sleep", "print(", "open(", "write_", "tenacity", "httpx.Client(", "httpx.get", "logging"):
        assert deed not in text, f"{name} uses {deed}: leave that to the verbs and to transport"
