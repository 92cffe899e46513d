"""What came of `fetch push`, for a person: what lies in the bucket now, and what does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.cli.style import count, size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fetchers.cli.style import Style
    from fetchers.verbs.push import Pushed

_FAILURES = 5


def page(done: Pushed, look: Style) -> Iterator[str]:
    """Yield the lines."""
    yield f"{look.paint(done.to, 'head')}"
    yield f"  there     {count(done.files, 'file')}, {size(done.bytes)}"
    yield f"  sent      {count(done.uploaded_files, 'file')}, {size(done.uploaded_bytes)}"
    for name in done.table:
        yield f"  table     {name}"


def trouble(done: Pushed, look: Style) -> Iterator[str]:
    """Yield what failed, the first few by name."""
    for one in done.failed[:_FAILURES]:
        yield f"{look.paint('failed:', 'bad')} {one.error}"
        if one.hint:
            yield f"{look.paint('try:', 'info')} {one.hint}"
    if len(done.failed) > _FAILURES:
        yield f"and {count(len(done.failed) - _FAILURES, 'other file')}; --json names them all"
