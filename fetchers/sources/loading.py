"""Load a source by its name, built in or from an entry point.

The shapes of `fetchers.source` first, then the modules of this package, then the entry points of the group
`fetchers.sources`. Nobody imports the plug-ins: a module is loaded when a dataset names it, and the entry points are
read only for a name that is not built in (reading them costs about 45 ms).
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from fetchers.errors import CatalogueError
from fetchers.source import ByHand, Listed, Source

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.metadata import EntryPoint

GROUP = "fetchers.sources"
_SHAPES: dict[str, type[Source]] = {"listed": Listed, "byhand": ByHand}
_PLACE = re.compile(rb"^class \w+\((?:Source|Listed|ByHand)\):", re.MULTILINE)


def load(name: str, settings: Mapping[str, object] | None = None) -> Source:
    """Make the source that `name` means; `settings` are what the command says to its sources.

    Raises `CatalogueError` for a name that nobody answers to (with the nearest ones), and for a class that cannot be
    loaded, is no `Source`, or wants arguments.
    """
    source = _made(name)
    source.settings = dict(settings or {})
    return source


def _made(name: str) -> Source:
    if name in _SHAPES:
        return _SHAPES[name]()
    if name in _built_in():
        return _of_module(name)()
    entry = next((entry for entry in _entry_points() if entry.name == name), None)
    if entry is None:
        raise _unknown(name)
    return _strangers(entry)


def known() -> list[tuple[str, str]]:
    """List (name, where it comes from) of all sources that a catalogue may name; loads none of them."""
    built_in = [(name, "built in") for name in sorted({*_SHAPES, *_built_in()})]
    taken = {name for name, _ in built_in}
    others = [
        (entry.name, f"{entry.dist.name} {entry.dist.version}" if entry.dist else entry.value)
        for entry in _entry_points()
        if entry.name not in taken
    ]
    return built_in + sorted(others)


def places() -> list[str]:
    """Return the names of the built-in sources that are places, in the order of the alphabet."""
    return sorted(_built_in())


def others() -> list[str]:
    """Return the names of the sources that other packages bring and that are not built in."""
    built_in = {*_SHAPES, *_built_in()}
    return sorted({entry.name for entry in _entry_points()} - built_in)


@cache
def _built_in() -> list[str]:
    """Return the modules that have a source in them; the others help them."""
    from pkgutil import iter_modules

    import fetchers.sources

    folder = Path(fetchers.sources.__path__[0])
    modules = [module.name for module in iter_modules([str(folder)]) if not module.ispkg]
    return [name for name in modules if _PLACE.search((folder / f"{name}.py").read_bytes())]


def _of_module(name: str) -> type[Source]:
    module = import_module(f"{GROUP}.{name}")
    return next(
        kind
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Source) and kind.__module__ == module.__name__
    )


def _entry_points() -> tuple[EntryPoint, ...]:
    from importlib.metadata import entry_points

    return tuple(entry_points(group=GROUP))


def _strangers(entry: EntryPoint) -> Source:
    shown = f"source {entry.name!r} ({entry.value})"
    try:
        kind = entry.load()
    except Exception as error:  # a stranger's module may fail as it likes
        raise CatalogueError(
            f"{shown} cannot be loaded: {type(error).__name__}: {error}",
            hint="repair the package that brings it, or install it again",
        ) from error
    if not (isinstance(kind, type) and issubclass(kind, Source)):
        raise CatalogueError(
            f"{shown} is no subclass of fetchers.source.Source but {kind!r}",
            hint="its entry point must name a class: NAME = package.module:Class",
        )
    try:
        return kind()
    except Exception as error:  # abstract, or with arguments, or with a fault of its own
        raise CatalogueError(
            f"{shown} cannot be made without arguments: {type(error).__name__}: {error}",
            hint="a source takes no arguments and defines `files`; see docs/adding-a-source.md",
        ) from error


def _unknown(name: str) -> CatalogueError:
    from difflib import get_close_matches

    names = [known_name for known_name, _ in known()]
    near = get_close_matches(name.lower(), names, n=2, cutoff=0.5)
    meant = f"did you mean {' or '.join(near)}? " if near else ""
    return CatalogueError(
        f"there is no source {name!r}; those that are there: {', '.join(names)}",
        hint=f"{meant}correct `source` in the catalogue, or install the package that brings it",
    )
