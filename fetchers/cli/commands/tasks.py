"""`fetch tasks`: what is due, and the moves of one task."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fetchers.cli.command import Verb, Verbs, verb, write_examples
from fetchers.cli.completion import KEY, NAME
from fetchers.cli.examples import EXAMPLES
from fetchers.cli.global_options import global_options
from fetchers.cli.output import answer
from fetchers.cli.param_types import DAY, OUTPUT
from fetchers.cli.views import tasks as pages
from fetchers.errors import AccessError
from fetchers.verbs import tasks

if TYPE_CHECKING:
    from fetchers.cli.settings import Settings
    from fetchers.events.task_moves import Action

_MOVES: dict[Action, str] = {
    "done": "Mark a task as done.",
    "start": "Mark a task as begun.",
    "skip": "Leave a task out.",
    "reopen": "Take a task up again.",
    "assign": "Give a task to a person.",
}


@verb("list")
@click.argument("name", metavar="[NAME]", required=False, type=NAME)
@click.option("--overdue", is_flag=True, help="Only what is late: nothing is printed, 0, if nothing is; else 6.")
@click.option("--owner", metavar="PERSON", help="Only this person's tasks.")
@click.option("--all", "everything", is_flag=True, help="What is done and skipped, too.")
@click.option("--ics", type=OUTPUT, metavar="FILE", help="Write the tasks to a calendar file, too.")
@click.option("--events", is_flag=True, help="With --ics: write all-day events in addition to the to-dos.")
@click.pass_obj
def listing(here: Settings, /, name: str | None, **flags: Any) -> int:  # noqa: ANN401 - click hands them over
    """Show the tasks of all applications, what is due first."""
    context = here.context()
    ics, events = flags.pop("ics"), flags.pop("events")
    if events and ics is None:
        raise click.UsageError("--events are written to a calendar: --ics FILE --events")
    rows = tasks.listing(context, name, all_=flags.pop("everything"), **flags)
    if ics is not None:
        tasks.calendar(context, rows, ics, events=events)
    if flags["overdue"]:
        return answer(here, rows, pages.late, status=AccessError.exit_status if rows else 0)
    return answer(here, rows, pages.listing)


def _move(action: Action, summary: str) -> Verb:
    @verb(action)
    @click.argument("name", metavar="NAME[/PART]", type=NAME)
    @click.argument("key", type=KEY)
    @click.option("--on", type=DAY, metavar="DATE", help="The day it happened.  [default: today]")
    @click.option(
        "--evidence",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="What proves it; a copy is kept below HOME/evidence/.",
    )
    @click.option("--note", metavar="TEXT", help="What else there is to say.")
    @click.option("--owner", metavar="PERSON", help="Person responsible.", required=action == "assign")
    @click.pass_obj
    def command(here: Settings, /, name: str, key: str, **flags: Any) -> int:  # noqa: ANN401 - click hands them over
        return answer(here, tasks.move(here.context(), name, key, action, **flags), pages.moved)

    command.help = summary
    return command


class _Tasks(Verbs):
    """`fetch tasks NAME` and `fetch tasks done NAME KEY`; the help shows the options of the first."""

    default = "list"
    alone = True

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the subcommands; without one, the tasks are listed."""
        del ctx
        return list(_MOVES)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Begin with two examples."""
        super().format_usage(ctx, formatter)
        write_examples(EXAMPLES["tasks"], ctx, formatter)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the listing's options and the moves."""
        listing.format_options(ctx, formatter)
        self.format_commands(ctx, formatter)


group = _Tasks(
    "tasks",
    commands={"list": listing, **{name: _move(name, summary) for name, summary in _MOVES.items()}},
    params=list(global_options(hidden=True)),
    help="Show the tasks of all applications, what is due first; or move one task.",
    subcommand_metavar="[NAME] | MOVE NAME KEY",
)
