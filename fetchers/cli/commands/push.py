"""`fetch push`: the flags, and the call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fetchers.cli.command import verb
from fetchers.cli.completion import NAME
from fetchers.cli.output import answer
from fetchers.cli.views.push import page, trouble
from fetchers.verbs import push

if TYPE_CHECKING:
    from fetchers.cli.settings import Settings


@verb("push")
@click.argument("names", metavar="NAME...", nargs=-1, required=True, type=NAME)
@click.argument("to", metavar="s3://BUCKET/PREFIX")
@click.option("--endpoint", metavar="URL", help="The S3 server, where it is not Amazon's.")
@click.option("--jobs", type=click.IntRange(1, 64), metavar="N", help="Objects at once.  [default: 16]")
@click.pass_obj
def command(here: Settings, names: tuple[str, ...], to: str, *, endpoint: str | None, jobs: int | None) -> int:
    """Send what is held to a bucket: files, terms and a table of the files.

    Nothing is overwritten. The same command again sends only what is missing, and goes on with what was cut off.

    \b
    fetch push shenzhen s3://our-lab/corpora
    fetch push oasis/1 s3://scratch --endpoint https://minio.example
    """  # noqa: D301 - click's own mark for lines that are not to be filled
    done = push.run(here.context(), names, to, endpoint=endpoint, jobs=jobs)
    return answer(here, done, page, status=done.exit, trouble=trouble)
