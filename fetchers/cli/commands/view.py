"""`fetch view` and `fetch overlap`: the flags, and the calls."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fetchers.cli.command import verb
from fetchers.cli.completion import NAME
from fetchers.cli.long_options import on_option
from fetchers.cli.output import answer
from fetchers.cli.views import corpus as pages
from fetchers.dataset import USES
from fetchers.handover.training_folder import Wishes
from fetchers.inspection.splits import BY
from fetchers.reports.datalists import FORMATS
from fetchers.storage.publish.view_folder import LINKS
from fetchers.verbs import overlap as sharing
from fetchers.verbs import view as viewing

if TYPE_CHECKING:
    from fetchers.cli.settings import Settings


@verb("view")
@click.argument("names", metavar="[NAME]...", nargs=-1, type=NAME)
@click.option(
    "--to", required=True, type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Make this folder."
)
@click.option("--link", type=click.Choice(LINKS), default="hard", help="How the files come there.  [default: hard]")
@click.option(
    "--layout",
    metavar="TEMPLATE",
    help="The path of each file: '{dataset}/{patient}/{series}/{name}'.",
)
@click.option("--datalist", type=click.Choice(FORMATS), help="Describe it to MONAI, to nnU-Net v2, or as CSV, too.")
@click.option("--split", metavar="80/10/10", help="Share the images out: train, val, test.")
@click.option("--by", type=click.Choice(BY), default="patient", help="What a split never parts.  [default: patient]")
@click.option("--seed", type=int, default=0, metavar="N", help="Another number is another split.  [default: 0]")
@click.option("--use", "uses", multiple=True, type=click.Choice(USES), metavar="USE", help="What it is to be used for.")
@click.pass_obj
def view(here: Settings, /, names: tuple[str, ...], to: Path, **flags: Any) -> int:  # noqa: ANN401 - click hands them over
    """Make a folder for training: links or copies of the images, a layout, a datalist, a split.

    It is refused where the terms of any image forbid the USE. DICOM stays DICOM: dcm2niix makes NIfTI of it.
    """
    done = viewing.run(here.context(), names, to, Wishes(**flags))
    return answer(here, done, pages.viewed)


@verb("overlap", on_option())
@click.argument("names", metavar="[NAME]...", nargs=-1, type=NAME)
@click.option("--no-pixels", is_flag=True, help="Compare bytes and UIDs only; decode nothing.")
@click.pass_obj
def overlap(here: Settings, names: tuple[str, ...], *, no_pixels: bool, on: str | None) -> int:
    """Find the images that two held datasets share: the same bytes, the same instance, the same decoded pixels."""
    found = sharing.run(here.context(), names, pixels=not no_pixels, on=on)
    return answer(here, found, pages.overlaps)
