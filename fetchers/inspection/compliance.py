"""Check that copies may be held: access, consent, changed terms, duties, retention.

Without an access that holds today a copy is `access-missing`, or `access-lapsed` where there once was one: errors, as
is a text that nobody ever agreed to. What may want a person's eye soon (a changed text, a grant that ends within 30
days, a copy that should be destroyed by now) is a warning.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from fetchers.checks.access import gate as access
from fetchers.checks.access import purposes
from fetchers.checks.terms import verdict
from fetchers.checks.terms.duties import in_words
from fetchers.checks.terms.licence_text import text_sha256
from fetchers.inspection.scope import Subject, today

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fetchers.checks.access.applications import Application
    from fetchers.context import Context
    from fetchers.dataset import Licence
    from fetchers.records import Event, Finding, TermsSeen
    from fetchers.storage.record.manifest import Manifest

_BY_SERIES = frozenset({"tcia", "idc", "nbia"})  # places that give each series a licence of its own


def findings(
    context: Context, manifest: Manifest, subjects: Sequence[Subject], events: Sequence[Event]
) -> Iterator[Finding]:
    """Yield what is to be said of each subject's standing; of what is not held, only what concerns its access."""
    for one in subjects:
        yield from _lapsing(context, one, events)
        yield from purpose(context, one, access.application(one.dataset, events, context.now))
        if one.held:
            yield from _access(context, one, events)
            yield from _consent(context, one, events)
            yield from _changed(context, manifest, one, events)
            yield from _duties(context, one)
            yield from _retention(context, one, events)


def purpose(context: Context, one: Subject, found: Application | None) -> Iterator[Finding]:
    """Yield where the purpose that was applied with contradicts the terms."""
    if found is None or found.purpose is None or found.over:
        return
    said = [
        reason
        for expression in one.licences
        for reason in purposes.fit(found.purpose, expression, context.workspace.catalogue.licences).mismatches
    ]
    for reason in dict.fromkeys(said):
        hint = f"fetch close {found.address} --note TEXT   (then apply again with a purpose that the terms allow)"
        yield one.dataset.finding("purpose-mismatch", "warning", None, reason, hint)


def _access(context: Context, one: Subject, events: Sequence[Event]) -> Iterator[Finding]:
    dataset = one.dataset
    found = access.application(dataset, events, context.now)
    gate = access.gate(dataset, events, context.now)
    if gate.open or (found is not None and found.state == "granted"):  # what is unavailable now was granted once
        return
    files = sum(row.files for row in one.holdings)
    if found is not None and (found.state == "lapsed" or (found.state != "denied" and found.ever_granted)):
        yield one.dataset.finding("access-lapsed", "error", None, f"{files} files are held: {gate.reason}", gate.hint)
    else:
        yield one.dataset.finding(
            "access-missing", "error", None, f"{files} files are held without access: {gate.reason}", gate.hint
        )


def _lapsing(context: Context, one: Subject, events: Sequence[Event]) -> Iterator[Finding]:
    for lapse in access.lapsing(one.dataset, events, context.now):
        if lapse.key is None:
            yield one.dataset.finding(
                "access-lapsing",
                "warning",
                None,
                f"access ends after {lapse.on}, in {(lapse.on - context.now.date()).days} days",
                f"fetch renew {one.dataset.address} --until DATE --evidence FILE",
            )


def _consent(context: Context, one: Subject, events: Sequence[Event]) -> Iterator[Finding]:
    licences = context.workspace.catalogue.licences
    ever = {event.key for event in events if event.what == "accepted"}
    for expression in one.licences:
        for licence in verdict.to_accept(expression, licences, events):
            if licence.id in ever:
                yield one.dataset.finding(
                    "terms-changed",
                    "warning",
                    None,
                    f"{licence.id}: the accepted text is older than the present one",
                    f"fetch accept {licence.id}",
                )
            else:
                yield one.dataset.finding(
                    "terms-not-accepted",
                    "error",
                    None,
                    f"{licence.id} must be agreed to, and nobody has done so",
                    f"fetch accept {licence.id}",
                )


def _changed(context: Context, manifest: Manifest, one: Subject, events: Sequence[Event]) -> Iterator[Finding]:
    """Compare what was recorded when the copies came with what the catalogue says today."""
    licences = context.workspace.catalogue.licences
    dataset = one.dataset
    seen = manifest.terms(dataset.name)
    for recorded in dict.fromkeys(row.licence for row in one.holdings):
        said = recorded or "no licence"
        by_series = dataset.source in _BY_SERIES and recorded is not None
        if not by_series and recorded != dataset.licence and (dataset.licence or today(dataset, recorded) != recorded):
            message = f"the copies came under {said}; the catalogue says {dataset.licence or 'no licence'} now"
            yield one.dataset.finding("terms-changed", "warning", None, message, f"fetch show {dataset.name}")
        for identifier in verdict.licences_in(recorded):
            licence = verdict.lookup(identifier, licences)
            rows = [row for row in seen if (row.part, row.licence) == (dataset.part, identifier)]
            other = _other_text(licence, rows, events) if licence and not verdict.is_fixed(licence) else []
            if other and (since := _since(manifest, one, recorded)) <= other[-1].seen_at[:10]:
                yield one.dataset.finding(
                    "terms-changed",
                    "warning",
                    None,
                    f"{identifier} has another text now than on {since}, when the first copy was acquired",
                    f"fetch accept {identifier}   (shows it; the text of then is {other[-1].text_path} in the store)",
                )


def _other_text(licence: Licence, rows: Sequence[TermsSeen], events: Sequence[Event]) -> list[TermsSeen]:
    """Return the texts that were seen, oldest first; none once the present one was kept with copies, or accepted."""
    present = text_sha256(licence)
    accepted = any(
        (event.what, event.key, event.data.get("text_sha256")) == ("accepted", licence.id, present) for event in events
    )
    if accepted or any(row.text_sha256 == present for row in rows):
        return []
    return [row for row in rows if row.text_sha256 is not None]


def _since(manifest: Manifest, one: Subject, recorded: str | None) -> str:
    """Return the day on which the oldest copy came that is still held: texts of before concern nobody."""
    files = manifest.files(one.dataset.name, one.dataset.part)
    return min((file.acquired_at[:10] for file in files if file.licence == recorded), default="9999-12-31")


def _duties(context: Context, one: Subject) -> Iterator[Finding]:
    for expression in one.licences:
        duties = verdict.duties_of(expression, context.workspace.catalogue.licences)
        if duties:
            yield one.dataset.finding(
                "duty-open", "info", None, f"{expression}: {in_words(duties)}", f"fetch cite {one.dataset.name}"
            )


def _retention(context: Context, one: Subject, events: Sequence[Event]) -> Iterator[Finding]:
    hint = f"fetch release {one.dataset.address} --reason TEXT"
    found = access.application(one.dataset, events, context.now)
    over = found is not None and found.state in ("lapsed", "closed", "denied")
    for row in one.holdings:
        for identifier in verdict.licences_in(today(one.dataset, row.licence)):
            licence = verdict.lookup(identifier, context.workspace.catalogue.licences)
            if licence is None:
                continue
            if licence.destroy_after_days is not None:
                due = date.fromisoformat(row.acquired_on[:10]) + timedelta(days=licence.destroy_after_days)
                if due <= context.now.date():
                    text = f"{identifier}: to be destroyed {licence.destroy_after_days} days after it came, on {due}"
                    yield one.dataset.finding("retention-due", "warning", None, text, hint)
            if over and "destroy-at-end" in licence.duties:
                text = f"{identifier}: to be destroyed at the end of the access, which is over"
                yield one.dataset.finding("retention-due", "warning", None, text, hint)
