"""Check the first bytes of a response: the promised file, or an error page in its place."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from fetchers.checks.formats import completeness, error_page, promised, sniff
from fetchers.checks.formats.archive_names import ARCHIVES, archive_kind
from fetchers.errors import AccessError, ContentError
from fetchers.storage.archive.tar_entries import holds_tar
from fetchers.storage.partial.hashes import Looked
from fetchers.transport.redaction import redact

if TYPE_CHECKING:
    from collections.abc import Callable

    from fetchers.dataset import Dataset, RemoteFile
    from fetchers.errors import FetchError

_MAY_BE_A_PAGE = (".html", ".htm", ".xhtml", ".xml", ".json", ".svg", ".jsonld")
_TEXTS = (".txt", ".csv", ".tsv", ".md", ".rst", ".ics", ".1d", ".overlay", ".exnode")
# In place of these, XML and JSON are pages whatever they say; elsewhere (.gii, .vtp, .ipynb ...) they may be the file.
_DATA = (".dcm", ".dicom", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".gif", ".nii", ".nii.gz", ".img", ".hdr", ".pdf")
_PAGES = frozenset({"html", "xml", "json"})


def look(remote: RemoteFile, dataset: Dataset, *, follow: bool = False) -> Callable[[bytes], Looked]:
    """Make the judge of a file's first 64 KiB; it raises what refuses a file that is not of the promised kind.

    What the server calls it (`Content-Type`) decides nothing: zips come as text/html and pages as application/zip.
    Where a checksum is pinned, that decides: the refusal is returned, to be said should the checksum be wrong. With
    `follow`, a larger file is followed to its end while its bytes pass by, where its format is of that kind.
    """

    def judge(head: bytes) -> Looked:
        refused = _refusal(remote, dataset, head)
        if refused is not None and remote.checksum is None:
            raise refused
        return Looked(refused, partial(completeness.follower, sniff.sniff(head)) if follow else None)

    return judge


def _refusal(remote: RemoteFile, dataset: Dataset, head: bytes) -> FetchError | None:
    lower = remote.path.lower()
    archive = archive_kind(remote.path if remote.joins is None else "")
    if not head and remote.size != 0:
        return ContentError(f"{remote.path}: an empty answer came in place of the file", hint="try again later")
    if promised.pointer(head) is not None:
        way_on = promised.way_on(remote.url, dataset.address)
        return ContentError(f"{remote.path}: a git-lfs pointer came in place of the file", hint=way_on)
    if lower.endswith(_MAY_BE_A_PAGE):
        return None
    kind = sniff.sniff(head)
    refused = _text(remote, dataset, kind, head)
    if archive is None or refused is not None or (archive == "zip" and kind == "unknown"):
        return refused  # the last disk of a split zip begins in the middle of a member
    if kind not in ARCHIVES.values() and not holds_tar("tar", head):
        return ContentError(
            f"{remote.path}: the name promises {archive}, what arrives is {kind}",
            hint=f"the place may have moved the file: fetch show {dataset.name}",
        )
    return None


def _text(remote: RemoteFile, dataset: Dataset, kind: str, head: bytes) -> FetchError | None:
    """Return the refusal of a page or a text in place of data."""
    lower, anything = remote.path.lower(), dataset.container == "raw" and remote.size is not None
    misplaced = not anything and (
        promised.text_in_place(kind, head, lower, dataset.container)
        or (remote.unpack is True and promised.error_in_place(kind, head, lower))
    )
    if kind in _PAGES and not (lower.endswith(_TEXTS) and kind != "html"):
        found = error_page.classify(head, url=redact(remote.url), content_type=None)
        harmless = found is None or found.kind == "page"
        data = misplaced or lower.endswith(_DATA) or (remote.joins is None and archive_kind(lower) is not None)
        if kind != "html" and harmless and not data:
            return None
        title = found.title if found else f"{kind.upper()} text"
        error = AccessError if found is not None and found.kind == "login-page" else ContentError
        return error(
            f"{remote.path}: a page came in place of the file: {title}",
            hint=found.hint if found else "open the address in a browser and see what it says",
        )
    if not misplaced:
        return None
    return ContentError(
        f"{remote.path}: {promised.title(kind, head)} came in place of the file",
        hint=f"open {redact(remote.url)} in a browser and see what it says"
        if remote.url
        else f"bring the file itself, then: fetch adopt {dataset.address} PATH",
    )
