"""How does an archive become files, all of them or none?

    zip                      its records are read and checked first (`zips`), then each entry is inflated, bounded
    tar, also compressed     the standard library's reader as a stream, over a bounded decompressor; never `extractall`

Whatever is wrong ends it with a `ContentError` that names the reason; the caller removes the tree. Links and devices
are never made: they are yielded as left out, and an archive whose other members need them is refused.
"""

from __future__ import annotations

import lzma
import stat
import tarfile
import zlib
from typing import TYPE_CHECKING, Protocol

from fetchers.errors import ContentError, FetchError
from fetchers.storage import zips
from fetchers.storage.inflate import Plain, inflated, stream
from fetchers.storage.pieces import Pieces
from fetchers.storage.tree import Limits, Member, Tree, remove_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from typing import IO

__all__ = ["Limits", "Member", "Naming", "remove_tree", "unpack"]

_CHUNK = 1 << 20
_LONGEST_HEADER = 1 << 20  # bytes of a tar's extended header; honest ones hold a path and a few numbers


class Naming(Protocol):
    """The rules for names from strangers, as `checks.names` has them."""

    def safe_path(self, name: str, /) -> str:
        """Give the name as it may be used; raises `ContentError` for one that may not."""

    def fold(self, path: str, /) -> str:
        """Give what is the same for names that some file system takes for the same."""


def unpack(
    sources: Sequence[bytes | Path],
    kind: str,
    into: Path,
    *,
    naming: Naming,
    private: bool = False,
    limits: Limits | None = None,
    hashes: str | None = None,
) -> Iterator[Member]:
    """Unpack an archive of `kind` (zip, tar, gzip, bz2, xz, zstd) into the new folder `into`; yield each member.

    `sources` are its pieces in order. `hashes` names the member that lists `name,md5` of the others (TCIA's
    md5hashes.csv): each is held against it. Raises `ContentError` for the archive, `StoreError` for the disk.
    """
    limits = limits or Limits()
    with Pieces(sources) as archive:
        tree = Tree(into, private=private, fold=naming.fold, hashes=hashes is not None)
        sums: dict[str, str] = {}
        listing = b""
        try:
            members = _zip if kind == "zip" else _tar
            for member in members(archive, kind, tree, naming.safe_path, limits):
                if hashes is not None and member.path == hashes:
                    listing = (into / member.path).read_bytes()
                elif member.md5 is not None:
                    sums[member.path] = member.md5
                yield member
            if listing:
                _compare(listing, sums)
        except FetchError:
            raise
        except (
            tarfile.TarError,
            zlib.error,
            lzma.LZMAError,
            EOFError,
            ValueError,
            MemoryError,
            OverflowError,
            RecursionError,
        ) as error:
            # tarfile raises ValueError and MemoryError for broken headers, too (measured on libarchive's corpus).
            raise ContentError(f"broken archive: {error or type(error).__name__}") from error
        finally:
            tree.close()


def _zip(archive: Pieces, kind: str, tree: Tree, safe: Callable[[str], str], limits: Limits) -> Iterator[Member]:
    del kind
    found = zips.entries(archive, most=limits.count)
    _bounded(sum(entry.size for entry in found), archive.size, limits)
    links = {entry.name.rstrip("/") for entry in found if stat.S_ISLNK(entry.mode)}
    for entry in found:
        name = safe(entry.name.rstrip("/"))
        if _through(name, links):
            raise zips.refuse(f"{name!r} leads through a link")
        if entry.folder:
            tree.folder(name)
        elif entry.mode and not stat.S_ISREG(entry.mode) and stat.S_IFMT(entry.mode):
            yield Member(path=name, skipped=_left_out(entry.mode))
        else:
            yield tree.write(name, inflated(archive, entry))


def _tar(archive: Pieces, kind: str, tree: Tree, safe: Callable[[str], str], limits: Limits) -> Iterator[Member]:
    count, total = 0, 0
    links: set[str] = set()
    with stream(archive, kind, longest=_total(archive.size, limits)) as plain, _reader(plain) as reader:
        for member in reader:
            count += 1
            total += member.size
            if count > limits.count:
                raise zips.refuse(f"more than {limits.count:,} entries")
            _bounded(total, archive.size, limits)
            name = member.name.removeprefix("./").rstrip("/")
            if name in ("", "."):
                continue
            name = safe(name)
            if _through(name, links):
                raise zips.refuse(f"{name!r} leads through a link")
            if member.isdir():
                tree.folder(name)
            elif member.isreg():
                body = reader.extractfile(member)
                if body is None:
                    raise zips.refuse(f"{name!r} has no content")
                yield tree.write(name, _chunks(body, member.size, name))
            else:
                links.add(name)
                yield Member(path=name, skipped="a link or a device: it was left out, none is ever made")
        plain.finish()


class _Info(tarfile.TarInfo):
    """A member of the standard library's reader that looks at how long an extended header says it is."""

    def _proc_member(self, tar: tarfile.TarFile) -> tarfile.TarInfo:
        special = (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE, b"X")
        if self.type in special and not 0 <= self.size <= _LONGEST_HEADER:
            raise ContentError(f"refused: an extended header of {self.size:,} bytes")
        return super()._proc_member(tar)  # type: ignore[misc,no-any-return]  # typeshed keeps it to itself


def _reader(plain: Plain) -> tarfile.TarFile:
    return tarfile.open(fileobj=plain, mode="r|", tarinfo=_Info, bufsize=1 << 20, errorlevel=1)


def _chunks(body: IO[bytes], size: int, name: str) -> Iterator[bytes]:
    left = size
    while left:
        chunk = body.read(min(left, _CHUNK))
        if not chunk:
            raise ContentError(f"truncated: {name!r} ends {left} bytes too early")
        left -= len(chunk)
        yield chunk


def _total(packed: int, limits: Limits) -> int:
    most = max(packed * limits.ratio, limits.ratio_from)
    return most if limits.total is None else min(most, limits.total)


def _bounded(total: int, packed: int, limits: Limits) -> None:
    if limits.total is not None and total > limits.total:
        raise zips.refuse(f"{total:,} bytes come out of it, there is room for {limits.total:,}")
    if total > limits.ratio_from and total > packed * limits.ratio:
        raise zips.refuse(f"{packed:,} bytes would become {total:,}: more than {limits.ratio} times as many")


def _through(name: str, links: set[str]) -> bool:
    return bool(links) and any(name.startswith(f"{link}/") or name == link for link in links if name != link)


def _left_out(mode: int) -> str:
    what = "a link" if stat.S_ISLNK(mode) else "a device, a socket or a pipe"
    return f"{what}: it was left out, none is ever made"


def _compare(listing: bytes, sums: dict[str, str]) -> None:
    """Hold each member against the list that came with it."""
    for line in listing.decode("utf-8", errors="replace").splitlines():
        name, _, promised = (cell.strip().strip('"') for cell in line.partition(","))
        arrived = sums.get(name)
        if arrived is not None and promised and arrived != promised.lower():
            raise ContentError(f"{name}: md5 {arrived} arrived, {promised.lower()} is listed")
        if arrived is None and len(promised) == 32:  # noqa: PLR2004 - an MD5 in hexadecimal
            raise ContentError(f"{name} is listed with an md5 and is not in the archive")
