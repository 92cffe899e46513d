"""Settle how a workspace takes part in a lab's store: founding it, readers of gated copies, stores only read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from fetchers.context import account_name
from fetchers.errors import CatalogueError
from fetchers.storage import sharing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fetchers.context import Context

GROUP = "group"
_LAST_GROUP = (1 << 32) - 2  # the one above it means "leave it as it is"


def settled(context: Context, also: Sequence[str], cwd: Path) -> Context:
    """Return the context with what concerns the lab; raise `CatalogueError` for a group or a store that is none."""
    config, environ = context.workspace.config, context.environ
    wanted = environ.get("FETCH_SHARED") or config.shared
    if wanted not in (None, GROUP):
        raise CatalogueError(f'FETCH_SHARED is "{wanted}"; "{GROUP}" is the only kind of sharing there is')
    if wanted == GROUP:
        sharing.found_shared(context.store)
    if sharing.is_shared(context.store):
        # There an account is told from another by the system, not by a variable that anybody can set.
        context = context._replace(who=account_name())
    return context._replace(
        readers=_readers(config.readers) if config.readers else {}, also=tuple(_above(context, also, cwd))
    )


def _readers(named: Mapping[str, str | int]) -> dict[str, int]:
    import grp

    found = {}
    for address, group in named.items():
        try:
            text = str(group)
            found[address] = _number(int(text)) if text.isdecimal() else grp.getgrnam(text).gr_gid
        except (KeyError, OverflowError):
            raise CatalogueError(
                f'[readers] {address} = "{group}": there is no such group on this machine',
                hint="getent group   (lists them; a number will do, too)",
            ) from None
    return found


def _number(gid: int) -> int:
    """Return the number of a group; raise `KeyError` or `OverflowError` for one that neither system nor account has."""
    import grp

    if gid not in (os.getegid(), *os.getgroups()) and os.geteuid() != 0:
        grp.getgrgid(gid)
    if gid > _LAST_GROUP:
        raise KeyError(gid)
    return gid


def _above(context: Context, also: Sequence[str], cwd: Path) -> list[Path]:
    """Find the stores that are only read: each a store's folder, or a home that holds `cache/`."""
    found = []
    for written in also:
        folder = cwd / Path(written).expanduser()
        store = folder / "cache" if (folder / "cache").is_dir() else folder
        if not store.is_dir():
            raise CatalogueError(
                f"--also {written}: there is no such folder", hint="name a store, or a home with cache/"
            )
        if store.resolve() == context.store.resolve():
            continue
        sharing.only_read(store)
        found.append(store)
    return list(dict.fromkeys(found))
