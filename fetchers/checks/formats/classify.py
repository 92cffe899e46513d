"""Classify a file: its kind, what contradicts the promise, and whether it is complete.

DICOM                 its header against the declared modality, the place's listing, its own SOP class
images                opened, or read by their structure; they carry no modality, which is said (`unverifiable`)
readmes and tables    beside the images: counted, neither wrong nor unverifiable
other data            in a mixed set `unverifiable`, else compared with the promised container
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fetchers.checks.dicom import fast_header, signature, sop_classes
from fetchers.checks.dicom.header_process import MOST, Broken, HeaderProcess
from fetchers.checks.dicom.modality import verdict
from fetchers.checks.formats import completeness, promised, sniff
from fetchers.checks.formats.ending import UNKNOWN
from fetchers.checks.formats.kinds import IMAGES, mismatch
from fetchers.records import HEAD, Problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

    from fetchers.checks.formats.ending import Ending
    from fetchers.records import Header
    from fetchers.rules import Rule

__all__ = ["HEAD", "Judgement", "Problem", "judge"]

_NEIGHBOURS = frozenset(("text", "csv", "html", "xml", "json", "pdf"))
_OFFICE = (".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".doc", ".xls", ".ppt", ".rtf")
_DOCUMENTS = (*_OFFICE, ".mat", ".hdr", ".npy", ".npz", ".h5")
_LITTER = frozenset(("dicomdir", "license", "licence", "readme", ".ds_store", "thumbs.db", "desktop.ini"))
# Files of words that are empty now and then; DICOM objects bear bare names, too, so only these words count.
_WORDS = (".txt", ".csv", ".tsv", ".md", ".rst", ".json", ".xml", ".html", ".htm", ".log", ".yml", ".yaml")
_TITLES = ("authors", "changelog", "changes", "citation", "copying", "licence", "license", "notes", "notice", "readme")
_RAW_NEEDS_A_HEADER = (".img", ".raw", ".bin", ".img.gz")
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
    """What a file is. `kind` is its content; `modality` the header's code where there is one.

    `refused` says that it is not even of the promised kind: a file of its own is turned away.
    """

    kind: str
    beside: bool = False
    modality: str | None = None
    unverifiable: bool = False
    header: Header | None = None
    problems: tuple[Problem, ...] = ()
    refused: bool = False


def judge(  # noqa: PLR0913 - what is known of a file from three sides
    head: bytes,
    *,
    name: str,
    size: int,
    container: str,
    modalities: tuple[str, ...],
    listing: str | None = None,
    open_: Callable[[], BinaryIO],
    guard: HeaderProcess | None = None,
    ending: Ending | None = None,
) -> Judgement:
    """Judge one file by its first bytes (`HEAD`, or all of it), and by more where those do not tell.

    `container` and `modalities` are the catalogue's; `ending` is the answer of who followed the file while it came.
    Raises nothing for what a stranger put into the file.
    """
    judged, walked, kind = None, None, "dicom"
    if signature.looks_like(head):
        header, whole = None, size <= len(head)
        if ending is None:
            walked = fast_header.walked(head, whole=whole)
            header = walked.header if walked else None
        else:
            header = fast_header.walk(head, whole=whole)
        judged = _dicom(head, header, container, modalities, listing, open_, guard)
    if judged is None:
        walked, kind = None, sniff.sniff(head, size)
        judged = _other(head, kind, name, size, container, modalities, open_)
    if container == "raw" or judged.kind == "voxels":
        ending = UNKNOWN  # any bytes may stand in it, those of a magic number, too
    elif ending is None:
        ending = completeness.ending(kind, open_, size, head, walked) if size else UNKNOWN
    return _with_its_end(judged, ending)


def _with_its_end(judged: Judgement, ending: Ending) -> Judgement:
    """Add what the format says of its end: one fault is told once, by its cause."""
    if not ending.problems:
        return judged
    of_the_start = [one for one in judged.problems if one.rule in ("not-an-image", "header-broken")]
    if ending.state == "cut" and of_the_start:
        if ending.why.startswith("damaged"):
            return judged
        rest = tuple(one for one in judged.problems if one not in of_the_start)
        return judged._replace(problems=(*rest, *ending.problems))
    return judged._replace(problems=(*judged.problems, *ending.problems))


def _other(
    head: bytes,
    kind: str,
    name: str,
    size: int,
    container: str,
    modalities: tuple[str, ...],
    open_: Callable[[], BinaryIO],
) -> Judgement:
    lower = name.lower()
    pointer = promised.pointer(head)
    if pointer is not None or (container != "raw" and promised.text_in_place(kind, head, lower, container)):
        return _wrong_kind(head, kind, lower, container)
    if kind == "gzip" and lower.endswith((".nii.gz", ".hdr.gz")):
        kind = "nifti"
    if kind in IMAGES and container != "raw":
        return _image(head, kind, size, container, modalities, open_)
    if kind == "unknown" and signature.is_acr_nema(head):
        return _acr_nema(container)
    return _mixed(head, kind, lower) if container == "mixed" else _stray(head, kind, lower, container)


def _stray(head: bytes, kind: str, lower: str, container: str) -> Judgement:
    """Judge what is no image, in a set that is promised to be of one format."""
    if _is_beside(kind, lower, container):
        return Judgement(kind=kind, beside=True)
    if container == "raw":  # any bytes, whatever they look like
        return Judgement(kind=kind if kind in IMAGES else "raw", unverifiable=True)
    if container in ("analyze", "nifti") and lower.endswith(_RAW_NEEDS_A_HEADER):
        return Judgement(kind="voxels", unverifiable=True)
    problem = _not_promised(kind, container, lower)
    return Judgement(kind=kind, problems=(problem,), refused=problem.severity == "error" and _is_nothing(kind, head))


def _is_nothing(kind: str, head: bytes) -> bool:
    """Return True for an empty file, and for one that begins with 64 KiB of zero bytes: no format does."""
    return kind == "empty" or not head.strip(b"\0")


def _wrong_kind(head: bytes, kind: str, lower: str, container: str) -> Judgement:
    wanted = promised.image_by_name(lower) or container
    rule: Rule = "not-dicom" if wanted == "dicom" else "container-wrong"
    what = wanted if wanted not in ("mixed", "raw") else "data"
    message = f"{what.upper() if what == 'dicom' else what} was promised, this is {promised.title(kind, head)}"
    return Judgement(kind=kind, problems=(Problem(rule, "error", message),), refused=True)


def _acr_nema(container: str) -> Judgement:
    message = "an ACR-NEMA file, of the standard before DICOM: it has no SOP class, and its modality is not judged"
    if container in ("dicom", "mixed"):
        problem = Problem("not-dicom", "warning", message)
    else:
        problem = Problem("container-wrong", "error", message)
    return Judgement(kind="acr-nema", unverifiable=True, problems=(problem,))


def _mixed(head: bytes, kind: str, lower: str) -> Judgement:
    """Judge what is no image that is known here, in a set that takes any kind of file."""
    last = lower.rpartition("/")[2]
    wanted = promised.image_by_name(last)
    if kind == "empty":
        promising = promised.promises_binary(last)
        problem = Problem("empty-file", "error" if promising else "warning", "the file is empty")
        return Judgement(kind=kind, beside=not promising, problems=(problem,), refused=promising)
    if wanted is not None and not last.startswith("._"):
        what = "nothing but zero bytes" if not head.strip(b"\0") else "nothing that is known here"
        rule: Rule = "not-dicom" if wanted == "dicom" else "not-an-image"
        message = f"its name promises {wanted}, this is {what if kind == 'unknown' else kind}"
        return Judgement(kind=kind, problems=(Problem(rule, "error", message),), refused=_is_nothing(kind, head))
    words = kind in _NEIGHBOURS and not (kind == "text" and promised.is_header(last))
    beside = words or _is_litter(last)
    return Judgement(kind=kind, beside=beside, unverifiable=not beside)


def _is_litter(last: str) -> bool:
    return last.startswith("._") or last in _LITTER or last.endswith(_OFFICE)


def are_words(name: str) -> bool:
    """Return True for the name of a readme, table, licence text or the like: an empty one is no lost image."""
    last = name.lower().rpartition("/")[2]
    return last.startswith(".") or last.endswith(_WORDS) or last in _TITLES


def _dicom(
    head: bytes,
    found: Header | Broken | None,
    container: str,
    modalities: tuple[str, ...],
    listing: str | None,
    open_: Callable[[], BinaryIO],
    guard: HeaderProcess | None,
) -> Judgement | None:
    if found is None:
        with open_() as stream:
            found = guard.read(stream.read(MOST)) if guard else Broken("no reader was at hand")
    if isinstance(found, Broken):
        if not _says_dicom(head, container):
            return None  # it only looked like DICOM
        message = f"a DICOM file whose header cannot be read: {found.reason}"
        return Judgement(kind="dicom", problems=(Problem(rule="header-broken", severity="error", message=message),))
    if found.sop_class == sop_classes.DIRECTORY:
        return Judgement(kind="dicomdir", beside=True)
    if found.sop_class is None and not _says_dicom(head, container):
        return None
    problems = verdict(found, modalities, listing)
    wrong = mismatch("dicom", container)
    if wrong is not None:
        problems = (wrong, *problems)
    by_design = not found.modality and not sop_classes.has_modality(found.sop_class)
    return Judgement(kind="dicom", beside=by_design, modality=found.modality, header=found, problems=problems)


def _says_dicom(head: bytes, container: str) -> bool:
    return container != "raw" and signature.begins_at(head) > 0 and sniff.sniff(head) == "dicom"


def _image(
    head: bytes, kind: str, size: int, container: str, modalities: tuple[str, ...], open_: Callable[[], BinaryIO]
) -> Judgement:
    from fetchers.checks.formats import image

    grey = bool(modalities) and all(code in _GREY for code in modalities)
    examined = image.examine(kind, head, open_, size, ask_colour=grey)
    problems = [
        Problem(rule=rule, severity="error" if severity == "error" else "warning", message=message, hint=hint)
        for rule, severity, message, hint in examined.problems
    ]
    wrong = mismatch(kind, container)
    if wrong is not None:
        problems.insert(0, wrong)
    elif examined.colour and grey:
        declared = ", ".join(modalities)
        message = f"a colour image in a set declared {declared}: evidence against it, not proof"
        problems.append(Problem(rule="modality-wrong", severity="warning", message=message))
    return Judgement(kind=kind, unverifiable=True, problems=tuple(problems))


def _is_beside(kind: str, lower: str, container: str) -> bool:
    if lower.rpartition("/")[2].startswith("._"):
        return True  # macOS puts what its file system knows of x beside it, as ._x
    if lower.endswith(_NAMED.get(container, ())):
        return False  # words under an image's name are no readme
    if kind in _NEIGHBOURS or (kind == "empty" and are_words(lower)):
        return True
    if container == "raw":
        return False
    last = lower.rpartition("/")[2]
    return lower.endswith(_DOCUMENTS) or last in _LITTER


def _not_promised(kind: str, container: str, lower: str) -> Problem:
    what = {"unknown": "nothing that is known here", "empty": "empty"}.get(kind, kind)
    if container == "dicom":
        return Problem(rule="not-dicom", severity="error", message=f"DICOM was promised, this is {what}")
    # A file that bears an image's name and is none is wrong; a stray one beside the images is only strange.
    named = lower.endswith(_NAMED.get(container, ())) or "." not in lower.rpartition("/")[2]
    rule: Rule = "not-an-image" if kind in ("unknown", "empty") else "container-wrong"
    message = f"{container} was promised, this is {what}"
    return Problem(rule=rule, severity="error" if named else "warning", message=message)
