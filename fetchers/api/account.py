"""Keep account from Python: what is held, whether it still holds, what it may be used for."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from fetchers.api.call import Call, as_path, names_of, one_of, refuse_findings, whole
from fetchers.errors import CatalogueError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from fetchers.api.call import Also, Mirrors, Where, Words
    from fetchers.api.progress import Showing
    from fetchers.verbs.audit import Audit
    from fetchers.verbs.cite import Cited
    from fetchers.verbs.doctor import Doctor
    from fetchers.verbs.licence import Meaning
    from fetchers.verbs.push import Pushed
    from fetchers.verbs.release import Released
    from fetchers.verbs.report import Reported
    from fetchers.verbs.status import Status
    from fetchers.verbs.verify import Verified


def status(*names: str | Iterable[str], home: Where = None, cache: Where = None, also: Also = None) -> Status:
    """Return what is held, under way, failed, applied for, about to lapse.

    >>> [(row.dataset, row.files) for row in fetchers.status("shenzhen").held]
    [('shenzhen', 17)]
    """
    from fetchers.verbs import status as verb

    return verb.run(Call(home, cache, also=also).context(), names_of(names))


def verify(
    *names: str | Iterable[str],
    home: Where = None,
    cache: Where = None,
    also: Also = None,
    progress: Showing = None,
    check: bool = False,
    quick: bool | None = None,
    headers: bool | None = None,
    phi: bool | None = None,
    on: str | None = None,
    at: str | None = None,
    endpoint: str | None = None,
    log_every: float | None = None,
    log_file: Where = None,
) -> Verified:
    """Return whether bytes and headers still hold; works offline. With `check=True` an error raises `ContentError`.

    With `at="s3://BUCKET/PREFIX"` the objects that `push` sent there are compared instead, by their checksums.

    >>> fetchers.verify("shenzhen").exit
    0
    """
    from fetchers.verbs import verify as verb

    call = Call(home, cache, also=also, progress=progress, log_every=log_every, log_file=log_file)
    if at is not None:
        return _verify_bucket(call, names_of(names), at, endpoint, check=check)
    found = verb.run(
        call.context(),
        names_of(names),
        quick=call.flag("quick", quick),
        headers=call.flag("headers", headers),
        phi=call.flag("phi", phi),
        on=call.text("on", on),
    )
    refuse_findings(found.findings, found.exit, check=check)
    return found


def _verify_bucket(call: Call, names: tuple[str, ...], at: str, endpoint: str | None, *, check: bool) -> Verified:
    from fetchers.verbs import verify_bucket

    found = verify_bucket.run(call.context(), names, at, endpoint=call.text("endpoint", endpoint))
    refuse_findings(found.findings, found.exit, check=check)
    return found


def push(
    *names: str | Iterable[str],
    to: str | None = None,
    home: Where = None,
    cache: Where = None,
    progress: Showing = None,
    offline: bool | None = None,
    endpoint: str | None = None,
    jobs: int | None = None,
) -> Pushed:
    """Send what is held to a bucket, `s3://BUCKET/PREFIX`; nothing is overwritten, what lies there is not sent.

    The bucket is `to` or, as on the command line, the last of `names`. What fails is in the result's `failed`. Raises
    `TermsError` where the terms do not allow to share with a team.
    """
    from fetchers.verbs import push as verb

    given = names_of(names)
    if to is None and given:
        given, to = given[:-1], given[-1]
    call = Call(home, cache, offline=offline, progress=progress)
    return verb.run(
        call.context(),
        given,
        to or "",
        endpoint=call.text("endpoint", endpoint),
        jobs=call.one("jobs", jobs, whole(1, 64)),
    )


def audit(
    *names: str | Iterable[str],
    home: Where = None,
    cache: Where = None,
    also: Also = None,
    progress: Showing = None,
    check: bool = False,
    use: Words = None,
    scan: Where | Iterable[str | os.PathLike[str]] = None,
    strict: bool | None = None,
    on: str | None = None,
) -> Audit:
    """Return whether what is held may be held and used so; works offline. With `check=True` an error raises.

    >>> fetchers.audit("shenzhen", use="redistribute").verdicts[0].verdict
    'forbidden'
    """
    from fetchers.dataset import USES
    from fetchers.verbs import audit as verb

    call = Call(home, cache, also=also, progress=progress)
    found = verb.run(
        call.context(),
        names_of(names),
        uses=call.many("use", use, one_of(USES)),
        scan=call.many("scan", scan, as_path, sep=os.pathsep),
        strict=call.flag("strict", strict),
        on=call.text("on", on),
    )
    refuse_findings(found.findings, found.exit, check=check)
    return found


def release(
    name: str,
    *,
    home: Where = None,
    cache: Where = None,
    yes: bool | None = None,
    reason: str | None = None,
    confirm: Callable[[str], bool] | None = None,
) -> Released:
    """Destroy the local copy of a dataset and write a certificate of it; wants `yes=True`, or a `confirm` that asks."""
    from fetchers.verbs import release as verb

    call = Call(home, cache)
    return verb.run(call.context(confirm), name, yes=bool(yes), reason=call.text("reason", reason))


def cite(
    *names: str | Iterable[str],
    home: Where = None,
    cache: Where = None,
    offline: bool | None = None,
    mirror: Mirrors = None,
) -> Cited:
    """Return the BibTeX of what must be cited, and the sentences that an owner asks for word for word.

    >>> "@article" in fetchers.cite("shenzhen").bibtex
    True
    """
    from fetchers.verbs import cite as verb

    found = names_of(names)
    if not found:
        raise CatalogueError("no dataset is named", hint='cite("shenzhen")')
    return verb.run(Call(home, cache, offline=offline, mirror=mirror).context(), found)


def licence(
    words: str | None = None,
    *,
    url: str | None = None,
    id: str | None = None,
    home: Where = None,
    cache: Where = None,
) -> Meaning:
    """Return what a place's words on a licence mean, use by use; with `id`, what an identifier or expression means.

    >>> fetchers.licence("CC BY-NC 4.0").uses["commercial"].verdict
    'forbidden'
    """
    from fetchers.verbs import licence as verb

    if id is not None and (words or url):
        raise CatalogueError("id cannot be combined with words or url", hint='licence(id="CC-BY-4.0")')
    return verb.run(Call(home, cache).context(), words, url=url, identifier=id)


def report(*, html: Where, home: Where = None, cache: Where = None) -> Reported:
    """Write one self-contained page: what is held, what it may be used for, what is due, what to cite."""
    from fetchers.verbs import report as verb

    return verb.run(Call(home, cache).context(), as_path(html))


def doctor(
    *,
    home: Where = None,
    cache: Where = None,
    progress: Showing = None,
    offline: bool | None = None,
    mirror: Mirrors = None,
    timeout: float | None = None,
    retries: int | None = None,
    network: bool | None = None,
    share: bool | None = None,
) -> Doctor:
    """Return whether this folder, this network and these credentials can do the job.

    `share` makes the store a group's first.
    """
    from fetchers.verbs import doctor as verb

    call = Call(home, cache, offline=offline, mirror=mirror, timeout=timeout, retries=retries, progress=progress)
    return verb.run(call.context(), network=call.flag("network", network), share=call.flag("share", share))
