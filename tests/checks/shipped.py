"""Give the files that pydicom ships, as bytes; nothing is downloaded."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pydicom.data

_ROOT = Path(pydicom.data.__file__).parent / "test_files"


@cache
def shipped() -> dict[str, bytes]:
    """Return every file by its path below pydicom's folder."""
    return {
        path.relative_to(_ROOT).as_posix(): path.read_bytes() for path in sorted(_ROOT.rglob("*")) if path.is_file()
    }
