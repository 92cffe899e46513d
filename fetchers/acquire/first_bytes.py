"""Is what begins to arrive the file that was promised, or a page in its place?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.checks.formats import error_page, sniff
from fetchers.checks.formats.archive_names import ARCHIVES, archive_kind
from fetchers.errors import ContentError
from fetchers.storage.archive.tar_entries import holds_tar
from fetchers.transport.redaction import redact

if TYPE_CHECKING:
    from collections.abc import Callable

    from fetchers.dataset import RemoteFile

_MAY_BE_A_PAGE = (".html", ".htm", ".xhtml", ".xml", ".json", ".svg", ".jsonld")
_TEXTS = (".txt", ".csv", ".tsv", ".md", ".rst", ".ics", ".1d", ".overlay", ".exnode")
# In place of these, XML and JSON are pages whatever they say; elsewhere (.gii, .vtp, .ipynb ...) they may be the file.
_DATA = (".dcm", ".dicom", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".gif", ".nii", ".nii.gz", ".img", ".hdr", ".pdf")
_PAGES = frozenset({"html", "xml", "json"})


def look(remote: RemoteFile) -> Callable[[bytes], None]:
    """Make the judge of a file's first 64 KiB; it raises `ContentError` for what was not promised.

    What the server calls it (`Content-Type`) decides nothing: zips come as text/html and pages as application/zip.
    """
    lower = remote.path.lower()
    archive = archive_kind(remote.path if remote.joins is None else "")

    def judge(head: bytes) -> None:
        if not head and remote.size != 0 and remote.checksum is None:
            raise ContentError(f"{remote.path}: an empty answer came in place of the file", hint="try again later")
        if lower.endswith(_MAY_BE_A_PAGE):
            return
        kind = sniff.sniff(head)
        if kind in _PAGES and not (lower.endswith(_TEXTS) and kind != "html"):
            found = error_page.classify(head, url=redact(remote.url), content_type=None)
            harmless = found is None or found.kind == "page"
            if kind != "html" and harmless and archive is None and not lower.endswith(_DATA):
                return
            title = found.title if found else f"{kind.upper()} text"
            raise ContentError(
                f"{remote.path}: a page came in place of the file: {title}",
                hint=found.hint if found else "open the address in a browser and see what it says",
            )
        if archive == "zip" and kind == "unknown":
            return  # the last disk of a split zip begins in the middle of a member
        if archive is not None and kind not in ARCHIVES.values() and not holds_tar("tar", head):
            raise ContentError(
                f"{remote.path}: the name promises {archive}, what arrives is {kind}",
                hint="the place may have moved the file: fetch show NAME",
            )

    return judge
