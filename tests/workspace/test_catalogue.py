"""An address finds its dataset however a person types it, and a wrong one gets the nearest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fetchers.dataset import Dataset
from fetchers.errors import CatalogueError, NothingMatched
from fetchers.workspace import Catalogue
from tests.workspace.homes import opened

if TYPE_CHECKING:
    from pathlib import Path


def _dataset(
    name: str, parts: tuple[str, ...] = (), *, aliases: tuple[str, ...] = (), open_parts: bool = False
) -> Dataset:
    return Dataset(
        name=name,
        aliases=aliases,
        options={"open_parts": True} if open_parts else {},
        parts=tuple(Dataset(name=name, part=part, aliases=(f"{name}-{part.lower()}",)) for part in parts),
    )


CATALOGUE = Catalogue(
    {
        "shenzhen": _dataset("shenzhen", aliases=("chinaset",)),
        "oasis": _dataset("oasis", ("1", "2", "10", "Raw", "RAW")),
        "tcia": _dataset("tcia", ("NLST",), open_parts=True),
    }
)


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("shenzhen", ["shenzhen"]),
        ("Shenzhen", ["shenzhen"]),
        ("ChinaSet", ["shenzhen"]),
        (" shenzhen ", ["shenzhen"]),
        ("shenzhen/", ["shenzhen"]),
        ("oasis", ["oasis"]),
        ("OASIS/2", ["oasis/2"]),
        ("oasis/Raw", ["oasis/Raw"]),
        ("oasis/oasis-2", ["oasis/2"]),
        ("oasis/OASIS-2", ["oasis/2"]),
        ("oasis/1*", ["oasis/1", "oasis/10"]),
        ("oasis/r?W", ["oasis/Raw", "oasis/RAW"]),
        ("oasis/[12]", ["oasis/1", "oasis/2"]),
        ("tcia/nlst", ["tcia/NLST"]),
        ("tcia/LIDC-IDRI", ["tcia/LIDC-IDRI"]),
        ("tcia/QIN LUNG CT", ["tcia/QIN LUNG CT"]),
        ("tcia/CPTAC-*", ["tcia/CPTAC-*"]),
    ],
)
def test_an_address_is_found(address: str, found: list[str]) -> None:
    """Names, aliases, parts, globs; the place itself expands a glob over parts that only it knows."""
    assert [dataset.address for dataset in CATALOGUE.find(address)] == found


@pytest.mark.parametrize(
    ("address", "what", "hint"),
    [
        ("shenzen", "no dataset 'shenzen'", "did you mean shenzhen?"),
        ("chinasett", "no dataset 'chinasett'", "did you mean shenzhen?"),
        ("xyzzy", "among the 3", "`fetch list` shows all"),
        ("", "no dataset ''", "fetch list"),
        ("/2", "no dataset ''", "fetch list"),
        ("oasis/11", "its parts are 1, 2, 10", "fetch show oasis"),
        ("oasis/oasis-3", "no part 'oasis-3'", "fetch show oasis"),
        ("oasis/raW", "no part 'raW'", "did you mean oasis/RAW"),
        ("shenzhen/1", "it has no parts", "fetch show shenzhen"),
        ("tcia/../etc", "holds no slash", "fetch show tcia"),
        ("tcia/a/b", "holds no slash", "fetch show tcia"),
        ("tcia/..", "begins with no dot", "fetch show tcia"),
        ("tcia/.partial", "begins with no dot", "fetch show tcia"),
        ("tcia/a\\b", "holds no slash", "fetch show tcia"),
        ("tcia/a\nb", "holds letters", "fetch show tcia"),
        ("tcia/Licence", "the folder of the terms", "fetch show tcia"),
        ("o*", "no dataset 'o*'", "fetch list"),
    ],
)
def test_an_unknown_address_gets_the_nearest(address: str, what: str, hint: str) -> None:
    """Exit 2, what was typed, what there is, and what to type next."""
    with pytest.raises(CatalogueError) as caught:
        CATALOGUE.find(address)
    assert what in caught.value.what
    assert hint in (caught.value.hint or "")


def test_a_glob_without_a_match_is_an_empty_selection() -> None:
    """Exit 3: the dataset is there, and nothing of it was chosen."""
    with pytest.raises(NothingMatched, match="no part of oasis matches 'x\\*'"):
        CATALOGUE.find("oasis/x*")
    with pytest.raises(NothingMatched, match="it has none"):
        CATALOGUE.find("shenzhen/*")


def test_nothing_is_made_before_it_is_asked_for(tmp_path: Path) -> None:
    """Opening a large catalogue costs its parsing, not its ten thousand files."""
    rows = "".join(f'[[datasets.big.files]]\nurl = "https://example.org/{n}.dcm"\n' for n in range(50))
    catalogue = opened(tmp_path, '[datasets.big]\ntitle = "Big"\naccess = "open"\n' + rows).catalogue
    assert "big" in catalogue.datasets
    assert set(catalogue.datasets) > {"big", "shenzhen"}
    assert catalogue.aliases["chinaset"] == "shenzhen"
    (big,) = catalogue.find("big")
    assert len(big.files) == 50
    assert catalogue.find("big")[0] is big
    assert [dataset.name for dataset in catalogue.all()] == sorted(catalogue.datasets)
