"""Decide what is an archive to unpack and what is a piece of one, and say how to go on from one that was refused.

Content decides before the ending: what is said to be an archive, by its name or by `unpack = true`, is unpacked as what
it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.checks.formats import sniff
from fetchers.checks.formats.archive_names import ARCHIVES, archive_kind, split_whole
from fetchers.errors import ContentError, FetchError, StoreError
from fetchers.storage.archive.refusal import RefusedError

if TYPE_CHECKING:
    from fetchers.acquire.messages import Downloaded, StoreOptions
    from fetchers.dataset import RemoteFile

_KINDS = frozenset(ARCHIVES.values())
_END = 22  # bytes of a zip's end record without a comment
_DISK = slice(4, 6)
_ROUND = 1 << 30


def whole_of(remote: RemoteFile) -> str | None:
    """Return the name of the archive that a file is a piece of, None for a file of its own."""
    return remote.joins if remote.joins is not None or not remote.unpacks else split_whole(remote.path)


def stays_one(remote: RemoteFile) -> bool:
    """Return True for what its name alone shows to be no archive, and no piece of one."""
    return remote.unpack is not True and whole_of(remote) is None and archive_kind(remote.path) is None


def last_of_split(landed: Downloaded) -> bool:
    """Return True for a zip whose end says that it is the last of several disks."""
    if not landed.remote.path.lower().endswith(".zip") or landed.partial.offset < _END:
        return False
    with landed.partial.opened() as body:
        body.seek(landed.partial.offset - _END)
        end = body.read(_END)
    return end[:4] == b"PK\5\6" and end[_DISK] != b"\0\0"


def in_order(pieces: list[Downloaded]) -> list[Downloaded]:
    """Sort the pieces of an archive; of a split zip the `.zip` comes last."""
    return sorted(pieces, key=lambda landed: _place(landed.remote.path))


def _place(path: str) -> tuple[bool, int, str]:
    ending = path.lower().rpartition(".")[2]
    number = ending[1:] if ending[:1] == "z" else ending
    return ending == "zip", int(number) if number.isdecimal() else 0, path


def is_archive(remote: RemoteFile, head: bytes) -> bool:
    """Return True for what does not stay one file; `head` are its first 64 KiB."""
    if not remote.unpacks:
        return False
    if archive_kind(remote.path) is not None:
        return True
    if remote.unpack is not True:
        return False
    kind = sniff.sniff(head)
    return kind in _KINDS and (kind == "zip" or _holds_tar(kind, head))


def kind_of(path: str, head: bytes) -> str:
    """Return as what an archive is to be read: as what it is, or as what its name says."""
    named, kind = archive_kind(path), sniff.sniff(head)
    if kind in _KINDS and (kind in ("zip", "tar") or named != "zip"):
        return kind
    if named not in (None, "zip") and _holds_tar("tar", head):
        return "tar"
    return kind if kind in _KINDS else named or "zip"


def _holds_tar(kind: str, head: bytes) -> bool:
    from fetchers.storage.archive.tar_entries import holds_tar

    return holds_tar(kind, head)


def stays(error: FetchError, options: StoreOptions, *, pinned: bool) -> bool:
    """Return True where the bytes may be of use although they were not unpacked, and nobody else has them.

    What contradicts itself may have been damaged on the way, unless a checksum says that these are the bytes.
    """
    if options.origin == "adopted":
        return False
    return isinstance(error, StoreError) or (isinstance(error, RefusedError) and (pinned or error.cause != "unsafe"))


def advice(error: FetchError, options: StoreOptions, path: str, *, kept: bool) -> FetchError:
    """Return the error with the command that goes on from here, by its cause."""
    address, adopted = options.dataset.address, options.origin == "adopted"
    if not isinstance(error, RefusedError):
        return error
    by_hand = f"fetch adopt {address} FOLDER takes in what you unpack by hand"
    keep = "" if adopted else f"fetch get {address} --include '{path}' --no-unpack keeps it as it is; "
    if error.cause == "cost":
        size = f"{-(-error.size // _ROUND)}G"
        command = f"fetch adopt {address} {path}" if adopted else f"fetch get {address}"
        hint = f"{command} --max-unpacked {size} unpacks it all the same"
    elif error.cause == "encrypted":
        hint = f"ask the archive for the password; {keep}{by_hand}"
    elif error.cause == "unsupported":
        hint = f"{keep}{by_hand}"
    else:
        hint = f"ask the archive for an intact copy; {keep}{by_hand}"
    more = "; its bytes are kept, and nothing is fetched twice" if kept else ""
    return ContentError(f"{path}: {error.what}{more}", hint=hint)
