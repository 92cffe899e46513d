"""Compare one held file with the record, byte by byte and in its header.

Each file is read once, for the hash and for the header.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from fetchers.checks.dicom.modality import verdict
from fetchers.checks.formats.ending import UNKNOWN
from fetchers.checks.formats.kinds import IMAGES
from fetchers.inspection.recorded import today
from fetchers.records import HEAD, Problem
from fetchers.storage.link_errors import LinkInTheWayError
from fetchers.storage.record import rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fetchers.checks.dicom.header_process import HeaderProcess
    from fetchers.records import Expected
    from fetchers.rules import Rule
    from fetchers.storage.safe_folder import SafeFolder

_CHUNK = 1 << 20

_OF_THE_END = frozenset(("truncated", "trailing-bytes"))

Outcome = tuple[str | None, bool, bool, tuple[Problem, ...]]  # modality, unverifiable, beside, what is wrong


class Check(NamedTuple):
    """What is to be checked below `root` in the store, and against what.

    `counted` are the remote files of which the place counts the images.
    """

    root: str
    container: str
    modalities: tuple[str, ...]
    quick: bool = False
    headers: bool = False
    phi: bool = False
    counted: frozenset[str] = frozenset()


def check_one(store: SafeFolder, check: Check, row: Expected, guard: HeaderProcess) -> Outcome:
    """Check one file; raises nothing for what is wrong with it."""
    try:
        return _read(store, check, row, f"{check.root}/{row.path}", guard)
    except LinkInTheWayError as error:
        return _wrong("file-missing", f"{error.filename} is a symbolic link, which is not followed")
    except OSError as error:
        what = "it is not there" if isinstance(error, FileNotFoundError) else (error.strerror or "it cannot be read")
        return _wrong("file-missing", what)


def _read(store: SafeFolder, check: Check, row: Expected, path: str, guard: HeaderProcess) -> Outcome:
    descriptor = store.open(path)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "there is something else in its place, not a regular file")
        if found.st_size != row.size:
            return _wrong("size-mismatch", f"{found.st_size} bytes are held, {row.size} were recorded")
        if check.quick:
            return _recorded(check, row, rows.problems(row.noted) or ())
        head = os.read(descriptor, min(HEAD if check.headers else _CHUNK, row.size))
        if not check.headers:
            digest = _sha256(descriptor, head, row.size)
            if digest != row.sha256:
                return _wrong("hash-mismatch", f"sha256 {digest} is held, {row.sha256} was recorded")
    finally:
        os.close(descriptor)
    # The same bytes say the same thing again.
    noted = rows.problems(row.noted)
    if noted is not None and not check.headers:
        told = _recorded(check, row, noted)
        return (*told[:3], (*told[3], *_phi(store, row.kind, path, row.path))) if check.phi else told
    return _judged(store, check, row, path, head[:HEAD], guard)


def _judged(store: SafeFolder, check: Check, row: Expected, path: str, head: bytes, guard: HeaderProcess) -> Outcome:
    # A set of DICOM files whose headers the record has needs no judge, and its import would be felt at each start.
    from fetchers.checks.formats.archive_names import held_as_archive
    from fetchers.checks.formats.classify import judge

    noted = rows.problems(row.noted)
    judgement = judge(
        head,
        name=row.path,
        size=row.size,
        container=check.container,
        modalities=check.modalities,
        listing=row.declared,
        open_=partial(store.read, path),
        guard=guard,
        ending=None if noted is None else UNKNOWN,  # its end was judged when it came in, and is told
    )
    kept = tuple(one for one in noted or () if one.rule in _OF_THE_END)
    if held_as_archive(row.path, judgement.kind):
        return None, not row.beside, row.beside, kept
    problems = (*judgement.problems, *kept)
    if check.phi:
        problems += tuple(_phi(store, judgement.kind, path, row.path))
    return judgement.modality, judgement.unverifiable, judgement.beside, problems


def _recorded(check: Check, row: Expected, noted: tuple[Problem, ...]) -> Outcome:
    """Count and tell as the record does: the place's counts are counted anew, by who asks."""
    if not noted and row.kind == "dicom" and row.has_header and check.container in ("dicom", "mixed"):
        return row.modality, False, row.beside, verdict(row, check.modalities, row.declared)
    found = tuple(one for one in today(row, noted, check.container, check.modalities) if one.rule != "count-short")
    data = row.kind in IMAGES or not any(one.severity == "error" for one in found)
    return row.modality, data and not row.beside and not row.has_header, row.beside, found


def _wrong(rule: Rule, message: str) -> Outcome:
    return None, False, False, (Problem(rule=rule, severity="error", message=message),)


def _sha256(descriptor: int, head: bytes, size: int) -> str:
    digest, left = hashlib.sha256(head), size - len(head)
    while left > 0 and (chunk := os.read(descriptor, min(_CHUNK, left))):
        digest.update(chunk)
        left -= len(chunk)
    return digest.hexdigest()


def _phi(store: SafeFolder, kind: str, path: str, name: str) -> Iterator[Problem]:
    """Yield what may identify a patient: tag, name and count, never a value."""
    from fetchers.checks.phi.dicom_phi import examine_phi

    with store.read(path) as file:
        report = examine_phi(kind, file, os.fstat(file.fileno()).st_size, name)
    for found in report.findings:
        placeholder = "; likely a placeholder" if found.placeholder else ""
        claim = "; the file claims that identity was removed" if report.claims_removed else ""
        message = f"{found.tag} {found.name}: {found.count} filled{placeholder}{claim}"
        yield Problem(rule="phi-residual", severity="info" if found.placeholder else "warning", message=message)
    if report.unreadable:
        yield Problem(rule="phi-unreadable", severity="warning", message=f"not looked through: {report.unreadable}")
    if report.burned_in:
        yield Problem(rule="burned-in-risk", severity="warning", message=report.burned_in)
