"""Results reach scripts complete, and screens harmlessly."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from fetchers.cli.output import clean
from fetchers.document import plain
from fetchers.records import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping


class _Result(NamedTuple):
    name: str
    at: datetime
    on: date
    path: Path
    none: str | None
    counts: Mapping[str, int]
    findings: tuple[Finding, ...]


_RESULT = _Result(
    name="a\x1b[31mb\r\nc",
    at=datetime(2026, 11, 22, 8, 0, tzinfo=UTC),
    on=date(2026, 11, 22),
    path=Path("a/b"),
    none=None,
    counts={"C\x07T": 1},
    findings=(Finding(rule="remark", severity="info", message="m\x9bn", path="p\u202eq"),),
)


def test_plain_is_what_json_knows() -> None:
    """Records become objects, tuples arrays, days and times ISO 8601; nothing is left out."""
    made = plain(_RESULT)
    assert made["at"] == "2026-11-22T08:00:00Z"
    assert made["on"] == "2026-11-22"
    assert made["path"] == "a/b"
    assert made["none"] is None
    assert made["findings"][0] == {
        "rule": "remark", "severity": "info", "message": "m\x9bn", "dataset": None, "part": None, "path": "p\u202eq",
        "hint": None,
    }  # fmt: skip


def test_clean_leaves_no_control_character() -> None:
    """Wherever a stranger's text stands in a result, it cannot move a cursor or turn the direction of a line."""
    made = clean(_RESULT)
    texts = [made.name, *made.counts, made.findings[0].message, str(made.findings[0].path)]
    assert all(text.isprintable() for text in texts), texts
    assert made.at == _RESULT.at


def test_what_cannot_be_looked_through_is_not_shown() -> None:
    """An object that is no plain value might hold a stranger's text: neither a page nor a document takes it."""
    for take in (clean, plain):
        with pytest.raises(TypeError, match="object"):
            take({"a": [object()]})
