"""Which names does the shell complete?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fetchers.cli.settings import Settings

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class _Name(click.ParamType):  # type: ignore[type-arg]  # generic in the newest click only
    name = "name"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Complete the names of datasets, and their parts after a slash."""
        from click.shell_completion import CompletionItem as Item

        del param
        here = ctx.find_object(Settings) or Settings.of_process()
        found = []
        for dataset in here.workspace.catalogue.all():
            addresses = [dataset.name]
            if "/" in incomplete:
                addresses = [f"{dataset.name}/{part.part}" for part in dataset.parts]
            found += [Item(address, help=dataset.title) for address in addresses if address.startswith(incomplete)]
        return found


NAME = _Name()
