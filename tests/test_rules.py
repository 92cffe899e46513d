"""The rules that the modules report are those of the table, and the table's page is current."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pytest

from fetchers.reports.rule_table import GROUPS
from fetchers.rules import Rule
from tests.readme import DOCS, PAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fetchers.reports.rule_table import RuleEntry

_PACKAGE = Path(__file__).parent.parent / "fetchers"
_SEVERITIES = {"error", "warning", "info"}
_TABLE = [entry for group in GROUPS for entry in group.rules]
# Calls whose first argument is a rule, with or without a severity after it.
_REPORTERS = {"find", "finding", "_finding", "_said", "_say", "_wrong", "Problem", "Finding"}
# As the contract fixes them.
_CONTRACT = frozenset(
    """
    hash-mismatch size-mismatch file-missing file-unknown modality-wrong modality-missing modality-nonstandard
    sop-contradiction not-dicom header-broken count-short container-wrong not-an-image unverifiable phi-residual
    burned-in-risk use-forbidden use-unknown terms-not-accepted terms-changed access-missing access-lapsed
    access-lapsing copy-modified copy-missing copy-unknown copy-exposed copy-elsewhere copy-private duty-open
    retention-due unproven renamed scan-incomplete purpose-mismatch licence-stricter-elsewhere
    """.split()  # noqa: SIM905 - a table of words
)


def _words(node: ast.expr) -> Iterator[str]:
    """Yield the constant strings that an expression may be."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _words(node.body)
        yield from _words(node.orelse)


def _reported(tree: ast.AST) -> Iterator[str]:
    """Yield the rules that a module names: `rule=...`, the first argument of a reporter, and (rule, severity, ...)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            yield from (word for keyword in node.keywords if keyword.arg == "rule" for word in _words(keyword.value))
            severity = len(node.args) > 1 and _SEVERITIES & set(_words(node.args[1]))
            if node.args and (severity or (name in _REPORTERS and len(node.args) > 2)):
                yield from _words(node.args[0])
        elif isinstance(node, ast.Tuple) and len(node.elts) > 2 and _SEVERITIES & set(_words(node.elts[1])):
            yield from _words(node.elts[0])


def _all_reported() -> dict[str, str]:
    return {
        rule: str(path.relative_to(_PACKAGE))
        for path in sorted(_PACKAGE.rglob("*.py"))
        if path.name != "rules.py"
        for rule in _reported(ast.parse(path.read_text(encoding="utf-8")))
        if rule not in _SEVERITIES and not rule.endswith(":")
    }


def test_every_reported_rule_is_in_the_table() -> None:
    """A rule that nobody can look up is no help: add it to `fetchers/rules.py`, and run `make readme`."""
    unknown = {rule: path for rule, path in _all_reported().items() if rule not in get_args(Rule)}
    assert not unknown


def test_the_scan_finds_rules_of_every_verb() -> None:
    """The scan above is no hope: it sees the rules of the judges, of `get`, `adopt`, `verify`, `audit` and `doctor`."""
    wanted = {"not-an-image", "modality-wrong", "renamed", "left-out", "hash-mismatch", "copy-exposed", "use-unknown"}
    assert wanted | {"scan-incomplete", "record", "file-missing", "count-short"} <= _all_reported().keys()


def test_table_and_type_agree() -> None:
    """Each rule of the type has one entry."""
    assert sorted(entry.rule for entry in _TABLE) == sorted(get_args(Rule))


def test_the_contracts_rules_are_there() -> None:
    """What scripts rely on keeps its name."""
    assert set(get_args(Rule)) >= _CONTRACT


@pytest.mark.parametrize("entry", _TABLE, ids=lambda entry: entry.rule)
def test_entry_is_complete(entry: RuleEntry) -> None:
    """Each entry has verbs, known severities, a meaning and an action, each a sentence."""
    assert entry.verbs
    assert set(entry.severities.split(", ")) <= _SEVERITIES
    assert entry.meaning.endswith(".")
    assert entry.action.endswith(".")


@pytest.mark.parametrize("name", PAGES)
def test_generated_page_is_current(name: str) -> None:
    """`make readme` was run after the last change."""
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name]()
