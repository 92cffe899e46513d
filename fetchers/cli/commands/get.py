"""`fetch get`: the flags, and the call."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fetchers.acquire.request import GetRequest
from fetchers.cli.command import verb
from fetchers.cli.completion import LICENCE, NAME
from fetchers.cli.long_options import log_options, on_option
from fetchers.cli.output import answer
from fetchers.cli.param_types import LIMIT, RATE, SHARD, SIZE
from fetchers.cli.registry import CUSTOMARY, VERBS
from fetchers.cli.views.get import page, trouble
from fetchers.dataset import Selection
from fetchers.errors import CatalogueError
from fetchers.verbs import get as getting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fetchers.cli.settings import Settings


def _many(name: str, metavar: str, help_: str, variable: str | None = None) -> click.Option:
    declarations = [f"--{name}"] if variable is None else [f"--{name}", variable]
    return click.Option(declarations, multiple=True, metavar=metavar, help=help_)


def _flag(name: str, help_: str, variable: str | None = None) -> click.Option:
    return click.Option([f"--{name}"] if variable is None else [f"--{name}", variable], is_flag=True, help=help_)


_SELECTION = [
    _many("include", "GLOB", "Only files whose name or path matches."),
    _many("exclude", "GLOB", "No file whose name or path matches."),
    _many("patient", "ID", "Only this patient."),
    _many("study", "UID", "Only this study."),
    _many("series", "UID", "Only this series."),
    _many("modality", "CODE", "Only this modality, as the place's listing says."),
    _many("body-part", "NAME", "Only this body part, as the place's listing says."),
    click.Option(
        ["--licence"], multiple=True, metavar="ID", type=LICENCE, help="Only what is under this licence, likewise."
    ),
    click.Option(
        ["--manifest"],
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        metavar="FILE",
        help="Only what this .tcia, .csv or .txt file names.",
    ),
    click.Option(["--limit"], type=LIMIT, metavar="N", help="At most N remote files."),
    _flag("all", "Take the whole of a place that is too large to be taken whole by mistake.", "everything"),
]
_MANNER = [
    _flag("dry-run", "Say what would be fetched; write nothing."),
    click.Option(["--list", "--list-files", "list_files"], is_flag=True, help="With --dry-run: name every file."),
    click.Option(
        ["--accept"],
        multiple=True,
        metavar="LICENCE-ID",
        type=LICENCE,
        help="Agree to this licence's text on the way.",
    ),
    click.Option(["--jobs"], type=click.IntRange(1, 64), metavar="N", help="Files at once."),
    click.Option(["--limit-rate"], type=RATE, metavar="SIZE", help="Bytes a second for the whole command: 5M."),
    click.Option(["--max-size"], type=SIZE, metavar="SIZE", help="Refuse what is larger than this: 20G."),
    click.Option(
        ["--max-unpacked"], type=SIZE, metavar="SIZE", help="Let an archive become so much: 20G.  [default: 4G]"
    ),
    _flag("keep-archives", "Keep archives after unpacking them."),
    _flag("no-unpack", "Leave archives as they are."),
    click.Option(["--via"], metavar="PLACE", help="Take the same bytes from another place that has them: idc."),
    click.Option(["--shard"], type=SHARD, metavar="I/N", help="Only the I-th of N shares, for N jobs side by side."),
    on_option(),
    *log_options(),
    _flag("force", "Fetch again what is held; do not ask whether the disk has room."),
]


@verb("get", *_SELECTION, *_MANNER)
@click.argument("names", metavar="NAME[/PART]...", nargs=-1, required=True, type=NAME)
@click.pass_obj
def command(here: Settings, /, names: tuple[str, ...], **flags: Any) -> int:  # noqa: ANN401 - click hands them over
    """Download, check, unpack and record datasets; what is held is left alone.

    A PART may be a glob: fetch get 'tcia/CPTAC-*'. Sizes are in powers of 1024: 5M, 20G.
    """
    context = here.context()
    try:
        report = getting.run(context, names, _request(flags))
    except CatalogueError as error:
        raise _with_verbs(error, names[0], names[1:]) if here.bare else error from error
    return answer(
        here,
        report,
        lambda shown, look: page(shown, look, context.workspace),
        status=report.exit,
        trouble=trouble,
    )


def _request(flags: dict[str, Any]) -> GetRequest:
    given = dict(flags)
    selection = Selection(
        patients=given.pop("patient"),
        studies=given.pop("study"),
        series=given.pop("series"),
        modalities=given.pop("modality"),
        body_parts=given.pop("body_part"),
        licences=given.pop("licence"),
        everything=given.pop("everything"),
        via=given.pop("via"),
    )
    return GetRequest(selection=selection, unpack=not given.pop("no_unpack"), **given)


def _with_verbs(error: CatalogueError, word: str, rest: Sequence[str]) -> CatalogueError:
    """Suggest verbs that resemble a word: it may be a mistyped verb, or another program's."""
    from difflib import get_close_matches

    if word in CUSTOMARY and error.what.startswith("there is no dataset"):
        return CatalogueError(f"there is no verb {word!r}", hint=" ".join(("fetch", CUSTOMARY[word], *rest)))
    near = get_close_matches(word, VERBS, n=2)
    hints = [*(f"fetch {name}" for name in near), *([error.hint] if error.hint else [])]
    return CatalogueError(error.what, hint=", or ".join(hints) or None)
