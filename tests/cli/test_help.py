"""The help fits a screen, names every verb, and begins with what one types."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import click
import pytest

from fetchers.cli.app import front
from fetchers.cli.examples import EXAMPLES
from fetchers.cli.registry import VERBS
from tests.cli.run import fetch

if TYPE_CHECKING:
    from pathlib import Path


def test_the_menu_fits_a_screen(tmp_path: Path) -> None:
    """Groups by what a person wants, the common verbs first; every verb is named."""
    text = fetch("--help", home=tmp_path, COLUMNS="80").out
    assert len(text.splitlines()) <= 60
    assert max(map(len, text.splitlines())) <= 80
    words = set(text.replace(",", " ").split())
    assert set(VERBS) <= words
    heads = [line.rstrip(":") for line in text.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert heads == ["Get data", "Get access", "Keep account", "Use it", "Share it", "Options"]


@pytest.mark.parametrize("verb", VERBS)
def test_a_verbs_help_begins_with_two_examples(verb: str) -> None:
    """Both are of that verb, and the options that they show are its own."""
    assert verb in EXAMPLES, f"fetchers/cli/examples.py wants two examples of fetch {verb}"
    command = front().get_command(click.Context(front()), verb)
    assert command is not None
    context = click.Context(command, info_name=verb, parent=click.Context(front(), info_name="fetch"))
    usage, examples, *_ = command.get_help(context).split("\n\n")
    assert usage.startswith(f"Usage: fetch {verb}")
    assert examples.startswith("Examples:\n")
    known = {name for one in command.params for name in one.opts}
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        known |= {name for one in inner.params for name in one.opts}
    for example in EXAMPLES[verb]:
        words = shlex.split(example)
        assert words[:2] == ["fetch", verb]
        assert {word for word in words if word.startswith("--")} <= known
