"""May it be fetched at all? Policy, access and consent, decided before the first connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.checks.access import gate as access
from fetchers.checks.terms import verdict
from fetchers.errors import AccessError, FetchError, TermsError
from fetchers.records import TermsSeen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fetchers.context import Context
    from fetchers.dataset import Dataset
    from fetchers.records import Event
    from fetchers.source import Source
    from fetchers.storage.record.manifest import Manifest


def refusal(
    context: Context, dataset: Dataset, source: Source, events: Sequence[Event], agreed: Sequence[str]
) -> FetchError | None:
    """Say why `dataset` is not fetched now; None where nothing stands in the way. `--force` opens no gate."""
    return (
        forbidden(context, dataset.licence, dataset.address)
        or _shut(context, dataset, source, events)
        or _unaccepted(context, dataset, events, agreed)
    )


def forbidden(context: Context, licence: str | None, what: str) -> TermsError | None:
    """Say why this workspace's policy refuses `licence`."""
    config = context.workspace.config
    reason = verdict.policy_refuses(licence, config.policy_allow, config.policy_forbid)
    if reason is None:
        return None
    return TermsError(
        f"{what}: {reason}", hint="the policy stands in [policy] of the workspace's config.toml; no flag overrides it"
    )


def _shut(context: Context, dataset: Dataset, source: Source, events: Sequence[Event]) -> AccessError | None:
    gate = access.gate(dataset, events, context.now)
    if not gate.open:
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


def consent(context: Context, dataset: Dataset, events: Sequence[Event], agreed: Sequence[str]) -> None:
    """Record that a person agreed, by naming them with `--accept`, to the texts that ask for it."""
    from fetchers.events.consent import record_acceptance

    for licence in verdict.to_accept(dataset.licence, context.workspace.catalogue.licences, events):
        if licence.id in agreed:
            record_acceptance(context, licence)


def leave_tasks(context: Context, dataset: Dataset, refused: AccessError) -> AccessError:
    """Turn the steps of a gated dataset into tasks, so that a refusal is not forgotten; give it with that said."""
    from fetchers.events.consent import open_for

    opened = open_for(context, dataset) if dataset.access != "open" else None
    if opened is None:
        return refused
    return AccessError(f"{refused.what} (what is to be done are tasks now: fetch tasks {opened})", hint=refused.hint)


def record_terms(context: Context, manifest: Manifest, dataset: Dataset) -> None:
    """Keep the terms as they are now beside the data, so that `audit` sees when they change."""
    from fetchers.checks.terms.licence_text import text_of, text_sha256
    from fetchers.storage.publish import terms_snapshot as kept

    seen = {(row.part, row.licence, row.text_sha256) for row in manifest.terms(dataset.name)}
    expressions = {
        row.licence for row in manifest.holdings() if (row.dataset, row.part) == (dataset.name, dataset.part)
    }
    for identifier in sorted({name for expression in expressions for name in verdict.licences_in(expression)}):
        licence = verdict.lookup(identifier, context.workspace.catalogue.licences)
        if licence is None or (dataset.part, identifier, text_sha256(licence)) in seen:
            continue
        private = verdict.private(dataset.licence, context.workspace.catalogue.licences)
        path, digest = kept.keep(context.store, dataset.name, identifier, text_of(licence), private=private)
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
