"""`fetch statement` and `fetch export`: the flags, and the calls."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from fetchers.cli.command import verb
from fetchers.cli.completion import NAME
from fetchers.cli.output import answer
from fetchers.cli.views.corpus import exported
from fetchers.verbs import export as exporting
from fetchers.verbs import statement as stating

if TYPE_CHECKING:
    from fetchers.cli.settings import Settings


def _destination(kind: str, what: str) -> click.Option:
    return click.Option([f"--{kind}"], type=click.Path(path_type=Path), metavar="DEST", help=f"Write {what} there.")


@verb("statement")
@click.argument("names", metavar="[NAME]...", nargs=-1, type=NAME)
@click.option("--md", is_flag=True, help="In Markdown (the default).")
@click.option("--tex", is_flag=True, help="In LaTeX.")
@click.option("--ai-act", is_flag=True, help="The summary of training content of the EU's AI Act, in Markdown.")
@click.pass_obj
def statement(here: Settings, names: tuple[str, ...], *, md: bool, tex: bool, ai_act: bool) -> int:
    """Print the data paragraph of a paper: datasets, versions, counts, days, terms, approvals, references."""
    if md + tex > 1 or (tex and ai_act):
        raise click.UsageError("--md, --tex and --ai-act with --tex exclude one another")
    found = stating.run(here.context(), names, markup="tex" if tex else "md", ai_act=ai_act)
    return answer(here, found, lambda shown, _look: [shown.text.rstrip()])


@verb(
    "export",
    _destination("croissant", "a Croissant description (JSON-LD)"),
    _destination("ro-crate", "an RO-Crate (a folder)"),
    _destination("bagit", "a bag with copies of the files (a folder)"),
    _destination("spdx", "an SPDX 2.3 document (name it .spdx.json)"),
)
@click.argument("names", metavar="[NAME]...", nargs=-1, type=NAME)
@click.pass_obj
def export(here: Settings, /, names: tuple[str, ...], **formats: Path | None) -> int:
    """Hand a corpus on with its papers: terms with their hashes, addresses, checksums, the lock."""
    chosen = [(kind, formats[kind.replace("-", "_")]) for kind in exporting.FORMATS]
    wanted = [(kind, to) for kind, to in chosen if to is not None]
    if len(wanted) != 1:
        raise click.UsageError("one of --croissant, --ro-crate, --bagit and --spdx is wanted")
    (kind, to) = wanted[0]
    return answer(here, exporting.run(here.context(), names, kind, to), exported)
