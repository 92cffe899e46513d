"""Retries wait as long as asked, and not without end."""

from __future__ import annotations

import pytest

from fetchers.transport import retry

NOW = 1_795_608_000.0  # Wed, 25 Nov 2026 12:00:00 GMT


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", 0.0),
        ("1", 1.0),
        (" 7 ", 7.0),
        ("60", 60.0),
        ("61", 61.0),
        ("3600", 3600.0),
        ("007", 7.0),
        ("Wed, 25 Nov 2026 12:00:30 GMT", 30.0),
        ("Wed, 25 Nov 2026 13:00:30 +0100", 30.0),
        ("Wednesday, 25-Nov-26 12:00:30 GMT", 30.0),
        ("Wed Nov 25 12:00:30 2026", 30.0),  # asctime, which recipients must read: RFC 9110, 5.6.7
        ("Wed, 25 Nov 2026 12:00:30 -0000", 30.0),
        ("Wed, 25 Nov 2026 12:00:00 GMT", 0.0),
        ("Wed, 25 Nov 2026 11:00:00 GMT", None),
        ("Thu, 30 Dec 2027 12:00:00 GMT", 400 * 86400.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", None),
        ("-1", None),
        ("-0", None),
        ("1000000000000", None),
        ("9" * 400, None),
        ("1e3", None),
        ("1.5", None),
        ("inf", None),
        ("nan", None),
        ("٣", None),
        ("soon", None),
        ("Wed, 99 Nov 2026 12:00:00 GMT", None),
        ("60;x", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_read(value: str | None, expected: float | None) -> None:
    """Seconds or a date; what is broken is as good as none."""
    assert retry.retry_after(value, NOW) == expected


@pytest.mark.parametrize("chance", [0.0, 0.5, 0.999])
@pytest.mark.parametrize("asked", [0.0, 1.0, 60.0])
def test_it_is_never_asked_before_the_time(asked: float, chance: float) -> None:
    """Chance adds to the wait and takes nothing from it."""
    waits = retry.RetryPolicy(4, lambda: chance)
    assert asked <= waits.delay(1, asked) <= asked + 2


def test_the_waits_grow_and_are_bounded() -> None:
    """A quarter of a second at first, half a minute at most."""
    waits = retry.RetryPolicy(4, lambda: 0.0)
    assert [waits.delay(count) for count in (1, 2, 3, 4)] == [0.25, 0.5, 1.0, 2.0]
    assert waits.delay(50) == 30.0


def test_it_is_given_up_after_the_retries() -> None:
    """Four retries are five tries."""
    waits = retry.RetryPolicy(4, lambda: 0.0)
    assert [waits.over(count) for count in (0, 1, 4, 5)] == [False, False, False, True]
    assert retry.RetryPolicy(0, lambda: 0.0).over(1)


def test_the_time_that_is_named_is_not_too_early() -> None:
    """It is rounded up."""
    assert retry.moment(90.2, NOW) == "2026-11-25T12:01:31Z"
