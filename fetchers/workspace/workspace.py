"""Open a workspace.

The built-in catalogue, the workspace's own on top of it, and `config.toml`; all faults of all files in one error.
"""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from fetchers.workspace.catalogue import Catalogue, MadeOnDemand, Terms
from fetchers.workspace.config import Config, config_of
from fetchers.workspace.diagnostics import Diagnostics, refuse
from fetchers.workspace.home import CATALOGUE, CONFIG, find_cache, find_home
from fetchers.workspace.loader import dataset_of, licence_of, merged
from fetchers.workspace.shipped import Aliases, Datasets, shipped
from fetchers.workspace.toml import Table, read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fetchers.dataset import Dataset, Licence


class Workspace(NamedTuple):
    """The workspace: the home with its evidence and configuration, the store, and the catalogue."""

    home: Path
    cache: Path
    catalogue: Catalogue
    config: Config
    at_fault: Mapping[str, str] = MappingProxyType({})  # what is wrong with one dataset or part alone, by its address


def open_workspace(*, home: Path | None, cache: Path | None, environ: Mapping[str, str], cwd: Path) -> Workspace:
    """Open the workspace that these values lead to; creates nothing on the disk.

    Raises `CatalogueError` with all faults of `catalogue.toml` and `config.toml`, a line each.
    """
    place = find_home(home, environ, cwd)
    found: list[Diagnostics] = []
    config = Config()
    base = shipped(built_in_path())
    tables = base
    at_fault: dict[str, str] = {}
    configured = read(place / CONFIG)
    if configured:
        found.append(configured[1])
    if not _same(place / CATALOGUE, built_in_path()) and (own := read(place / CATALOGUE)):
        from fetchers.workspace.validation import catalogue as rules

        base["datasets"] = dict(base["datasets"])
        found.append(own[1])
        rules.check_catalogue(*own, base)
        if not own[1]:
            tables = merged(base, own[0])
            at_fault = own[1].of_datasets()
    if configured:
        config = config_of(*configured, lambda: tuple(tables.get("licences", {})))
    refuse(found)
    store = find_cache(cache, environ, cwd, place, config.options.get("cache"))
    catalogue = catalogue_of(tables, at_fault)
    return Workspace(home=place, cache=store, catalogue=catalogue, config=config, at_fault=at_fault)


def catalogue_of(tables: Table, at_fault: Mapping[str, str] = MappingProxyType({})) -> Catalogue:
    """Make the catalogue of tables that have been judged; nothing of a dataset is made before it is asked for."""

    def made(name: str, table: Table) -> Dataset:
        dataset = dataset_of(name, table)
        if not at_fault:
            return dataset
        own = at_fault.get(name)
        parts = tuple(part._replace(fault=at_fault.get(f"{name}/{part.part}", own)) for part in dataset.parts)
        return dataset._replace(fault=own, parts=parts)

    datasets: Mapping[str, Table] = tables.get("datasets", {})
    outlines = None
    if isinstance(datasets, Datasets):
        outlines = lambda: (made(name, table) for name, table in sorted(datasets.outlines().items()))  # noqa: E731
    terms = Terms(tables.get("licences", {}), _licence)
    return Catalogue(MadeOnDemand(datasets, made), terms, Aliases(datasets), outlines)


def _licence(identifier: str, table: Table) -> Licence:
    """Make a licence; what a table does not say of a licence that is built in is as it is there."""
    from fetchers.checks.terms.licences import BUILT_IN

    return licence_of(identifier, table, BUILT_IN.get(identifier))


def built_in_path() -> Path:
    """Return the file of the built-in catalogue: in the installed package, or at the top of a checkout."""
    package = Path(__file__).parent.parent
    shipped = package / CATALOGUE
    return shipped if shipped.is_file() else package.parent / CATALOGUE


def _same(one: Path, other: Path) -> bool:
    """Return True if both are one file: in a checkout of this project, the home's catalogue is the built-in one."""
    try:
        return one.samefile(other)
    except OSError:
        return False
