"""Options of commands that take long: how they tell of their progress, and which machines do the work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fetchers.cli.param_types import OUTPUT, SECONDS
from fetchers.cli.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


def _every(ctx: click.Context, _param: click.Parameter, value: float | None) -> None:
    ctx.ensure_object(Settings).log_every = value


def _file(ctx: click.Context, _param: click.Parameter, value: Path | None) -> None:
    ctx.ensure_object(Settings).log_file = value


def log_options() -> list[click.Option]:
    """Return `--log-every` and `--log-file`; they set how progress is shown, and are no values of the verb's own."""
    return [
        click.Option(
            ["--log-every"],
            type=SECONDS,
            metavar="SECONDS",
            callback=_every,
            expose_value=False,
            help="Without a terminal, say how far it is this often.  [default: 30]",
        ),
        click.Option(
            ["--log-file"],
            type=OUTPUT,
            metavar="FILE",
            callback=_file,
            expose_value=False,
            help="Append these lines to a file.",
        ),
    ]


def on_option() -> click.Option:
    """Return `--on`."""
    return click.Option(
        ["--on"],
        metavar="ADDRESS",
        help="Let a Dask cluster do it: tcp://HOST:PORT, or dask:N for N workers here.",
    )
