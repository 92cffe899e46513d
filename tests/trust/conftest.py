"""A place that several accounts can reach."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(name="yard")
def _yard() -> Iterator[Path]:
    """Make a folder that every account can reach, which pytest's own is not."""
    with tempfile.TemporaryDirectory(prefix="fetch-yard-", dir="/tmp") as made:
        Path(made).chmod(0o755)
        yield Path(made)
