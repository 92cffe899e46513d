"""Write a dataset into the workspace's own `catalogue.toml`.

The door to tomlkit: what a person wrote there, comments and order included, stays as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.errors import CatalogueError
from fetchers.storage.publish.atomic_text import write_text
from fetchers.workspace.home import CATALOGUE
from fetchers.workspace.validation.catalogue import VERBS
from fetchers.workspace.validation.validators import name as name_fault
from fetchers.workspace.workspace import built_in_path

if TYPE_CHECKING:
    from pathlib import Path

    from fetchers.workspace.toml import Table


def add(home: Path, name: str, table: Table) -> Path:
    """Write `[datasets.NAME]` at the end of the workspace's catalogue; return the file.

    Raises `CatalogueError` for a name that no dataset may bear or that has a table there already.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    path = home / CATALOGUE
    if fault := name_fault(name):
        raise CatalogueError(fault, hint="--name NAME gives it another one")
    if name in VERBS:
        raise CatalogueError(f'"fetch {name}" is a verb', hint="--name NAME gives it another one")
    if path.exists() and path.samefile(built_in_path()):
        raise CatalogueError(f"{path} is the catalogue of the program itself", hint="--home DIR names a workspace")
    try:
        before = path.read_text(encoding="utf-8")
        document = tomlkit.parse(before)
    except FileNotFoundError:
        document = tomlkit.document()
    except (OSError, ValueError, TOMLKitError) as error:
        raise CatalogueError(f"{path} cannot be read: {error}", hint=f"correct {path}") from error
    datasets = document.setdefault("datasets", tomlkit.table(is_super_table=True))
    if name in datasets:
        raise CatalogueError(f"{path} has a dataset {name} already", hint="--name NAME gives it another one")
    datasets[name] = _written(table)
    write_text(path, tomlkit.dumps(document))
    return path


def _written(table: Table) -> object:
    """Return a table as tomlkit writes it: its rows as arrays of tables, its options as a table of their own."""
    import tomlkit

    written = tomlkit.table()
    for key, value in table.items():
        if not isinstance(value, dict) and not _is_rows(value):
            written.add(key, value)
    for key, value in table.items():
        if isinstance(value, dict):
            written.add(key, _written(value))
        elif _is_rows(value):
            rows = tomlkit.aot()
            for row in value:
                rows.append(_written(row))
            written.add(key, rows)
    return written


def _is_rows(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)
