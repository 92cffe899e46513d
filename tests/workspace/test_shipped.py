"""The shipped catalogue is read in two rooms, and is the same as read at once."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from fetchers.errors import CatalogueError
from fetchers.workspace import built_in_path
from fetchers.workspace.catalogue import Catalogue, MadeOnDemand
from fetchers.workspace.loader import dataset_of
from fetchers.workspace.shipped import BODY, FURTHER, LICENCES, Aliases, Datasets, shipped

if TYPE_CHECKING:
    from pathlib import Path

TEXT = built_in_path().read_text(encoding="utf-8")


def test_nothing_is_lost_between_the_rooms() -> None:
    """Both lines are there once, all is found, and the original list's 19 are in the first room."""
    assert TEXT.count(FURTHER) == TEXT.count(LICENCES) == 1
    whole = tomllib.loads(TEXT)
    read = shipped(built_in_path())
    assert {**read, "datasets": dict(read["datasets"])} == whole
    first = tomllib.loads(TEXT.partition(FURTHER)[0])["datasets"]
    assert [name for name, table in whole["datasets"].items() if "listed" in table] == list(first)


def test_the_further_ones_are_parsed_when_one_is_wanted() -> None:
    """A dataset of the first room opens although the second is broken; an alias and a stranger's name look there."""
    first = tomllib.loads(TEXT.partition(FURTHER)[0])["datasets"]
    tables = Datasets(first, "[datasets.kidney]\naliases = ['renal']\n")
    broken = Datasets(first, "this is no TOML")
    catalogue = Catalogue(MadeOnDemand(broken, dataset_of), {}, Aliases(broken))
    assert catalogue.find("shenzhen")[0].name == "shenzhen"
    with pytest.raises(ValueError, match="line 1"):
        catalogue.find("kidney")
    catalogue = Catalogue(MadeOnDemand(tables, dataset_of), {}, Aliases(tables))
    assert catalogue.find("renal")[0].name == "kidney"
    assert len(tables) == len(first) + 1
    assert "kidney" in tables
    assert tables["kidney"] == {"aliases": ["renal"]}


def test_an_outline_tells_what_a_listing_tells() -> None:
    """Of each dataset and part every key but those of the body, as the whole file has it."""
    read = shipped(built_in_path())["datasets"]
    assert isinstance(read, Datasets)
    assert _headed(read.outlines()) == _headed(tomllib.loads(TEXT)["datasets"])
    assert len(read.outlines()["adni"]) < len(read["adni"])


def _headed(tables: dict[str, dict[str, object]]) -> dict[str, object]:
    return {
        name: {key: _headed(value) if key == "parts" else value for key, value in table.items() if key not in BODY}  # type: ignore[arg-type]
        for name, table in tables.items()
    }


def test_a_catalogue_without_rooms_is_read_as_a_whole(tmp_path: Path) -> None:
    """A packager may have set the file anew; what does not parse is said with its line, what is missing by name."""
    path = tmp_path / "catalogue.toml"
    path.write_text('[datasets.a]\ntitle = "A"\naccess = "open"\n', encoding="utf-8")
    assert shipped(path) == {"datasets": {"a": {"title": "A", "access": "open"}}}
    path.write_text(f"[datasets.a]\n{FURTHER}{LICENCES}x = \n", encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"catalogue.toml:\d+: column"):
        shipped(path)
    path.unlink()
    with pytest.raises(CatalogueError, match="is missing"):
        shipped(path)
