"""Run the demo: each command as a program of its own, in a home of its own."""

from __future__ import annotations

import shlex
import subprocess
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers import own_process
from fetchers.document import document
from fetchers.errors import StoreError
from fetchers.verbs.demo import story
from fetchers.verbs.demo.replica import running

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fetchers.verbs.demo.replica import Replica
    from fetchers.verbs.demo.story import Act

_PATIENCE = 60  # seconds for one command


class Step(NamedTuple):
    """One command with its real output. `asked` counts the requests that it made of the three places."""

    says: str
    command: str
    output: str
    exit: int
    expected: int
    asked: int
    as_told: bool


class Told(NamedTuple):
    """The whole story; `exit` is 0 if it went as told, else 1. `home` is None where it was thrown away."""

    steps: tuple[Step, ...]
    home: str | None
    exit: int

    def to_dict(self) -> dict[str, Any]:
        """Return the verb's JSON document."""
        return dict(document(self))


def run(
    *,
    keep: Path | None,
    environ: Mapping[str, str],
    width: int = 80,
    begin: Callable[[Act], None] | None = None,
    end: Callable[[Step], None] | None = None,
) -> Told:
    """Run the demo in `keep`, or in a temporary folder; `begin` and `end` are called for each command in turn.

    Raises `StoreError` where `keep` already holds something.
    """
    with ExitStack() as stack:
        home = _home(keep, stack)
        replica = stack.enter_context(running())
        (home / "catalogue.toml").write_text(story.catalogue(), encoding="utf-8")
        (home / "config.toml").write_text(story.config(replica.address), encoding="utf-8")
        (home / story.LETTER).write_text(story.LETTER_TEXT, encoding="utf-8")
        surroundings = _surroundings(environ, home, width)
        steps = []
        for act in story.ACTS:
            if begin is not None:
                begin(act)
            steps.append(_play(act, replica, home, surroundings))
            if end is not None:
                end(steps[-1])
    kept = None if keep is None else str(home)
    return Told(steps=tuple(steps), home=kept, exit=int(not all(step.as_told for step in steps)))


def command_of(act: Act) -> str:
    """Write a command as a person types it."""
    return shlex.join(("fetch", *act.words))


def _home(keep: Path | None, stack: ExitStack) -> Path:
    if keep is None:
        return Path(stack.enter_context(TemporaryDirectory(prefix="fetch-demo-"))).resolve()
    try:
        keep.mkdir(parents=True, exist_ok=True)
        if any(keep.iterdir()):
            raise StoreError(f"{keep} is not empty", hint="name a new folder: fetch demo --keep DIR")
    except OSError as error:
        raise StoreError(f"{keep}: {error.strerror}", hint="name another folder: fetch demo --keep DIR") from error
    return keep.resolve()


def _surroundings(environ: Mapping[str, str], home: Path, width: int) -> dict[str, str]:
    """Leave out what would lead elsewhere: the person's own settings, and proxies that know nothing of loopback."""
    kept = {
        name: value
        for name, value in environ.items()
        if not name.startswith("FETCH_") and not name.lower().endswith("_proxy") and name != "PYTHONPATH"
    }
    return {
        **kept,
        "FETCH_HOME": str(home),
        "COLUMNS": str(width),
        "LOGNAME": "ada",
        "PYTHONSAFEPATH": "1",
        "PYTHONUNBUFFERED": "1",
    }


def _play(act: Act, replica: Replica, home: Path, surroundings: Mapping[str, str]) -> Step:
    before = replica.asked
    done = subprocess.run(  # noqa: S603 - our own program, with words that stand in `story`
        own_process.command("fetchers", *act.words),
        cwd=home,
        env=dict(surroundings),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        timeout=_PATIENCE,
    )
    asked = replica.asked - before
    return Step(
        says=act.says,
        command=command_of(act),
        output=done.stdout.decode("utf-8", "replace"),
        exit=done.returncode,
        expected=act.expected,
        asked=asked,
        as_told=done.returncode == act.expected and act.asks in (None, asked > 0),
    )
