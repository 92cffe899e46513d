"""`fetch adopt`: the flags, and the call."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from fetchers.cli.command import verb
from fetchers.cli.completion import NAME
from fetchers.cli.output import answer
from fetchers.cli.param_types import SIZE
from fetchers.cli.views.adopt import page
from fetchers.cli.views.get import trouble
from fetchers.verbs import adopt

if TYPE_CHECKING:
    from fetchers.acquire.import_files import Mode
    from fetchers.cli.settings import Settings


@verb("adopt")
@click.argument("name", metavar="NAME[/PART]", type=NAME)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--copy", is_flag=True, help="Copy the files (the default).")
@click.option("--move", is_flag=True, help="Take the original away once its bytes are held durably.")
@click.option("--link", is_flag=True, help="Share the bytes with the original: hard link or reflink.")
@click.option("--follow", is_flag=True, help="Take copies of the files that symbolic links lead to (DataLad trees).")
@click.option("--max-unpacked", type=SIZE, metavar="SIZE", help="Let an archive become so much: 20G.  [default: 4G]")
@click.pass_obj
def command(
    here: Settings,
    name: str,
    paths: tuple[Path, ...],
    *,
    copy: bool,
    move: bool,
    link: bool,
    follow: bool,
    max_unpacked: int | None,
) -> int:
    """Take in files, folders or archives that a person fetched by hand; hashed, unpacked, checked, recorded."""
    if copy + move + link > 1:
        raise click.UsageError("--copy, --move and --link exclude one another")
    mode: Mode = "move" if move else "link" if link else "copy"
    report = adopt.run(here.context(), name, paths, mode=mode, follow=follow, max_unpacked=max_unpacked)
    return answer(here, report, page, status=report.exit, trouble=trouble)
