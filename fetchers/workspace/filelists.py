"""Can all these files be fetched, and lie side by side?"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from fetchers.workspace import schema
from fetchers.workspace.reading import name_in
from fetchers.workspace.shapes import PLAIN_PATH, PLAIN_URL, path
from fetchers.workspace.walking import missing, walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fetchers.workspace.faults import Faults
    from fetchers.workspace.lines import Where
    from fetchers.workspace.toml import Table

_PLAIN_KEYS = frozenset(("url", "path", "sha256", "size"))
_HEX = frozenset("0123456789abcdefABCDEF")
_SHA256 = 64


def check_files(where: Where, rows: Sequence[Table], faults: Faults) -> None:
    """Note what is wrong with the files of a dataset, two under one name included.

    Ten thousand of them must not be felt, so rows of the usual form are told from the others first.
    """
    seen: dict[str, int] = {}
    for number, row in enumerate(rows):
        if not _is_plain(row):
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


def _is_plain(row: Table) -> bool:
    try:
        return (
            row.keys() <= _PLAIN_KEYS
            and PLAIN_URL.fullmatch(row["url"]) is not None
            and PLAIN_PATH.fullmatch(row.get("path", "plain")) is not None
            and type(row.get("size", 0)) is int
            and row.get("size", 0) >= 0
            and ("sha256" not in row or (len(row["sha256"]) == _SHA256 and _HEX.issuperset(row["sha256"])))
        )
    except (KeyError, TypeError):
        return False
