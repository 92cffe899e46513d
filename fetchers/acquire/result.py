"""Make one result and one exit status of totals, findings and failures."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from fetchers.acquire.request import Failure, Result, Terms
from fetchers.checks.terms import verdict
from fetchers.errors import PARTLY_DONE, AbsentError, ContentError
from fetchers.inspection import recorded
from fetchers.storage import layout

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fetchers.acquire.messages import Totals
    from fetchers.acquire.plan import MissingFiles
    from fetchers.acquire.request import Plan
    from fetchers.context import Context
    from fetchers.dataset import Dataset
    from fetchers.errors import FetchError
    from fetchers.records import Finding
    from fetchers.storage.record.manifest import Manifest


class Outcome(Protocol):
    """What became of one dataset or part, as far as the exit status of a command asks."""

    @property
    def dataset(self) -> str:
        """Its name."""

    @property
    def exit(self) -> int:
        """Its own exit status."""

    @property
    def failures(self) -> tuple[Failure, ...]:
        """What failed of it."""


class Done(NamedTuple):
    """A run's tally, with what came over the line: remote files, and bytes."""

    totals: Totals
    files: int
    bytes: int


def result(
    context: Context,
    dataset: Dataset,
    manifest: Manifest,
    *,
    done: Done | None = None,
    listing: MissingFiles | None = None,
    plan: Plan | None = None,
    failures: tuple[Failure, ...] = (),
    remarks: Sequence[str] = (),
) -> Result:
    """Return what is held of `dataset` now, and what this run did."""
    mine = [row for row in manifest.holdings() if (row.dataset, row.part) == (dataset.name, dataset.part)]
    findings = tuple(done.totals.findings) if done else ()
    findings += tuple(dataset.finding("remark", "info", None, remark) for remark in dict.fromkeys(remarks))
    if done is not None:
        failures += tuple(_failure(remote.path, error) for remote, error in done.totals.failures)
    if listing is not None:
        failures += tuple(_unlisted(listing))
        findings += tuple(_gone(listing, dataset))
        findings += tuple(_short(listing, dataset))
    failures = tuple(failure._replace(hint=typable(failure.hint, dataset)) for failure in failures)
    held = sum(row.files for row in mine)
    exit_ = status(failures, findings, held=held or (plan.files if plan else 0), partly=_matched(listing))
    if plan is None:
        said = {(finding.rule, _where(finding)) for finding in findings}
        told = [one for one in recorded.findings(manifest, dataset) if (one.rule, _where(one)) not in said]
        findings += tuple(told)
        exit_ = exit_ or (4 if any(one.severity == "error" for one in told) else 0)
    return Result(
        dataset=dataset.name,
        part=dataset.part,
        root=str(layout.root(context.store, dataset.name, dataset.part)),
        files=held,
        bytes=sum(row.bytes for row in mine),
        downloaded_files=done.files if done else 0,
        downloaded_bytes=done.bytes if done else 0,
        failed=len(failures),
        terms=_terms(context, dataset, manifest, [row.licence for row in mine]),
        findings=findings,
        failures=failures,
        exit=exit_,
        plan=plan,
    )


def _where(finding: Finding) -> str | None:
    """Return the path by which a finding is known; a series that is short is told by its own name or by a file's."""
    return None if finding.rule == "count-short" else finding.path


def _unlisted(listing: MissingFiles) -> Iterator[Failure]:
    """Yield the rows of a listing that could not be taken, and what ended it."""
    for name, error in listing.refused.named:
        yield _failure(name, error)
    if listing.refused.more:
        what = f"{listing.refused.more:,} more rows of the listing cannot be taken"
        yield Failure(path=None, error=what, hint=None, exit=ContentError.exit_status)
    if listing.error is not None:
        error = listing.error
        yield Failure(path=None, error=error.what, hint=error.hint, exit=error.exit_status)


def _failure(path: str, error: FetchError) -> Failure:
    absent = isinstance(error, AbsentError)
    return Failure(path=path, error=error.what, hint=error.hint, exit=error.exit_status, absent=absent)


def _gone(listing: MissingFiles, dataset: Dataset) -> Iterator[Finding]:
    """Yield a finding for each lost file that nothing brings again."""
    for row in listing.gone:
        yield dataset.finding(
            "file-missing",
            "error",
            row.path,
            f"it is not there; it came in an older {row.remote} (SHA-256 {row.came_in}), which was replaced",
            f"fetch get {dataset.address} --force",
        )


def _short(listing: MissingFiles, dataset: Dataset) -> Iterator[Finding]:
    """Yield a finding for each series of which the place lists fewer images than it counts."""
    for one in dict.fromkeys(listing.short):
        yield dataset.finding(
            "count-short",
            "error",
            one.series,
            f"the place lists {one.listed} images of it, and counts {one.counted}",
            f"fetch get {dataset.address} --series {one.series} {one.other}".rstrip(),
        )


def _matched(listing: MissingFiles | None) -> bool:
    return listing is not None and listing.matched


def typable(hint: str | None, dataset: Dataset) -> str | None:
    """Return a hint with the dataset's name in place of `NAME`, so that it can be typed."""
    return None if hint is None else hint.replace(" NAME", f" {dataset.address}")


def _terms(context: Context, dataset: Dataset, manifest: Manifest, recorded: Sequence[str | None]) -> Terms:
    """Return the terms: the catalogue's, or all that the archive gave its single files."""
    given = sorted({licence for licence in recorded if licence})
    licence = dataset.licence
    if licence is None and given:
        licence = given[0] if len(given) == 1 else " AND ".join(_bracketed(one) for one in given)
    asked = verdict.to_accept(licence, context.workspace.catalogue.licences, manifest.events())
    return Terms(licence=licence, accepted=not asked)


def _bracketed(expression: str) -> str:
    return f"({expression})" if " OR " in expression else expression


def overall(results: Sequence[Outcome]) -> int:
    """Return the failures' status if all share one, else 9; also 9 if some parts of a dataset are held and some not."""
    statuses = {result.exit for result in results if result.exit}
    if not statuses:
        return 0
    if len(statuses) > 1:
        return PARTLY_DONE
    failed = [result for result in results if result.exit]
    for name in {result.dataset for result in failed}:
        parts = [result for result in results if result.dataset == name]
        if any(part.exit == 0 for part in parts) and any(part.failures for part in parts):
            return PARTLY_DONE
    return statuses.pop()


def status(failures: Sequence[Failure], findings: Sequence[Finding], *, held: int, partly: bool) -> int:
    """Return the exit status of one dataset: its one kind of failure, or 9 where several are mixed or some is held."""
    wrong = any(finding.severity == "error" for finding in findings)
    statuses = {failure.exit for failure in failures}
    if not statuses:
        return ContentError.exit_status if wrong else 0
    if held and any(partly or failure.path is not None for failure in failures):
        return PARTLY_DONE
    if len(statuses) == 1 and (not wrong or statuses == {4}):
        return statuses.pop()
    return PARTLY_DONE
