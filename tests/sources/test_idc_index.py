"""Which folder of the Imaging Data Commons is which series?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from fetchers.errors import AccessError, SourceError
from fetchers.sources import idc_index
from tests.sources.commons import ROWS, install

if TYPE_CHECKING:
    from pathlib import Path


def uuids(**wishes: object) -> list[str]:
    """Look up, and give the folders."""
    return [series.uuid for series in idc_index.lookup(**wishes)]  # type: ignore[arg-type]


def test_a_series_is_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bucket, folder, licence, modality, as the index has them."""
    install(tmp_path, monkeypatch)
    (series,) = idc_index.lookup(series=["1.2.1"])
    assert (series.uid, series.folder, series.licence) == ("1.2.1", "idc-open-data/uuid-1", "CC-BY-3.0")
    assert (series.modality, series.body_part) == ("CT", "CHEST")


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        ({"collection": "CPTAC-CCRCC"}, ["uuid-3"]),
        ({"collection": "LIDC-IDRI"}, ["uuid-1", "uuid-2"]),
        ({"collection": "LIDC-IDRI", "modalities": ["SEG"]}, ["uuid-2"]),
        ({"patients": ["P1"], "body_parts": ["chest"]}, ["uuid-1"]),
        ({"studies": ["1.2"]}, ["uuid-1", "uuid-2"]),
        ({"folders": ["idc-open-data-cr/uuid-3"]}, ["uuid-3"]),
        ({"series": ["1.2.9"]}, []),
        ({}, ["uuid-1", "uuid-2", "uuid-3"]),
    ],
)
def test_all_wishes_hold_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wishes: dict[str, object], expected: list[str]
) -> None:
    """Within one wish any of its values, between wishes all of them."""
    install(tmp_path, monkeypatch)
    assert uuids(**wishes) == expected


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("LIDC-IDRI", "lidc_idri"),
        ("4D-Lung", "4d_lung"),
        ("Soft tissue Sarcoma", "soft_tissue_sarcoma"),
        ("lidc_idri",) * 2,
    ],
)
def test_a_collection_is_spelled_as_the_commons_do(name: str, identifier: str) -> None:
    """Spellings as they stand in version 25.0.5 of the index."""
    assert idc_index.collection_id(name) == identifier


def test_a_missing_index_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """What to install, and the other way, stand in the hint."""
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.delitem(sys.modules, "idc_index_data", raising=False)
    assert not idc_index.installed()
    with pytest.raises(AccessError) as caught:
        uuids(series=["1.2.1"])
    assert "fetch-imaging[idc]" in (caught.value.hint or "")


def test_an_index_of_another_shape_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A column that is gone, and a file that is no index, are named."""
    install(tmp_path, monkeypatch, [{k: v for k, v in row.items() if k != "aws_bucket"} for row in ROWS])
    with pytest.raises(SourceError, match="field aws_bucket is missing"):
        uuids(series=["1.2.1"])
    (tmp_path / "idc_index_data" / "idc_index.parquet").write_bytes(b"PAR1 nonsense")
    with pytest.raises(SourceError, match="cannot be read"):
        uuids(series=["1.2.1"])
