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
from itertools import islice
from multiprocessing import get_context
from typing import TYPE_CHECKING

from fetchers.checks.guard import Guard
from fetchers.checks.judge import HEAD, judge
from fetchers.holding import Finding, HeldFile
from fetchers.storage import layout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Executor, Future
    from typing import BinaryIO

    from fetchers.checks.judge import Judgement
    from fetchers.dataset import Dataset
    from fetchers.verbs.place import Place

_CHUNK = 1 << 20
_GROUP = 200  # files per piece of work: large enough that handing it over costs little
_MANY = 2000  # files from which on processes pay for their start


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One file's outcome: how it counts, and what is to be said of it."""

    row: HeldFile
    modality: str | None = None
    unverifiable: bool = False
    beside: bool = False
    findings: tuple[Finding, ...] = ()


def checked(
    place: Place, dataset: Dataset, rows: Iterable[HeldFile], *, quick: bool, headers: bool, phi: bool
) -> Iterator[Checked]:
    """Check `rows`, in their order, a bounded number at a time."""
    work = partial(
        _group,
        os.fspath(layout.root(place.store, dataset.name, dataset.part)),
        dataset.container,
        dataset.modalities,
        quick=quick,
        headers=headers,
        phi=phi,
    )
    rows = iter(rows)
    first = list(islice(rows, _MANY))
    groups = _grouped(first, rows)
    if len(first) < _MANY:
        with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
            yield from _in_order(pool, work, groups)
        return
    with ProcessPoolExecutor(max_workers=os.cpu_count() or 1, mp_context=get_context("spawn")) as pool:
        yield from _in_order(pool, work, groups)


def _grouped(first: list[HeldFile], rows: Iterator[HeldFile]) -> Iterator[list[HeldFile]]:
    size = _GROUP if len(first) == _MANY else max(1, len(first) // (4 * (os.cpu_count() or 1)))
    for start in range(0, len(first), size):
        yield first[start : start + size]
    while group := list(islice(rows, size)):
        yield group


def _in_order(
    pool: Executor, work: Callable[[list[HeldFile]], list[Checked]], groups: Iterable[list[HeldFile]]
) -> Iterator[Checked]:
    under_way: deque[Future[list[Checked]]] = deque()
    for group in groups:
        under_way.append(pool.submit(work, group))
        if len(under_way) > 2 * (os.cpu_count() or 1):
            yield from under_way.popleft().result()
    while under_way:
        yield from under_way.popleft().result()


def _group(
    root: str,
    container: str,
    modalities: tuple[str, ...],
    rows: list[HeldFile],
    *,
    quick: bool,
    headers: bool,
    phi: bool,
) -> list[Checked]:
    """Check one group; runs in a thread or a process, so it takes values only."""
    with Guard() as guard:
        check = _File(root, container, modalities, guard, quick=quick, headers=headers, phi=phi)
        return [check.run(row) for row in rows]


class _File:
    def __init__(
        self,
        root: str,
        container: str,
        modalities: tuple[str, ...],
        guard: Guard,
        *,
        quick: bool,
        headers: bool,
        phi: bool,
    ) -> None:
        self._root, self._container, self._modalities, self._guard = root, container, modalities, guard
        self._quick, self._headers, self._phi = quick, headers, phi

    def run(self, row: HeldFile) -> Checked:
        path = f"{self._root}/{row.path}"
        try:
            return self._read(row, path)
        except OSError as error:
            what = "it is not there" if isinstance(error, FileNotFoundError) else (error.strerror or "cannot be read")
            hint = f"fetch {_address(row)} brings it again" if row.origin == "downloaded" else "adopt it again"
            return Checked(row=row, findings=(_said(row, "file-missing", "error", what, hint),))

    def _read(self, row: HeldFile, path: str) -> Checked:
        # Without O_NONBLOCK a pipe under a file's name would hold the run for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OSError(errno.EINVAL, "something that is no regular file stands in its place")
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            size = os.fstat(descriptor).st_size
            if size != row.size:
                return self._wrong(row, "size-mismatch", f"{size} bytes are here, {row.size} were recorded")
            if self._quick:
                return self._counted(row)
            head = file.read(HEAD) or b""
            if not self._headers:
                digest = _sha256(file, head, size)
                if digest != row.sha256:
                    return self._wrong(row, "hash-mismatch", f"sha256 {digest} is here, {row.sha256} was recorded")
        judgement = judge(
            head,
            name=row.path,
            size=size,
            container=self._container,
            modalities=self._modalities,
            listing=row.declared,
            open_=partial(_opened, path),
            guard=self._guard,
        )
        return self._judged(row, judgement, path)

    def _judged(self, row: HeldFile, judgement: Judgement, path: str) -> Checked:
        findings = [
            _said(row, problem.rule, problem.severity, problem.message, problem.hint) for problem in judgement.problems
        ]
        if row.proof == "unproven":
            message = "nothing proved its end when it came: no length, no checksum"
            findings.append(_said(row, "unproven", "info", message))
        if self._phi:
            findings.extend(_phi(row, judgement.kind, path, self._guard))
        return Checked(
            row=row,
            modality=judgement.modality,
            unverifiable=judgement.unverifiable,
            beside=judgement.beside,
            findings=tuple(findings),
        )

    def _counted(self, row: HeldFile) -> Checked:
        """Count as the record does, which is all that `--quick` knows."""
        modality = row.header.modality if row.header else None
        return Checked(
            row=row, modality=modality, beside=row.beside, unverifiable=not (modality or row.beside or row.header)
        )

    def _wrong(self, row: HeldFile, rule: str, message: str) -> Checked:
        hint = f"the bytes changed after they came: fetch get {_address(row)} --force brings them again"
        return Checked(row=row, findings=(_said(row, rule, "error", message, hint),))


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


def _phi(row: HeldFile, kind: str, path: str, guard: Guard) -> Iterator[Finding]:
    """Yield what may identify a patient: tag, name and count, never a value."""
    from fetchers.checks.phi import examine_phi  # noqa: PLC0415 - only --phi asks

    with _opened(path) as file:
        report = examine_phi(kind, file.read(32 << 20), row.path)
    del guard
    for found in report.findings:
        placeholder = "; likely a placeholder" if found.placeholder else ""
        claim = "; the file claims that identity was removed" if report.claims_removed else ""
        message = f"{found.tag} {found.name}: {found.count} filled{placeholder}{claim}"
        yield _said(row, "phi-residual", "warning", message)
    if report.burned_in:
        yield _said(row, "burned-in-risk", "warning", report.burned_in)


def _said(row: HeldFile, rule: str, severity: str, message: str, hint: str | None = None) -> Finding:
    return Finding(
        rule=rule,
        severity="error" if severity == "error" else "warning" if severity == "warning" else "info",
        dataset=row.dataset,
        part=row.part,
        path=row.path,
        message=message,
        hint=hint,
    )


def _address(row: HeldFile) -> str:
    return row.dataset if row.part is None else f"{row.dataset}/{row.part}"
