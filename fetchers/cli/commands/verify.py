"""`fetch verify`: the flags, and the call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fetchers.cli.command import verb
from fetchers.cli.completion import NAME
from fetchers.cli.long_options import log_options, on_option
from fetchers.cli.output import answer
from fetchers.cli.views.verify import page
from fetchers.verbs import verify

if TYPE_CHECKING:
    from fetchers.cli.settings import Settings


@verb("verify", on_option(), *log_options())
@click.argument("names", metavar="[NAME]...", nargs=-1, type=NAME)
@click.option("--quick", is_flag=True, help="Compare sizes only.")
@click.option("--headers", is_flag=True, help="Read the headers again; leave the bytes alone.")
@click.option("--phi", is_flag=True, help="Look for what may identify a patient; names tags, never values.")
@click.option("--at", metavar="s3://BUCKET/PREFIX", help="Compare what `fetch push` sent there, by its checksums.")
@click.option("--endpoint", metavar="URL", help="The S3 server of --at, where it is not Amazon's.")
@click.pass_obj
def command(
    here: Settings,
    names: tuple[str, ...],
    *,
    quick: bool,
    headers: bool,
    phi: bool,
    on: str | None,
    at: str | None,
    endpoint: str | None,
) -> int:
    """Check that bytes and headers still hold; works offline."""
    if at is not None:
        return _at(here, names, at, endpoint)
    found = verify.run(here.context(), names, quick=quick, headers=headers, phi=phi, on=on)
    return answer(here, found, page, status=found.exit)


def _at(here: Settings, names: tuple[str, ...], at: str, endpoint: str | None) -> int:
    from fetchers.verbs import verify_bucket

    found = verify_bucket.run(here.context(), names, at, endpoint=endpoint)
    return answer(here, found, page, status=found.exit)
