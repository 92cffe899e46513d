"""The settings of one command: global options, environment, configuration and workspace.

Command line > environment (`FETCH_<OPTION>`) > `config.toml` of the workspace > default. The workspace is opened when
the first value of it is needed, so that `--help` opens nothing.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fetchers.cli.style import Style, look_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from fetchers.context import Context, Progress
    from fetchers.workspace import Workspace


class Settings:
    """What was typed, what stands in the environment, and what follows from both."""

    def __init__(self, *, environ: Mapping[str, str], cwd: Path, now: datetime) -> None:
        self.environ = environ
        self.cwd = cwd
        self.now = now
        self.bare = False  # the command line named no verb
        self.log_every: float | None = None  # seconds
        self.log_file: Path | None = None
        self._given: dict[str, object] = {}
        self._progress: Progress | None = None

    @classmethod
    def of_process(cls) -> Settings:
        """Take them from this process: the one place where the program looks at the clock and its environment."""
        try:
            cwd = Path.cwd()
        except FileNotFoundError:  # it was removed; what is named from the root can still be worked with
            cwd = Path(os.environ.get("PWD", "/"))
        return cls(environ=os.environ, cwd=cwd, now=datetime.now(UTC))

    def note(self, name: str, value: object) -> None:
        """Remember a global option; what is typed later wins, mirrors add up."""
        if isinstance(value, tuple):
            earlier = self._given.get(name, ())
            value = (*earlier, *value) if isinstance(earlier, tuple) else value
        self._given[name] = value

    # --- options

    @property
    def json(self) -> bool:
        """True if one JSON document is wanted."""
        return self._flag("json")

    @property
    def quiet(self) -> bool:
        """True if progress and advice are unwanted."""
        return self._flag("quiet")

    def wished(self, name: str) -> bool:
        """Return True if a flag was set, also while the configuration is the very thing that is being complained of."""
        try:
            return self._flag(name)
        except Exception:  # noqa: BLE001 - something is being complained of already, and this is not it
            return False

    def configured(self, key: str) -> object:
        """Return what the workspace's `config.toml` says of a long option, or None."""
        return self.workspace.config.options.get(key)

    @property
    def config_file(self) -> Path:
        """The workspace's `config.toml`, whether it is there or not."""
        return self.workspace.home / "config.toml"

    def _said_by(self, name: str) -> str:
        """Return what set a global option: the flag, the variable or the file."""
        if name in self._given:
            return f"--{name}"
        variable = f"FETCH_{name.upper()}"
        return variable if self.environ.get(variable) else f"{self.config_file}: {name}"

    def _raw(self, name: str) -> object:
        if name in self._given:
            return self._given[name]
        variable = self.environ.get(f"FETCH_{name.upper()}", "")
        return variable or self.configured(name)

    def _flag(self, name: str) -> bool:
        raw = self._raw(name)
        try:
            return False if raw is None else bool(click.BOOL(raw, None, None))
        except click.BadParameter as error:
            raise click.UsageError(f"{self._said_by(name)}: {error.message}") from error

    def _number(self, name: str, kind: Callable[[str], float], default: float) -> float:
        raw = self._raw(name)
        if raw is None:
            return default
        try:
            return kind(str(raw))
        except click.BadParameter as error:
            raise click.UsageError(f"{self._said_by(name)}: {error.message}") from error

    # --- what follows

    @cached_property
    def workspace(self) -> Workspace:
        """Open the workspace; raise `CatalogueError` with all faults."""
        from fetchers.workspace import open_workspace

        home, cache = (self._given.get(name) for name in ("home", "cache"))
        opened = open_workspace(
            home=None if home is None else self.cwd / str(home),
            cache=None if cache is None else self.cwd / str(cache),
            environ=self.environ,
            cwd=self.cwd,
        )
        if opened.config.options:
            from fetchers.options import check

            check(opened.config.options, opened.home / "config.toml")
        return opened

    @cached_property
    def look(self) -> Style:
        """The style of lines on stdout."""
        return look_of(sys.stdout, self.environ, quiet=self.quiet)

    @cached_property
    def mirrors(self) -> Mapping[str, str]:
        """Merge the configuration's mirrors with the command line's, which win."""
        from fetchers.cli.param_types import MIRROR

        said = self._raw("mirror")
        if isinstance(said, str):
            said = said.split()
        pairs = [MIRROR.convert(pair, None, None) for pair in said] if isinstance(said, (tuple, list)) else []
        return {**self.workspace.config.mirrors, **dict(pairs)}

    def context(self) -> Context:
        """Make the place in which a verb runs."""
        from fetchers.acquire.addresses import attach
        from fetchers.acquire.lab import settled
        from fetchers.cli.param_types import SECONDS
        from fetchers.context import Context, person
        from fetchers.sources import load

        self._name_what_is_at_fault()
        context = Context(
            workspace=self.workspace,
            now=self.now,
            who=person(self.environ),
            environ=self.environ,
            load=partial(load, settings=self._for_sources()),
            offline=self._flag("offline"),
            mirrors=self.mirrors,
            progress=self.progress,
            confirm=self._confirm if sys.stdin.isatty() and sys.stderr.isatty() else None,
            timeout=self._number("timeout", SECONDS, 30.0),
            retries=int(self._number("retries", click.IntRange(min=0), 4)),
        )
        return attach(settled(context, self._also(), self.cwd))

    def _also(self) -> Sequence[str]:
        """Return the stores that are only read: `:` between them in the environment, a list in the file."""
        said = self._raw("also")
        if isinstance(said, str):
            said = said.split(os.pathsep)
        return [str(one) for one in said if one] if isinstance(said, (tuple, list)) else []

    def _name_what_is_at_fault(self) -> None:
        """Print on stderr what is wrong with single datasets of the catalogue; the others go on."""
        if self.workspace.at_fault and not self.quiet:
            from fetchers.cli.terminal import sentence, write

            look = look_of(sys.stderr, self.environ)
            for what in self.workspace.at_fault.values():
                write(sys.stderr, sentence("warning:", "warn", what, look))

    def _for_sources(self) -> dict[str, object]:
        named = self._raw("idc_index")
        return {"today": self.now.date(), "idc_index": str(self.cwd / str(named)) if named else None}

    @property
    def progress(self) -> Progress:
        """What shows how far a verb has come: bars only where a person watches."""
        if self._progress is None:
            from fetchers.cli.progress import progress_for

            self._progress = progress_for(
                sys.stderr, quiet=self.quiet, json=self.json, every=self.log_every, file=self.log_file
            )
        return self._progress

    def settle(self) -> None:
        """Take bars off the screen: something is about to be printed."""
        if self._progress is not None:
            self._progress.end()

    def _confirm(self, question: str) -> bool:
        from fetchers.reports.escape import terminal

        self.settle()
        text = "\n".join(terminal(line) for line in question.splitlines())
        return click.confirm(text, default=False, err=True)
