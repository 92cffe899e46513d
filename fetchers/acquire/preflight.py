"""Check policy, access and consent before the first connection."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from fetchers.acquire import describe
from fetchers.checks.access import gate as access
from fetchers.checks.terms import verdict
from fetchers.dataset import Step
from fetchers.errors import AccessError, CatalogueError, FetchError, TermsError
from fetchers.events import log
from fetchers.inspection import compliance, private_copies
from fetchers.inspection.private_terms import private
from fetchers.inspection.scope import Subject
from fetchers.records import TermsSeen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fetchers.acquire.request import Result
    from fetchers.context import Context
    from fetchers.dataset import Dataset
    from fetchers.records import Event, Finding
    from fetchers.source import Source
    from fetchers.storage.record.manifest import Manifest


_UNDECIDED = frozenset({"open", "submitted"})  # nobody has said no


def refusal(
    context: Context,
    dataset: Dataset,
    source: Source,
    events: Sequence[Event],
    agreed: Sequence[str],
    *,
    credential: bool = False,
) -> FetchError | None:
    """Return why `dataset` cannot be downloaded now, or None. `--force` opens no gate.

    Where the place itself checks who has access, a `credential` for it is tried before a person's tasks are believed.
    """
    return (
        at_fault(dataset)
        or forbidden(context, dataset.licence, dataset.address)
        or _shut(context, dataset, source, events, credential=credential)
        or _unaccepted(context, dataset, events, agreed)
        or private_copies.refusal(context.store, dataset)
    )


def at_fault(dataset: Dataset) -> CatalogueError | None:
    """Return what is wrong with this dataset's table alone."""
    if dataset.fault is None:
        return None
    return CatalogueError(dataset.fault, hint="correct the licence named above, then type the command again")


def forbidden(context: Context, licence: str | None, what: str) -> TermsError | None:
    """Return why this workspace's policy refuses `licence`."""
    config = context.workspace.config
    reason = verdict.policy_refuses(licence, config.policy_allow, config.policy_forbid)
    if reason is None:
        return None
    return TermsError(f"{what}: {reason}", hint="change [policy] in the workspace's config.toml; no flag overrides it")


def _shut(
    context: Context, dataset: Dataset, source: Source, events: Sequence[Event], *, credential: bool
) -> AccessError | None:
    gate = access.gate(dataset, events, context.now)
    asks_place = (credential and source.gatekeeper) or dataset.origin is not None
    if not gate.open and not (asks_place and gate.state in _UNDECIDED):
        return AccessError(f"{dataset.address}: {gate.reason}", hint=gate.hint)
    if source.by_hand:
        return AccessError(
            f"{dataset.address}: only a person's browser may fetch it, from {dataset.link}",
            hint=f"download it there, then: fetch adopt {dataset.address} PATH...",
        )
    return None


def _unaccepted(
    context: Context, dataset: Dataset, events: Sequence[Event], agreed: Sequence[str]
) -> AccessError | None:
    asked = verdict.to_accept(dataset.licence, context.workspace.catalogue.licences, events)
    open_texts = [licence for licence in asked if licence.id not in agreed]
    if not open_texts:
        return None
    names = ", ".join(licence.id for licence in open_texts)
    flags = " ".join(f"--accept {licence.id}" for licence in open_texts)
    return AccessError(
        f"{dataset.address}: its terms must be agreed to first: {names}",
        hint=f"read them with: fetch accept {open_texts[0].id}   or agree by name: fetch {dataset.address} {flags}",
    )


def purpose(context: Context, dataset: Dataset) -> list[Finding]:
    """Return where the purpose that was applied with contradicts the terms."""
    if dataset.access == "open" and not dataset.steps:
        return []
    found = access.application(dataset, log.read(context), context.now)
    return list(compliance.purpose(context, Subject(dataset), found))


def consent(context: Context, dataset: Dataset, events: Sequence[Event], agreed: Sequence[str]) -> None:
    """Record that a person agreed, by naming them with `--accept`, to the texts that ask for it."""
    from fetchers.events.consent import record_acceptance

    for licence in verdict.to_accept(dataset.licence, context.workspace.catalogue.licences, events):
        if licence.id in agreed:
            record_acceptance(context, licence)


def leave_tasks(context: Context, dataset: Dataset, refused: AccessError) -> AccessError:
    """Turn the steps of a gated dataset into tasks, so that a refusal is not forgotten; return it with that said."""
    from fetchers.events.consent import open_for

    opened = open_for(context, dataset) if dataset.access != "open" else None
    if opened is None:
        return refused
    return AccessError(f"{refused.what} (the steps are now tasks: fetch tasks {opened})", hint=refused.hint)


@contextmanager
def steps_named(context: Context, dataset: Dataset, source: Source, *, write: bool) -> Iterator[None]:
    """Turn a refusal of the place into steps of a person's: named, and recorded as tasks where that is wanted."""
    try:
        yield
    except AccessError as error:
        told = _with_steps(context, dataset, source, error, write=write)
        raise told from error


def with_steps(context: Context, dataset: Dataset, source: Source, found: Result, *, write: bool) -> Result:
    """Return a result whose refusals name the steps that open the place; what it let through is recorded as done."""
    refused = [failure for failure in found.failures if failure.exit == AccessError.exit_status]
    if not refused:
        if write and found.files:
            _honoured(context, dataset, source)
        return found
    told = _with_steps(context, dataset, source, AccessError(refused[0].error, hint=refused[0].hint), write=write)
    return found._replace(
        failures=tuple(
            failure._replace(error=told.what, hint=told.hint) if failure is refused[0] else failure
            for failure in found.failures
        )
    )


def _with_steps(context: Context, dataset: Dataset, source: Source, error: AccessError, *, write: bool) -> AccessError:
    from fetchers.events.consent import open_for

    steps = tuple(source.steps(dataset)) or _asking(dataset)
    if not steps or not (source.gatekeeper or dataset.origin):
        return error
    gated = dataset._replace(access=dataset.access if dataset.access != "open" else "registration", steps=steps)
    if write and (dataset.origin is not None or dataset.steps):
        if dataset.origin is not None:
            describe.remember(context, gated)
        open_for(context, gated)
    what = "; ".join(
        f"{number}. {step.title}" + (f" ({step.url})" if step.url else "") for number, step in enumerate(steps, 1)
    )
    again = dataset.origin or dataset.address
    return AccessError(
        f"{error.what}. What opens it: {what}",
        hint=f"then: fetch get {again}   (the tasks: fetch tasks {dataset.address})",
    )


def _honoured(context: Context, dataset: Dataset, source: Source) -> None:
    """Record that the place let us in: it is what the steps were for."""
    from fetchers.events import log

    if dataset.access == "open" or not (source.gatekeeper or dataset.origin):
        return
    events = log.noticed(context)
    found = access.application(dataset, events, context.now)
    if found is not None and found.state not in _UNDECIDED:
        return
    note = f"{source.gatekeeper or dataset.link} let this account in"
    subject = log.subject(context, dataset.address)
    new = [] if found is not None else [log.automatic(context, subject)]
    steps = [task.key for task in found.tasks if task.open] if found else [step.key for step in subject.steps]
    new += [log.event(context, "done", subject, key=key, note=note) for key in steps]
    if dataset.access != "registration":
        new.append(log.event(context, "granted", subject, note=note))
    log.append(context, new)


def _asking(dataset: Dataset) -> tuple[Step, ...]:
    """Return the one step of a place that no source knows the steps of: ask there, then keep the credential."""
    if dataset.origin is None:
        return ()
    title = "Ask for access on its page; a credential for it is kept by: fetch login ADDRESS"
    return (Step(key="access", title=title, url=dataset.link),)


def record_terms(context: Context, manifest: Manifest, dataset: Dataset) -> None:
    """Keep the terms as they are now next to the data, so that `audit` sees when they change."""
    from fetchers.checks.terms.licence_text import text_of, text_sha256
    from fetchers.storage.publish import terms_snapshot as kept

    seen = {(row.part, row.licence, row.text_sha256): row.text_path for row in manifest.terms(dataset.name)}
    expressions = {
        row.licence for row in manifest.holdings() if (row.dataset, row.part) == (dataset.name, dataset.part)
    }
    for identifier in sorted({name for expression in expressions for name in verdict.licences_in(expression)}):
        licence = verdict.lookup(identifier, context.workspace.catalogue.licences)
        if licence is None:
            continue
        known = seen.get((dataset.part, identifier, text_sha256(licence)))
        if known is not None and kept.is_kept(context.store, known):
            continue
        alone = private(context, dataset, manifest.events(dataset.name))
        readers = context.readers_of(dataset.name, dataset.part)
        text = text_of(licence)
        path, digest = kept.keep(context.store, dataset.name, identifier, text, private=alone, readers=readers)
        if known == path:  # a release destroyed the text, not the record of it
            continue
        manifest.saw_terms(
            TermsSeen(
                dataset=dataset.name,
                part=dataset.part,
                licence=identifier,
                url=licence.url,
                text_sha256=digest,
                text_path=path,
                seen_at=context.stamp,
            )
        )
