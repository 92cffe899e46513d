"""Read the TOML files of the workspace.

The door to tomli, which is six times as fast as the standard library's parser, and says line and column of a fault.
Long lists of files go by it (`plainrows`): ten thousand of them must not be felt by a second run.
"""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING, Any

import tomli

from fetchers.errors import CatalogueError
from fetchers.storage.blame import denied
from fetchers.workspace.diagnostics import Diagnostics

if TYPE_CHECKING:
    from pathlib import Path

_LARGE = 1 << 18  # characters
_MOST = 64 << 20  # bytes of a file
_PARTS = 10  # of a dotted key; the deepest that means anything has six
_STRINGS = re.compile(
    r"""\"{3}(?:[^"\\]|\\.|"(?!""))*+"{3}|'{3}(?:[^']|'(?!''))*+'{3}|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+'|#[^\n]*+""",
    re.DOTALL,
)
_KEYS = re.compile(r"[\w\-. \t]++")

Table = dict[str, Any]  # a stranger's table, as TOML gives it; it does not leave this package


def read(path: Path) -> tuple[Table, Diagnostics] | None:
    """Parse `path`; None where there is no such file. What does not parse is the only fault of its file."""
    raw = _bytes(path)
    if raw is None:
        return None
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
    except ValueError as error:  # not the parser's own, which come above: a number of thousands of digits, for one
        faults.add_line(1, f"no TOML that can be read: {error}")
        return {}, faults


def _bytes(path: Path) -> bytes | None:
    """Read a file of bounded size that is a file: a pipe would be waited for, a device has no end."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise denied(str(path), "it cannot be read") from error
    except OSError as error:
        raise CatalogueError(f"{path} cannot be read: {error.strerror}", hint=f"ls -l {path}") from error
    with open(descriptor, "rb") as file:  # noqa: PTH123 - what is open, not what bears the name
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise CatalogueError(f"{path} is no regular file", hint=f"ls -l {path}")
        raw = file.read(_MOST + 1)
    if len(raw) > _MOST:
        raise CatalogueError(
            f"{path} is longer than {_MOST >> 20} MiB",
            hint='list many files in a file of their own: files_from = "list.csv"',
        )
    return raw


def parsed(text: str) -> Table:
    """Parse a text; long lists of files go by a faster way."""
    if len(text) < _LARGE:
        return _loaded(text)
    from fetchers.workspace import fast_rows

    try:
        rest, lists = fast_rows.take_out(text)
        return fast_rows.put_back(_loaded(rest), lists)
    except (fast_rows.NotPlain, tomli.TOMLDecodeError):
        return _loaded(text)


def _loaded(text: str) -> Table:
    """Parse what has no key of many parts: the parser's time grows with the square of their number.

    Raises what the parser raises, and `RecursionError` for such a key.
    """
    if any(line.count(".") > _PARTS for line in set(text.splitlines())):  # a list that was taken out left empty ones
        bare = _STRINGS.sub("_", text)
        if any(key.count(".") > _PARTS for key in _KEYS.findall(bare)):
            raise RecursionError
    return tomli.loads(text)
