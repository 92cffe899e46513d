"""Unpack an archive: all of its files, or none.

    zip                      its records are read and checked first (`zips`), then each entry is inflated, bounded
    tar, also compressed     read as a stream (`tars`) over a bounded decompressor

Whatever is wrong ends it with a `ContentError` that names the reason; the caller removes the tree. A hard link to an
earlier member becomes a copy; other links and devices are never made: they are yielded as left out. An archive in which
a link leads out of it, or in which another member bears a link's name or lies below it, is refused.
"""

from __future__ import annotations

import stat
from typing import IO, TYPE_CHECKING

from fetchers.errors import ContentError, FetchError
from fetchers.storage.archive import nested, tar_entries, zip_entries
from fetchers.storage.archive.concat import Pieces
from fetchers.storage.archive.decompress import Plain, inflated
from fetchers.storage.archive.limits import Limits
from fetchers.storage.archive.member_names import MemberNames
from fetchers.storage.archive.refusal import RefusedError, refuse
from fetchers.storage.archive.safe_tree import Member, Tree, remove_tree
from fetchers.storage.archive.zip_directory import end_record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from fetchers.storage.archive.member_names import Naming

__all__ = ["Limits", "Member", "RefusedError", "remove_tree", "unpack"]

_LONGEST_TARGET = 4096  # bytes; PATH_MAX of Linux
_LONGEST_LISTING = 64 << 20


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

    One without a path says how many bytes follow the archive's end.

    `sources` are its pieces in order. `hashes` names the member that lists `name,md5` of the others (TCIA's
    md5hashes.csv): each is compared with it. Below `store` no link is followed on the way to `into`.
    Raises `ContentError` for the archive, `StoreError` for the disk.
    """
    limits = limits or Limits()
    with Pieces(sources) as archive:
        tree = Tree(into, private=private, fold=naming.fold, hashes=hashes is not None, store=store)
        sums: dict[str, str] = {}
        listing = b""
        try:
            members = _zip if kind == "zip" else _tar
            for member in members(archive, kind, tree, MemberNames(naming), limits):
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


def _zip(archive: Pieces, kind: str, tree: Tree, names: MemberNames, limits: Limits) -> Iterator[Member]:
    del kind
    if tar_entries.is_header(archive.at(0, 512)):
        raise refuse("it is a zip and a tar at once, and readers differ in which they take")
    found = zip_entries.entries(archive)
    if trailing := end_record(archive).trailing:
        yield Member(path="", skipped=f"{trailing:,} {'byte follows' if trailing == 1 else 'bytes follow'} its end")
    limits.check(sum(entry.size for entry in found), len(found), archive.size)
    names.guess(entry.name for entry in found)
    for entry in found:
        name = names.take(entry.name)
        if not name.path:
            continue
        if entry.folder:
            tree.folder(name.path)
        elif stat.S_IFMT(entry.mode) and not stat.S_ISREG(entry.mode):
            target = ""
            if stat.S_ISLNK(entry.mode):
                if entry.size > _LONGEST_TARGET:
                    raise refuse(f"the link {name.path!r} has a target of {entry.size:,} bytes")
                target = b"".join(inflated(archive, entry)).decode("utf-8", "replace")
            yield _left_out(tree, name.path, target, hard=False)
        else:
            yield names.said(_sound(tree, tree.write(name.path, inflated(archive, entry))), name)


def _tar(archive: Pieces, kind: str, tree: Tree, names: MemberNames, limits: Limits) -> Iterator[Member]:
    total = 0
    tar = tar_entries.Tar(Plain(archive, kind, longest=limits.longest(archive.size)))
    sizes: dict[str, int] = {}
    for count, item in enumerate(tar, 1):
        name = names.take(item.name)
        target = names.target(item.target) if item.hard else ""
        total += item.size + sizes.get(target, 0)
        limits.check(total, count, archive.size)
        if not name.path:
            continue
        if item.kind == "folder":
            tree.folder(name.path)
        elif item.kind == "file":
            sizes[name.path] = item.size
            yield names.said(_sound(tree, tree.write(name.path, tar.body())), name)
        else:
            copy = tree.copy(name.path, target) if target else None
            yield names.said(copy or _left_out(tree, name.path, item.target, hard=item.hard), name)


def _sound(tree: Tree, member: Member) -> Member:
    """Return the member; raise `RefusedError` for a zip that hides a bomb."""
    if nested.is_zip(member.path, member.head):
        nested.check(member.path, tree.opened(member.path))
    return member


def _left_out(tree: Tree, name: str, target: str, *, hard: bool) -> Member:
    """Pass over a link or a device; raise `ContentError` for a link that leads out of the archive."""
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


def _compare(listing: bytes, sums: dict[str, str]) -> None:
    """Hold each member against the list that came with it."""
    for line in listing.decode("utf-8", errors="replace").splitlines():
        name, _, promised = (cell.strip().strip('"') for cell in line.partition(","))
        arrived = sums.get(name)
        if arrived is not None and promised and arrived != promised.lower():
            raise ContentError(f"{name}: md5 {arrived} arrived, {promised.lower()} is listed")
        if arrived is None and len(promised) == 32:  # noqa: PLR2004 - an MD5 in hexadecimal
            raise ContentError(f"{name} is listed with an md5 and is not in the archive")
