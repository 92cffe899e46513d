"""Make a calendar of tasks and dates.

One VTODO for each open task, due on its day, if wished with an all-day event, and one event for each lapse, announced
30 days before it. The UIDs stay
the same from one export to the next, so that a calendar renews its entries instead of doubling them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from icalendar import Alarm, Calendar, Event, vUri
from icalendar import Todo as Task

from fetchers.reports.escape import ics

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

_STATUS = {"doing": "IN-PROCESS"}
_AHEAD = timedelta(days=30)


class Todo(NamedTuple):
    """One open task."""

    address: str
    key: str
    title: str
    state: str
    owner: str | None
    due: date | None
    url: str | None
    note: str


class End(NamedTuple):
    """One day on which something lapses; without a key the access as a whole."""

    address: str
    key: str | None
    title: str
    on: date


def calendar(todos: Iterable[Todo], ends: Iterable[End], *, now: datetime, events: bool = False) -> str:
    """Return the calendar as text (RFC 5545, CRLF); with `events`, with an all-day event for each to-do's due day."""
    book = Calendar()
    book.add("prodid", "-//fetch//access to imaging data//EN")
    book.add("version", "2.0")
    for todo in todos:
        book.add_component(_todo(todo, now))
        if events and todo.due is not None:
            book.add_component(_due(todo, todo.due, now))
    for end in ends:
        book.add_component(_end(end, now))
    return bytes(book.to_ical()).decode()


def _todo(todo: Todo, now: datetime) -> Task:
    task = Task()
    task.add("uid", _uid("task", todo.address, todo.key))
    task.add("dtstamp", now)
    task.add("summary", ics(f"{todo.address}: {todo.title}"))
    task.add("status", _STATUS.get(todo.state, "NEEDS-ACTION"))
    task.add("description", ics(todo.note))
    if todo.due is not None:
        task.add("due", todo.due)
    if todo.url:
        task.add("url", vUri(ics(todo.url)))
    if todo.owner:
        task.add("contact", ics(todo.owner))
    return task


def _due(todo: Todo, due: date, now: datetime) -> Event:
    event = Event()
    event.add("uid", _uid("due", todo.address, todo.key))
    event.add("dtstamp", now)
    event.add("dtstart", due)
    event.add("dtend", due + timedelta(days=1))  # the day after: RFC 5545, 3.6.1
    event.add("summary", ics(f"{todo.address}: {todo.title}"))
    event.add("description", ics(todo.note))
    event.add("transp", "TRANSPARENT")
    if todo.url:
        event.add("url", vUri(ics(todo.url)))
    return event


def _end(end: End, now: datetime) -> Event:
    event = Event()
    event.add("uid", _uid("lapse", end.address, end.key or "grant"))
    event.add("dtstamp", now)
    event.add("dtstart", end.on)
    event.add("summary", ics(f"{end.address}: {end.title}"))
    event.add("transp", "TRANSPARENT")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", ics(f"In 30 days: {end.address}: {end.title}"))
    alarm.add("trigger", -_AHEAD)
    event.add_component(alarm)
    return event


def _uid(kind: str, address: str, key: str) -> str:
    return ics(f"{kind}/{address}/{key}@fetch")
