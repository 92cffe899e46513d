"""Match a dataset by modality and body part, as the catalogue declares them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fetchers.dataset import Dataset

_WHOLE = ("all", "*")


def has_modality(dataset: Dataset, wanted: str) -> bool:
    """Match a code with itself, its umbrella and what stands under it: CR finds XR, XR finds CR."""
    from fetchers.checks.dicom.modality import UMBRELLAS

    code = wanted.upper()
    fitting = {code, *UMBRELLAS.get(code, ()), *(word for word, under in UMBRELLAS.items() if code in under)}
    return any(one.upper() in fitting for one in dataset.modalities)


def may_be_dicom(dataset: Dataset) -> bool:
    """Return True where files of the dataset may have DICOM headers."""
    return dataset.container in ("dicom", "mixed")


def has_body_part(dataset: Dataset, wanted: str) -> bool:
    """Match a word within a word, in any case: `lung` finds `lungs`; a collection of all body parts has each."""
    word = wanted.casefold()
    return any(word in one.casefold() or one.casefold() in _WHOLE for one in dataset.body_parts)
