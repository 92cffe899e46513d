"""No order of commands, clocks and lost databases reaches a state that lies (the table of docs/access.md)."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from fetchers.checks.access import gate
from fetchers.errors import CatalogueError
from fetchers.events import consent, log
from fetchers.verbs import apply, decide, permit, status, tasks
from tests.verbs.contexts import context

if TYPE_CHECKING:
    from fetchers.context import Context
    from fetchers.events.task_moves import Action

CATALOGUE = """
[datasets.gated]
title = "Gated"
access = "application"
[[datasets.gated.steps]]
key = "form"
title = "Send the form"
expected_days = 3
[[datasets.gated.steps]]
key = "training"
title = "Training"
lapses_after_days = 40
[[datasets.gated.steps]]
key = "wait"
title = "Wait for the board"
expected_days = 14
waits = true
[[datasets.gated.steps]]
key = "report"
title = "Report once a year"
repeats_after_days = 60
"""
KEYS = ("form", "training", "wait", "report")
START = date(2026, 1, 1)
DAYS = st.integers(-5, 60)


class Access(RuleBasedStateMachine):
    """One dataset, one person, a clock that may go back; what was really said is kept beside it."""

    @initialize()
    def begin(self) -> None:
        """Begin with an empty home on the first day."""
        self.folder = Path(mkdtemp(prefix="fetch-machine-"))
        self.here = context(self.folder / "home", catalogue=CATALOGUE)
        self.day = self.latest = START
        self.opened = False
        self.outcome: tuple[str, date | None] | None = None  # of the application that counts now
        self.permission: tuple[str, date | None] | None = None
        self.dataset = self.here.workspace.catalogue.find("gated")[0]

    def teardown(self) -> None:
        """Remove the home."""
        shutil.rmtree(getattr(self, "folder", "/nonexistent"), ignore_errors=True)

    @property
    def now(self) -> Context:
        """The circumstances of a command of today."""
        return self.here._replace(now=datetime(self.day.year, self.day.month, self.day.day, 12, tzinfo=UTC))

    # --- what may happen, in any order

    @rule(days=st.integers(1, 45))
    def time_passes(self, days: int) -> None:
        """Let some days go by."""
        self.day += timedelta(days=days)
        self.latest = max(self.latest, self.day)

    @rule(days=st.integers(1, 20))
    def the_clock_goes_back(self, days: int) -> None:
        """Set the clock back: what was seen to have lapsed stays lapsed."""
        log.noticed(self.now)  # somebody looked before
        self.day -= timedelta(days=days)

    @precondition(lambda self: (self.here.store / "manifest.sqlite").exists())
    @rule()
    def the_database_is_lost(self) -> None:
        """Leave the journal alone, as a crash or a back-up may."""
        (self.here.store / "manifest.sqlite").unlink()

    @rule()
    def a_download_is_refused(self) -> None:
        """Be refused: the steps become tasks."""
        consent.open_for(self.now, self.dataset)
        self.opened = True

    @rule()
    def apply_again(self) -> None:
        """Apply: anew only where there is nothing, or what there was is over."""
        over = self.outcome is not None and self.outcome[0] in ("deny", "close")
        assert apply.run(self.now, "gated").new == (over or not self.opened)
        self.opened = True
        self.outcome = None if over else self.outcome

    @rule(key=st.sampled_from(KEYS), action=st.sampled_from(("start", "done", "skip", "reopen")))
    def move(self, key: str, action: Action) -> None:
        """Move a task, if that can be."""
        try:
            tasks.move(self.now, "gated", key, action)
        except CatalogueError:
            return
        self.opened = True
        assert self.outcome is None or self.outcome[0] in ("grant", "renew")

    @rule(outcome=st.sampled_from(("grant", "deny", "renew", "close")), days=st.none() | DAYS, said=st.booleans())
    def settle(self, outcome: decide.Outcome, days: int | None, said: bool) -> None:  # noqa: FBT001 - drawn
        """Record an outcome, if that can be."""
        until = None if days is None else self.day + timedelta(days=days)
        try:
            decide.settle(self.now, "gated", outcome, until=until, note="by mail" if said else None)
        except CatalogueError:
            return
        if outcome in ("grant", "renew"):
            assert said
            assert until is None or until >= self.day
        self.opened, self.outcome = True, (outcome, until if outcome in ("grant", "renew") else None)

    @rule(days=st.none() | DAYS, said=st.booleans(), revoke=st.booleans())
    def allow(self, days: int | None, said: bool, revoke: bool) -> None:  # noqa: FBT001 - drawn
        """Record or revoke a permission, if that can be."""
        until = None if days is None else self.day + timedelta(days=days)
        try:
            permit.run(self.now, "gated", "commercial", until=until, note="yes" if said else None, revoke=revoke)
        except CatalogueError:
            return
        assert said or revoke
        self.permission = ("revoked", None) if revoke else ("permitted", until)

    # --- what must hold at any moment

    @invariant()
    def nothing_lies(self) -> None:
        """Look at everything that is told."""
        if not hasattr(self, "here"):
            return
        told = status.run(self.now, ())
        self._application(told)
        self._permission(told)

    def _application(self, told: status.Status) -> None:
        assert bool(told.applications) == self.opened, "an application that nobody opened, or one that is gone"
        found = gate.application(self.dataset, log.read(self.now), self.now.now)
        open_now = gate.gate(self.dataset, log.read(self.now), self.now.now).open
        if found is None:
            assert not open_now
            return
        left = [task for task in found.tasks if task.open]
        assert not left or any(task.state != "blocked" for task in left), "a task that nobody can end"
        if self.outcome is None:
            assert not open_now, "open without a grant"
            return
        word, until = self.outcome
        if word in ("deny", "close"):
            assert (open_now, left, found.until) == (False, [], None)
            return
        assert not open_now or until is None or until >= self.day, "open after its last day"
        assert not any(task.waits and task.open and not task.lapsed for task in found.tasks), "a wait that has ended"

    def _permission(self, told: status.Status) -> None:
        assert len(told.permissions) == (self.permission is not None)
        for one in told.permissions:
            assert self.permission is not None
            word, until = self.permission
            past = until is not None and until < self.day
            assert (one.state == "revoked") == (word == "revoked")
            assert one.state != "active" or (word == "permitted" and not past and bool(one.note))
            assert one.state == "active" or word == "revoked" or until is not None


Access.TestCase.settings = settings(
    max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
TestAccess = Access.TestCase
