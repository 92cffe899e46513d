"""Search one folder for copies of what is held.

Content decides, not the name: a file whose size some held file has is read and hashed. Where DICOM objects are held,
the head of each file that could be one is read, too, and its SOP Instance UID looked up: that finds a copy whose bytes
were changed. Under a name that promises something else (`.txt`, `.img`), a file is opened from a quarter of the
smallest held object on. Archives (zip, tar), and files that are packed by themselves, are looked into.
"""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import dataclass, field
from functools import lru_cache
from typing import IO, TYPE_CHECKING

from fetchers import system
from fetchers.dataset import address_of
from fetchers.inspection import packed_copy
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
_TARS = (".tar", ".tgz", ".tbz", ".tbz2", ".txz", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst")
_PACKED_ENDINGS = frozenset(("zip", *(suffix.rpartition(".")[2] for suffix in _TARS)))
_LEAST_ODD = 512  # bytes of a DICOM object under a name that promises something else
_BLOCK = 512  # of a tar
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
        smallest: int | None,
    ) -> None:
        self._context = context
        self._manifest = manifest
        self._wanted = None if wanted is None else {(one.dataset.name, one.dataset.part) for one in wanted}
        self._events = events
        self._sizes = sizes
        self._most = max(sizes, default=0)
        self._dicom = smallest is not None
        self._least = _PREAMBLE if self._dicom else _NEVER
        self._least_odd = _NEVER if smallest is None else max(smallest // 4, _LEAST_ODD)
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
            sizes, least, least_odd = self._sizes, self._least, self._least_odd
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
                        _, dot, ending = name.rpartition(".")
                        packed, dicom = _could_be(ending if dot else "")
                        if size in sizes or packed or size > (least if dicom else least_odd):
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
                kind = "" if found else _archive_kind(file, path)
                if kind:
                    file.seek(0)
                    found = list(self._archive(file, path, kind))
            yield from found
            if not found:
                self._checkpoint.note(path, size, mtime_ns)
        except OSError as error:
            yield _incomplete(path, error.strerror or str(error))

    def _archive(self, archive: IO[bytes], path: str, kind: str) -> Iterator[Finding]:
        from fetchers.storage.archive import members

        try:
            for member in members.members(archive, f"x.{kind}"):
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

            return
        if packed_copy.is_packed(head) and file.seekable() and "!" not in where:
            yield from self._packed(file, head, where)

    def _packed(self, file: IO[bytes], head: bytes, where: str) -> Iterator[Finding]:
        """Compare what is packed in a file by itself: `scan.dcm.gz`, `volume.nii.gz`."""
        try:
            found = packed_copy.inside(file, head, self._most, self._could_be_inside)
        except packed_copy.TROUBLE:
            return
        if found is None:
            return
        held = self._ours(self._manifest.by_hash(found.sha256)) if found.sha256 and found.size in self._sizes else []
        yield from (self._copy(one, where, "the same bytes, packed") for one in held)
        if not held and self._dicom and (uid := self._instance(found.head, whole=found.size <= len(found.head))):
            for one in self._ours(self._manifest.by_instance(uid)):
                yield self._copy(one, where, f"the same SOP Instance UID, {uid}, and other bytes, packed")
                yield self._changed(one, where)

    def _could_be_inside(self, head: bytes, promised: int) -> bool:
        from fetchers.checks.dicom.signature import looks_like

        return promised in self._sizes or (self._dicom and looks_like(head))

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
            hint="destroy it, or note where it is; the store keeps its own copy",
        )


def _opened(path: str) -> IO[bytes]:
    """Open a regular file without following a link that has taken its place, and without touching its access time."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        return os.fdopen(os.open(path, flags | (system.no_atime() or 0)), "rb")
    except PermissionError:  # the access time is the owner's to keep
        return os.fdopen(os.open(path, flags), "rb")


@lru_cache(4096)
def _could_be(ending: str) -> tuple[bool, bool]:
    """Return whether a file with that ending is packed, and whether it could be a DICOM object.

    Millions of files have a few endings. What stands behind a dot is an ending only if it is one of those known here.
    """
    lower = ending.lower()
    return lower in _PACKED_ENDINGS, lower not in _NEVER_DICOM


def _archive_kind(file: IO[bytes], path: str) -> str:
    """Return `zip` or `tar` for an archive, by what it is or else by its name; an empty word for anything else."""
    file.seek(0)
    head = file.read(_BLOCK)
    if head[:4] in (b"PK\3\4", b"PK\5\6"):
        return "zip"
    return (
        "tar"
        if head[257:262] == b"ustar" or path.lower().endswith(_TARS)
        else "zip"
        if path.lower().endswith(".zip")
        else ""
    )


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
        message=f"could not be read: {why}",
        hint="scan it with an account that may read it",
    )
