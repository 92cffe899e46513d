"""Read lists of files: `files_from = "list.csv"` or `.jsonl` of the catalogue, row by row.

Columns, or keys: url path size sha256 sha1 md5; only `url` must be there, what else there is is skipped. A row that
breaks a rule of the catalogue costs itself alone and is named by its line. A million rows are never in memory together.
"""

from __future__ import annotations

import csv
import json
import os
from typing import TYPE_CHECKING

from fetchers.errors import CatalogueError
from fetchers.workspace.loader import CHECKSUMS, file_of, name_in
from fetchers.workspace.validation import schema
from fetchers.workspace.validation.validators import PLAIN_LENGTH, PLAIN_PATH, PLAIN_URL
from fetchers.workspace.validation.validators import path as path_fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from io import TextIOWrapper
    from pathlib import Path

    from fetchers.dataset import RemoteFile

COLUMNS = ("url", "path", "size", *CHECKSUMS)
_LONGEST = 1 << 16  # characters of a line


def rows(folder: Path, name: str, refuse: Callable[[str, CatalogueError], object]) -> Iterator[RemoteFile]:
    """Yield the files that the list `name` in `folder` names; a row that cannot be is handed to `refuse` by its line.

    Raises `CatalogueError` for a list that is not there or has no column `url`.
    """
    path = folder / name
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise CatalogueError(f"{path} cannot be read: {error.strerror}", hint=f"ls -l {path}") from error
    with open(descriptor, encoding="utf-8-sig", errors="replace", newline="") as file:  # noqa: PTH123 - no link is followed
        read = _json_lines if name.lower().endswith((".jsonl", ".ndjson")) else _table
        for number, row in read(path, file):
            where = f"{name}:{number}"
            if isinstance(row, str):
                refuse(where, CatalogueError(row, hint=f"correct {path}"))
                continue
            fault = None if _plain(row) else _fault(row)
            if fault is None:
                yield file_of(row)
            else:
                refuse(where, CatalogueError(fault, hint=f"correct {path}"))


def _table(path: Path, file: TextIOWrapper) -> Iterator[tuple[int, dict[str, object] | str]]:
    csv.field_size_limit(_LONGEST)
    reader = csv.DictReader(file)
    if "url" not in (reader.fieldnames or ()):
        raise CatalogueError(f"{path}: column url is missing", hint=f"the columns are {' '.join(COLUMNS)}")
    known = [name for name in COLUMNS if name in (reader.fieldnames or ())]
    while True:
        try:
            found = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield reader.line_num, f"no row of a table: {error}"
            continue
        row: dict[str, object] = {name: found[name].strip() for name in known if found[name] and found[name].strip()}
        yield reader.line_num, _counted(row)


def _json_lines(_path: Path, file: TextIOWrapper) -> Iterator[tuple[int, dict[str, object] | str]]:
    number = 0
    while line := file.readline(_LONGEST):
        number += 1
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            yield number, "no JSON, or a line that is too long"
            continue
        if not isinstance(found, dict):
            yield number, "a JSON object is wanted"
            continue
        yield number, {name: found[name] for name in COLUMNS if found.get(name) not in (None, "")}


def _counted(row: dict[str, object]) -> dict[str, object]:
    """Make a number of the size's digits; what is none is left for the check to name."""
    size = row.get("size")
    if isinstance(size, str) and size.isascii() and size.isdecimal() and len(size) < 19:  # noqa: PLR2004 - 2**63
        row["size"] = int(size)
    return row


def _plain(row: Mapping[str, object]) -> bool:
    """Return True for a row of the usual form, which nearly all have."""
    url, path, size, sha256 = row.get("url"), row.get("path"), row.get("size", 0), row.get("sha256", "0" * 64)
    return (
        len(row) <= 4  # noqa: PLR2004 - those four
        and row.keys() <= {"url", "path", "size", "sha256"}
        and isinstance(url, str)
        and PLAIN_URL.fullmatch(url) is not None
        and isinstance(path, str)
        and len(path) <= PLAIN_LENGTH
        and PLAIN_PATH.fullmatch(path) is not None
        and type(size) is int
        and size >= 0
        and isinstance(sha256, str)
        and schema.FILE["sha256"](sha256) is None
    )


def _fault(row: Mapping[str, object]) -> str | None:
    if "url" not in row:
        return "url is missing"
    for key, value in row.items():
        if fault := schema.FILE[key](value):
            return f"{key}: {fault}"
    if "path" not in row:
        name = name_in(str(row["url"]))
        return path_fault(name) if name else "the address ends with no name, so a path is wanted"
    return None
