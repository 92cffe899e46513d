"""Get access from Python: applications, tasks, outcomes, consent, permissions, credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from fetchers.api.call import Call
from fetchers.errors import CatalogueError

if TYPE_CHECKING:
    from collections.abc import Callable

    from fetchers.api.call import Day, Mirrors, Where, Words
    from fetchers.document import Rows
    from fetchers.events.consent import Accepted
    from fetchers.events.task_moves import Action
    from fetchers.events.task_rows import TaskRow
    from fetchers.transport.credential_store import Place
    from fetchers.verbs.apply import Applied
    from fetchers.verbs.decide import Outcome, Settled
    from fetchers.verbs.login import Kept
    from fetchers.verbs.permit import Permitted
    from fetchers.verbs.remind import Reminded

_MOVES: tuple[Action, ...] = ("done", "start", "skip", "reopen", "assign")


def apply(
    name: str, *, home: Where = None, cache: Where = None, owner: str | None = None, purpose: str | None = None
) -> Applied:
    """Open an access application: what a person has to do becomes tasks with owners and due days.

    >>> fetchers.apply("kidney", owner="ada").state
    'open'
    """
    from fetchers.verbs import apply as verb

    call = Call(home, cache)
    return verb.run(call.context(), name, owner=call.text("owner", owner), purpose=call.text("purpose", purpose))


@overload
def tasks(
    name: str | None = None,
    *,
    home: Where = None,
    cache: Where = None,
    overdue: bool | None = None,
    owner: str | None = None,
    all: bool | None = None,
    ics: Where = None,
    events: bool | None = None,
) -> Rows[TaskRow]: ...
@overload
def tasks(
    name: str,
    *,
    home: Where = None,
    cache: Where = None,
    done: str = ...,
    start: str = ...,
    skip: str = ...,
    reopen: str = ...,
    assign: str = ...,
    on: Day = None,
    evidence: Where = None,
    note: str | None = None,
    owner: str | None = None,
) -> TaskRow: ...
def tasks(
    name: str | None = None,
    *,
    home: Where = None,
    cache: Where = None,
    overdue: bool | None = None,
    owner: str | None = None,
    all: bool | None = None,
    ics: Where = None,
    events: bool | None = None,
    done: str | None = None,
    start: str | None = None,
    skip: str | None = None,
    reopen: str | None = None,
    assign: str | None = None,
    on: Day = None,
    evidence: Where = None,
    note: str | None = None,
) -> Rows[TaskRow] | TaskRow:
    """Return the tasks of all applications, what is due first; or move one task and return it.

    >>> fetchers.tasks("kidney")[0].key
    'form'
    >>> fetchers.tasks("kidney", done="form", note="sent by mail").state
    'done'
    """
    from fetchers.verbs import tasks as verb

    call = Call(home, cache)
    keys = zip(_MOVES, (done, start, skip, reopen, assign), strict=True)
    moves = [(action, key) for action, key in keys if key is not None]
    if not moves:
        rows = verb.listing(
            call.context(),
            name,
            overdue=call.flag("overdue", overdue),
            owner=call.text("owner", owner),
            all_=call.flag("all", all),
        )
        if (file := call.path("ics", ics)) is not None:
            verb.calendar(call.context(), rows, file, events=call.flag("events", events))
        return rows
    if name is None or len(moves) > 1:
        raise CatalogueError("one task is moved at a time, of one dataset", hint='tasks("adni", done="account")')
    return verb.move(
        call.context(),
        name,
        moves[0][1],
        moves[0][0],
        on=call.day("on", on),
        evidence=call.path("evidence", evidence),
        note=call.text("note", note),
        owner=call.text("owner", owner),
    )


def grant(
    name: str,
    *,
    home: Where = None,
    cache: Where = None,
    on: Day = None,
    until: Day = None,
    evidence: Where = None,
    note: str | None = None,
) -> Settled:
    """Record that access was granted; wants `evidence` or `note`."""
    return _settled("grant", name, Call(home, cache), on=on, until=until, evidence=evidence, note=note)


def deny(
    name: str,
    *,
    home: Where = None,
    cache: Where = None,
    on: Day = None,
    until: Day = None,
    evidence: Where = None,
    note: str | None = None,
) -> Settled:
    """Record that access was denied. A denial has no last day: `until` is left out, and `remark` says so."""
    return _settled("deny", name, Call(home, cache), on=on, until=until, evidence=evidence, note=note)


def renew(
    name: str,
    *,
    home: Where = None,
    cache: Where = None,
    on: Day = None,
    until: Day = None,
    evidence: Where = None,
    note: str | None = None,
) -> Settled:
    """Record that a grant was prolonged; wants `evidence` or `note`."""
    return _settled("renew", name, Call(home, cache), on=on, until=until, evidence=evidence, note=note)


def close(
    name: str,
    *,
    home: Where = None,
    cache: Where = None,
    on: Day = None,
    until: Day = None,
    evidence: Where = None,
    note: str | None = None,
) -> Settled:
    """Record that an application is over. It has no last day: `until` is left out, and `remark` says so."""
    return _settled("close", name, Call(home, cache), on=on, until=until, evidence=evidence, note=note)


def accept(
    licence: str,
    *,
    home: Where = None,
    cache: Where = None,
    name: str | None = None,
    on: Day = None,
    confirm: Callable[[str], bool] | None = None,
) -> Accepted:
    """Agree to a licence text; recorded are who, when, and the SHA-256 of the text.

    `confirm` is shown the text and returns a person's answer; without it nobody agrees, which is `AccessError`.
    `fetchers.get(NAME, accept=LICENCE)` is the other way to agree by name.
    """
    from fetchers.verbs import accept as verb

    call = Call(home, cache)
    who, day = call.text("name", name), call.day("on", on)
    return verb.run(call.context(confirm), licence, name=who, on=day, confirm=confirm)


def permit(
    name: str,
    use: str,
    *,
    home: Where = None,
    cache: Where = None,
    evidence: Where = None,
    until: Day = None,
    note: str | None = None,
    revoke: bool | None = None,
) -> Permitted:
    """Record a permission that the owner of a dataset gave for one use, or with `revoke` that it was taken back."""
    from fetchers.verbs import permit as verb

    call = Call(home, cache)
    return verb.run(
        call.context(),
        name,
        use,
        evidence=call.path("evidence", evidence),
        until=call.day("until", until),
        note=call.text("note", note),
        revoke=call.flag("revoke", revoke),
    )


def login(
    address: str,
    secret: str,
    *,
    home: Where = None,
    cache: Where = None,
    user: str | None = None,
    header: str | None = None,
    keyring: bool | None = None,
) -> Kept:
    """Keep a token for all addresses below `address`; with `user` a password, with `header` that header's value."""
    from fetchers.verbs import login as verb

    call = Call(home, cache)
    return verb.login(call.context(), address, secret, user=user, header=header, keyring=call.flag("keyring", keyring))


def logout(address: str, *, home: Where = None, cache: Where = None) -> Kept:
    """Forget the credential for `address`, in the file and in the system's keyring."""
    from fetchers.verbs import login as verb

    return verb.logout(Call(home, cache).context(), address)


def logins(*, home: Where = None, cache: Where = None) -> Rows[Place]:
    """Return the places for which a credential is known, and where it is kept; never the credential."""
    from fetchers.verbs import login as verb

    return verb.logins(Call(home, cache).context())


def remind(
    *,
    to: Words,
    home: Where = None,
    cache: Where = None,
    dry_run: bool | None = None,
    offline: bool | None = None,
    mirror: Mirrors = None,
) -> Reminded:
    """Send what is due, lapsing, lapsed and changed, each once for each address: mail, chat, webhook.

    `mirror` is taken, as by every function that asks the network, and means nothing to a message.
    """
    from fetchers.verbs import remind as verb

    call = Call(home, cache, offline=offline, mirror=mirror)
    return verb.run(call.context(), call.texts("to", to), dry_run=call.flag("dry_run", dry_run))


def _settled(
    outcome: Outcome,
    name: str,
    call: Call,
    *,
    on: Day = None,
    until: Day = None,
    evidence: Where = None,
    note: str | None = None,
) -> Settled:
    from fetchers.verbs import decide as verb

    return verb.settle(
        call.context(),
        name,
        outcome,
        on=call.day("on", on),
        until=call.day("until", until),
        evidence=call.path("evidence", evidence),
        note=call.text("note", note),
    )
