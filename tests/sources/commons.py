"""The index of the Imaging Data Commons in small: the same columns, three series."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import parquet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pytest

ROWS: list[dict[str, str | int | float | None]] = [
    {
        "collection_id": collection, "analysis_result_id": None, "PatientID": patient, "SeriesInstanceUID": uid,
        "StudyInstanceUID": "1.2" if patient == "P1" else "1.3", "BodyPartExamined": part, "Modality": modality,
        "license_short_name": licence, "aws_bucket": bucket, "crdc_series_uuid": uuid, "instanceCount": 2,
        "series_aws_url": f"s3://{bucket}/{uuid}/*", "series_size_MB": 0.000014, "source_DOI": f"10.7937/{collection}",
    }
    for collection, patient, uid, part, modality, licence, bucket, uuid in (
        ("lidc_idri", "P1", "1.2.1", "CHEST", "CT", "CC BY 3.0", "idc-open-data", "uuid-1"),
        ("lidc_idri", "P1", "1.2.2", None, "SEG", "CC BY-NC 3.0", "idc-open-data", "uuid-2"),
        ("cptac_ccrcc", "P2", "1.3.1", "KIDNEY", "CT", "CC BY-NC 4.0", "idc-open-data-cr", "uuid-3"),
    )
]  # fmt: skip


def install(
    folder: Path, monkeypatch: pytest.MonkeyPatch, rows: Sequence[dict[str, str | int | float | None]] = tuple(ROWS)
) -> None:
    """Put a package `idc_index_data` with these rows on the path."""
    package = folder / "idc_index_data"
    package.mkdir()
    (package / "__init__.py").write_text("")
    parquet.write_table(pa.Table.from_pylist(list(rows)), package / "idc_index.parquet")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, "idc_index_data", raising=False)
