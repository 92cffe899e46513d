"""Every hint that begins with a command of ours can be typed as it stands."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from fetchers.dataset import USES
from tests.command_lines import FILLED, fault

_PACKAGE = Path(__file__).parent.parent / "fetchers"
_VALUES = frozenset(USES) | {"list", "lung", "done"}
_HINT = 4  # the position of the hint among the arguments of `Dataset.finding`


def _texts(node: ast.expr) -> list[str]:
    """Return the texts that an expression may be, with a mark for each value that is filled in."""
    if isinstance(node, ast.IfExp):
        return _texts(node.body) + _texts(node.orelse)
    if isinstance(node, ast.BoolOp):
        return [text for value in node.values for text in _texts(value)]
    if isinstance(node, ast.JoinedStr):
        return ["".join(str(part.value) if isinstance(part, ast.Constant) else FILLED for part in node.values)]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def _hints(tree: ast.AST) -> list[str]:
    """Return the hints of a module: `hint=...`, `hint = ...` and the last argument of `finding`."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            found += [text for keyword in node.keywords if keyword.arg == "hint" for text in _texts(keyword.value)]
            if isinstance(node.func, ast.Attribute) and node.func.attr == "finding" and len(node.args) > _HINT:
                found += _texts(node.args[_HINT])
        elif isinstance(node, ast.Assign) and any("hint" in ast.unparse(one).lower() for one in node.targets):
            found += _texts(node.value)
    return found


CASES = sorted(
    {
        (str(path.relative_to(_PACKAGE)), hint)
        for path in _PACKAGE.rglob("*.py")
        for hint in _hints(ast.parse(path.read_text(encoding="utf-8")))
        if hint.startswith("fetch ")
    }
)


def test_the_hints_are_found() -> None:
    """The scan sees them in every form."""
    assert len(CASES) > 50


@pytest.mark.parametrize(("module", "hint"), CASES)
def test_hint_can_be_typed(module: str, hint: str) -> None:
    """The verb and its options exist, and an explanation stands apart: three spaces, then brackets."""
    hint = hint.replace(f"fetch {FILLED} {FILLED}", f"fetch grant {FILLED}")  # the outcome is filled in, too
    command, gap, rest = hint.partition("   ")
    assert not gap or (rest.startswith("(") and rest.endswith(")")), f"{module}: write `{command}   (why)`"
    assert fault(command, values=_VALUES) is None, f"{module}: {hint}"
