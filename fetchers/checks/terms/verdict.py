"""Decide whether a licence allows a use.

An SPDX expression, the licences that it names, and the permissions that the owner gave go in; a verdict comes out, with
the licence that decided. `AND` takes the strictest answer, `OR` the most permissive one; from strict to permissive they
are `no`, `ask`, `unknown`, `yes`. `A WITH B` is judged as `A` where `B` is an exception of SPDX's list, which only adds
to what the licence grants; anything else may take back what `A` allows, so that a `yes` of `A` is `unknown`.

A permission of the owner's beats the licence, whatever that says: it is a licence of its own for that one use. It holds
through the day of its `until`; once it was seen to be past, it stays past. Nothing else makes a `yes` of silence.

Where the terms leave a use to follow others (`train` follows `research`), it follows a permission for those, too,
unless the owner ever spoke of that use itself: then those words alone count, taken back or past ones, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fetchers.checks.access import permissions
from fetchers.checks.terms.expression import Join, With, current, licences_in, parse
from fetchers.checks.terms.licence_text import text_sha256
from fetchers.checks.terms.licences import BUILT_IN
from fetchers.checks.terms.spdx import is_exception

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from fetchers.checks.terms.expression import Expression
    from fetchers.dataset import Answer, Licence
    from fetchers.records import Event

__all__ = ["Verdict", "judge", "licences_in", "policy_refuses", "private", "to_accept"]

_STRICTNESS: dict[Answer, int] = {"yes": 0, "unknown": 1, "ask": 2, "no": 3}
_WORDS = {"no": "forbidden", "ask": "forbidden", "unknown": "unknown"}
_FOLLOWS = {"train": ("research",), "publish-derivatives": ("modify", "redistribute")}  # what an unnamed use follows
_NO_LICENCE = ("NONE", "NOASSERTION")  # SPDX's values for what has no licence, and for what nobody says
PERMISSION = "permission"  # what decided, where no licence did


class Verdict(NamedTuple):
    """`allowed`, `allowed-with-duties`, `forbidden` or `unknown`, and why.

    `evidence` names the document of a permission with its SHA-256; `decided_by` the licences that decided.
    """

    verdict: str
    reason: str
    duties: tuple[str, ...] = ()
    evidence: str | None = None
    decided_by: str | None = None


class _Finding(NamedTuple):
    """What one licence, or a part of an expression, answers."""

    answer: Answer
    reason: str
    duties: tuple[str, ...]
    decided_by: str
    rests_on: tuple[Event, ...] = ()  # permissions for the uses that this one follows


def judge(
    expression: str | None, use: str, licences: Mapping[str, Licence], given: Sequence[Event], now: datetime
) -> Verdict:
    """Return whether data under `expression` may be put to `use`.

    `given` is what the owner said of each use of the dataset or part in question, as `permissions_for` returns it.
    """
    tree = parse(expression)
    permission = _given(use, given, now)
    if permission is not None:
        return _permitted(permission, _all_duties(tree, licences))
    if tree is None:
        silent = "no licence is recorded" if not expression else f"{expression!r} is no licence expression"
        return Verdict(verdict="unknown", reason=f"{silent}: what is not granted is not known to be allowed")
    found = _weigh(tree, use, _Terms(licences, _to_follow(use, given, now)))
    if found.answer != "yes":
        return Verdict(verdict=_WORDS[found.answer], reason=found.reason, decided_by=found.decided_by)
    if found.rests_on:
        return _following(found)
    word = "allowed-with-duties" if found.duties else "allowed"
    return Verdict(verdict=word, reason=found.reason, duties=found.duties, decided_by=found.decided_by)


def permissions_for(dataset: str, part: str | None, events: Iterable[Event]) -> list[Event]:
    """Return the owner's latest word on each use of a dataset or part: `permitted`, or `revoked` once it has ended."""
    return permissions.latest_words(dataset, part, events)


def to_accept(expression: str | None, licences: Mapping[str, Licence], events: Sequence[Event]) -> tuple[Licence, ...]:
    """Return the licences whose present text a person must agree to and has not; of an `OR`, the shortest list."""
    tree = parse(expression)
    if tree is None:
        return ()
    agreed = {(event.key, event.data.get("text_sha256")) for event in events if event.what == "accepted"}
    return tuple({licence.id: licence for licence in _unaccepted(tree, licences, agreed)}.values())


def policy_refuses(expression: str | None, allow: Collection[str] | None, forbid: Collection[str]) -> str | None:
    """Return why a workspace's policy refuses data under `expression`, or None.

    Of an `OR` one acceptable licence is enough. Unknown terms are in no list: `allow` refuses them.
    """
    if allow is None and not forbid:
        return None
    tree = parse(expression)
    if tree is not None:
        return _refused(tree, allow, forbid)
    if expression and _among(expression, forbid):
        return f"the policy forbids {expression}"
    if allow is not None:
        return f"its licence is unknown, and the policy allows {', '.join(allow) or 'nothing'} only"
    return None


def duties_of(expression: str | None, licences: Mapping[str, Licence]) -> tuple[str, ...]:
    """Return the duties that come with data under `expression`, each once; of an `OR`, those of all its licences."""
    return _all_duties(parse(expression), licences)


def private(expression: str | None, licences: Mapping[str, Licence], given: Sequence[Event], now: datetime) -> bool:
    """Return True if copies are for the person alone: neither terms nor owner allow to share them within a team."""
    return not judge(expression, "share-team", licences, given, now).verdict.startswith("allowed")


def lookup(identifier: str, licences: Mapping[str, Licence]) -> Licence | None:
    """Find a licence in the catalogue, else among the standard ones."""
    for name in (identifier, current(identifier)):
        if name in licences:
            return licences[name]
        if name in BUILT_IN:
            return BUILT_IN[name]
    return None


def is_fixed(licence: Licence) -> bool:
    """Return True if SPDX's identifier fixes the licence's text, so that only our reading of it can have changed."""
    return not licence.id.startswith("LicenseRef-") and BUILT_IN.get(licence.id) == licence


# --- one licence


class _Terms(NamedTuple):
    """The licences that may be named, and the permissions for the uses that the one in question may follow."""

    licences: Mapping[str, Licence]
    followed: Mapping[str, Event]


def _answer(identifier: str, use: str, known: _Terms) -> _Finding:
    licence = lookup(identifier, known.licences)
    if licence is None:
        return _Finding("unknown", f"{identifier}: {_undescribed(identifier)}", (), identifier)
    answer, reason, rests_on = _said(licence, use, known.followed)
    if answer == "ask":
        reason += "; the owner must be asked, and the answer recorded with `fetch permit`"
    return _Finding(answer, f"{identifier}: {reason}", licence.duties, identifier, rests_on)


def _undescribed(identifier: str) -> str:
    if identifier in _NO_LICENCE:
        return "it is said that there is no licence, or that none is known; what is not granted is not allowed"
    if "LicenseRef-" not in identifier:
        from fetchers.checks.terms.spdx import licence_id, nearest

        if licence_id(identifier.removesuffix("+")) is None:
            near = " or ".join(nearest(identifier))
            return f"SPDX lists no such licence{f'; did you mean {near}?' if near else ''}"
    return "nobody has described these terms in the catalogue"


def _said(licence: Licence, use: str, given: Mapping[str, Event]) -> tuple[Answer, str, tuple[Event, ...]]:
    if use in licence.uses:
        answer = licence.uses[use]
        return answer, licence.reasons.get(use) or _default(answer, use), ()
    if use == "train" and (named := _on_ai(licence)):
        return "unknown", f"its terms speak of {named} and do not name train, which then follows nothing", ()
    followed: list[tuple[Answer, str]] = [
        ("yes" if other in given else licence.uses.get(other, "unknown"), other) for other in _FOLLOWS.get(use, ())
    ]
    if not followed:
        return "unknown", f"its terms say nothing of {use}, and silence allows nothing", ()
    answer, other = max(followed, key=lambda said: (_STRICTNESS[said[0]], said[1] in given))
    why = licence.reasons.get(other) or _default(answer, other)
    rests_on = tuple(given[name] for _, name in followed if name in given) if answer == "yes" else ()
    if rests_on:
        why = "; ".join(_reason(event) for event in rests_on)
    return answer, f"its terms do not name {use}, so it follows {other}: {why}", rests_on


def _on_ai(licence: Licence) -> str | None:
    """Return the use by which the terms speak of AI; where they do, training is no mere part of research."""
    if "ai-service" in licence.uses:
        return "ai-service"
    return "publish-model" if licence.uses.get("publish-model") in ("no", "ask") else None


def _default(answer: Answer, use: str) -> str:
    return {
        "yes": f"its terms allow {use}",
        "no": f"its terms forbid {use}",
        "ask": f"its terms require the owner's permission for {use}",
        "unknown": f"whether its terms allow {use} is not known",
    }[answer]


# --- an expression


def _weigh(tree: Expression, use: str, known: _Terms) -> _Finding:
    if isinstance(tree, str):
        return _answer(tree, use, known)
    if isinstance(tree, With):
        return _excepted(tree, use, known)
    found = [_weigh(part, use, known) for part in tree.parts]
    if tree.word == "OR":
        return min(found, key=lambda one: (_STRICTNESS[one.answer], len(one.duties)))
    strictest = max(found, key=lambda one: _STRICTNESS[one.answer])
    if strictest.answer != "yes":
        return strictest
    return _Finding(
        "yes",
        "; ".join(dict.fromkeys(one.reason for one in found)),
        tuple(dict.fromkeys(duty for one in found for duty in one.duties)),
        " AND ".join(dict.fromkeys(one.decided_by for one in found)),
        tuple({event.key: event for one in found for event in one.rests_on}.values()),
    )


def _excepted(tree: With, use: str, known: _Terms) -> _Finding:
    found = _answer(tree.licence, use, known)
    if found.answer != "yes" or is_exception(tree.exception):
        return found
    reason = f"{tree}: {tree.exception} is no exception of SPDX's, and may take back what {tree.licence} allows"
    return _Finding("unknown", reason, (), str(tree))


def _all_duties(tree: Expression | None, licences: Mapping[str, Licence]) -> tuple[str, ...]:
    if tree is None:
        return ()
    if isinstance(tree, str):
        licence = lookup(tree, licences)
        return licence.duties if licence else ()
    if isinstance(tree, With):
        return tuple(dict.fromkeys(duty for side in tree for duty in _all_duties(side, licences)))
    return tuple(dict.fromkeys(duty for part in tree.parts for duty in _all_duties(part, licences)))


def _unaccepted(
    tree: Expression, licences: Mapping[str, Licence], agreed: Collection[tuple[str | None, object]]
) -> list[Licence]:
    if isinstance(tree, str):
        licence = lookup(tree, licences)
        wanted = licence is not None and licence.requires_acceptance
        if licence is None or not wanted or (licence.id, text_sha256(licence)) in agreed:
            return []
        return [licence]
    if isinstance(tree, With):
        return [licence for side in tree for licence in _unaccepted(side, licences, agreed)]
    found = [_unaccepted(part, licences, agreed) for part in tree.parts]
    return min(found, key=len) if tree.word == "OR" else [licence for part in found for licence in part]


def _refused(tree: Expression, allow: Collection[str] | None, forbid: Collection[str]) -> str | None:
    if isinstance(tree, Join):
        reasons = [_refused(part, allow, forbid) for part in tree.parts]
        if tree.word == "OR" and None in reasons:
            return None
        return next((reason for reason in reasons if reason), None)
    if isinstance(tree, With):
        adds = is_exception(tree.exception)
        return _refused(tree.licence, allow, forbid) or _refused(tree.exception, None if adds else allow, forbid)
    if _among(tree, forbid):
        return f"the policy forbids {tree}"
    if allow is not None and not _among(tree, allow):
        return f"the policy allows {', '.join(allow) or 'nothing'} only, and {tree} is not among that"
    return None


def _among(identifier: str, names: Collection[str]) -> bool:
    return current(identifier).casefold() in {current(name).casefold() for name in names}


# --- permissions


def _given(use: str, given: Sequence[Event], now: datetime) -> Event | None:
    """Return the latest permission for `use`, if it holds today."""
    said = [event for event in given if event.key == use and event.what in permissions.WORDS]
    return said[-1] if said and said[-1].what == "permitted" and permissions.holds(said[-1], now) else None


def _to_follow(use: str, given: Sequence[Event], now: datetime) -> dict[str, Event]:
    """Return the permissions for the uses that `use` follows; none where the owner ever spoke of `use` itself."""
    if any(event.key == use and event.what in permissions.WORDS for event in given):
        return {}
    found = {other: _given(other, given, now) for other in _FOLLOWS.get(use, ())}
    return {other: event for other, event in found.items() if event is not None}


def _permitted(event: Event, duties: tuple[str, ...]) -> Verdict:
    return Verdict(
        verdict="allowed-with-duties" if duties else "allowed",
        reason=_reason(event),
        duties=duties,
        evidence=_evidence(event),
        decided_by=PERMISSION,
    )


def _following(found: _Finding) -> Verdict:
    return Verdict(
        verdict="allowed-with-duties" if found.duties else "allowed",
        reason=found.reason,
        duties=found.duties,
        evidence="; ".join(filter(None, map(_evidence, found.rests_on))) or None,
        decided_by=PERMISSION,
    )


def _reason(event: Event) -> str:
    until, note = event.data.get("until"), event.data.get("note")
    reason = f"the owner's permission for {event.key}, recorded by {event.who} on {event.at[:10]}"
    reason += f", until {until}" if until else ""
    return reason + (f": {note}" if note else "")


def _evidence(event: Event) -> str | None:
    path, sha256 = event.data.get("evidence"), event.data.get("sha256")
    return f"{path} (SHA-256 {sha256})" if path else None
