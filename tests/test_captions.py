"""Module docstrings name the thing: their first line is a statement, and functions say what they return."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

_ROOT = Path(__file__).parent.parent
MODULES = sorted((_ROOT / "fetchers").rglob("*.py"))
_OPENING = re.compile(r"(Give|Say whether|Whether|Say (which|what|why|how))\b")
_PRIVATE = re.compile(r"\bthe (house|mover|lander)('s)?\b", re.IGNORECASE)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(_ROOT)))
def test_docstrings_are_statements(path: Path) -> None:
    """A caption is no question, a function that returns something says "Return ...", and words are the field's."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    caption = (ast.get_docstring(tree) or "").partition("\n")[0]
    assert "? " not in f"{caption} " or "://" in caption, f"write a statement that names the thing: {caption}"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            said = ast.get_docstring(node) or ""
            assert not _OPENING.match(said), f"line {node.lineno}: begin with 'Return' or 'Return True if': {said}"
            assert not _PRIVATE.search(said), f"line {node.lineno}: say package, downloader, ingest process: {said}"
