"""Turn the arguments of a Python function into the context and the values of a verb.

Argument > environment (`FETCH_<OPTION>`) > `config.toml` of the workspace > default: as on the command line. None
stands for an argument that was not given.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from fetchers import errors, values
from fetchers.api.progress import shown
from fetchers.workspace.personal import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    from fetchers.api.progress import Showing
    from fetchers.context import Context, Progress
    from fetchers.records import Finding

Where: TypeAlias = "str | os.PathLike[str] | None"
Also: TypeAlias = "Where | Iterable[str | os.PathLike[str]]"  # stores that are only read
Words: TypeAlias = "str | Iterable[str] | None"
Mirrors: TypeAlias = "Mapping[str, str] | str | Iterable[str] | None"
Day: TypeAlias = "str | date | None"
Size: TypeAlias = "int | str | None"
Value = TypeVar("Value")

# What a function hands on to `Call` of its arguments; the others are the verb's own.
CONNECTION = ("home", "cache", "also", "offline", "mirror", "timeout", "retries", "progress", "log_every", "log_file")

# Consent and destruction are a person's words in the call itself, never a setting's.
_NEVER_CONFIGURED = frozenset(("accept", "yes", "force", "move", "link", "evidence", "to", "output"))
_KINDS = {
    kind.exit_status: kind
    for kind in (
        errors.CatalogueError,
        errors.NothingMatched,
        errors.ContentError,
        errors.TransferError,
        errors.AccessError,
        errors.StoreError,
        errors.TermsError,
    )
}


class Call:
    """One call of a function: where it works, and what its arguments mean."""

    def __init__(
        self,
        home: Where = None,
        cache: Where = None,
        *,
        offline: bool | None = None,
        mirror: Mirrors = None,
        timeout: float | None = None,
        retries: int | None = None,
        progress: Showing = None,
        log_every: float | None = None,
        log_file: Where = None,
        also: Also = None,
    ) -> None:
        from fetchers.workspace import open_workspace

        self.environ: Mapping[str, str] = dict(os.environ)
        self.workspace = open_workspace(
            home=None if home is None else Path(home),
            cache=None if cache is None else Path(cache),
            environ=self.environ,
            cwd=Path.cwd(),
        )
        if self.workspace.config.options:
            from fetchers.options import check

            check(self.workspace.config.options, self.workspace.home / "config.toml")
        self._offline, self._timeout, self._retries = offline, timeout, retries
        self._mirror = mirror
        self._progress = progress
        self._log_every, self._log_file = log_every, log_file
        self._also = also

    def context(self, confirm: Callable[[str], bool] | None = None) -> Context:
        """Return the circumstances in which a verb runs; without `confirm` nobody is asked, so there is no consent."""
        from fetchers.acquire.addresses import attach
        from fetchers.acquire.lab import settled
        from fetchers.context import Context, person
        from fetchers.sources import load

        context = Context(
            workspace=self.workspace,
            now=datetime.now(UTC),
            who=person(self.environ),
            environ=self.environ,
            load=partial(load, settings={"today": datetime.now(UTC).date(), "idc_index": self._set("idc_index")}),
            offline=self.flag("offline", self._offline),
            mirrors={**self.workspace.config.mirrors, **self._mirrors()},
            progress=self._shown(),
            confirm=confirm,
            timeout=self.one("timeout", self._timeout, values.seconds) or 30.0,
            retries=_or(self.one("retries", self._retries, whole(0)), 4),
        )
        return attach(settled(context, self._above(), Path.cwd()))

    def _above(self) -> tuple[str, ...]:
        """Return the stores that are only read."""
        said: object = self._also
        if said is None and (named := self.environ.get("FETCH_ALSO")):
            said = named.split(os.pathsep)
        return tuple(one for one in self.many("also", said, str) if one)

    def _shown(self) -> Progress:
        every = self.one("log_every", self._log_every, values.seconds)
        if every is None and self._log_file is None:
            return shown(self._progress)
        from fetchers.progress import EVERY, LogLines, log_file

        stream = sys.stderr if self._log_file is None else log_file(Path(self._log_file))
        return LogLines(shown(self._progress), stream, every or EVERY)

    def _mirrors(self) -> dict[str, str]:
        said = self._mirror
        if said is None:
            return dict(self.many("mirror", None, values.mirror))
        if isinstance(said, str):
            said = (said,)
        pairs = said.items() if hasattr(said, "items") else [_read("mirror", one, values.mirror) for one in said]
        return dict(pairs)

    # --- values

    def one(self, name: str, given: object, read: Callable[[object], Value]) -> Value | None:
        """Return the value of an option; raise `CatalogueError` for one that it cannot have."""
        said = given if given is not None else self._set(name)
        return None if said is None else _read(name, said, read)

    def many(
        self, name: str, given: object, read: Callable[[object], Value], sep: str | None = None
    ) -> tuple[Value, ...]:
        """Return the values of an option that may be given several times; one text is one value."""
        said = given
        if said is None:
            said = self._set(name)
            said = said.split(sep) if isinstance(said, str) and name in self._environment else said
        if said is None:
            return ()
        if isinstance(said, str | os.PathLike) or not hasattr(said, "__iter__"):
            said = (said,)
        return tuple(_read(name, one, read) for one in said)

    def flag(self, name: str, given: bool | None) -> bool:
        """Return True if a flag is set."""
        return bool(self.one(name, given, values.flag))

    def text(self, name: str, given: str | None) -> str | None:
        """Return a text."""
        return self.one(name, given, str)

    def texts(self, name: str, given: Words) -> tuple[str, ...]:
        """Return texts."""
        return self.many(name, given, str)

    def path(self, name: str, given: Where) -> Path | None:
        """Return a path."""
        return self.one(name, given, as_path)

    def day(self, name: str, given: Day) -> date | None:
        """Return a day."""
        return self.one(name, given, values.day)

    def choice(self, name: str, given: str | None, allowed: Iterable[str]) -> str | None:
        """Return one of the words that are allowed."""
        return self.one(name, given, one_of(allowed))

    @property
    def _environment(self) -> set[str]:
        return {name.removeprefix("FETCH_").lower() for name, value in self.environ.items() if value}

    def _set(self, name: str) -> object:
        option = name.replace("_", "-")
        if name in _NEVER_CONFIGURED:
            return None
        said = self.environ.get(f"FETCH_{name.upper()}")
        return said or (self.workspace.config.options.get(name) if option in SETTINGS else None)


def names_of(names: Iterable[str | Iterable[str]]) -> tuple[str, ...]:
    """Return the names that were given one by one, or in a list."""
    found: list[str] = []
    for one in names:
        found.extend([one] if isinstance(one, str) else one)
    return tuple(found)


def paths_of(paths: Iterable[str | os.PathLike[str] | Iterable[str | os.PathLike[str]]]) -> list[Path]:
    """Return the paths that were given one by one, or in a list."""
    found: list[Path] = []
    for one in paths:
        found.extend(map(as_path, [one] if isinstance(one, str | os.PathLike) else one))
    return found


def as_path(value: object) -> Path:
    """Return a path; raise `ValueError` for an empty one, which would mean the current folder."""
    text = os.fspath(value) if isinstance(value, str | os.PathLike) else str(value)
    if not text:
        raise ValueError("expected a file's name, found an empty one")
    return Path(os.fsdecode(text)).expanduser()


def whole(least: int, most: int | None = None) -> Callable[[object], int]:
    """Return what reads a whole number within bounds."""

    def read(value: object) -> int:
        number = int(str(value))
        if number < least or (most is not None and number > most):
            raise ValueError(f"{number} is not in the range from {least}{'' if most is None else f' to {most}'}")
        return number

    return read


def one_of(allowed: Iterable[str]) -> Callable[[object], str]:
    """Return what reads one of the words that are allowed."""
    words = tuple(allowed)

    def read(value: object) -> str:
        if value not in words:
            raise ValueError(f"{value!r} is not one of {', '.join(words)}")
        return str(value)

    return read


def refuse_findings(findings: Iterable[Finding], status: int, *, check: bool) -> None:
    """Raise the `FetchError` of an exit status for the first finding that is an error, where that is wanted."""
    if check and status:
        first = next((one for one in findings if one.severity == "error"), None)
        first = first or next(iter(findings), None)
        if first is not None:
            where = f"{first.path}: " if first.path else ""
            raise kind_of(status)(f"{where}{first.message}", hint=first.hint)
        raise kind_of(status)(f"the exit status is {status}")


def kind_of(status: int) -> type[errors.FetchError]:
    """Return the kind of error that an exit status stands for."""
    return _KINDS.get(status, errors.FetchError)


def _read(name: str, said: object, read: Callable[[object], Value]) -> Value:
    try:
        return read(said)
    except ValueError as error:
        raise errors.CatalogueError(
            f"{name}: {error}", hint=f"help(fetchers) names the arguments; {name} is one"
        ) from error


def _or(value: int | None, default: int) -> int:
    return default if value is None else value
