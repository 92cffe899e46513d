"""The class of all verbs: global options, environment variables, configuration, default verbs.

Take the global options after it, read each of its options from `FETCH_<OPTION>` and from `config.toml`, and be left
out: a group's default verb is meant where the first word is none of its verbs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from fetchers.cli.global_options import global_options
from fetchers.cli.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from click.shell_completion import CompletionItem

_SURROGATE = re.compile(r"[\ud800-\udfff]").search  # stands for a byte that is no UTF-8
_HELP = ("--help", "-h")
_NOT_FROM_ENVIRONMENT = frozenset(("accept", "force", "yes"))
_EPILOG = "Global options (--home, --cache, --json, --offline, --quiet ...) are accepted here, too: fetch --help."


class VerbContext(click.Context):
    """Finds an option's default in the workspace's configuration, which is opened only then."""

    def lookup_default(self, name: str, call: bool = True) -> Any | None:  # noqa: ANN401, ARG002, FBT001, FBT002 - click's signature
        """Return what `config.toml` says of an option; None where it says nothing."""
        here = self.find_object(Settings)
        if here is None or self.resilient_parsing:
            return None
        option = next((param for param in self.command.params if param.name == name), None)
        # The eager ones (global options, --help) are read before the workspace may be opened: --home is one of them.
        if not isinstance(option, click.Option) or option.is_eager:
            return None
        value = here.configured(long_name(option).replace("-", "_"))
        if isinstance(value, list):
            if not option.multiple:
                raise click.BadParameter("config.toml has a list, expected one value", ctx=self, param=option)
            return tuple(map(_typed, value))
        return (_typed(value),) if option.multiple and value is not None else _typed(value)


class Verb(click.Command):
    """A command whose options have environment variables and that takes the global options, too."""

    context_class = VerbContext

    def __init__(self, *args: Any, **attributes: Any) -> None:  # noqa: ANN401 - handed on to click as they are
        attributes.setdefault("epilog", _EPILOG)
        super().__init__(*args, **attributes)
        for option in self.params:
            if isinstance(option, click.Option) and option.envvar is None and _may_be_variable(option):
                option.envvar = f"FETCH_{long_name(option).replace('-', '_').upper()}"
        self.params.extend(global_options(hidden=True))

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Begin with two examples: most who ask want to see how it is typed."""
        from fetchers.cli.examples import EXAMPLES

        super().format_usage(ctx, formatter)
        write_examples(EXAMPLES.get(self.name or "", ()), ctx, formatter)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse a text that is none: the record is UTF-8. A path may be any bytes."""
        rest = super().parse_args(ctx, args)
        for param in self.params:
            value = ctx.params.get(param.name or "")
            texts = value if isinstance(value, tuple) else (value,)
            if any(isinstance(one, str) and _SURROGATE(one) for one in texts):
                raise click.BadParameter("a text in UTF-8 is wanted", ctx=ctx, param=param)
        return rest


class Verbs(click.Group):
    """A group in which `default` is meant where the first word names none of its verbs."""

    context_class = VerbContext
    command_class = Verb
    default = ""
    alone = False  # whether the default verb is meant, too, where nothing at all is said

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Insert the default verb before an option that is not global."""
        # Who completes `fetch tasks d` may mean `done`: nothing is decided yet.
        return super().parse_args(ctx, args if ctx.resilient_parsing else self._with_verb(args))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Take the first word for an argument of the default verb unless it is a verb."""
        if args[0] in (*self.list_commands(ctx), self.default):
            return super().resolve_command(ctx, args)
        here = ctx.find_object(Settings)
        if here is not None:
            here.bare = True
        return self.default, self.get_command(ctx, self.default), args

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the verbs, and what the default verb takes first."""
        found = super().shell_complete(ctx, incomplete)
        default = self.get_command(ctx, self.default)
        first = next((one for one in default.params if isinstance(one, click.Argument)), None) if default else None
        return found + (first.type.shell_complete(ctx, first, incomplete) if first is not None else [])

    def _with_verb(self, words: Sequence[str]) -> list[str]:
        valued = {name: not option.is_flag for option in _options(self) for name in option.opts}
        index = 0
        while index < len(words):
            word, _, inline = words[index].partition("=")
            if word not in valued and word not in _HELP:
                break
            index += 2 if valued.get(word) and not inline else 1
        said = words[index : index + 1]
        said_help = any(word in _HELP for word in words)
        if (said and said[0].startswith("-")) or (not said and self.alone and not said_help):
            return [*words[:index], self.default, *words[index:]]
        return list(words)


def _typed(value: object) -> object:
    """Return a number of `config.toml` as one would type it: 1.5 is no whole number."""
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _may_be_variable(option: click.Option) -> bool:
    """Return True if the option may come from the environment: not if a person must agree, or data are overwritten."""
    return long_name(option) not in _NOT_FROM_ENVIRONMENT


def long_name(option: click.Option) -> str:
    """Return an option's longest name without its dashes: `limit-rate`."""
    return max(option.opts, key=len).lstrip("-")


def write_examples(examples: Sequence[str], ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """Write the examples of a verb of the first level; `tasks done` has those of `tasks`."""
    if examples and ctx.parent is not None and ctx.parent.parent is None:
        with formatter.section("Examples"):
            for example in examples:
                formatter.write_text(example)


def verb(name: str, *options: click.Option) -> Callable[[Callable[..., Any]], Verb]:
    """Make a verb of a function; the function's docstring is its help."""
    return click.command(name, cls=Verb, params=list(options))


def _options(command: click.Command) -> list[click.Option]:
    return [param for param in command.params if isinstance(param, click.Option)]
