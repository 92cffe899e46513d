"""The quick check of a long list accepts what the thorough one does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetchers.checks.formats.safe_names import safe_path
from fetchers.errors import ContentError
from fetchers.workspace.diagnostics import Diagnostics
from fetchers.workspace.validation.file_lists import check_files
from fetchers.workspace.validation.validators import path

ROW: dict[str, Any] = {"url": "https://data.example.org/x", "path": "x.zip", "size": 1, "sha256": "0" * 64}


def _refused(rows: list[dict[str, Any]]) -> bool:
    faults = Diagnostics(Path("catalogue.toml"), "")
    check_files(("files",), rows, faults)
    return bool(faults)


_PIECES = st.sampled_from(
    [*("con", "COM1", "nul", "Lpt9", "prn", "aux", "clock", "cut", "col", "c"), *".-_0/ a", "/", "x" * 70, "image"]
)


@given(st.lists(_PIECES, max_size=12).map("".join))
def test_a_plain_path_is_a_safe_one(written: str) -> None:
    """Devices, dots, lengths: the expression is a shorter way to the same answer."""
    try:
        safe_path(written)
        safe = True
    except ContentError:
        safe = False
    assert (path(written) is None) == safe


@pytest.mark.parametrize(
    "sha256", ["0" * 63, "0" * 65, "g" * 64, " " * 64, "0" * 62 + "  ", "\uff10" * 64, 7, [], None, b"0" * 64]
)
def test_a_checksum_that_is_none_is_found(sha256: object) -> None:
    """Beside a true one, too."""
    assert _refused([ROW, {**ROW, "path": "y.zip", "sha256": sha256}])


_NAMES = st.sampled_from(["image", "IMAGE", "image.dcm", "folder", "other"])


@given(st.lists(st.lists(_NAMES, min_size=1, max_size=3).map("/".join), max_size=4))
def test_files_that_cannot_lie_side_by_side_are_found(paths: list[str]) -> None:
    """Neither under one name nor one in place of another's folder, whichever way the list goes."""
    folded = [one.lower() for one in paths]
    apart = len(set(folded)) == len(folded) and not any(
        one.startswith(f"{other}/") for one in folded for other in folded
    )
    plain = [{**ROW, "path": one} for one in paths]
    assert (_refused(plain), _refused([{**row, "unpack": False} for row in plain])) == (not apart, not apart)
