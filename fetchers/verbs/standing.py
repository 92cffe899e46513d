"""May we hold what we hold? Access, consent, changed terms, duties, retention.

Without an access that holds today a copy is `access-missing`, or `access-lapsed` where there once was one: errors, as
is a text that nobody ever agreed to. What may want a person's eye soon (a changed text, a grant that ends within 30
days, a copy that should be destroyed by now) is a warning.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from fetchers.checks import access, terms
from fetchers.checks.wording import text_sha256
from fetchers.holding import Finding
from fetchers.verbs.subjects import Subject, today

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fetchers.dataset import Licence
    from fetchers.holding import Event, Severity, TermsSeen
    from fetchers.storage.manifest import Manifest
    from fetchers.verbs.place import Place


def findings(
    place: Place, manifest: Manifest, subjects: Sequence[Subject], events: Sequence[Event]
) -> Iterator[Finding]:
    """Yield what is to be said of each subject's standing; of what is not held, only what concerns its access."""
    for one in subjects:
        yield from _lapsing(place, one, events)
        if one.held:
            yield from _access(place, one, events)
            yield from _consent(place, one, events)
            yield from _changed(place, manifest, one)
            yield from _duties(place, one)
            yield from _retention(place, one, events)


def _access(place: Place, one: Subject, events: Sequence[Event]) -> Iterator[Finding]:
    dataset = one.dataset
    found = access.application(dataset, events, place.now)
    gate = access.gate(dataset, events, place.now)
    if gate.open or (found is not None and found.state == "granted"):  # what is unavailable now was granted once
        return
    files = sum(row.files for row in one.holdings)
    if found is not None and (found.state == "lapsed" or (found.state == "closed" and found.was_granted)):
        yield _finding(one, "access-lapsed", "error", f"{files} files are held: {gate.reason}", gate.hint)
    else:
        yield _finding(
            one, "access-missing", "error", f"{files} files are held without access: {gate.reason}", gate.hint
        )


def _lapsing(place: Place, one: Subject, events: Sequence[Event]) -> Iterator[Finding]:
    for lapse in access.lapsing(one.dataset, events, place.now):
        if lapse.key is None:
            yield _finding(
                one,
                "access-lapsing",
                "warning",
                f"access ends after {lapse.on}, in {(lapse.on - place.now.date()).days} days",
                f"fetch renew {one.dataset.address} --until DATE --evidence FILE",
            )


def _consent(place: Place, one: Subject, events: Sequence[Event]) -> Iterator[Finding]:
    licences = place.workspace.catalogue.licences
    ever = {event.key for event in events if event.what == "accepted"}
    for expression in one.licences:
        for licence in terms.to_accept(expression, licences, events):
            if licence.id in ever:
                yield _finding(
                    one,
                    "terms-changed",
                    "warning",
                    f"{licence.id}: what was agreed to is an earlier text than the present one",
                    f"fetch accept {licence.id}",
                )
            else:
                yield _finding(
                    one,
                    "terms-not-accepted",
                    "error",
                    f"{licence.id} wants to be agreed to, and nobody has",
                    f"fetch accept {licence.id}",
                )


def _changed(place: Place, manifest: Manifest, one: Subject) -> Iterator[Finding]:
    """Compare what was recorded when the copies came with what the catalogue says today."""
    licences = place.workspace.catalogue.licences
    dataset = one.dataset
    seen = manifest.terms(dataset.name)
    for recorded in dict.fromkeys(row.licence for row in one.holdings):
        said = recorded or "no licence"
        if recorded != dataset.licence and (dataset.licence or today(dataset, recorded) != recorded):
            message = f"the copies came under {said}; the catalogue says {dataset.licence or 'no licence'} now"
            yield _finding(one, "terms-changed", "warning", message, f"fetch show {dataset.name}")
        for identifier in terms.licences_in(recorded):
            licence = terms.lookup(identifier, licences)
            rows = [row for row in seen if (row.part, row.licence) == (dataset.part, identifier)]
            other = _other_text(licence, rows) if licence else []
            if other and (since := _since(manifest, one, recorded)) <= other[-1].seen_at[:10]:
                yield _finding(
                    one,
                    "terms-changed",
                    "warning",
                    f"{identifier} reads otherwise now than on {since}, when the first of the copies came",
                    f"compare {other[-1].text_path} in the store with: fetch show {dataset.name}",
                )


def _other_text(licence: Licence, rows: Sequence[TermsSeen]) -> list[TermsSeen]:
    """Give the texts that were seen and are not the present one, oldest first."""
    return [row for row in rows if row.text_sha256 not in (None, text_sha256(licence))]


def _since(manifest: Manifest, one: Subject, recorded: str | None) -> str:
    """Give the day on which the oldest copy came that is still held: texts of before concern nobody."""
    files = manifest.files(one.dataset.name, one.dataset.part)
    return min((file.acquired_at[:10] for file in files if file.licence == recorded), default="9999-12-31")


def _duties(place: Place, one: Subject) -> Iterator[Finding]:
    for expression in one.licences:
        duties = terms.duties_of(expression, place.workspace.catalogue.licences)
        if duties:
            yield _finding(
                one, "duty-open", "info", f"{expression}: {', '.join(duties)}", f"fetch cite {one.dataset.name}"
            )


def _retention(place: Place, one: Subject, events: Sequence[Event]) -> Iterator[Finding]:
    hint = f"fetch release {one.dataset.address} --reason TEXT"
    found = access.application(one.dataset, events, place.now)
    over = found is not None and found.state in ("lapsed", "closed", "denied")
    for row in one.holdings:
        for identifier in terms.licences_in(today(one.dataset, row.licence)):
            licence = terms.lookup(identifier, place.workspace.catalogue.licences)
            if licence is None:
                continue
            if licence.destroy_after_days is not None:
                due = date.fromisoformat(row.acquired_on[:10]) + timedelta(days=licence.destroy_after_days)
                if due <= place.now.date():
                    text = f"{identifier}: to be destroyed {licence.destroy_after_days} days after it came, on {due}"
                    yield _finding(one, "retention-due", "warning", text, hint)
            if over and "destroy-at-end" in licence.duties:
                text = f"{identifier}: to be destroyed at the end of the access, which is over"
                yield _finding(one, "retention-due", "warning", text, hint)


def _finding(one: Subject, rule: str, severity: Severity, message: str, hint: str | None) -> Finding:
    return Finding(
        rule=rule,
        severity=severity,
        dataset=one.dataset.name,
        part=one.dataset.part,
        message=message,
        hint=hint,
    )
