"""Show findings: the worst first, one group per rule, with what to type next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.cli.style import count

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fetchers.cli.style import Style
    from fetchers.records import Finding

_ORDER = {"error": "bad", "warning": "warn", "info": "info"}
_SHOWN = 3  # of one rule; --json has them all


def findings(found: Sequence[Finding], look: Style, *, indent: str = "") -> Iterator[str]:
    """Yield the lines of the findings."""
    for severity, style in _ORDER.items():
        groups: dict[tuple[str, str | None], list[Finding]] = {}
        for finding in found:
            if finding.severity == severity:
                groups.setdefault((finding.rule, finding.dataset), []).append(finding)
        for (rule, _), group in groups.items():
            yield from _group(rule, group, look, severity, style, indent)


def _group(rule: str, group: Sequence[Finding], look: Style, severity: str, style: str, indent: str) -> Iterator[str]:
    where = _where(group)
    head = f"{indent}{look.paint(severity, style)} {look.paint(rule, 'head')}"
    if len(group) == 1:
        yield f"{head}{where and f'  {where}'}{_path(group[0])}"
        yield from wrapped(group[0].message, look, indent=f"{indent}    ")
    else:
        yield f"{head}{where and f'  {where}'}  {_amount(group)}"
        for finding in group[:_SHOWN]:
            yield from wrapped(f"{finding.path or '-'}: {finding.message}", look, indent=f"{indent}    ")
        if len(group) > _SHOWN:
            yield look.paint(f"{indent}    ... {len(group) - _SHOWN:,} more (--json lists all)", "dim")
    if look.quiet:
        return
    for hint in dict.fromkeys(finding.hint for finding in group if finding.hint):
        label = "see:" if hint.startswith(("https://", "http://")) else "try:"
        yield f"{indent}    {look.paint(label, 'info')} {hint}"
        break


def _amount(group: Sequence[Finding]) -> str:
    """Count findings, and the files that they are about where these are fewer."""
    files = len({(finding.part, finding.path) for finding in group if finding.path})
    if files == len(group):
        return count(files, "file")
    return count(len(group), "finding") + (f" in {count(files, 'file')}" if files else "")


def _where(group: Sequence[Finding]) -> str:
    first = group[0]
    if first.dataset is None:
        return ""
    parts = {finding.part for finding in group}
    return f"{first.dataset}/{first.part}" if len(parts) == 1 and first.part else first.dataset


def _path(finding: Finding) -> str:
    return f"  {finding.path}" if finding.path else ""


def wrapped(text: str, look: Style, *, indent: str = "", hang: str | None = None) -> Iterable[str]:
    """Break a text at the look's width."""
    from textwrap import wrap

    return wrap(
        text,
        width=look.width,
        initial_indent=indent,
        subsequent_indent=indent if hang is None else hang,
        break_long_words=False,
        break_on_hyphens=False,
    )
