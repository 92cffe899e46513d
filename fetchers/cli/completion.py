"""Complete names in the shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from fetchers.cli.settings import Settings
from fetchers.errors import FetchError

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


class _Key(click.ParamType):  # type: ignore[type-arg]  # generic in the newest click only
    name = "key"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Complete the keys of the steps of the dataset that was named before."""
        from click.shell_completion import CompletionItem as Item

        from fetchers.checks.access.tasks import steps_of

        del param
        here = ctx.find_object(Settings) or Settings.of_process()
        try:
            found = here.workspace.catalogue.find(str(ctx.params.get("name") or ""))
        except FetchError:
            return []
        steps = {step.key: step.title for dataset in found for step in steps_of(dataset)}
        return [Item(key, help=title) for key, title in steps.items() if key.startswith(incomplete)]


class _Licence(click.ParamType):  # type: ignore[type-arg]  # generic in the newest click only
    name = "licence-id"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Complete the licence ids of the catalogue, in any case."""
        from click.shell_completion import CompletionItem as Item

        del param
        here = ctx.find_object(Settings) or Settings.of_process()
        licences = here.workspace.catalogue.licences
        wanted = incomplete.casefold()
        return [Item(one, help=licences[one].name) for one in licences if one.casefold().startswith(wanted)]


class _Spdx(click.ParamType):  # type: ignore[type-arg]  # generic in the newest click only
    name = "words"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Complete the identifiers of SPDX's list, in any case."""
        from click.shell_completion import CompletionItem as Item

        from fetchers.checks.terms.spdx import spdx_list

        del ctx, param
        wanted = incomplete.casefold()
        rows = spdx_list().licences.items()
        return [Item(row.id, help=row.name) for key, row in rows if key.startswith(wanted) and not row.deprecated]


NAME = _Name()
KEY = _Key()
LICENCE = _Licence()
SPDX = _Spdx()
