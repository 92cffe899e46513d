"""What is this file, and is it what was promised?

DICOM                 its header against the declared modality, the place's listing, its own SOP class
images                opened; they carry no modality, which is said (`unverifiable`)
readmes and tables    beside the images: counted, neither wrong nor unverifiable
anything else         against the promised container
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fetchers.checks.dicom import fast_header, sop_classes
from fetchers.checks.dicom.header_process import MOST, Broken, HeaderProcess
from fetchers.checks.dicom.modality import verdict
from fetchers.checks.formats import sniff as containers
from fetchers.records import HEAD, Problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

    from fetchers.records import Header
    from fetchers.rules import Rule

__all__ = ["HEAD", "Judgement", "Problem", "judge"]

IMAGES = frozenset(("png", "jpeg", "tiff", "gif", "nifti", "analyze"))
_NEIGHBOURS = frozenset(("text", "csv", "html", "xml", "json", "pdf"))
_DOCUMENTS = (".docx", ".xlsx", ".pptx", ".odt", ".ods", ".doc", ".xls", ".rtf", ".mat", ".hdr", ".npy", ".npz", ".h5")
# Files of words that are empty now and then; DICOM objects bear bare names, too, so only these words count.
_WORDS = (".txt", ".csv", ".tsv", ".md", ".rst", ".json", ".xml", ".html", ".htm", ".log", ".yml", ".yaml")
_TITLES = ("authors", "changelog", "changes", "citation", "copying", "licence", "license", "notes", "notice", "readme")
_RAW_NEEDS_A_HEADER = (".img", ".raw", ".bin", ".img.gz")
# A promised container takes these kinds of content: an Analyze pair is what many a NIfTI set consists of.
_TAKES = {
    "png": frozenset(("png",)),
    "jpeg": frozenset(("jpeg",)),
    "tiff": frozenset(("tiff", "gif")),
    "nifti": frozenset(("nifti", "analyze")),
    "analyze": frozenset(("analyze", "nifti", "gif")),
}
_NAMED = {
    "dicom": (".dcm", ".dicom"),
    "png": (".png",),
    "jpeg": (".jpg", ".jpeg"),
    "tiff": (".tif", ".tiff", ".gif"),
    "nifti": (".nii", ".nii.gz", ".hdr"),
    "analyze": (".hdr",),
    "raw": (".img", ".raw"),
}
_GREY = frozenset(("MR", "CT", "XR", "CR", "DX", "MG", "PT", "PE", "NM"))


class Judgement(NamedTuple):
    """What a file is. `kind` is its content; `modality` the header's code where there is one."""

    kind: str
    beside: bool = False
    modality: str | None = None
    unverifiable: bool = False
    header: Header | None = None
    problems: tuple[Problem, ...] = ()


def judge(
    head: bytes,
    *,
    name: str,
    size: int,
    container: str,
    modalities: tuple[str, ...],
    listing: str | None = None,
    open_: Callable[[], BinaryIO],
    guard: HeaderProcess | None = None,
) -> Judgement:
    """Judge one file by its first bytes (`HEAD`, or all of it), and by more where those do not tell.

    `container` and `modalities` are the catalogue's. Raises nothing for what a stranger put into the file.
    """
    if fast_header.looks_like(head):
        judged = _dicom(head, size, container, modalities, listing, open_, guard)
        if judged is not None:
            return judged
    kind = containers.sniff(head, size)
    lower = name.lower()
    if kind == "gzip" and lower.endswith((".nii.gz", ".hdr.gz")):
        kind = "nifti"
    if kind in IMAGES and container != "raw":
        return _image(head, kind, size, container, modalities, open_)
    if _is_beside(kind, lower, container):
        return Judgement(kind=kind, beside=True)
    if container == "raw":  # any bytes, whatever they look like
        return Judgement(kind=kind if kind in IMAGES else "raw", unverifiable=True)
    if container in ("analyze", "nifti") and lower.endswith(_RAW_NEEDS_A_HEADER):
        return Judgement(kind="voxels", unverifiable=True)
    return Judgement(kind=kind, problems=(_not_promised(kind, container, lower),))


def are_words(name: str) -> bool:
    """Whether a readme, a table, a licence's text or the like bears such a name: an empty one is no lost image."""
    last = name.lower().rpartition("/")[2]
    return last.startswith(".") or last.endswith(_WORDS) or last in _TITLES


def _dicom(
    head: bytes,
    size: int,
    container: str,
    modalities: tuple[str, ...],
    listing: str | None,
    open_: Callable[[], BinaryIO],
    guard: HeaderProcess | None,
) -> Judgement | None:
    found: Header | Broken | None = fast_header.walk(head, whole=size <= len(head))
    if found is None:
        with open_() as stream:
            found = guard.read(stream.read(MOST)) if guard else Broken("no reader was at hand")
    says_dicom = head[128:132] == b"DICM" and container != "raw"
    if isinstance(found, Broken):
        if not says_dicom:
            return None  # it only looked like DICOM
        message = f"a DICOM file whose header cannot be read: {found.reason}"
        return Judgement(kind="dicom", problems=(Problem(rule="header-broken", severity="error", message=message),))
    if found.sop_class == sop_classes.DIRECTORY:
        return Judgement(kind="dicomdir", beside=True)
    if found.sop_class is None and not says_dicom:
        return None
    problems = verdict(found, modalities, listing)
    if container in _TAKES:
        message = f"{container} was promised, this is DICOM"
        problems = (Problem(rule="container-wrong", severity="error", message=message), *problems)
    return Judgement(kind="dicom", modality=found.modality, header=found, problems=problems)


def _image(
    head: bytes, kind: str, size: int, container: str, modalities: tuple[str, ...], open_: Callable[[], BinaryIO]
) -> Judgement:
    from fetchers.checks.formats import image

    examined = image.examine(kind, head, open_, size)
    problems = [
        Problem(rule=rule, severity="error" if severity == "error" else "warning", message=message, hint=hint)
        for rule, severity, message, hint in examined.problems
    ]
    if container == "dicom":
        message = f"DICOM was promised, this is {kind}"
        problems.insert(0, Problem(rule="not-dicom", severity="error", message=message))
    elif container in _TAKES and kind not in _TAKES[container]:
        message = f"{container} was promised, this is {kind}"
        problems.insert(0, Problem(rule="container-wrong", severity="error", message=message))
    elif examined.colour and modalities and all(code in _GREY for code in modalities):
        declared = ", ".join(modalities)
        message = f"a colour image in a set declared {declared}: evidence against it, not proof"
        problems.append(Problem(rule="modality-wrong", severity="warning", message=message))
    return Judgement(kind=kind, unverifiable=True, problems=tuple(problems))


def _is_beside(kind: str, lower: str, container: str) -> bool:
    if lower.rpartition("/")[2].startswith("._"):
        return True  # macOS puts what its file system knows of x beside it, as ._x
    if lower.endswith(_NAMED.get(container, ())):
        return False  # words under an image's name are no readme
    if container == "mixed" or kind in _NEIGHBOURS or (kind == "empty" and are_words(lower)):
        return True
    if container == "raw":
        return False
    last = lower.rpartition("/")[2]
    return lower.endswith(_DOCUMENTS) or last in ("dicomdir", "license", "licence", "readme", ".ds_store", "thumbs.db")


def _not_promised(kind: str, container: str, lower: str) -> Problem:
    what = {"unknown": "nothing that is known here", "empty": "empty"}.get(kind, kind)
    if container == "dicom":
        return Problem(rule="not-dicom", severity="error", message=f"DICOM was promised, this is {what}")
    # A file that bears an image's name and is none is wrong; a stray one beside the images is only strange.
    named = lower.endswith(_NAMED.get(container, ())) or "." not in lower.rpartition("/")[2]
    rule: Rule = "not-an-image" if kind in ("unknown", "empty") else "container-wrong"
    message = f"{container} was promised, this is {what}"
    return Problem(rule=rule, severity="error" if named else "warning", message=message)
