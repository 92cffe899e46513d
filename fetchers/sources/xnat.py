"""XNAT at NITRC-IR, https://www.nitrc.org/ir: OASIS-3 and OASIS-4, after the grant.

A session is opened with the account's name and password (`fetch login www.nitrc.org`), whose cookie the transfers show;
it is closed at the end. Each experiment's scans come as one zip, made while it is sent: no length, its end proves it.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import quote

from fetchers.checks.names import safe_path
from fetchers.dataset import RemoteFile
from fetchers.errors import TransferError
from fetchers.source import Source
from fetchers.sources import answer

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from fetchers.dataset import Dataset, Selection

_HOST = "https://www.nitrc.org/ir/"


class Xnat(Source):
    """The scans of some projects: `host` and `projects` in the dataset's options."""

    connections = 2

    def files(self, dataset: Dataset, wanted: Selection, client: httpx.Client) -> Iterator[RemoteFile]:
        """Yield one zip for each experiment of the wanted subjects."""
        host = _host(dataset)
        projects = dataset.options.get("projects", ())
        for project in projects if isinstance(projects, (list, tuple)) else ():
            asked = f"{host}data/archive/projects/{quote(str(project))}/experiments"
            found = answer.one(client, asked, format="json", columns="ID,label,subject_label")
            for row in found.fields("ResultSet").rows("Result"):
                label, subject = row.text("label"), row.text("subject_label")
                if wanted.patients and subject not in wanted.patients:
                    continue
                name = safe_path(label)
                where = f"{host}data/archive/projects/{quote(str(project))}/subjects/{quote(subject)}"
                yield RemoteFile(
                    url=f"{where}/experiments/{quote(label)}/scans/ALL/files?format=zip",
                    path=f"{project}/{name}.zip",
                    into=f"{project}",
                )

    def sign_in(self, dataset: Dataset, client: httpx.Client) -> None:
        """Ask for a session; the client shows the account, and keeps the cookie that comes back."""
        asked = f"{_host(dataset)}data/JSESSION"
        session = client.get(asked).text.strip()
        if not session or not session.isalnum():
            raise answer.faulty(asked, "no session came back: a page, or another answer")

    def sign_out(self, dataset: Dataset, client: httpx.Client) -> None:
        """Close the session; a place that does not answer will forget it by itself."""
        with suppress(TransferError):
            client.delete(f"{_host(dataset)}data/JSESSION")


def _host(dataset: Dataset) -> str:
    host = str(dataset.options.get("host", _HOST))
    return host if host.endswith("/") else f"{host}/"
