"""What asks the network takes `offline` and `mirror`; what takes paths takes them in a list, too."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import fetchers
from tests.faultd import Answer, Faultd

if TYPE_CHECKING:
    from pathlib import Path

RECORD = {
    "id": 99,
    "metadata": {"title": "A record", "license": {"id": "cc-by-4.0"}, "access_right": "open", "version": "1"},
    "files": [],
}


def test_an_address_is_asked_of_the_mirror_or_not_at_all(tmp_path: Path) -> None:
    """`show` and `cite` of a dataset by its address ask its place."""
    with Faultd() as place:
        place.on("/api/records/99", Answer(json.dumps(RECORD).encode()))
        mirror = {"https://zenodo.org/": place.url("/")}
        for ask in (fetchers.show, fetchers.cite):
            with pytest.raises(fetchers.TransferError):
                ask("zenodo:99", home=tmp_path, offline=True, mirror=mirror)
        assert place.asked == []
        assert fetchers.show("zenodo:99", home=tmp_path, mirror=mirror).title == "A record"
        assert "A record" in fetchers.cite("zenodo:99", home=tmp_path, mirror=mirror).bibtex


def test_paths_may_come_in_a_list(tmp_path: Path) -> None:
    """As names do."""
    (tmp_path / "catalogue.toml").write_text('[datasets.mine]\ntitle = "Mine"\naccess = "open"\n', encoding="utf-8")
    files = [tmp_path / f"{number}.csv" for number in range(3)]
    for file in files:
        file.write_text(f"{file.name}\n", encoding="utf-8")
    fetchers.adopt("mine", files[:2], home=tmp_path)
    (told,) = fetchers.adopt("mine", str(files[2]), home=tmp_path).datasets
    assert told.files == 3
