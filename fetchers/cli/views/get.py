"""What came of `fetch get`, for a person: what is held and where, what is wrong, what to type next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.cli.style import count, size
from fetchers.cli.terminal import escaped, sentence
from fetchers.cli.views.findings import findings, wrapped
from fetchers.dataset import address_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fetchers.acquire.request import GetReport, Result
    from fetchers.cli.style import Style
    from fetchers.dataset import Dataset
    from fetchers.verbs.sync import Synced
    from fetchers.workspace import Workspace

_INDENT = 10
_FAILURES = 5


def page(report: GetReport, look: Style, workspace: Workspace) -> Iterator[str]:
    """Yield the lines; with --quiet only the folders of what is held: for `$(fetch -q get NAME)`."""
    if look.quiet:
        yield from dict.fromkeys(result.root for result in report.datasets if result.files and result.plan is None)
        return
    for index, result in enumerate(report.datasets):
        if index:
            yield ""
        dataset = _dataset(workspace, result)
        name = address_of(result.dataset, result.part)
        yield f"{look.paint(name, 'head')}  {escaped(dataset.title) if dataset else ''}".rstrip()
        yield from _held(result, look)
        yield from _terms(result, look)
        if dataset is not None and result.downloaded_files:
            yield from _errata(dataset, look)
        yield from findings(result.findings, look, indent="  ")
        yield from _choices(result, look)
        if not result.exit:
            yield _line("next", _next(result), look)
    if len(report.datasets) > 1:
        yield ""
        yield _together(report.datasets, look)


def _together(results: Sequence[Result], look: Style) -> str:
    """Yield one line about all results."""
    planned = [result.plan for result in results if result.plan is not None]
    well = sum(not result.exit for result in results)
    words = [f"{well} of {len(results)} {'would be fetched' if planned else 'held'}"]
    files = sum(plan.files for plan in planned) if planned else sum(result.downloaded_files for result in results)
    sizes = [plan.bytes for plan in planned] if planned else [result.downloaded_bytes for result in results]
    if files:
        known = sum(amount for amount in sizes if amount is not None)
        words.append(f"{count(files, 'remote file')}, {'at least ' if None in sizes else ''}{size(known)}")
    failed = [address_of(result.dataset, result.part) for result in results if result.exit]
    if failed:
        words.append(look.paint(f"not as wanted: {', '.join(failed)}", "bad"))
    return f"{look.paint('together', 'head')}  {'; '.join(words)}"


def trouble(report: GetReport | Synced, look: Style) -> Iterator[str]:
    """Yield what went wrong and what to type next: for stderr, also beside a JSON document."""
    for result in report.datasets:
        if look.quiet:
            yield from findings([one for one in result.findings if one.severity == "error"], look)
        for failure in result.failures[:_FAILURES]:
            subject = f"{address_of(result.dataset, result.part)}: {failure.path}: " if failure.path else ""
            yield sentence("error:", "bad", f"{subject}{failure.error}", look)
            if failure.hint:
                yield sentence("try:", "info", failure.hint, look)
        more = len(result.failures) - _FAILURES
        if more > 0:
            yield look.paint(
                f"... {count(more, 'failure')} more of {address_of(result.dataset, result.part)} (--json lists all)",
                "dim",
            )


def _held(result: Result, look: Style) -> Iterator[str]:
    if result.plan is not None:
        plan = result.plan
        known = "" if plan.bytes is None else f", {size(plan.bytes)}"
        unknown = f", {count(plan.unknown_sizes, 'size')} unknown" if plan.unknown_sizes else ""
        yield _line(
            "would get", f"{count(plan.files, 'remote file')}{known}{unknown} (a dry run: nothing is written)", look
        )
    for one in result.planned or ():
        yield f"  {' ' * (_INDENT - 2)}{escaped(one.path)}  {'size unknown' if one.size is None else size(one.size)}"
    if result.files:
        yield _line("held", f"{count(result.files, 'file')}, {size(result.bytes)}", look)
        yield _line("in", result.root, look)
    if result.downloaded_files:
        got = f"{count(result.downloaded_files, 'remote file')}, {size(result.downloaded_bytes)}"
        yield _line("fetched", got, look)
    elif result.files and not result.exit and result.plan is None:
        yield _line("fetched", "nothing: all of it is here already", look)


def _terms(result: Result, look: Style) -> Iterator[str]:
    if result.files or result.plan:
        licence = result.terms.licence or "unknown: no terms of use are known"
        yield _line("terms", licence + ("" if result.terms.accepted else " (not agreed to yet)"), look)


def _errata(dataset: Dataset, look: Style) -> Iterator[str]:
    """Yield where the list is wrong, in short; `show` has the details, and addresses that moved."""
    for erratum in dataset.errata:
        if erratum.field != "link":
            listed = erratum.listed or "nothing"
            text = escaped(f'the list promises {erratum.field} "{listed}"; found: {erratum.found}')
            yield from _wrapped_line("erratum", text, look, "warn")


def _choices(result: Result, look: Style) -> Iterator[str]:
    for name, line in result.choices[:20]:
        yield f"  {' ' * (_INDENT - 2)}{look.paint(f'{result.dataset}/{name}', 'head')}  {line}".rstrip()
    if len(result.choices) > 20:  # noqa: PLR2004 - a screenful
        yield look.paint(f"  {' ' * (_INDENT - 2)}... {len(result.choices) - 20} more", "dim")


def _next(result: Result) -> str:
    if result.plan is not None:
        return f"fetch {address_of(result.dataset, result.part)}"
    return (
        f"fetch verify {address_of(result.dataset, result.part)}, fetch cite {address_of(result.dataset, result.part)}"
    )


def _line(label: str, text: str, look: Style, style: str = "dim") -> str:
    return f"  {look.paint(label.ljust(_INDENT - 2), style)}  {text}"


def _wrapped_line(label: str, text: str, look: Style, style: str) -> Iterator[str]:
    first, *more = list(wrapped(text, look, indent=" " * (_INDENT + 2))) or [""]
    yield _line(label, first.strip(), look, style)
    yield from more


def _dataset(workspace: Workspace, result: Result) -> Dataset | None:
    from fetchers.errors import FetchError

    try:
        return next(iter(workspace.catalogue.find(address_of(result.dataset, result.part))), None)
    except FetchError:
        return None
