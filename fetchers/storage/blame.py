"""Name the file whose mode is in the way, and what its owner would have to type."""

from __future__ import annotations

import os
import stat
from shlex import quote
from typing import TYPE_CHECKING

from fetchers.errors import StoreError
from fetchers.storage.sharing import TAG, account, group_name, is_shared

if TYPE_CHECKING:
    from collections.abc import Iterator


def denied(path: str, why: str, *, store: str | None = None) -> StoreError:
    """Return the error for something that this account may not do with `path`, which lies in `store`, if in any."""
    culprit, found = _culprit(path)
    if found is None:
        return StoreError(f"{path}: {why}", hint=f"ls -ld {quote(path)}")
    what = f"{culprit} belongs to {account(found.st_uid)} (mode {stat.S_IMODE(found.st_mode):04o})"
    if found.st_uid == os.geteuid():
        writable = "u+rwx" if stat.S_ISDIR(found.st_mode) else "u+rw"
        return StoreError(f"{what}: {why}", hint=f"chmod {writable} {quote(culprit)}")
    me = account(os.geteuid())
    needed = stat.S_IRGRP | stat.S_IWGRP
    if found.st_mode & needed == needed and found.st_gid not in (os.getegid(), *os.getgroups()):
        group = group_name(found.st_gid)
        return StoreError(
            f"{what}, for its group {group}, and {me} is not of that: {why}",
            hint=f"an administrator would have to type: usermod -aG {group} {me}",
        )
    return StoreError(
        f"{what}: {why} for {me}", hint=f"{account(found.st_uid)} would have to type: {_owners_command(culprit, store)}"
    )


def _culprit(path: str) -> tuple[str, os.stat_result | None]:
    """Find what refuses: the first folder that is not to be entered, the file itself, or the folder it lies in."""
    found = None
    for step in _steps(os.path.abspath(path)):  # noqa: PTH100 - as it is written, through no link
        try:
            state = os.stat(step, follow_symlinks=False)  # noqa: PTH116 - plain text, on the way to an error
        except OSError:
            break
        found = (step, state)
        if stat.S_ISDIR(state.st_mode) and not os.access(step, os.X_OK):
            break
        if not stat.S_ISDIR(state.st_mode) and os.access(step, os.R_OK | os.W_OK):
            above = os.path.dirname(step)  # noqa: PTH120 - the same
            return above, os.stat(above)  # noqa: PTH116 - the same
    return found if found is not None else (path, None)


def _steps(path: str) -> Iterator[str]:
    parts = path.split("/")
    yield from ("/".join(parts[:number]) or "/" for number in range(1, len(parts) + 1))


def _owners_command(culprit: str, store: str | None) -> str:
    """Return the owner's command that gives others access: a store is shared whole, anything else by its mode."""
    folder = culprit
    while folder not in ("", "/"):
        if os.path.lexists(f"{folder}/{TAG}"):
            if is_shared(folder) and culprit != folder:
                name = os.path.relpath(culprit, folder).split("/")[0]
                if not name.startswith((".", "manifest.", TAG)):
                    return (
                        f'fetch --cache {quote(folder)} doctor --share   (after [readers] {name} = "GROUP" in the '
                        "config.toml, if its terms do not allow sharing)"
                    )
            return f"fetch --cache {quote(folder)} doctor --share"
        folder = os.path.dirname(folder)  # noqa: PTH120 - plain text
    if store is not None and f"{culprit}/".startswith(f"{store}/"):
        return f"fetch --cache {quote(store)} doctor --share"
    return f"chmod g+rwX {quote(culprit)}"
