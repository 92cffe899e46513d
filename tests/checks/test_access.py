"""Gates open and close when they must: whole lives of applications, looked at on days before and after."""

from __future__ import annotations

from datetime import date

import pytest

from fetchers.checks.access.gate import application, gate, lapses, lapsing
from fetchers.dataset import Access, Dataset, Step
from tests.checks.lives import at, happened, life

STEPS = (
    Step(key="account", title="Make an account", url="https://place.example/account", expected_days=2),
    Step(key="dua", title="Sign the agreement", expected_days=5, lapses_after_days=365),
    Step(key="approval", title="Wait for the board", expected_days=14),
)


def _gated(access: Access, steps: tuple[Step, ...] = STEPS, *, part: str | None = None) -> Dataset:
    return Dataset(name="demo", part=part, title="Demo", access=access, steps=steps, link="https://place.example/")


APPLICATION, REGISTRATION, SUBSCRIPTION = _gated("application"), _gated("registration"), _gated("subscription")
REMINDED = _gated("application", (STEPS[0], Step(key="dua", title="Sign", repeats_after_days=365)))
SIMPLE = _gated("registration", (Step(key="account", title="Make an account"),))
BARE = _gated("application", ())

ALL_DONE = "applied 01-02; done account 01-03; done dua 01-04; done approval 01-05"
LIVES = [
    # (dataset, what happened, the day of the question, state of the application, whether the gate is open)
    (APPLICATION, "", "2026-01-02", None, False),
    (APPLICATION, "applied 01-02", "2026-01-02", "open", False),
    (APPLICATION, "applied 01-02; done account 01-03", "2026-01-03", "open", False),
    (APPLICATION, ALL_DONE, "2026-01-06", "submitted", False),  # all steps done alone open nothing
    (APPLICATION, f"{ALL_DONE}; granted 01-10", "2026-01-10", "granted", True),
    (APPLICATION, "applied 01-02; granted 01-10", "2026-01-10", "granted", True),  # the steps were not kept account of
    (APPLICATION, f"{ALL_DONE}; denied 01-10", "2026-01-10", "denied", False),
    (APPLICATION, f"{ALL_DONE}; denied 01-10; granted 01-20", "2026-01-20", "granted", True),
    (APPLICATION, f"{ALL_DONE}; granted 01-10; closed 02-01", "2026-02-01", "closed", False),
    # a grant holds through its last day, in UTC, and not a day longer
    (APPLICATION, "applied 01-02; granted 01-10 until 06-30", "2026-06-29", "granted", True),
    (APPLICATION, "applied 01-02; granted 01-10 until 06-30", "2026-06-30", "granted", True),
    (APPLICATION, "applied 01-02; granted 01-10 until 06-30", "2026-07-01", "lapsed", False),
    (APPLICATION, "applied 01-02; granted 01-10 until 06-30; renewed 07-02 until 12-31", "2026-07-02", "granted", True),
    (APPLICATION, "applied 01-02; granted 01-10 until 06-30; renewed 07-02", "2030-01-01", "granted", True),
    # what was seen to lapse stays lapsed, whatever the clock says, until it is renewed
    (APPLICATION, "applied 01-02; granted 01-10 until 06-30; lapsed 07-01", "2026-02-01", "lapsed", False),
    (
        APPLICATION,
        "applied 01-02; granted 01-10 until 06-30; lapsed 07-01; renewed 07-05 until 12-31",
        "2026-07-05",
        "granted",
        True,
    ),
    # a yearly reminder comes back and closes nothing
    (REMINDED, "applied 01-02; done dua 01-04; granted 01-10", "2028-01-04", "granted", True),
    # a yearly duty: todo again from the very day on
    (APPLICATION, f"{ALL_DONE}; granted 01-10", "2027-01-03", "granted", True),
    (APPLICATION, f"{ALL_DONE}; granted 01-10", "2027-01-04", "lapsed", False),
    (APPLICATION, f"{ALL_DONE}; granted 01-10; done dua 2027-01-05", "2027-01-05", "granted", True),
    (APPLICATION, f"{ALL_DONE}; granted 01-10; done dua 12-20", "2027-01-05", "granted", True),  # in good time
    (APPLICATION, f"{ALL_DONE}; granted 01-10; lapsed dua 2027-01-04", "2026-03-01", "lapsed", False),
    (APPLICATION, f"{ALL_DONE}; granted 01-10; reopened dua 02-01", "2027-01-04", "lapsed", False),  # no way round
    (APPLICATION, f"{ALL_DONE}; granted 01-10; started dua 12-01", "2027-01-04", "lapsed", False),
    (APPLICATION, f"{ALL_DONE}; granted 01-10; skipped dua 12-01", "2027-06-01", "granted", True),
    # registration: the steps are all there is
    (REGISTRATION, "applied 01-02; done account 01-03; done dua 01-04", "2026-01-05", "open", False),
    (REGISTRATION, ALL_DONE, "2026-01-05", "granted", True),
    (REGISTRATION, "applied 01-02; skipped account 01-03; skipped dua 01-03; skipped approval 01-03", "2026-01-05",
     "granted", True),
    (REGISTRATION, ALL_DONE, "2027-01-03", "granted", True),
    (REGISTRATION, ALL_DONE, "2027-01-04", "lapsed", False),
    (REGISTRATION, f"{ALL_DONE}; reopened approval 02-01", "2026-02-01", "open", False),
    (REGISTRATION, f"{ALL_DONE}; denied 02-01", "2026-02-01", "denied", False),
    (SUBSCRIPTION, ALL_DONE, "2026-01-06", "submitted", False),
    (SUBSCRIPTION, f"{ALL_DONE}; granted 01-10 until 02-10", "2026-02-11", "lapsed", False),
    (SUBSCRIPTION, f"{ALL_DONE}; granted 01-10 until 02-10; renewed 02-11 until 03-10", "2026-03-01", "granted", True),
    # the clock may go back before the grant: it is granted all the same
    (APPLICATION, "applied 01-02; granted 01-10 until 06-30", "2016-01-01", "granted", True),
    # a gated dataset without steps still wants to be asked for
    (BARE, "", "2026-01-02", None, False),
    (BARE, "applied 01-02", "2026-01-02", "open", False),
    (BARE, "applied 01-02; granted 01-03", "2026-01-03", "granted", True),
    (_gated("unavailable"), "applied 01-02; granted 01-03", "2026-01-03", "granted", False),
    (_gated("open", ()), "", "2026-01-03", None, True),
]  # fmt: skip


@pytest.mark.parametrize(("dataset", "story", "day", "state", "is_open"), LIVES)
def test_state_and_gate_follow_the_events(
    dataset: Dataset, story: str, day: str, state: str | None, *, is_open: bool
) -> None:
    """State and gate are those that the contract says, on the day before, on the day, and after."""
    events = life(story)
    found = application(dataset, events, at(day))
    assert (found.state if found else None) == state
    answer = gate(dataset, events, at(day))
    assert answer.open == is_open
    assert answer.reason
    assert answer.open or answer.hint


@pytest.mark.parametrize(
    ("story", "day", "states"),
    [
        ("applied 01-02", "2026-01-02", ["todo", "blocked", "blocked"]),
        ("applied 01-02; started account 01-02", "2026-01-02", ["doing", "blocked", "blocked"]),
        ("applied 01-02; done account 01-02", "2026-01-02", ["done", "todo", "blocked"]),
        ("applied 01-02; skipped account 01-02", "2026-01-02", ["skipped", "todo", "blocked"]),
        (ALL_DONE, "2026-01-06", ["done", "done", "done"]),
        (f"{ALL_DONE}; reopened account 01-06", "2026-01-06", ["todo", "done", "done"]),
        (ALL_DONE, "2027-01-04", ["done", "todo", "done"]),
        ("applied 01-02; done account 01-02; started dua 01-03; reopened account 01-04", "2026-01-05",
         ["todo", "blocked", "blocked"]),
    ],
)  # fmt: skip
def test_what_waits_is_blocked(story: str, day: str, states: list[str]) -> None:
    """A step waits for the one before until that is done or skipped."""
    found = application(APPLICATION, life(story), at(day))
    assert found is not None
    assert [task.state for task in found.tasks] == states


def test_due_days_add_up_along_the_needs() -> None:
    """A task is due on the day of applying plus the waiting times so far; of two chains the longer one counts."""
    steps = (
        *STEPS[:2],
        Step(key="ethics", title="Ask the board", expected_days=30, needs=()),
        Step(key="both", title="Both", expected_days=1, needs=("dua", "ethics")),
    )
    found = application(_gated("application", steps), life("applied 01-02"), at("2026-01-02"))
    assert found is not None
    assert [task.due for task in found.tasks] == [
        date(2026, 1, 4),
        date(2026, 1, 9),
        date(2026, 2, 1),
        date(2026, 2, 2),
    ]
    assert [task.waits_for for task in found.tasks] == [(), ("account",), (), ("dua", "ethics")]


def test_what_lapsed_is_due_on_that_day() -> None:
    """A yearly duty comes back as a task, due on the day on which it lapsed, with its evidence still there."""
    story = [*life(ALL_DONE)[:2], happened("done", "2026-01-04", "dua", evidence="evidence/demo/x", sha256="ab")]
    found = application(APPLICATION, story, at("2027-02-01"))
    assert found is not None
    task = found.tasks[1]
    assert (task.state, task.due, task.lapses_on, task.lapsed) == ("todo", date(2027, 1, 4), date(2027, 1, 4), True)
    assert [one.sha256 for one in task.evidence] == ["ab"]


def test_a_lapse_is_recorded_once_and_then_stays() -> None:
    """Both kinds of lapse are handed out to be recorded, not a second time, and hold when the clock goes back."""
    events = life(f"{ALL_DONE}; granted 01-10 until 2027-01-31")
    late = at("2027-03-01")
    new = lapses(APPLICATION, events, late)
    assert [(event.what, event.key, event.on) for event in new] == [
        ("lapsed", "dua", "2027-01-04"),
        ("lapsed", None, "2027-01-31"),
    ]
    seen = [*events, *new]
    assert lapses(APPLICATION, seen, late) == []
    assert gate(APPLICATION, events, at("2026-02-01")).open
    assert not gate(APPLICATION, seen, at("2026-02-01")).open
    assert lapses(APPLICATION, events, at("2026-02-01")) == []


@pytest.mark.parametrize(
    ("day", "keys"),
    [
        ("2026-11-01", []),
        ("2026-12-05", ["dua"]),  # 30 days ahead of 2027-01-04
        ("2026-12-04", []),
        ("2027-01-01", ["dua", None]),
        ("2027-01-04", []),  # it has lapsed: that is no announcement any more
    ],
)
def test_what_lapses_soon_is_announced(day: str, keys: list[str | None]) -> None:
    """Steps and grants are announced 30 days ahead, not before and not after."""
    events = life(f"{ALL_DONE}; granted 01-10 until 2027-01-31")
    assert [one.key for one in lapsing(APPLICATION, events, at(day))] == keys


def test_the_first_open_step_is_named() -> None:
    """Whoever is turned away learns the step, its address, and the command that marks it done."""
    for events in ([], life("applied 01-02")):
        answer = gate(APPLICATION, events, at("2026-01-02"))
        assert answer.task is not None
        assert answer.task.key == "account"
        assert "https://place.example/account" in answer.reason
        assert answer.hint is not None
        assert "fetch tasks done demo account" in answer.hint
    later = gate(APPLICATION, life("applied 01-02; done account 01-02"), at("2026-01-02"))
    assert later.task is not None
    assert later.task.key == "dua"


def test_a_set_without_addresses_names_its_page() -> None:
    """Where no step has an address, the dataset's own stands for it."""
    found = application(BARE, life("applied 01-02"), at("2026-01-02"))
    assert found is not None
    assert [task.url for task in found.tasks] == ["https://place.example/"]


def test_a_grant_for_the_whole_covers_its_parts() -> None:
    """A part without an application of its own is covered; one with its own stands alone."""
    part = APPLICATION._replace(part="3")
    whole = life("applied 01-02; granted 01-10")
    assert gate(part, whole, at("2026-02-01")).open
    own = life("applied 01-20; denied 01-25", part="3")
    assert not gate(part, [*whole, *own], at("2026-02-01")).open
    assert gate(APPLICATION, [*whole, *own], at("2026-02-01")).open
    assert not gate(APPLICATION._replace(name="other"), whole, at("2026-02-01")).open


def test_applying_again_changes_nothing() -> None:
    """Owner, purpose and day stay those of the first time; what was missing is added."""
    first = happened("applied", "2026-01-02", owner="A. Reader")
    again = happened("applied", "2026-03-01", owner="B. Writer", purpose="teaching")
    found = application(APPLICATION, [first, again], at("2026-03-01"))
    assert found is not None
    assert (found.owner, found.purpose, found.applied_on) == ("A. Reader", "teaching", date(2026, 1, 2))


def test_days_count_from_the_persons_own_application() -> None:
    """What a refused download opened by itself starts no waiting time once the person applies."""
    automatic = happened("applied", "2026-01-02", automatic=True)
    own = happened("applied", "2026-02-01", owner="A. Reader")
    alone = application(APPLICATION, [automatic], at("2026-03-01"))
    found = application(APPLICATION, [automatic, own], at("2026-03-01"))
    assert alone is not None
    assert found is not None
    assert (alone.applied_on, found.applied_on) == (date(2026, 1, 2), date(2026, 2, 1))
    assert found.owner == "A. Reader"


def test_a_task_can_be_given_away() -> None:
    """A task's owner is the application's until somebody else is named."""
    events = [
        happened("applied", "2026-01-02", owner="A. Reader"),
        happened("assigned", "2026-01-03", "dua", owner="B. Writer"),
    ]
    found = application(APPLICATION, events, at("2026-01-04"))
    assert found is not None
    assert [task.owner for task in found.tasks] == ["A. Reader", "B. Writer", "A. Reader"]
    assert found.next_task is found.tasks[0]


def test_events_of_forgotten_steps_harm_nobody() -> None:
    """A catalogue that dropped a step leaves the rest of the application as it was."""
    found = application(SIMPLE, life(ALL_DONE), at("2026-02-01"))
    assert found is not None
    assert [(task.key, task.state) for task in found.tasks] == [("account", "done")]
    assert found.state == "granted"


def test_a_reminder_comes_back_as_a_task_and_is_no_lapse() -> None:
    """It is announced, due on its day, and nothing of it enters the record as a lapse."""
    events = life("applied 01-02; done account 01-03; done dua 01-04; granted 01-10")
    assert [one.key for one in lapsing(REMINDED, events, at("2026-12-20"))] == ["dua"]
    found = application(REMINDED, events, at("2027-01-04"))
    assert found is not None
    dua = found.tasks[1]
    assert (dua.state, dua.due, dua.lapsed) == ("todo", date(2027, 1, 4), False)
    assert lapses(REMINDED, events, at("2027-01-04")) == []


WAITING = Dataset(
    name="demo",
    access="application",
    steps=(
        Step(key="form", title="Send the form", expected_days=2),
        Step(key="wait", title="Wait for the committee", expected_days=14, waits=True),
        Step(key="hand", title="Fetch it by hand"),
    ),
)


@pytest.mark.parametrize(
    ("lived", "today", "states", "due"),
    [
        ("applied 01-01", "2026-01-02", "todo blocked blocked", "2026-01-17"),
        ("applied 01-01", "2026-03-01", "todo blocked blocked", "2026-03-15"),
        ("applied 01-01; done form 02-01", "2026-02-02", "done todo blocked", "2026-02-15"),
        ("applied 01-01; done form 01-02", "2026-02-02", "done todo blocked", "2026-01-17"),
        ("applied 01-01; skipped form 02-01; started wait 02-10", "2026-02-12", "skipped doing blocked", "2026-02-24"),
        ("applied 01-01; granted 02-01", "2026-02-02", "todo done todo", "2026-01-17"),
        ("applied 01-01; done form 01-02; denied 02-01", "2026-02-02", "done done skipped", "2026-01-17"),
        ("applied 01-01; done form 01-02; closed 02-01", "2026-02-02", "done skipped skipped", "2026-01-17"),
    ],
)
def test_the_wait_for_an_answer_ends_with_it(lived: str, today: str, states: str, due: str) -> None:
    """It is due when its time has passed since it could begin, and ends with the outcome, whatever that is."""
    found = application(WAITING, life(lived), at(today))
    assert found is not None
    assert [task.state for task in found.tasks] == states.split()
    if found.tasks[1].open:
        assert str(found.tasks[1].due) == due
