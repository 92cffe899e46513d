"""Keep a run to exactly the bytes that a lock names, and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fetchers.errors import AbsentError, ContentError, NothingMatched

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from fetchers.dataset import RemoteFile
    from fetchers.records import HeldFile
    from fetchers.source import Refused


class Pins(NamedTuple):
    """What is wanted of one dataset or part.

    `wanted` are the remote files to be asked for, `known` all that the lock names, `members` the SHA-256 of each file
    that is to be held, by path. `by_remote` are those that
    came in each remote file. `complete` says that the pins are a listing of their own: no place has to be asked.
    """

    wanted: Mapping[str, RemoteFile]
    known: frozenset[str]
    members: Mapping[str, str]
    by_remote: Mapping[str, frozenset[str]]
    complete: bool


def pinned(files: Iterable[RemoteFile], pins: Pins, refused: Refused) -> Iterator[RemoteFile]:
    """Keep of a listing what is pinned, with the promises of the lock; what it lacks is put into `refused`."""
    left, joined = dict(pins.wanted), set[str]()
    rows = iter(files)
    while (remote := _next(rows)) is not None:
        pin = left.pop(remote.path, None)
        if pin is not None:
            if remote.joins is not None:
                joined.add(remote.joins)
            yield _promised(remote, pin)
        elif remote.joins in joined and remote.path in pins.known:
            yield remote  # one piece of an archive brings nothing without the others
    for path, pin in left.items():
        if pins.complete:
            yield pin
        else:
            refused.add(path, AbsentError(f"{path}: the place lists it no longer", hint="fetch outdated NAME"))


def check_members(remote: str, rows: Iterable[HeldFile], pins: Pins) -> None:
    """Raise `ContentError` where an archive does not hold exactly what the lock says."""
    here = {row.path: row.sha256 for row in rows}
    for path in sorted(here.keys() | pins.by_remote.get(remote, frozenset())):
        found, wanted = here.get(path), pins.members.get(path)
        if found != wanted:
            what = f"has SHA-256 {found}, the lock has {wanted}"
            what = "is not in the lock" if wanted is None else "is not in it any more" if found is None else what
            raise ContentError(
                f"{remote}: {path} {what}; it is another version than the locked one, and was not taken",
                hint="fetch outdated NAME   (says what changed; to take the present files: fetch get NAME --force)",
            )


def _promised(remote: RemoteFile, pin: RemoteFile) -> RemoteFile:
    if pin.checksum is None:
        return remote
    return remote._replace(checksum=pin.checksum, size=pin.size, unpack=remote.unpack and pin.unpack)


def _next(rows: Iterator[RemoteFile]) -> RemoteFile | None:
    """Take the next row; a place that says at the end that something is missing has ended its listing."""
    try:
        return next(rows, None)
    except (AbsentError, NothingMatched):
        return None
