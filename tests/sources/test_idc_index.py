"""The index of the Imaging Data Commons is read."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from fetchers.errors import AccessError, CatalogueError, SourceError
from fetchers.sources import idc_index
from fetchers.sources.idc_index import Index
from fetchers.sources.reading.idc_records import Wishes
from tests.sources.commons import ROWS, install

if TYPE_CHECKING:
    from pathlib import Path


def uuids(**wishes: object) -> list[str]:
    """Look up, and return the folders."""
    return [series.uuid for series in Index().lookup(Wishes(**wishes))]  # type: ignore[arg-type]


def test_a_series_is_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bucket, folder, licence, modality, as the index has them."""
    install(tmp_path, monkeypatch)
    (series,) = Index().lookup(Wishes(series=["1.2.1"]))
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
        ({"licences": ["cc-by-nc-4.0"]}, ["uuid-3"]),
        ({"licences": ["CC BY 3.0", "CC-BY-NC-3.0"]}, ["uuid-1", "uuid-2"]),
        ({"licences": ["MIT"]}, []),
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


def test_it_counts_without_listing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Instances and bytes of a selection, to the byte; of the first series alone with a limit."""
    install(tmp_path, monkeypatch)
    assert Index().counted(Wishes(collection="LIDC-IDRI"), None) == (4, 28, 2)
    assert Index().counted(Wishes(), 1) == (2, 14, 1)
    lidc = next(one for one in Index().collections() if one.name == "lidc_idri")
    assert (lidc.patients, lidc.series, lidc.images, lidc.bytes) == (1, 2, 4, 28)
    assert (lidc.modalities, lidc.licences) == (("CT", "SEG"), ("CC-BY-3.0", "CC-BY-NC-3.0"))


def test_another_file_may_stand_in_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of the same columns; one that is not there is a fault of the command."""
    install(tmp_path, monkeypatch)
    own = tmp_path / "own's.parquet"
    own.write_bytes((tmp_path / "idc_index_data" / "idc_index.parquet").read_bytes())
    assert Index(str(own)).spelled("CPTAC CCRCC") == "cptac_ccrcc"
    assert Index(str(own)).of_doi("10.7937/LIDC_IDRI") == "lidc_idri"
    assert Index(str(own)).version == ("unknown", None)
    with pytest.raises(CatalogueError, match="no such index"):
        list(Index(str(tmp_path / "none.parquet")).lookup(Wishes()))


def test_the_real_index_is_quick_and_small() -> None:
    """All chest CT under CC BY 4.0 in version 25.0.5, counted and summed in a process of its own."""
    program = (
        "import re, time; start = time.perf_counter()\n"
        "from fetchers.sources.idc_index import Index; from fetchers.sources.reading.idc_records import Wishes\n"
        "wishes = Wishes(modalities=('CT',), body_parts=('CHEST',), licences=('CC-BY-4.0',))\n"
        "index = Index(); count = index.counted(wishes, None)\n"
        "memory = re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]\n"
        "print(index.version[0], *count, memory, time.perf_counter() - start)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    version, files, bytes_, series, memory, seconds = done.stdout.split()
    if version == "25.0.5":
        assert (int(files), int(bytes_), int(series)) == (23_746_838, 11_653_360_578_534, 202_677)
    assert int(memory) < 150 << 10
    assert float(seconds) < 10  # 0.2 s on a machine that does nothing else


def test_a_missing_index_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """What to install, and the other way, stand in the hint."""
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.delitem(sys.modules, "idc_index_data", raising=False)
    assert not idc_index.installed()
    with pytest.raises(AccessError) as caught:
        uuids(series=["1.2.1"])
    assert "pip install" in (caught.value.hint or "")


def test_an_index_of_another_shape_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A column that is gone, and a file that is no index, are named."""
    install(tmp_path, monkeypatch, [{k: v for k, v in row.items() if k != "aws_bucket"} for row in ROWS])
    with pytest.raises(SourceError, match="field aws_bucket is missing"):
        uuids(series=["1.2.1"])
    (tmp_path / "idc_index_data" / "idc_index.parquet").write_bytes(b"PAR1 nonsense")
    with pytest.raises(SourceError, match="cannot be read"):
        uuids(series=["1.2.1"])
