"""What kinds of values do options take?

Sizes are counted in powers of 1024 (`5M` is 5 x 1024 x 1024 bytes), as curl and rsync do.
"""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path
from typing import Any

import click

_POWERS = {"": 0, "B": 0, "K": 1, "M": 2, "G": 3, "T": 4}
_HARDLY = 1000  # bytes a second
_SHORTEST, _LONGEST = 0.1, 86_400.0  # seconds
_SCHEMES = ("http://", "https://", "ftp://", "ftps://")


class _Size(click.ParamType):  # type: ignore[type-arg]  # generic in the newest click only
    name = "size"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Turn `5M`, `1.5GiB` or `4096` into bytes."""
        text = str(value).strip().upper()
        number = text.rstrip("IBKMGT")
        unit = text[len(number) :].removesuffix("B").removesuffix("I")
        try:
            size = int(float(number) * 1024 ** _POWERS[unit])
        except (ValueError, KeyError, OverflowError):
            size = -1
        if size <= 0:
            self.fail(f"{value!r} is no size; write it like 500K, 5M or 20G (powers of 1024)", param, ctx)
        return size


class _Day(click.ParamType):  # type: ignore[type-arg]  # generic in the newest click only
    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Turn `2026-11-22` into a date."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no date; write it like 2026-11-22", param, ctx)


class _Mirror(click.ParamType):  # type: ignore[type-arg]  # generic in the newest click only
    name = "from=to"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Split `FROM=TO` at the sign before TO's scheme; an address may have such a sign of its own."""
        if isinstance(value, tuple):
            return value
        text = str(value)
        for scheme in _SCHEMES:
            source, found, rest = text.partition(f"={scheme}")
            if found and source.startswith(_SCHEMES):
                return source, scheme + rest
        return self.fail(
            f"{_without_secrets(text)!r} is not FROM=TO, such as https://host/=http://127.0.0.1:8000/", param, ctx
        )


def _without_secrets(text: str) -> str:
    from fetchers.transport.redaction import redact

    shown = redact(text)
    return f"...{shown[shown.rindex('@') :]}" if "@" in shown else shown


class _Seconds(click.ParamType):  # type: ignore[type-arg]  # generic in the newest click only
    name = "seconds"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Turn `30` or `2.5` into a time that can be waited for; `nan` and `inf` are none."""
        try:
            seconds = float(str(value))
        except ValueError:
            seconds = 0.0
        if not _SHORTEST <= seconds <= _LONGEST:
            self.fail(f"{value!r} is no time in seconds, from {_SHORTEST} to {_LONGEST}", param, ctx)
        return seconds


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
            self.fail("a file's name is wanted, an empty one stands here", param, ctx)
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        if not path.parent.exists():
            self.fail(f"there is no folder {path.parent}; it is not made, for it may be mistyped", param, ctx)
        return path


class _Rate(_Size):
    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Turn `5M` into bytes a second; a small bare number is hardly meant."""
        rate = super().convert(value, param, ctx)
        if str(value).strip().isdigit() and rate < _HARDLY:
            self.fail(f"{value} is {rate} bytes a second; is {value}M meant? (else write {value}B)", param, ctx)
        return rate


OUTPUT = _Output(dir_okay=False)
SECONDS = _Seconds()
LIMIT = _Limit(min=1)
SIZE = _Size()
RATE = _Rate()
DAY = _Day()
MIRROR = _Mirror()
