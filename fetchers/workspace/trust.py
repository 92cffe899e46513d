"""Decide whether a workspace that was found by walking upwards is the person's own.

It says where data come from, which policy holds and where the store lies, so it counts only where nobody else could
have written it: as git's `safe.directory`, ssh's `StrictModes` and sudo have it. What a person names (`--home`,
`FETCH_HOME`) needs no such proof.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from fetchers.errors import CatalogueError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_PARTS = ("", "catalogue.toml", "config.toml", "cache")  # the folder itself first
_ROOT = 0


def refuse_strangers(
    home: Path, environ: Mapping[str, str], *, shared: Callable[[Path], bool] = lambda _: False
) -> None:
    """Raise `CatalogueError` where `home` or a file of it belongs to another account, or anybody may write it.

    `shared` says whether a store is one that its founder shares with a group: then it may be another's.
    """
    faults = list(_faults(home, environ, shared))
    if not faults or _is_safe(home, environ):
        return
    named = quote(str(home))
    raise CatalogueError(
        f"{home} holds a workspace that may not be yours: {'; '.join(faults)}",
        hint=f"fetch --home {named} ...   (or FETCH_HOME={named}; for good: FETCH_SAFE={named}, or"
        f' safe = ["{home}"] in {user_config()})',
    )


def user_config() -> Path:
    """Return the person's own configuration file, on Linux `~/.config/fetch/config.toml`."""
    import platformdirs

    return platformdirs.user_config_path("fetch", appauthor=False) / "config.toml"


def _faults(home: Path, environ: Mapping[str, str], shared: Callable[[Path], bool]) -> Iterator[str]:
    trusted = {_ROOT, os.geteuid()}
    if os.geteuid() == _ROOT and environ.get("SUDO_UID", "").isdecimal():
        trusted.add(int(environ["SUDO_UID"]))  # who typed it, before sudo
    for part in _PARTS:
        path = home / part
        try:
            found = path.stat()
        except OSError:
            continue
        if part == "cache" and shared(path):
            continue
        name, mode, owner = part or "the folder", stat.S_IMODE(found.st_mode), found.st_uid
        if owner not in trusted:
            yield f"{name} belongs to {_named(owner)} (mode {mode:04o})"
        elif mode & stat.S_IWOTH:
            yield f"{name} can be written by everybody (owner {_named(owner)}, mode {mode:04o})"
        elif mode & stat.S_IWGRP and not _is_own_group(found.st_gid, owner):
            yield f"{name} can be written by group {found.st_gid} (owner {_named(owner)}, mode {mode:04o})"


def _is_own_group(group: int, user: int) -> bool:
    """Return True if a group is one user's alone, as where each user has one and the umask is 002."""
    import grp
    import pwd

    try:
        members = set(grp.getgrgid(group).gr_mem)
    except KeyError:
        members = set()
    try:
        account = pwd.getpwuid(user)
    except KeyError:  # an account without a name; its group is what it runs with
        return group in (os.getegid(), user) and not members
    if not members <= {account.pw_name}:
        return False
    return not any(one.pw_gid == group and one.pw_uid != user for one in pwd.getpwall())


def _is_safe(home: Path, environ: Mapping[str, str]) -> bool:
    named = [one for one in environ.get("FETCH_SAFE", "").split(os.pathsep) if one]
    there = home.resolve()
    return any(Path(one).expanduser().resolve() == there for one in (*named, *_in_user_config()))


def _in_user_config() -> list[str]:
    from fetchers.workspace.diagnostics import refuse
    from fetchers.workspace.toml import read

    path = user_config()
    found = read(path)
    if found is None:
        return []
    table, faults = found
    refuse([faults])
    safe = table.get("safe", [])
    if not isinstance(safe, list) or not all(isinstance(one, str) for one in safe):
        raise CatalogueError(f"{path}: safe: a list of folders is wanted", hint='safe = ["/home/me/data"]')
    return safe


def _named(user: int) -> str:
    import pwd

    try:
        return f"{pwd.getpwuid(user).pw_name} (uid {user})"
    except KeyError:
        return f"uid {user}"
