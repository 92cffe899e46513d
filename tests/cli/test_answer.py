"""Does a result reach a script whole, and a screen harmlessly?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from fetchers.cli.answer import clean, plain
from fetchers.holding import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
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
    findings=(Finding(rule="x", severity="info", message="m\x9bn", path="p\u202eq"),),
)


def test_plain_is_what_json_knows() -> None:
    """Records become objects, tuples arrays, days and times ISO 8601; nothing is left out."""
    made = plain(_RESULT)
    assert made["at"] == "2026-11-22T08:00:00Z"
    assert made["on"] == "2026-11-22"
    assert made["path"] == "a/b"
    assert made["none"] is None
    assert made["findings"][0] == {
        "rule": "x", "severity": "info", "message": "m\x9bn", "dataset": None, "part": None, "path": "p\u202eq",
        "hint": None,
    }  # fmt: skip


def test_clean_leaves_no_control_character() -> None:
    """Wherever a stranger's text stands in a result, it cannot move a cursor or turn the direction of a line."""
    made = clean(_RESULT)
    texts = [made.name, *made.counts, made.findings[0].message, str(made.findings[0].path)]
    assert all(text.isprintable() for text in texts), texts
    assert made.at == _RESULT.at
