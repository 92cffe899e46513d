"""Accept what comes back from the record or its journal as one accepts a stranger's archive, or refuse it.

Rows are judged by the names of their columns, a page at a time: paths lead nowhere but down, sizes and counts are in
range, states and origins are of the lists that this program writes. Nothing is repaired: `StoreError` names the row.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from fetchers.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

_MOST = 1 << 63
_LONGEST = 4096  # characters of a path
_WORD = re.compile(r"[a-z0-9][a-z0-9+._-]{0,63}").fullmatch
_LEADS_OUT = ("//", "/../", "/./", "\n/", "/\n", "\n../", "\n./", "/..\n", "/.\n", "\n..\n", "\n.\n", "\n\n", "\\")
_LISTS = {
    "state": frozenset({"queued", "failed"}),
    "origin": frozenset({"downloaded", "adopted"}),
    "proof": frozenset({"checksum", "size", "format", "unproven"}),
    "beside": frozenset({0, 1}),
}
_WIDTHS = {"files": (9, 64), "arrivals": (12, 16), "terms": (7, 7), "events": (11, 11), "forget-files": (3, 3)}
_REQUIRED = {"files": 9, "arrivals": 6, "terms": 2, "events": 4, "forget-files": 3}  # first columns that are never NULL
_SCALARS = {str, int, float, type(None)}
# The first columns of what the journal holds; the others are looked at by their types alone.
_COLUMNS = {
    "files": ("dataset", "part", "path", "size", "sha256", "mtime_ns", "kind", "origin", "remote"),
    "arrivals": ("dataset", "part", "path", "url", "size", "sha256"),
    "terms": ("dataset", "part", "licence", "url", "text_sha256", "text_path"),
    "events": ("seq", "at", "who", "what"),
    "forget-files": ("dataset", "part", "path"),
}


def rows(source: object, columns: Sequence[str], found: Sequence[Sequence[Any]]) -> None:
    """Raise `StoreError` where a value of `found` is none that was ever written into its column."""
    for index, name, check in _checks(tuple(columns)):
        values = [row[index] for row in found]
        wrong = check(values)
        if wrong is not None:
            raise refused(source, f"column {name} says {str(wrong)[:200]!r}")


def line(source: object, end: int, said: object) -> tuple[str, Any]:
    """Return kind and rows of a journal's line; raise `StoreError` for one that this program never writes."""
    where = f"the line that ends at byte {end:,}"
    if not (isinstance(said, list) and len(said) == 2 and isinstance(said[0], str)):  # noqa: PLR2004 - kind and rows
        raise refused(source, f"{where} is no line of it")
    kind, values = said
    if kind == "forget":
        if not _are_rows([values], 2, 2) or None in values:
            raise refused(source, f"{where} is no line of it")
        rows(source, ("dataset", "part"), [values])
        return kind, values
    if kind not in _COLUMNS:
        raise refused(source, f"{where} is of a kind {kind[:80]!r}")
    if not _are_rows(values, *_WIDTHS[kind]) or any(None in row[: _REQUIRED[kind]] for row in values):
        raise refused(source, f"{where} holds no rows of {kind}")
    rows(source, _COLUMNS[kind], values)
    return kind, values


def refused(source: object, what: str) -> StoreError:
    """Return the error for a record that this program did not write."""
    return StoreError(
        f"{source}: {what}: this program never wrote that, so nothing of it is believed", hint="fetch doctor"
    )


def _are_rows(values: object, least: int, most: int) -> bool:
    if not isinstance(values, list) or not all(isinstance(row, list) and least <= len(row) <= most for row in values):
        return False
    for row in values:
        if not _SCALARS.issuperset(map(type, row)):
            return False
        if any(type(value) is int and not -_MOST <= value < _MOST for value in row):
            return False
    return True


@cache
def _checks(columns: tuple[str, ...]) -> list[tuple[int, str, Callable[[list[Any]], object]]]:
    """Return which columns are looked at, and how; `bytes` and `size` may be NULL where a place said none."""
    found: list[tuple[int, str, Callable[[list[Any]], object]]] = []
    for index, name in enumerate(columns):
        if name in ("path", "remote", "text_path"):
            found.append((index, name, _paths))
        elif name in ("dataset", "part"):
            found.append((index, name, _names))
        elif name in ("size", "bytes", "files", "images", "seq", "frames", "image_rows", "image_columns"):
            found.append((index, name, _counts))
        elif name in ("kind", "what"):
            found.append((index, name, _words))
        elif name in _LISTS:
            found.append((index, name, _one_of(_LISTS[name])))
        elif name in ("url", "sha256", "at", "who", "acquired_at", "arrived_at", "seen_at", "message", "licence"):
            found.append((index, name, _texts))
    return found


def _paths(values: list[Any]) -> object:
    texts = [value for value in values if value is not None]
    try:
        joined = "\n".join(("", *texts, ""))
    except TypeError:
        return next(value for value in texts if not isinstance(value, str))
    bare = joined.replace("\n", "")
    if joined.count("\n") == len(texts) + 1 and bare.isprintable() and not any(one in joined for one in _LEADS_OUT):
        return next((text for text in texts if len(text) > _LONGEST), None)
    return next((text for text in texts if _leads_out(text)), None)


def _leads_out(path: str) -> bool:
    """Return True if one path is none below a folder: the rule for names, without what is only not portable."""
    if not path or len(path) > _LONGEST or not {"", ".", ".."}.isdisjoint(path.split("/")):
        return True
    return any(sign < " " or "\x7f" <= sign <= "\x9f" or sign == "\\" for sign in path)


def _names(values: list[Any]) -> object:
    return next((one for one in set(values) if one and not _is_name(one)), None)


def _is_name(name: object) -> bool:
    return isinstance(name, str) and name.isprintable() and name[0] != "." and "/" not in name and "\\" not in name


def _counts(values: list[Any]) -> object:
    kinds = set(map(type, values)) - {type(None)}
    if kinds <= {int}:
        numbers = [value for value in values if value is not None] if None in values else values
        return next((one for one in (min(numbers, default=0), max(numbers, default=0)) if not 0 <= one < _MOST), None)
    return next(value for value in values if type(value) is not int and value is not None)


def _words(values: list[Any]) -> object:
    return next((one for one in set(values) if not isinstance(one, str) or not _WORD(one)), None)


def _texts(values: list[Any]) -> object:
    if set(map(type, values)) <= {str, type(None)}:
        return None
    return next(value for value in values if value is not None and not isinstance(value, str))


def _one_of(allowed: Iterable[object]) -> Callable[[list[Any]], object]:
    known = frozenset(allowed)

    def check(values: list[Any]) -> object:
        return next(iter(set(values) - known), None)

    return check
