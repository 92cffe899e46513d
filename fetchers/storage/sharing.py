"""Create files and folders of a store so that a group can work on it together.

A shared store says so itself, in a line of its CACHEDIR.TAG, so that every member's home finds it. There everything
that is ours (the record, its journals, what is under way) and every copy that may be shared is readable and writable
for the store folder's group, whatever the umask says, and folders hand the group on (setgid). Copies under terms that
do not allow sharing stay with the account that fetched them, in a shared store as in any other.

In a shared store modes are set exactly; elsewhere the umask leaves of them what it leaves.
"""

from __future__ import annotations

import os
import stat
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

TAG = "CACHEDIR.TAG"
MARK = b"# shared: group\n"
_LONGEST = 4096
_founders: set[str] = set()
_only_read: set[str] = set()


class Modes(NamedTuple):
    """The modes of what is made in one store: of ours, of copies for everybody, of private copies."""

    shared: bool
    own_file: int
    own_folder: int
    copy_file: int
    copy_folder: int
    private_file: int = 0o600
    private_folder: int = 0o700

    def file(self, *, private: bool) -> int:
        """Return the mode of a copy."""
        return self.private_file if private else self.copy_file

    def folder(self, *, private: bool) -> int:
        """Return the mode of a folder of copies."""
        return self.private_folder if private else self.copy_folder

    def under_way(self, *, private: bool) -> tuple[int, int]:
        """Return the modes of a file and of a folder while they arrive: another member may go on with them."""
        if not self.shared or private:
            return 0o600, 0o700
        return self.copy_file, self.own_folder  # the file gets no other mode later: whoever publishes may not own it


PERSONAL = Modes(shared=False, own_file=0o600, own_folder=0o700, copy_file=0o644, copy_folder=0o755)
GROUP = Modes(shared=True, own_file=0o660, own_folder=0o2770, copy_file=0o664, copy_folder=0o2775)


@lru_cache(64)
def modes(store: str) -> Modes:
    """Return the modes of what is made in `store`, as the store itself says; asked twice for each file."""
    return GROUP if is_shared(store) else PERSONAL


def is_shared(store: str | os.PathLike[str]) -> bool:
    """Return True if the store is a group's."""
    return _says_shared(os.fspath(store))


@lru_cache(64)
def _says_shared(store: str) -> bool:
    try:
        descriptor = os.open(f"{store}/{TAG}", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return False
        return MARK in os.read(descriptor, _LONGEST)
    finally:
        os.close(descriptor)


def look_again() -> None:
    """Forget what stores say of themselves: one of them has just been founded, or shared."""
    modes.cache_clear()
    _says_shared.cache_clear()


def found_shared(store: str | os.PathLike[str]) -> None:
    """Make this process create `store` as a group's; an existing one stays what it is."""
    _founders.add(os.fspath(store))


def to_be_shared(store: str | os.PathLike[str]) -> bool:
    """Return True if `store` is a group's when this process founds it."""
    return os.fspath(store) in _founders


def only_read(store: str | os.PathLike[str]) -> None:
    """Forbid this process to write to `store`, whatever its modes allow."""
    _only_read.add(os.fspath(store))


def is_only_read(store: str | os.PathLike[str]) -> bool:
    """Return True if this process writes nothing to `store`."""
    return os.fspath(store) in _only_read


def give_mode(descriptor: int, mode: int) -> None:
    """Set exactly this mode on an open file or folder of one's own; another's is left as it is."""
    found = os.fstat(descriptor)
    if found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) != mode:
        os.fchmod(descriptor, mode)


def group_name(gid: int) -> str:
    """Return the name of a group, or its number where it has none."""
    import grp

    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def home_is_shared(home: Path, store: Path) -> bool:
    """Return True if a home, too, is a group's: its store is, and its folder is writable for a group."""
    try:
        return is_shared(store) and bool(home.stat().st_mode & stat.S_IWGRP)
    except OSError:
        return False


def account(uid: int) -> str:
    """Return the name of an account, or its number where it has none."""
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
