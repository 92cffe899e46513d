"""`fetch tasks --overdue` in cron: it says something only when a person must act."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from fetchers.verbs import apply
from tests.cli.run import fetch
from tests.verbs.contexts import context

if TYPE_CHECKING:
    from pathlib import Path

CATALOGUE = """
[datasets.gated]
title = "Gated"
access = "application"
[[datasets.gated.steps]]
key = "account"
title = "Make an account"
expected_days = 5
"""


def test_overdue_is_silent_until_something_is_late(tmp_path: Path) -> None:
    """Nothing at all and 0 where nothing is late; the task and 6 where something is."""
    home = tmp_path / "home"
    apply.run(context(home, catalogue=CATALOGUE, now=datetime.now(UTC)), "gated")
    quiet = fetch("tasks", "--overdue", home=home)
    assert quiet == (0, "", "")
    assert json.loads(fetch("tasks", "--overdue", "--json", home=home).out) == []
    past = context(tmp_path / "late", catalogue=CATALOGUE, now=datetime.now(UTC) - timedelta(days=9))
    apply.run(past, "gated")
    late = fetch("tasks", "--overdue", home=tmp_path / "late")
    assert late.status == 6
    assert "account" in late.out
    assert [row["key"] for row in fetch("tasks", "--overdue", "--json", home=tmp_path / "late").document] == ["account"]
