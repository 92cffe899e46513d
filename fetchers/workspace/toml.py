"""What does a TOML file of the workspace say?

The door to tomli: its wheel is compiled, and a workspace of ten thousand files must not be felt; the standard library's
parser is the same code in Python and takes ten times as long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tomli

from fetchers.errors import CatalogueError
from fetchers.workspace.faults import Faults

if TYPE_CHECKING:
    from pathlib import Path

Table = dict[str, Any]  # a stranger's table, as TOML gives it; it does not leave this room


def read(path: Path) -> tuple[Table, Faults] | None:
    """Parse `path`; None where there is no such file. What does not parse is the only fault of its file."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CatalogueError(f"{path} cannot be read: {error.strerror}", hint=f"ls -l {path}") from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        faults = Faults(path, "")
        line = raw.count(b"\n", 0, error.start) + 1
        faults.add_line(line, f"byte 0x{raw[error.start]:02x} is no UTF-8, and TOML is UTF-8 throughout")
        return {}, faults
    faults = Faults(path, text)
    try:
        return tomli.loads(text), faults
    except tomli.TOMLDecodeError as error:
        faults.add_line(error.lineno, f"column {error.colno}: no TOML: {error.msg}")
        return {}, faults
