"""Validate lists of files: addresses, checksums, and names that collide."""

from __future__ import annotations

import unicodedata
from itertools import repeat
from typing import TYPE_CHECKING

from fetchers.workspace.loader import name_in
from fetchers.workspace.validation import schema
from fetchers.workspace.validation.tables import missing, walk
from fetchers.workspace.validation.validators import PLAIN_LENGTH, PLAIN_PATH, PLAIN_URL, path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fetchers.workspace.diagnostics import Diagnostics
    from fetchers.workspace.toml import Table
    from fetchers.workspace.toml_lines import Where

_PLAIN_KEYS = frozenset(("url", "path", "sha256", "size"))


def check_files(where: Where, rows: Sequence[Table], faults: Diagnostics) -> None:
    """Note what is wrong with the files of a dataset, two under one name included.

    Ten thousand of them must not be felt, so a list of the usual form is told from the others first, by its columns.
    """
    if _all_plain(rows):
        return
    seen: dict[str, int] = {}
    for number, row in enumerate(rows):
        walk((*where, number), row, schema.FILE, faults)
        missing((*where, number), row, ("url",), faults)
        held = row.get("path", row.get("url"))
        if not isinstance(held, str):
            continue
        if "path" not in row:
            held = name_in(held)
            if fault := path(held) if held else "the address ends with no name, so a path is wanted":
                faults.add((*where, number, "url"), fault)
        folded = (held if held.isascii() else unicodedata.normalize("NFC", held)).casefold()
        before = seen.setdefault(folded, number)
        if before != number:
            faults.add((*where, number), f'"{held}" is the path of files[{before}], too; no two files share one')
    for folded, number in seen.items():
        if above := next((folder for folder in _folders(folded) if folder in seen), None):
            faults.add(
                (*where, number), f'"{above}" is the path of files[{seen[above]}], which is a folder of this one'
            )


def _all_plain(rows: Sequence[Table]) -> bool:
    """Return True if every row has only a usual address, path, size and SHA-256, and no two share a path."""
    try:
        paths = [row["path"] for row in rows]
        sizes = [row["size"] for row in rows if "size" in row]
        return (
            all(map(_PLAIN_KEYS.issuperset, rows))
            and all(map(PLAIN_URL.fullmatch, [row["url"] for row in rows]))
            and all(map(PLAIN_PATH.fullmatch, paths))
            and set(map(type, sizes)) <= {int}
            and min(sizes, default=0) >= 0
            and _are_sha256([row["sha256"] for row in rows if "sha256" in row])
            and max(map(len, paths), default=0) <= PLAIN_LENGTH
            and _lie_apart(list(map(str.lower, paths)))  # PLAIN_PATH is ASCII
        )
    except (KeyError, TypeError, ValueError):
        return False


def _are_sha256(written: Sequence[str]) -> bool:
    """Return True if each has 64 hexadecimal digits; raises what `bytes.fromhex` raises, which skips blanks."""
    return set(map(len, written)) <= {64} and len(bytes.fromhex("".join(written))) == 32 * len(written)


def _lie_apart(paths: Sequence[str]) -> bool:
    """Return True if no two of these paths are one, and none is a folder of another."""
    every = set(paths)
    if len(every) < len(paths):
        return False
    if len(set(map(str.count, paths, repeat("/")))) < 2:  # noqa: PLR2004 - on one level none lies above another
        return True
    holding = {path.rpartition("/")[0] for path in paths}
    return every.isdisjoint(holding.union(*map(_folders, holding)))


def _folders(path: str) -> list[str]:
    """Return the folders above `path`, the nearest first."""
    found = []
    while path := path.rpartition("/")[0]:
        found.append(path)
    return found
