"""Turn a result into JSON. The one place for the command line and for the records' `to_dict()`.

Records become objects, tuples arrays, paths texts with `/`, times ISO 8601 with `Z`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import PurePath
from typing import Any, TypeVar

Row = TypeVar("Row")


class Rows(tuple[Row, ...]):
    """The rows that a verb answers with."""

    __slots__ = ()

    def to_dict(self) -> list[Any]:
        """Return the verb's JSON document: an array with an object for each row."""
        return list(plain(self))


def document(result: object, *, status: int = 0) -> Any:  # noqa: ANN401 - JSON has no narrower type
    """Return a verb's JSON document; an object has `exit`, its own or `status`."""
    found = plain(result)
    if isinstance(found, dict):
        found.setdefault("exit", status)
    return found


def plain(value: object) -> Any:  # noqa: ANN401 - JSON has no narrower type
    """Return a value as what JSON knows; raise `TypeError` for what is no result."""
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes)):
        return [plain(item) for item in value]
    return value if value is None or isinstance(value, (str, bool, int, float)) else _word(value)


def _word(value: object) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, PurePath):
        return value.as_posix()
    raise TypeError(f"a result is made of NamedTuples and what JSON knows: {type(value)}")
