"""Print a result: one JSON document, or text for a person.

Every text that a stranger may have written passes `terminal` before a page sees it, so no control character of a
header, a file name or a server's message reaches a screen. JSON escapes them by itself.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from fetchers.cli.registry import EMPTY
from fetchers.cli.style import look_of
from fetchers.cli.terminal import escaped, say, sentence, write
from fetchers.document import document
from fetchers.errors import INTERRUPTED, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from fetchers.cli.settings import Settings
    from fetchers.cli.style import Style

Result = TypeVar("Result")


class Failure(NamedTuple):
    """The reason why a command ends without its document."""

    exit: int
    error: str
    hint: str | None


def answer(
    here: Settings,
    result: Result,
    page: Callable[[Result, Style], Iterable[str]],
    *,
    status: int = 0,
    trouble: Callable[[Result, Style], Iterable[str]] | None = None,
) -> int:
    """Print a verb's result on stdout, what went wrong on stderr, and return the command's exit status."""
    here.settle()
    if here.json:
        write(sys.stdout, _dump(document(result, status=status)))
    else:
        say(sys.stdout, page(clean(result), here.look))
    look = look_of(sys.stderr, here.environ, quiet=here.quiet)
    if trouble is not None:
        say(sys.stderr, trouble(clean(result), look))
    if status == INTERRUPTED:
        say(sys.stderr, [f"{look.paint('interrupted:', 'bad')} the same command goes on from here"])
    return status


def fail(here: Settings, verb: str, failure: Failure, *, as_json: bool, trace: Exception | None = None) -> None:
    """Print what went wrong and what to type next on stderr; with --json also in the document on stdout."""
    here.settle()
    look = look_of(sys.stderr, here.environ)
    if trace is not None:
        from traceback import format_exception

        text = "".join(format_exception(trace))
        write(sys.stderr, "\n".join(escaped(line) for line in text.splitlines()))
    write(sys.stderr, sentence("error:", "bad", failure.error, look))
    if failure.hint:
        write(sys.stderr, sentence("try:", "info", failure.hint, look))
    if as_json:
        with suppress(StoreError):  # what went wrong first has the word
            write(sys.stdout, _dump({**EMPTY.get(verb, {}), **failure._asdict()}))


def clean(value: Result) -> Result:
    """Return the same result with every text made harmless for a terminal."""
    return _cleaned(value)  # type: ignore[no-any-return]  # the same shape comes back


def _cleaned(value: Any) -> Any:  # noqa: ANN401 - it walks whatever a verb returns
    if isinstance(value, str):
        # Line ends are prose's: a page breaks its own lines.
        return escaped(value) if value.isprintable() else " ".join(escaped(line) for line in value.splitlines())
    if isinstance(value, tuple) and hasattr(value, "_make"):
        return value._make(map(_cleaned, value))
    if isinstance(value, Mapping):
        return {_cleaned(key): _cleaned(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return type(value)(_cleaned(item) for item in value)
    if value is None or isinstance(value, (bool, int, float, date, PurePath)):
        return value
    raise TypeError(f"a page is not shown what was not looked through: {type(value)}")


def _dump(found: object) -> str:
    import json

    return json.dumps(found, indent=2)  # in ASCII: a locale that is no UTF-8, or a file's name, would break it
