"""The types of option values. `fetchers.values` knows what a text means."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fetchers import values

if TYPE_CHECKING:
    from collections.abc import Callable


class _Read(click.ParamType):  # type: ignore[type-arg]  # generic in the newest click only
    """A kind of value that `fetchers.values` reads."""

    def __init__(self, name: str, read: Callable[[object], object]) -> None:
        self.name = name
        self._read = read

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401 - click's signature
        """Read a text, or keep what was read already."""
        if isinstance(value, tuple):
            return value
        try:
            return self._read(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class _Limit(click.IntRange):
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401 - click's signature
        """Take a number that can be counted to."""
        number = int(super().convert(value, param, ctx))
        if number > sys.maxsize:
            self.fail(f"{number} is beyond what can be counted, {sys.maxsize}", param, ctx)
        return number


class _Output(click.Path):
    def convert(self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Take the name of a file to be written; an empty one would mean the current folder."""
        if not os.fspath(value):
            self.fail("expected a file's name, found an empty one", param, ctx)
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        if not path.parent.exists():
            self.fail(f"there is no folder {path.parent}; it is not made, for it may be mistyped", param, ctx)
        return path


OUTPUT = _Output(dir_okay=False)
SECONDS = _Read("seconds", values.seconds)
LIMIT = _Limit(min=1)
SIZE = _Read("size", values.size)
DAY = _Read("date", values.day)
MIRROR = _Read("from=to", values.mirror)
RATE = _Read("rate", values.rate)
SHARD = _Read("i/n", values.shard)
