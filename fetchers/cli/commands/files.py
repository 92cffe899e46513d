"""`fetch files`: the flags, and the call."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fetchers.cli.command import verb
from fetchers.cli.completion import NAME
from fetchers.cli.output import answer
from fetchers.cli.views.files import written
from fetchers.errors import CatalogueError, FetchError
from fetchers.verbs import files

if TYPE_CHECKING:
    from fetchers.cli.settings import Settings

_STDOUT = "-"


def _format(name: str, what: str) -> click.Option:
    return click.Option(
        [f"--{name}"],
        is_flag=False,
        flag_value=_STDOUT,
        metavar="[FILE]",
        help=f"Write {what}; without FILE on stdout.",
    )


@verb("files", _format("csv", "CSV"), _format("jsonl", "JSON lines"), _format("parquet", "Parquet"))
@click.argument("names", metavar="[NAME]...", nargs=-1, type=NAME)
@click.pass_obj
def command(here: Settings, /, names: tuple[str, ...], **formats: str | None) -> int:
    """Print the table of what is held, one row a file: for pandas, for a database, for a training script."""
    chosen = [(kind, file) for kind, file in formats.items() if file is not None]
    if len(chosen) > 1:
        raise click.UsageError("--csv, --jsonl and --parquet exclude one another")
    kind, file = chosen[0] if chosen else ("csv", _STDOUT)
    context = here.context()
    if file != _STDOUT and _is_dataset(here, file):  # `fetch files --csv shenzhen`: the flag takes no file here
        names, file = (*names, file), _STDOUT
    found = files.run(context, names)
    if file != _STDOUT:
        return answer(here, found.write(Path(file), kind), written)  # type: ignore[arg-type]  # one of the three
    if here.json and not chosen:
        return answer(here, found.to_dict(), lambda _found, _look: ())
    if kind == "parquet":
        raise CatalogueError("Parquet is no text: name a file for it", hint="fetch files --parquet files.parquet")
    here.settle()
    found.stream(sys.stdout, kind)  # type: ignore[arg-type]  # the same
    sys.stdout.flush()
    return 0


def _is_dataset(here: Settings, word: str) -> bool:
    if Path(word).suffix in (".csv", ".jsonl", ".parquet"):
        return False
    try:
        return bool(here.workspace.catalogue.find(word))
    except FetchError:
        return False
