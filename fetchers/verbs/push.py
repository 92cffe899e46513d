"""Send what is held to a bucket: what is missing there, with checksums, the terms and the table of files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.document import document
from fetchers.errors import PARTLY_DONE, NothingMatched, TermsError, TransferError
from fetchers.handover import push
from fetchers.handover.bucket_table import put_tables
from fetchers.handover.held_files import Files
from fetchers.inspection.private_terms import private
from fetchers.inspection.scope import subjects
from fetchers.storage.record.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fetchers.context import Context
    from fetchers.handover.push import Destination
    from fetchers.inspection.scope import Subject
    from fetchers.records import Event
    from fetchers.transport.object_store import ObjectStore


class Failed(NamedTuple):
    """One file that does not lie in the bucket, and why."""

    path: str
    error: str
    hint: str | None
    exit: int


class Pushed(NamedTuple):
    """What lies in the bucket now; `uploaded_*` is what this command brought there."""

    to: str
    table: tuple[str, ...]
    files: int
    bytes: int
    uploaded_files: int
    uploaded_bytes: int
    failed: tuple[Failed, ...]
    exit: int

    def to_dict(self) -> dict[str, Any]:
        """Return the verb's JSON document."""
        return dict(document(self))


def run(
    context: Context, names: Sequence[str], to: str, *, endpoint: str | None = None, jobs: int | None = None
) -> Pushed:
    """Send what is held of `names` to `to`, an address `s3://BUCKET/PREFIX`.

    Raise `NothingMatched` where nothing is held of them, `TermsError` where the terms do not allow to share them with a
    team and the policy does not name the bucket.
    """
    target = push.destination(to)
    with Manifest.open(context.store, write=False) as manifest:
        held = _held(context, manifest, names)
        events = manifest.events()
        for one in held:
            _allowed(context, one, events, target)
        store = connect(context, target, endpoint)
        there = frozenset(store.keys(target.prefix))
        context.progress.begin(
            f"sending to {target.address}",
            files=sum(row.files for one in held for row in one.holdings),
            total=sum(row.bytes for one in held for row in one.holdings),
        )
        try:
            sent = push.send(
                push.outgoing(context.store, manifest, held, target),
                store,
                there,
                context.progress,
                jobs or push.AT_ONCE,
            )
            table = () if sent.failures else put_tables(Files(context, held), store, target)
        finally:
            context.progress.end()
    failed = tuple(Failed(one.key, error.what, error.hint, error.exit_status) for one, error in sent.failures)
    return Pushed(
        to=target.address,
        table=table,
        files=sent.files,
        bytes=sent.bytes,
        uploaded_files=sent.uploaded_files,
        uploaded_bytes=sent.uploaded_bytes,
        failed=failed,
        exit=_exit(failed, sent.files),
    )


def connect(context: Context, target: Destination, endpoint: str | None) -> ObjectStore:
    """Return the bucket of `target`; raise `TransferError` where no connection may be opened."""
    from fetchers.transport.object_store import ObjectStore

    if context.offline:
        raise TransferError(f"{target.address}: offline, so it is not asked", hint="leave --offline out")
    return ObjectStore(
        target.bucket,
        endpoint=endpoint,
        timeout=context.timeout,
        retries=context.retries,
        ca_file=context.environ.get("SSL_CERT_FILE") or None,
    )


def _held(context: Context, manifest: Manifest, names: Sequence[str]) -> list[Subject]:
    held = [one for one in subjects(context, manifest, names) if one.held]
    if not held:
        raise NothingMatched(f"nothing is held of {', '.join(names)}", hint=f"fetch get {' '.join(names)}")
    return held


def _allowed(context: Context, one: Subject, events: Sequence[Event], target: Destination) -> None:
    """Raise `TermsError` where the copies of one dataset may not lie where a team reads them."""
    policy = context.workspace.config.policy_push
    if any(target.address == allowed or target.address.startswith(f"{allowed.rstrip('/')}/") for allowed in policy):
        return
    for licence in one.licences:
        if private(context, one.dataset, events, licence):
            raise TermsError(
                f"{one.dataset.address}: a bucket is read by a team, and {licence or 'its unknown terms'} do not allow "
                "to share it with one",
                hint=f'if only you read it, add to [policy] of config.toml: push = ["s3://{target.bucket}"]',
            )


def _exit(failed: Sequence[Failed], files: int) -> int:
    """Return one status: 9 where some lie there, else that of the failures where they share one."""
    kinds = {one.exit for one in failed}
    if not kinds:
        return 0
    return PARTLY_DONE if files or len(kinds) > 1 else kinds.pop()
