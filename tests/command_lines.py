"""Check that a line beginning with `fetch` can be typed: its verb and options exist, and no prose follows."""

from __future__ import annotations

import re
import shlex

import click

from fetchers.cli.app import front

FILLED = "\u00a7"  # stands for a value that the program fills in
_ENDS = {"&&", "|", ";", "||", ">", "2>"}
_WORD = re.compile(r"[a-z]+[,.;]?")


def fault(line: str, *, values: frozenset[str] = frozenset()) -> str | None:
    """Return why `line` is no command, or None. `values` are lower-case words that may stand as arguments."""
    command, _, _ = line.partition("   ")  # an explanation follows three spaces
    try:
        words = shlex.split(command, comments=True)
    except ValueError as error:
        return str(error)
    end = next((index for index, word in enumerate(words) if word in _ENDS), len(words))
    words = [word.partition("|")[0] for word in words[1:end]]  # of `--csv|--jsonl` the first
    context = click.Context(front(), info_name="fetch")
    try:
        command_, rest = _command(context, words)
        given, _, _ = command_.make_parser(click.Context(command_)).parse_args(list(rest))
    except (click.UsageError, SystemExit) as error:
        return str(error)
    arguments = {param.name for param in command_.params if isinstance(param, click.Argument)}
    taken = [value for name, value in given.items() if name in arguments]
    flat = [word for value in taken for word in (value if isinstance(value, (list, tuple)) else [value])]
    prose = [word for word in flat if isinstance(word, str) and _WORD.fullmatch(word) and word not in values]
    return f"prose, or a value that is not known: {' '.join(prose)}" if prose else None


def _command(context: click.Context, words: list[str]) -> tuple[click.Command, list[str]]:
    """Return the command that the words name, with the words after it; without one it is `get`."""
    group: click.Command = context.command
    rest = list(words)
    while isinstance(group, click.Group):
        options = {name: option for option in group.params for name in option.opts}
        front_options = []
        while rest and rest[0].split("=")[0] in options:
            option = options[rest[0].split("=")[0]]
            valued = isinstance(option, click.Option) and not option.is_flag and "=" not in rest[0]
            front_options += rest[: 1 + valued]
            rest = rest[1 + valued :]
        if not rest:
            return group if not getattr(group, "alone", False) else _default(context, group), front_options
        inner = group.get_command(context, rest[0]) if rest[0] in group.list_commands(context) else None
        if inner is None:
            if rest[0] == "--help":
                return group, rest
            return _default(context, group), front_options + rest
        group, rest = inner, front_options + rest[1:]
    return group, rest


def _default(context: click.Context, group: click.Group) -> click.Command:
    found = group.get_command(context, getattr(group, "default", ""))
    if found is None:
        raise click.UsageError(f"{group.name} has no default")
    return found
