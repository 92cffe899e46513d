"""Is one held file what the record says, byte by byte and in its header?

Files are hashed side by side in threads (hashlib lets the interpreter go) and read once, for the hash and for the
header. Many DICOM headers are judged in processes of their own, since Python's part of that is the costly one.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections import deque
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from multiprocessing import get_context
from typing import TYPE_CHECKING

from fetchers.checks.guard import Guard
from fetchers.checks.judge import HEAD, Problem, judge
from fetchers.checks.modality import verdict
from fetchers.verbs.promise import held_as_archive

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Executor, Future
    from typing import BinaryIO

    from fetchers.holding import Header, HeldFile

_CHUNK = 1 << 20
_PHI = 32 << 20  # bytes that are looked through for what may identify a patient
_GROUP = 250  # files per piece of work: large enough that handing it over costs little
_MANY = 2000  # files from which on processes pay for their start

Outcome = tuple[str | None, bool, bool, tuple[Problem, ...]]  # modality, unverifiable, beside, what is wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One file's outcome: how it counts, and what is to be said of it."""

    row: HeldFile
    modality: str | None = None
    unverifiable: bool = False
    beside: bool = False
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What is to be checked, and against what; goes to the processes with each group."""

    root: str
    container: str
    modalities: tuple[str, ...]
    quick: bool = False
    headers: bool = False
    phi: bool = False


def checked(check: Check, rows: Iterable[HeldFile]) -> Iterator[Checked]:
    """Check `rows`, in their order, a bounded number at a time."""
    rows = iter(rows)
    first = list(islice(rows, _MANY))
    cores = os.cpu_count() or 1
    many = len(first) == _MANY
    size = _GROUP if many else max(1, len(first) // (4 * cores))
    everything = chain(first, rows)
    groups = iter(lambda: list(islice(everything, size)), [])
    if many:
        with ProcessPoolExecutor(max_workers=cores, mp_context=get_context("spawn")) as pool:
            yield from _in_order(pool, check, groups)
    else:
        with ThreadPoolExecutor(max_workers=cores) as threads:
            yield from _in_order(threads, check, groups)


def _in_order(pool: Executor, check: Check, groups: Iterable[list[HeldFile]]) -> Iterator[Checked]:
    under_way: deque[tuple[list[HeldFile], Future[list[Outcome]]]] = deque()
    most = 2 * (os.cpu_count() or 1)
    for group in groups:
        under_way.append((group, pool.submit(_group, check, [_slim(row, check) for row in group])))
        if len(under_way) > most:
            yield from _joined(*under_way.popleft())
    while under_way:
        yield from _joined(*under_way.popleft())


def _joined(group: list[HeldFile], future: Future[list[Outcome]]) -> Iterator[Checked]:
    for row, (modality, unverifiable, beside, problems) in zip(group, future.result(), strict=True):
        yield Checked(row=row, modality=modality, unverifiable=unverifiable, beside=beside, problems=problems)


# path, size, SHA-256, modality by the listing, header, whether it stands beside the images
_Slim = tuple[str, int, str, str | None, "Header | None", bool]


def _slim(row: HeldFile, check: Check) -> _Slim:
    """Give what a check needs of a row, for its way to another process.

    The recorded header goes with it where the bytes are hashed: the same bytes say the same thing again.
    """
    header = None if check.headers and not check.quick else row.header
    return row.path, row.size, row.sha256, row.declared, header, row.beside


def _group(check: Check, rows: list[_Slim]) -> list[Outcome]:
    """Check one group; runs in a thread or a process, so it takes values only."""
    with Guard() as guard:
        return [_one(check, row, guard) for row in rows]


def _one(check: Check, row: _Slim, guard: Guard) -> Outcome:
    path = f"{check.root}/{row[0]}"
    try:
        return _read(check, row, path, guard)
    except OSError as error:
        what = "it is not there" if isinstance(error, FileNotFoundError) else (error.strerror or "it cannot be read")
        return _wrong("file-missing", what)


def _read(check: Check, row: _Slim, path: str, guard: Guard) -> Outcome:
    name, recorded, sha256, declared, header, beside = row
    # Without O_NONBLOCK a pipe under a file's name would hold the run for ever.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "something that is no regular file stands in its place")
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        size = os.fstat(descriptor).st_size
        if size != recorded:
            return _wrong("size-mismatch", f"{size} bytes are here, {recorded} were recorded")
        if check.quick:
            return _recorded(header, check, declared, beside=beside)
        head = file.read(HEAD) or b""
        if not check.headers:
            digest = _sha256(file, head, size)
            if digest != sha256:
                return _wrong("hash-mismatch", f"sha256 {digest} is here, {sha256} was recorded")
    if header is not None and header.sop_class is not None and not check.phi and check.container in ("dicom", "mixed"):
        return header.modality, False, False, verdict(header, check.modalities, declared)
    judgement = judge(
        head,
        name=name,
        size=size,
        container=check.container,
        modalities=check.modalities,
        listing=declared,
        open_=partial(_opened, path),
        guard=guard,
    )
    if held_as_archive(name, judgement.kind):
        return None, not beside, beside, ()
    problems = judgement.problems
    if check.phi:
        problems += tuple(_phi(judgement.kind, path, name))
    return judgement.modality, judgement.unverifiable, judgement.beside, problems


def _recorded(header: Header | None, check: Check, declared: str | None, *, beside: bool) -> Outcome:
    """Count as the record does, which is all that `--quick` knows."""
    if header is None or beside:
        return None, not beside, beside, ()
    return header.modality, False, False, () if header.modality else verdict(header, check.modalities, declared)


def _wrong(rule: str, message: str) -> Outcome:
    return None, False, False, (Problem(rule=rule, severity="error", message=message),)


def _sha256(file: BinaryIO, head: bytes, size: int) -> str:
    digest = hashlib.sha256(head)
    if size > len(head):
        buffer = bytearray(min(_CHUNK, size))
        view = memoryview(buffer)
        while count := file.readinto(buffer):  # type: ignore[attr-defined]  # a file without a buffer has it
            digest.update(view[:count])
    return digest.hexdigest()


def _opened(path: str) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb")


def _phi(kind: str, path: str, name: str) -> Iterator[Problem]:
    """Yield what may identify a patient: tag, name and count, never a value."""
    from fetchers.checks.phi import examine_phi  # noqa: PLC0415 - only --phi asks

    with _opened(path) as file:
        report = examine_phi(kind, file.read(_PHI), name)
    for found in report.findings:
        placeholder = "; likely a placeholder" if found.placeholder else ""
        claim = "; the file claims that identity was removed" if report.claims_removed else ""
        message = f"{found.tag} {found.name}: {found.count} filled{placeholder}{claim}"
        yield Problem(rule="phi-residual", severity="info" if found.placeholder else "warning", message=message)
    if report.unreadable:
        yield Problem(rule="phi-unreadable", severity="info", message=f"not looked through: {report.unreadable}")
    if report.burned_in:
        yield Problem(rule="burned-in-risk", severity="warning", message=report.burned_in)
