"""Table of the kinds of content that a declared container may have. Pure values; no byte is read."""

from __future__ import annotations

from fetchers.records import Problem

IMAGES = frozenset(("png", "jpeg", "tiff", "gif", "nifti", "analyze"))
# A promised container takes these kinds of content: an Analyze pair is what many a NIfTI set consists of.
TAKES = {
    "png": frozenset(("png",)),
    "jpeg": frozenset(("jpeg",)),
    "tiff": frozenset(("tiff", "gif")),
    "nifti": frozenset(("nifti", "analyze")),
    "analyze": frozenset(("analyze", "nifti", "gif")),
}


def mismatch(kind: str, container: str) -> Problem | None:
    """Return what is to be said of a DICOM object or an image under another promise; None for every other kind."""
    if kind == "dicom" and container in TAKES:
        return Problem("container-wrong", "error", f"{container} was promised, this is DICOM")
    if kind in IMAGES and container == "dicom":
        return Problem("not-dicom", "error", f"DICOM was promised, this is {kind}")
    if kind in IMAGES and container in TAKES and kind not in TAKES[container]:
        return Problem("container-wrong", "error", f"{container} was promised, this is {kind}")
    return None
