"""Progress bars do not disturb other output."""

from __future__ import annotations

import threading
from io import StringIO

from fetchers.cli.progress import Bars, progress_for
from fetchers.context import Progress
from fetchers.progress import LogLines


class _Screen(StringIO):
    def isatty(self) -> bool:
        return True


def test_nothing_is_drawn_before_something_moved() -> None:
    """An error before the first byte has the line to itself."""
    screen = _Screen()
    bars = Bars(screen)
    bars.begin("shenzhen", files=3, total=100)
    bars.end()
    assert screen.getvalue() == ""


def test_a_bar_is_taken_off() -> None:
    """After its end the line is empty, so that what is printed next stands alone."""
    screen = _Screen()
    bars = Bars(screen)
    bars.begin("shenzhen", total=100)
    bars.advance(50)
    bars.say("a word")
    bars.end()
    assert "shenzhen" in screen.getvalue()
    assert "a word\n" in screen.getvalue()
    assert screen.getvalue().endswith("\r")


def test_strangers_cannot_draw() -> None:
    """What a place sends is shown without its control characters."""
    screen = _Screen()
    Bars(screen).say("a\x1b[2Jb")
    assert "\x1b" not in screen.getvalue()


def test_a_total_that_becomes_known_is_shown() -> None:
    """Before the first byte, and while the bar stands there; the log says it, too."""
    for moved in (0, 10):
        screen, log, seconds = _Screen(), StringIO(), iter(range(0, 1000, 60))
        lines = LogLines(Bars(screen), log, 30.0, clock=lambda: float(next(seconds)))  # noqa: B023 - called in the loop
        lines.begin("shenzhen", files=1)
        if moved:
            lines.advance(moved)
        lines.measure(100)
        lines.advance(50)
        lines.end()
        assert "/100" in screen.getvalue() or moved
        assert "of 100 B" in log.getvalue()
        assert "left" in log.getvalue()


def test_who_gets_bars() -> None:
    """Bars are for a person at a terminal who did not ask for quiet or JSON."""
    assert isinstance(progress_for(_Screen(), quiet=False, json=False), Bars)
    assert isinstance(progress_for(_Screen(), quiet=False, json=True), LogLines)
    assert isinstance(progress_for(StringIO(), quiet=False, json=False), LogLines)
    assert type(progress_for(_Screen(), quiet=True, json=False)) is Progress


def test_bytes_are_shown_where_no_size_is_known() -> None:
    """A place that does not say how much it sends is no reason to show nothing but files."""
    screen = _Screen()
    bars = Bars(screen)
    bars.begin("shenzhen", files=1)
    bars.advance(5 * 1024)
    bars.end()
    assert "B/s" in screen.getvalue()
    assert "file/s" not in screen.getvalue()


def test_a_bar_leaves_no_thread_behind() -> None:
    """The next dataset of the same command could not be landed by a process of its own."""
    bars = Bars(_Screen())
    bars.begin("shenzhen", total=100)
    bars.advance(50)
    assert "TMonitor" not in {type(thread).__name__ for thread in threading.enumerate()}
    bars.end()
