"""Translate a person's selection into an archive's own terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.checks.dicom.modality import expand

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fetchers.dataset import Dataset

_NAMED = 5


def collection_of(dataset: Dataset) -> str | None:
    """Return the collection that a dataset or part means; None for all of them."""
    named = dataset.options.get("collection")
    return named if isinstance(named, str) else dataset.part


def codes_of(modalities: Iterable[str]) -> tuple[str, ...]:
    """Return DICOM's codes for those that a person typed; `XR` and `PE` stand for several."""
    return tuple(sorted({code for typed in modalities for code in expand(typed.upper())}))


def some_of(names: list[str]) -> str:
    """Return the first few of many, and how many more there are."""
    return ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
