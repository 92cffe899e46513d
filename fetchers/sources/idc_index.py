"""Which folder of the Imaging Data Commons is which series? The index that they publish as `idc-index-data`."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.errors import AccessError, SourceError
from fetchers.sources.licence_ids import identifier_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PACKAGE = "idc_index_data"
_FILE = "idc_index.parquet"
_COLUMNS = (
    "collection_id",
    "SeriesInstanceUID",
    "crdc_series_uuid",
    "aws_bucket",
    "license_short_name",
    "Modality",
    "BodyPartExamined",
)
_HINT = "pip install 'fetch-imaging[idc]' (80 MB, and pyarrow), or bring the portal's s5cmd manifest: --manifest"


class Series(NamedTuple):
    """One series as the Commons keep it. `uuid` is its folder in `bucket`."""

    uid: str | None
    bucket: str
    uuid: str
    licence: str | None = None
    modality: str | None = None
    body_part: str | None = None

    @property
    def folder(self) -> str:
        """`BUCKET/FOLDER`, as an s5cmd manifest names it."""
        return f"{self.bucket}/{self.uuid}"


def installed() -> bool:
    """Whether the index and what reads it are there."""
    return find_spec(_PACKAGE) is not None and find_spec("pyarrow") is not None


def lookup(
    *,
    collection: str | None = None,
    patients: Sequence[str] = (),
    studies: Sequence[str] = (),
    series: Sequence[str] = (),
    modalities: Sequence[str] = (),
    body_parts: Sequence[str] = (),
    folders: Sequence[str] = (),
) -> Iterator[Series]:
    """Yield the series that all of the wishes allow, a batch of the index at a time.

    Raises `AccessError` where the index is not installed, `SourceError` where it is not what it should be.
    """
    if not installed():
        raise AccessError("the index of the Imaging Data Commons is not installed", hint=_HINT)
    wishes = {
        "collection_id": (collection_id(collection),) if collection else (),
        "PatientID": patients,
        "StudyInstanceUID": studies,
        "SeriesInstanceUID": series,
        "Modality": modalities,
        "BodyPartExamined": tuple(part.upper() for part in body_parts),
        "crdc_series_uuid": tuple(folder.partition("/")[2] for folder in folders),
    }
    for row in _rows({column: list(those) for column, those in wishes.items() if those}):
        yield Series(
            uid=row["SeriesInstanceUID"],
            bucket=row["aws_bucket"],
            uuid=row["crdc_series_uuid"],
            licence=identifier_of(row["license_short_name"], None, f"tcia-{row['collection_id']}"),
            modality=row["Modality"],
            body_part=row["BodyPartExamined"],
        )


def collection_id(collection: str) -> str:
    """Spell a collection as the Commons do: `CPTAC-CCRCC` is `cptac_ccrcc`."""
    return re.sub(r"[^a-z0-9]+", "_", collection.lower()).strip("_")


def _rows(wishes: dict[str, list[str]]) -> Iterator[dict[str, Any]]:
    from pyarrow import (  # type: ignore[import-untyped,import-not-found,unused-ignore]
        ArrowException,
        dataset,
    )

    spec = find_spec(_PACKAGE)
    path = Path(((spec and spec.submodule_search_locations) or [""])[0], _FILE)
    try:
        table = dataset.dataset(path, format="parquet")
        missing = [column for column in (*_COLUMNS, *wishes) if column not in table.schema.names]
        if missing:
            raise SourceError(
                f"{_FILE} of {_PACKAGE}: field {missing[0]} is missing", hint="pip install --upgrade idc-index-data"
            )
        condition = None
        for column, those in wishes.items():
            one = dataset.field(column).isin(those)
            condition = one if condition is None else condition & one
        for batch in table.to_batches(columns=list(_COLUMNS), filter=condition, batch_size=8192):
            yield from batch.to_pylist()
    except (ArrowException, OSError) as error:
        raise SourceError(
            f"{_FILE} of {_PACKAGE} cannot be read: {error}", hint="pip install --force-reinstall idc-index-data"
        ) from error
