"""Run one command line and return its exit status; errors become messages here and nowhere else."""

from __future__ import annotations

import importlib
import signal
import sys
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from fetchers.cli.command import Verbs, long_name
from fetchers.cli.global_options import global_options
from fetchers.cli.output import Failure, fail
from fetchers.cli.registry import GET, SECTIONS, VERBS, verb_of
from fetchers.cli.settings import Settings
from fetchers.cli.terminal import open_streams, write
from fetchers.errors import INTERRUPTED, FetchError, unforeseen

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    from click.shell_completion import CompletionItem

INTERRUPTION = Failure(exit=INTERRUPTED, error="interrupted", hint="the same command goes on from here")
_HELP = """Acquire medical imaging datasets and keep honest account of them.

`fetch NAME...` downloads, checks and records what is open, and says what to do first where it is not.
"""
_EPILOG = """fetch VERB --help begins with two examples. Options are FETCH_<OPTION> and keys of HOME/config.toml, too.
Exit status: 0 well, 1 unforeseen, 2 usage, 3 nothing matched, 4 content, 5 transfer, 6 access, 7 disk, 8 terms,
9 partly done, 130 interrupted.
"""


class _Front(Verbs):
    """The menu: a verb's module is loaded when the verb is typed."""

    default = GET

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Take `help VERB` for `VERB --help`."""
        if args[0] != "help":
            return super().resolve_command(ctx, args)
        if args[1:2] and args[1] in VERBS:
            return super().resolve_command(ctx, [args[1], *args[2:], "--help"])
        click.echo(ctx.get_help())
        raise click.exceptions.Exit(0)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs."""
        del ctx
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a verb."""
        del ctx
        entry = VERBS.get(cmd_name)
        if entry is None:
            return None
        module = importlib.import_module(f"fetchers.cli.commands.{entry.module}")
        return next(item for item in vars(module).values() if isinstance(item, click.Command) and item.name == cmd_name)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete verbs from the menu, and names: `fetch NAME` is short for `fetch get NAME`."""
        from click.shell_completion import CompletionItem as Item

        from fetchers.cli.completion import NAME

        verbs = [Item(verb, help=entry.summary) for verb, entry in VERBS.items() if verb.startswith(incomplete)]
        options = click.Command.shell_complete(self, ctx, incomplete)
        return [*verbs, *options, *NAME.shell_complete(ctx, self.params[0], incomplete)]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the menu before the options: it is what a person looks for."""
        self.format_commands(ctx, formatter)
        click.Command.format_options(self, ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the menu: the common verbs with a line each, the others by name."""
        del ctx
        for title, verbs in SECTIONS.items():
            with formatter.section(title):
                rows = [(name, entry.summary) for name, entry in verbs.items() if entry.common]
                others = ", ".join(name for name, entry in verbs.items() if not entry.common)
                formatter.write_dl([*rows, *([("also", others)] if others else [])], col_max=12)


def _version(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:  # noqa: FBT001 - click's signature
    if wanted and not context.resilient_parsing:
        from importlib import metadata

        try:
            click.echo(f"fetch {metadata.version('fetch-imaging')}")
        except metadata.PackageNotFoundError:
            click.echo("fetch (a checkout that is not installed)")
        context.exit()


def front() -> click.Group:
    """Make the command `fetch`."""
    version = click.Option(
        ["--version"], is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Say which version."
    )
    return _Front(
        "fetch",
        help=_HELP,
        epilog=_EPILOG,
        params=[*global_options(hidden=False), version],
        subcommand_metavar="VERB [ARGUMENTS]...",
        context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100},
    )


def run(arguments: Sequence[str]) -> int:
    """Run one command line and give its exit status."""
    open_streams()
    signal.signal(signal.SIGTERM, _terminate)
    here = Settings.of_process()
    words = list(arguments)
    as_json = "--json" in words
    try:
        status = front().main(words, prog_name="fetch", standalone_mode=False, obj=here)
        return status if isinstance(status, int) else 0
    except Exception as error:  # noqa: BLE001 - the last line of defence: one sentence, never a traceback unasked
        if isinstance(error, click.exceptions.NoArgsIsHelpError) and not as_json:
            write(sys.stderr, error.format_message())
            return error.exit_code
        failure = _failure(error)
        trace = error if failure.exit == 1 and ("--verbose" in words or here.wished("verbose")) else None
    except KeyboardInterrupt:
        failure, trace = INTERRUPTION, None
    fail(here, verb_of(words), failure, as_json=as_json or here.wished("json"), trace=trace)
    return failure.exit


def _failure(error: Exception) -> Failure:
    """Return the sentence and the exit status of an error."""
    if isinstance(error, FetchError):
        return Failure(exit=error.exit_status, error=error.what, hint=error.hint)
    if isinstance(error, click.Abort):
        return INTERRUPTION
    if isinstance(error, click.ClickException):
        return _usage(error)
    return Failure(exit=1, error=unforeseen(error).what, hint="the same with --verbose, which shows all of it")


def _said_by(error: click.BadParameter) -> str | None:
    """Return the variable or file that a wrong value comes from; None if it was typed."""
    if error.ctx is None or error.param is None or error.param.name is None:
        return None
    source = error.ctx.get_parameter_source(error.param.name)
    if source is ParameterSource.ENVIRONMENT:
        return str(error.param.envvar)
    if source is ParameterSource.DEFAULT_MAP and isinstance(error.param, click.Option):
        here = error.ctx.find_object(Settings)
        return f"{here.config_file}: {long_name(error.param)}" if here is not None else None
    return None


def _usage(error: click.ClickException) -> Failure:
    if isinstance(error, click.BadParameter) and (place := _said_by(error)) is not None:
        return Failure(exit=2, error=f"{place}: {error.message.rstrip('.')}", hint="correct it there, or leave it out")
    command = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "fetch"
    near = getattr(error, "possibilities", None) or ()
    hint = f"{', '.join(sorted(near))}, or {command} --help" if near else f"{command} --help"
    message = error.message if isinstance(error, click.NoSuchOption) else error.format_message()
    return Failure(exit=2, error=message.rstrip("."), hint=hint)


def _terminate(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
