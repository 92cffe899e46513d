"""The options that may stand before or after the verb."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fetchers.cli.param_types import MIRROR, SECONDS
from fetchers.cli.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable


def global_options(*, hidden: bool) -> list[click.Option]:
    """Make the global options; those of a verb are hidden in its help, which would else be half of them.

    They carry neither default nor environment variable: `Settings` settles these after both places were read.
    """
    note: Callable[[click.Context, click.Parameter, object], None] = _note
    return [
        click.Option(declarations, help=help_, hidden=hidden, is_eager=True, expose_value=False, callback=note, **more)  # type: ignore[arg-type]  # click types **attrs one by one
        for declarations, help_, more in (
            (("--home",), "Work here (catalogue.toml, config.toml, cache/).", _folder()),
            (("--cache",), "Keep the copies there.  [default: HOME/cache]", _folder()),
            (
                ("--also",),
                "Read this store or home, too; write nothing there.",
                {"type": click.Path(), "multiple": True, "metavar": "DIR"},
            ),
            (("--offline",), "Open no connection.", _flag()),
            (("--json",), "One JSON document on stdout, also when it fails.", _flag()),
            (("--quiet", "-q"), "No progress, no advice.", _flag()),
            (("--verbose", "-v"), "Say more; show where an unforeseen error happened.", _flag()),
            (
                ("--mirror",),
                "Ask TO where an address begins with FROM.",
                {"type": MIRROR, "multiple": True, "metavar": "FROM=TO"},
            ),
            (
                ("--timeout",),
                "Wait so long for an answer.  [default: 30]",
                {"type": SECONDS, "metavar": "SECONDS"},
            ),
            (
                ("--idc-index",),
                "Another index of the Imaging Data Commons.",
                {"type": click.Path(dir_okay=False), "metavar": "FILE"},
            ),
            (("--retries",), "Failed tries for one file.  [default: 4]", _count()),
        )
    ]


def _folder() -> dict[str, object]:
    return {"type": click.Path(file_okay=False, readable=False), "metavar": "DIR"}


def _flag() -> dict[str, object]:
    return {"is_flag": True, "default": None}


def _count() -> dict[str, object]:
    return {"type": click.IntRange(min=0), "metavar": "N"}


def _note(context: click.Context, parameter: click.Parameter, value: object) -> None:
    here = context.find_object(Settings)
    if here is not None and parameter.name is not None and value not in (None, ()):
        here.note(parameter.name, value)
