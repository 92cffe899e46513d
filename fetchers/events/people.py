"""Who did what: fetched, adopted, agreed to texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fetchers.records import Event


class Brought(NamedTuple):
    """The people who fetched and adopted files of one dataset or part, each once, in the order of their first time."""

    fetched_by: tuple[str, ...] = ()
    adopted_by: tuple[str, ...] = ()


class Acceptance(NamedTuple):
    """The latest agreement of one person to one licence's text, and the SHA-256 of that text."""

    licence: str
    name: str
    on: str
    who: str
    sha256: str | None
    url: str | None


def brought(events: Iterable[Event]) -> dict[tuple[str, str | None], Brought]:
    """Return who brought the copies, by dataset and part; what was released was brought by nobody."""
    found: dict[tuple[str, str | None], Brought] = {}
    for event in events:
        if event.dataset is None:
            continue
        if event.what == "released":
            for key in [key for key in found if key[0] == event.dataset and event.part in (None, key[1])]:
                del found[key]
        elif event.what in ("fetched", "adopted"):
            so_far = found.get((event.dataset, event.part), Brought())
            field = f"{event.what}_by"
            names = dict.fromkeys((*getattr(so_far, field), event.who))
            found[event.dataset, event.part] = so_far._replace(**{field: tuple(names)})
    return found


def acceptances(events: Iterable[Event]) -> tuple[Acceptance, ...]:
    """Return the agreements, the latest of each person for each licence."""
    found: dict[tuple[str, str], Acceptance] = {}
    for event in events:
        if event.what == "accepted" and event.key:
            name, sha256, url = (event.data.get(key) for key in ("name", "text_sha256", "url"))
            person = name if isinstance(name, str) else event.who
            found.pop((event.key, person), None)
            found[event.key, person] = Acceptance(
                licence=event.key,
                name=person,
                on=(event.on or event.at)[:10],
                who=event.who,
                sha256=sha256 if isinstance(sha256, str) else None,
                url=url if isinstance(url, str) else None,
            )
    return tuple(found.values())
