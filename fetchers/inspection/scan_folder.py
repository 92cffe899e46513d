"""What lies in a folder, and is any of it a copy of what is held?

Each file is looked at by its size; only one whose size some held file has is read and hashed. Where DICOM objects are
held, the head of each file that could be one is read, too, and its SOP Instance UID looked up: that finds a copy whose
bytes were changed. Archives (zip, tar) are looked into.
"""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import dataclass, field
from functools import lru_cache
from typing import IO, TYPE_CHECKING

from fetchers.dataset import address_of
from fetchers.inspection.scope import known
from fetchers.inspection.store_check import modification
from fetchers.records import HEAD, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet
    from typing import Self

    from fetchers.checks.dicom.header_process import HeaderProcess
    from fetchers.context import Context
    from fetchers.inspection.scope import Subject
    from fetchers.records import Event, HeldFile, Severity
    from fetchers.rules import Rule
    from fetchers.storage.record.manifest import Manifest
    from fetchers.storage.scan_checkpoint import Checkpoint

_CHUNK = 1 << 20
_PREAMBLE = 132  # PS3.10: 128 bytes of anything, then DICM
_NEVER = sys.maxsize  # bytes, which no file exceeds
_NEVER_DICOM = frozenset(
    """
    txt md rst json csv tsv xml html htm css js ts py pyc c h so png jpg jpeg gif svg webp tif tiff pdf docx xlsx
    pptx mp4 mp3 log zip gz tgz tar bz2 tbz tbz2 xz txz zst 7z whl nii hdr img mat npy npz pt toml
    """.split()  # noqa: SIM905 - a table of words
)
_ARCHIVES = (".zip", ".tar", ".tgz", ".tbz", ".tbz2", ".txz", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst")
_ARCHIVE_ENDINGS = frozenset(suffix.rpartition(".")[2] for suffix in _ARCHIVES)
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


@dataclass(slots=True)
class Seen:
    """What was seen in some folders: files, the folders in them, and what is to be said."""

    files: int = 0
    folders: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


class FolderScanner:
    """Looks through folders for files of some `sizes`, and for DICOM objects. A context manager."""

    def __init__(
        self,
        context: Context,
        manifest: Manifest,
        *,
        wanted: Sequence[Subject] | None,
        events: Sequence[Event],
        checkpoint: Checkpoint,
        sizes: AbstractSet[int],
        dicom: bool,
    ) -> None:
        self._context = context
        self._manifest = manifest
        self._wanted = None if wanted is None else {(one.dataset.name, one.dataset.part) for one in wanted}
        self._events = events
        self._sizes = sizes
        self._dicom = dicom
        self._guard: HeaderProcess | None = None
        self._checkpoint = checkpoint

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._guard is not None:
            self._guard.close()

    def through(self, folders: Sequence[str]) -> Seen:
        """Look at what lies in `folders`, not below them."""
        seen = Seen()
        for folder in folders:
            try:
                seen.findings.extend(self._folder(folder, seen))
            except OSError as error:
                seen.findings.append(_incomplete(folder, error.strerror or str(error)))
        self._checkpoint.flush()
        return seen

    def _folder(self, folder: str, seen: Seen) -> Iterator[Finding]:
        """Look at the entries of one folder, by its descriptor: that spares the system the way down for each."""
        descriptor, files = os.open(folder, _FOLDER), 0
        try:
            sizes, least = self._sizes, _PREAMBLE if self._dicom else _NEVER
            with os.scandir(descriptor) as entries:
                for entry in entries:
                    if entry.is_file(follow_symlinks=False):
                        files += 1
                        name = entry.name
                        try:
                            there = entry.stat(follow_symlinks=False)
                        except FileNotFoundError:  # gone since
                            continue
                        size = there.st_size
                        archive, dicom = _could_be(name.rpartition(".")[2])
                        if size in sizes or (dicom and size > least) or (archive and _is_archive(name)):
                            yield from self._file(f"{folder}/{name}", size, there.st_mtime_ns)
                    elif entry.is_dir(follow_symlinks=False):
                        seen.folders.append(f"{folder}/{entry.name}")
        finally:
            seen.files += files
            os.close(descriptor)

    def _file(self, path: str, size: int, mtime_ns: int) -> Iterator[Finding]:
        if self._checkpoint.seen(path, size, mtime_ns):
            return
        try:
            with _opened(path) as file:
                found = list(self._bytes(file, size, path))
                if not found and _is_archive(path):
                    file.seek(0)
                    found = list(self._archive(file, path))
            yield from found
            if not found:
                self._checkpoint.note(path, size, mtime_ns)
        except OSError as error:
            yield _incomplete(path, error.strerror or str(error))

    def _archive(self, archive: IO[bytes], path: str) -> Iterator[Finding]:
        from fetchers.storage.archive import members

        try:
            for member in members.members(archive, path):
                if member.size in self._sizes or (self._dicom and member.size > _PREAMBLE):
                    with member.open() as file:
                        yield from self._bytes(file, member.size, f"{path}!{member.name}")
        except (members.Unreadable, *members.TROUBLE) as error:
            yield _incomplete(path, f"the archive can be read no further: {error}")

    def _bytes(self, file: IO[bytes], size: int, where: str) -> Iterator[Finding]:
        """Compare one file, or one member of an archive, with what is held."""
        head = file.read(min(HEAD, size))
        if size in self._sizes:
            held = self._ours(self._manifest.by_hash(_digest(head, file, size)))
            if held:
                yield from (self._copy(one, where, "the same bytes") for one in held)
                return
        if self._dicom and (uid := self._instance(head, whole=size <= len(head))):
            for one in self._ours(self._manifest.by_instance(uid)):
                yield self._copy(one, where, f"the same SOP Instance UID, {uid}, and other bytes")
                yield self._changed(one, where)

    def _instance(self, head: bytes, *, whole: bool) -> str | None:
        """Read the SOP Instance UID: quickly where the header is usual, else in the limited process."""
        from fetchers.checks.dicom.fast_header import walk
        from fetchers.checks.dicom.signature import looks_like

        if not looks_like(head):
            return None
        header = walk(head, whole=whole)
        if header is not None:
            return header.sop_instance
        from fetchers.checks.dicom.header_process import Broken, HeaderProcess

        if self._guard is None:
            self._guard = HeaderProcess()
        answer = self._guard.read(head)
        return None if isinstance(answer, Broken) else answer.sop_instance

    def _ours(self, held: Sequence[HeldFile]) -> list[HeldFile]:
        """Keep what the audit is about; of one dataset or part, the first is enough."""
        mine = [one for one in held if self._wanted is None or (one.dataset, one.part) in self._wanted]
        return list({(one.dataset, one.part): one for one in reversed(mine)}.values())

    def _copy(self, held: HeldFile, where: str, how: str) -> Finding:
        message = f"a copy of {address_of(held.dataset, held.part)}, {held.path}, outside the store: {how}"
        return self._finding(held, "copy-elsewhere", "warning", where, message)

    def _changed(self, held: HeldFile, where: str) -> Finding:
        dataset = known(self._context, held.dataset, held.part)
        severity, reason = modification(self._context, dataset, held.licence, self._events)
        message = f"a changed copy of {held.path}: its SHA-256 is not {held.sha256}; {reason}"
        return self._finding(held, "copy-modified", severity, where, message)

    def _finding(self, held: HeldFile, rule: Rule, severity: Severity, where: str, message: str) -> Finding:
        return Finding(
            rule=rule,
            severity=severity,
            dataset=held.dataset,
            part=held.part,
            path=where,
            message=message,
            hint="destroy it, or take it into account; the store keeps its own copy",
        )


def _opened(path: str) -> IO[bytes]:
    """Open a regular file without following a link that has taken its place, and without touching its access time."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        return os.fdopen(os.open(path, flags | os.O_NOATIME), "rb")
    except PermissionError:  # the access time is the owner's to keep
        return os.fdopen(os.open(path, flags), "rb")


@lru_cache(4096)
def _could_be(ending: str) -> tuple[bool, bool]:
    """Whether a file with that ending could be an archive, and a DICOM object: millions of files have a few of them."""
    lower = ending.lower()
    return lower in _ARCHIVE_ENDINGS, lower not in _NEVER_DICOM


def _is_archive(name: str) -> bool:
    return name.lower().endswith(_ARCHIVES)


def _digest(head: bytes, file: IO[bytes], size: int) -> str:
    digest = hashlib.sha256(head)
    left = size - len(head)
    while left > 0 and (chunk := file.read(min(_CHUNK, left))):
        digest.update(chunk)
        left -= len(chunk)
    return digest.hexdigest()


def _incomplete(path: str, why: str) -> Finding:
    return Finding(
        rule="scan-incomplete",
        severity="warning",
        path=path,
        message=f"could not be looked at: {why}",
        hint="scan it as somebody who may read it",
    )
