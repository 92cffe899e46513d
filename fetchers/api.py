"""How does a program fetch, as a person would on the command line?"""

from __future__ import annotations

import getpass
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from fetchers import errors
from fetchers.acquire.request import GetRequest
from fetchers.context import Context
from fetchers.sources import load
from fetchers.storage.record.manifest import Manifest
from fetchers.verbs import get
from fetchers.workspace import open_workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

_KINDS = {
    kind.exit_status: kind
    for kind in (
        errors.CatalogueError,
        errors.NothingMatched,
        errors.ContentError,
        errors.TransferError,
        errors.AccessError,
        errors.StoreError,
        errors.TermsError,
    )
}


def fetch(names: Sequence[str], *, home: Path | None, include: tuple[str, ...], exclude: tuple[str, ...]) -> list[Path]:
    """See `fetchers.fetch`."""
    workspace = open_workspace(home=home, cache=None, environ=os.environ, cwd=Path.cwd())
    context = Context(
        workspace=workspace,
        now=datetime.now(UTC),
        who=getpass.getuser(),
        environ=os.environ,
        load=load,
        mirrors=workspace.config.mirrors,
    )
    report = get.run(context, names, GetRequest(include=include, exclude=exclude))
    for result in report.datasets:
        for failure in result.failures:
            raise _KINDS.get(failure.exit, errors.FetchError)(failure.error, hint=failure.hint)
        for finding in result.findings:
            if finding.severity == "error":
                raise errors.ContentError(f"{finding.path}: {finding.message}", hint=finding.hint)
    with Manifest.open(context.store, write=False) as manifest:
        return [
            Path(result.root) / held.path
            for result in report.datasets
            for held in manifest.files(result.dataset, result.part)
        ]
