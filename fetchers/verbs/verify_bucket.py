"""Hold what lies in a bucket against the record: `fetch verify --at s3://BUCKET/PREFIX`. Nothing is downloaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.dataset import Dataset
from fetchers.errors import ContentError, NothingMatched
from fetchers.handover import bucket_check, push
from fetchers.inspection.scope import subjects
from fetchers.records import Finding
from fetchers.storage.record.manifest import Manifest
from fetchers.verbs.push import connect
from fetchers.verbs.verify import Verified

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fetchers.context import Context


def run(context: Context, names: Sequence[str], at: str, *, endpoint: str | None = None) -> Verified:
    """Compare what is held of `names`, or all of it, with the objects at `at`, by the store's checksums.

    Raise `NothingMatched` where nothing is held of them, `TransferError` where the store does not answer.
    """
    target, findings, checked, size = push.destination(at), list[Finding](), 0, 0
    with Manifest.open(context.store, write=False) as manifest:
        held = [one for one in subjects(context, manifest, names) if one.held]
        if not held:
            raise NothingMatched(f"nothing is held of {', '.join(names) or 'this workspace'}", hint="fetch status")
        store = connect(context, target, endpoint)
        context.progress.begin(
            f"comparing {target.address}", files=sum(row.files for one in held for row in one.holdings)
        )
        try:
            for one, problem in bucket_check.check(push.outgoing(context.store, manifest, held, target), store):
                checked, size = checked + 1, size + one.size
                context.progress.advance(files=1)
                if problem is not None:
                    findings.append(
                        Dataset(name=one.dataset, part=one.part).finding(
                            problem.rule,
                            problem.severity,
                            one.key.removeprefix(target.prefix).removeprefix(f"{one.dataset}/"),
                            problem.message,
                            f"fetch push {one.dataset} {target.address}",
                        )
                    )
        finally:
            context.progress.end()
    return Verified(
        checked_files=checked,
        checked_bytes=size,
        modalities={},
        unverifiable=0,
        beside=0,
        findings=tuple(findings),
        exit=ContentError.exit_status if any(finding.severity == "error" for finding in findings) else 0,
    )
