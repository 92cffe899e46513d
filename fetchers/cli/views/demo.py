"""The demo, for a person: each command as one types it, its real output, and what it came to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.cli.style import count
from fetchers.cli.views.findings import wrapped
from fetchers.verbs.demo.telling import command_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fetchers.cli.style import Style
    from fetchers.verbs.demo.story import Act
    from fetchers.verbs.demo.telling import Step, Told


def begins(act: Act, look: Style) -> Iterator[str]:
    """Yield why the next command is typed, and the command."""
    for line in wrapped(act.says, look, indent="# "):
        yield look.paint(line, "info")
    yield f"{look.paint('$', 'dim')} {look.paint(command_of(act), 'head')}"


def ends(step: Step, look: Style) -> Iterator[str]:
    """Yield what the command printed, and how it ended; the output is our own and was made harmless there."""
    yield from step.output.rstrip("\n").split("\n")
    asked = f"{count(step.asked, 'request')} on loopback"
    verdict = "as it should be" if step.as_told else f"the story expected {step.expected}"
    style = "dim" if step.as_told else "bad"
    yield look.paint(f"[exit {step.exit}, {verdict}; {asked}]", style)
    yield ""


def ending(told: Told, look: Style) -> Iterator[str]:
    """Yield the last lines."""
    if told.exit:
        wrong = [step.command for step in told.steps if not step.as_told]
        yield look.paint(f"The demo did not go as planned: {', '.join(wrong)}", "bad")
    else:
        yield look.paint(f"The demo went as planned: {count(len(told.steps), 'command')}, no internet.", "good")
    if told.home is not None:
        yield f"It is all in {told.home}; FETCH_HOME={told.home} fetch status looks at it again."
