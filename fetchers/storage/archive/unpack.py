"""How does an archive become files, all of them or none?

    zip                      its records are read and checked first (`zips`), then each entry is inflated, bounded
    tar, also compressed     read as a stream (`tars`) over a bounded decompressor

Whatever is wrong ends it with a `ContentError` that names the reason; the caller removes the tree. Links and devices
are never made: they are yielded as left out. An archive in which a link leads out of it, or in which another member
bears a link's name or lies below it, is refused.
"""

from __future__ import annotations

import stat
from typing import IO, TYPE_CHECKING, Protocol

from fetchers.errors import ContentError, FetchError, StoreError
from fetchers.storage.archive import tar_entries, zip_entries
from fetchers.storage.archive.concat import Pieces
from fetchers.storage.archive.decompress import Plain, inflated
from fetchers.storage.archive.safe_tree import Limits, Member, Tree, remove_tree
from fetchers.storage.archive.zip_directory import refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

__all__ = ["Limits", "Member", "Naming", "remove_tree", "unpack"]

_LONGEST_TARGET = 4096  # bytes; PATH_MAX of Linux
_LONGEST_LISTING = 64 << 20
_SOMETHING = 32  # bytes of a member, on average


class Naming(Protocol):
    """The rules for names from strangers, as `checks.names` has them."""

    def safe_path(self, name: str, /) -> str:
        """Give the name as it may be used; raises `ContentError` for one that may not."""

    def fold(self, path: str, /) -> str:
        """Give what is the same for names that some file system takes for the same."""


def unpack(
    sources: Sequence[bytes | Path | IO[bytes]],
    kind: str,
    into: Path,
    *,
    naming: Naming,
    private: bool = False,
    limits: Limits | None = None,
    hashes: str | None = None,
    store: Path | None = None,
) -> Iterator[Member]:
    """Unpack an archive of `kind` (zip, tar, gzip, bz2, xz, zstd) into the new folder `into`; yield each member.

    `sources` are its pieces in order. `hashes` names the member that lists `name,md5` of the others (TCIA's
    md5hashes.csv): each is held against it. Below `store` no link is followed on the way to `into`.
    Raises `ContentError` for the archive, `StoreError` for the disk.
    """
    limits = limits or Limits()
    with Pieces(sources) as archive:
        tree = Tree(into, private=private, fold=naming.fold, hashes=hashes is not None, store=store)
        sums: dict[str, str] = {}
        listing = b""
        try:
            members = _zip if kind == "zip" else _tar
            for member in members(archive, kind, tree, naming.safe_path, limits):
                if hashes is not None and member.path == hashes and member.size <= _LONGEST_LISTING:
                    listing = tree.read(member.path)
                elif member.md5 is not None:
                    sums[member.path] = member.md5
                yield member
            if listing:
                _compare(listing, sums)
        except FetchError:
            raise
        except (ValueError, MemoryError, OverflowError, RecursionError) as error:
            raise ContentError(f"broken archive: {error or type(error).__name__}") from error
        finally:
            tree.close()


def _zip(archive: Pieces, kind: str, tree: Tree, safe: Callable[[str], str], limits: Limits) -> Iterator[Member]:
    del kind
    if tar_entries.is_header(archive.at(0, 512)):
        raise refuse("it is a zip and a tar at once, and readers differ in which they take")
    found = zip_entries.entries(archive, most=limits.count, crowd=limits.crowd)
    _bounded(sum(entry.size for entry in found), archive.size, limits)
    for entry in found:
        name = _plain(entry.name)
        if not name:
            continue
        name = safe(name)
        if entry.folder:
            tree.folder(name)
        elif stat.S_IFMT(entry.mode) and not stat.S_ISREG(entry.mode):
            target = ""
            if stat.S_ISLNK(entry.mode):
                if entry.size > _LONGEST_TARGET:
                    raise refuse(f"the link {name!r} has a target of {entry.size:,} bytes")
                target = b"".join(inflated(archive, entry)).decode("utf-8", "replace")
            yield _left_out(tree, name, target, hard=False)
        else:
            yield tree.write(name, inflated(archive, entry))


def _tar(archive: Pieces, kind: str, tree: Tree, safe: Callable[[str], str], limits: Limits) -> Iterator[Member]:
    count, total = 0, 0
    tar = tar_entries.Tar(Plain(archive, kind, longest=limits.longest(archive.size)))
    for item in tar:
        count += 1
        total += item.size
        if count > limits.count:
            raise refuse(f"more than {limits.count:,} entries")
        if count > limits.crowd and total < count * _SOMETHING:
            raise refuse(f"{count:,} entries hold next to nothing")
        _bounded(total, archive.size, limits)
        name = _plain(item.name)
        if not name:
            continue
        name = safe(name)
        if item.kind == "folder":
            tree.folder(name)
        elif item.kind == "file":
            yield tree.write(name, tar.body())
        else:
            yield _left_out(tree, name, item.target, hard=item.hard)


def _plain(name: str) -> str:
    """Take off what `tar .` writes: `./` in front, and a folder's last slash; the folder itself has no name left."""
    while name.startswith("./"):
        name = name[2:]
    name = name.removesuffix("/")
    return "" if name == "." else name


def _left_out(tree: Tree, name: str, target: str, *, hard: bool) -> Member:
    """Pass over a link or a device; raises `ContentError` for a link that leads out of the archive."""
    if target:
        parts = [] if hard else name.split("/")[:-1]
        for part in target.split("/"):
            if part == ".." and not parts:
                raise refuse(f"the link {name!r} leads out of the archive")
            if part == "..":
                parts.pop()
            elif part not in ("", "."):
                parts.append(part)
        if target.startswith("/") or "\\" in target or "\0" in target:
            raise refuse(f"the link {name!r} leads out of the archive")
    tree.leave_out(name)
    what = "a link" if target else "a device, a socket, a pipe or an empty link"
    return Member(path=name, skipped=f"{what}: it was left out, none is ever made")


def _bounded(total: int, packed: int, limits: Limits) -> None:
    if total > limits.ratio_from and total > packed * limits.ratio:
        raise refuse(f"{packed:,} bytes would become {total:,}: more than {limits.ratio} times as many")
    if limits.total is not None and total > limits.total:
        raise StoreError(
            f"{total:,} bytes come out of the archive, there is room for {limits.total:,}",
            hint="free some, or move the store with --cache DIR, and type the same command again",
        )


def _compare(listing: bytes, sums: dict[str, str]) -> None:
    """Hold each member against the list that came with it."""
    for line in listing.decode("utf-8", errors="replace").splitlines():
        name, _, promised = (cell.strip().strip('"') for cell in line.partition(","))
        arrived = sums.get(name)
        if arrived is not None and promised and arrived != promised.lower():
            raise ContentError(f"{name}: md5 {arrived} arrived, {promised.lower()} is listed")
        if arrived is None and len(promised) == 32:  # noqa: PLR2004 - an MD5 in hexadecimal
            raise ContentError(f"{name} is listed with an md5 and is not in the archive")
