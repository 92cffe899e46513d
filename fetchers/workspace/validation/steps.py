"""Check that steps can be done one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.workspace.validation.validators import CENTURY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fetchers.workspace.toml import Table


def step_faults(rows: Sequence[Table]) -> Iterator[tuple[int, str]]:
    """Yield (row, what is wrong): a key given twice, a need of no step, steps that wait for one another."""
    keys = [row.get("key") for row in rows]
    for number, key in enumerate(keys):
        if key is not None and key in keys[:number]:
            yield number, f'the key "{key}" is that of steps[{keys.index(key)}], too'
    yield from _too_long(rows)
    waits: dict[str, list[str]] = {}
    for number, row in enumerate(rows):
        key, needs = row.get("key"), row.get("needs")
        if not isinstance(key, str):
            continue
        before = keys[number - 1] if number else None
        wanted = needs if isinstance(needs, list) else [before]
        for need in wanted if isinstance(needs, list) else []:
            if need not in keys:
                yield number, f'needs "{need}", and the steps are {", ".join(str(known) for known in keys)}'
        waits.setdefault(key, [need for need in wanted if isinstance(need, str) and need in keys])
    told: set[str] = set()
    for number, key in enumerate(keys):
        if isinstance(key, str) and key not in told and (circle := _circle(key, waits)):
            told.update(circle)
            yield number, f"no step of {' -> '.join((*circle, circle[0]))} can ever be begun: each waits for the next"


def _too_long(rows: Sequence[Table]) -> Iterator[tuple[int, str]]:
    together = 0
    for number, row in enumerate(rows):
        days = row.get("expected_days")
        together += days if isinstance(days, int) and days <= CENTURY else 0  # a longer one is said already
        if together > CENTURY:
            yield number, f"the waiting times up to here are {together} days together, the most possible is {CENTURY}"
            return


def _circle(start: str, waits: dict[str, list[str]]) -> tuple[str, ...]:
    """Return the way from `start` back to itself, if there is one."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for need in waits.get(way[-1], ()):
            if need == start:
                return way
            if need not in seen:
                seen.add(need)
                ways.append((*way, need))
    return ()
