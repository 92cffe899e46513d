"""A user's script type-checks against the installed package."""

from __future__ import annotations

from pathlib import Path

import pytest
from mypy import api

HERE = Path(__file__).parent
WRONG = """
import fetchers
fetchers.get("shenzhen", limit="many")
fetchers.verify(fast=True)
fetchers.tasks("adni", done="account").nothing
fetchers.nowhere()
"""


@pytest.mark.slow
def test_a_script_is_checked(tmp_path: Path) -> None:
    """`mypy --strict` takes the right one, and finds each fault of the wrong one."""
    flags = ["--strict", "--cache-dir", str(tmp_path / "cache"), "--follow-imports", "silent"]
    wrong = tmp_path / "wrong.py"
    wrong.write_text(WRONG, encoding="utf-8")
    out, _, status = api.run([*flags, str(HERE / "script.py")])
    assert status == 0, out
    out, _, _ = api.run([*flags, str(wrong)])
    assert out.count("error:") == 4, out
