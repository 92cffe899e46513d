"""What does a TOML file of the workspace say?

The door to tomli, which is six times as fast as the standard library's parser, and says line and column of a fault.
Long lists of files go by it (`plainrows`): ten thousand of them must not be felt by a second run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tomli

from fetchers.errors import CatalogueError
from fetchers.workspace.diagnostics import Diagnostics

if TYPE_CHECKING:
    from pathlib import Path

_LARGE = 1 << 18  # characters

Table = dict[str, Any]  # a stranger's table, as TOML gives it; it does not leave this room


def read(path: Path) -> tuple[Table, Diagnostics] | None:
    """Parse `path`; None where there is no such file. What does not parse is the only fault of its file."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CatalogueError(f"{path} cannot be read: {error.strerror}", hint=f"ls -l {path}") from error
    try:
        text = raw.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        faults = Diagnostics(path, "")
        line = raw.count(b"\n", 0, error.start) + 1
        faults.add_line(line, f"byte 0x{raw[error.start]:02x} is no UTF-8, and TOML is UTF-8 throughout")
        return {}, faults
    faults = Diagnostics(path, text)
    try:
        return parsed(text), faults
    except tomli.TOMLDecodeError as error:
        faults.add_line(error.lineno, f"column {error.colno}: no TOML: {error.msg}")
        return {}, faults
    except RecursionError:  # the parser does not say where
        depths = [line.count("[") + line.count("{") for line in text.splitlines()]
        faults.add_line(depths.index(max(depths)) + 1, "lists or tables are nested too deep")
        return {}, faults


def parsed(text: str) -> Table:
    """Parse a text; long lists of files go by a faster way."""
    if len(text) < _LARGE:
        return tomli.loads(text)
    from fetchers.workspace import fast_rows

    try:
        rest, lists = fast_rows.take_out(text)
        return fast_rows.put_back(tomli.loads(rest), lists)
    except (fast_rows.NotPlain, tomli.TOMLDecodeError):
        return tomli.loads(text)
