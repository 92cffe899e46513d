"""List the sessions of an XNAT: https://www.nitrc.org/ir/data/archive/projects/

    GET    data/JSESSION                                            a session for the credentials of this host
    GET    data/archive/projects/P/experiments?format=json          the sessions of a project
    GET    data/archive/projects/P/experiments/E/scans/ALL/files?format=zip
    DELETE data/JSESSION                                            the end of the session

`options.host` is the XNAT, `options.projects` its projects. One zip a session, made while it is sent: its size is not
known before. Which sessions a person sees is decided by the XNAT; the credentials are the client's own.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import quote

from fetchers.dataset import Dataset, RemoteFile, Selection
from fetchers.errors import CatalogueError, TransferError
from fetchers.source import Source
from fetchers.sources import json_answers
from fetchers.sources.selection import codes_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import httpx

    from fetchers.sources.json_answers import Fields

_SESSION = re.compile(r"[A-Za-z0-9._-]{8,128}")
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
# XNAT's types of sessions that bear one of DICOM's codes in their name; the scans in one may be of others, too.
_TYPES = {
    "mr": ("MR",),
    "pet": ("PT",),
    "ct": ("CT",),
    "petmr": ("PT", "MR"),
    "cr": ("CR",),
    "dx": ("DX",),
    "us": ("US",),
}


class Xnat(Source):
    """The imaging sessions of some projects of an XNAT, behind an account."""

    connections = 2

    def files(self, dataset: Dataset, wanted: Selection, client: httpx.Client) -> Iterator[RemoteFile]:
        """Yield one zip for each session that `wanted` allows."""
        host, projects = _host(dataset), _projects(dataset)
        codes = codes_of(wanted.modalities)
        for project in projects:
            base = f"{host}data/archive/projects/{quote(project)}"
            for row in (
                json_answers.one(client, f"{base}/experiments", format="json").fields("ResultSet").rows("Result")
            ):
                label = row.text("label")
                if not _LABEL.fullmatch(label):
                    raise row.fault("label", f"is no name: {label[:80]!r}")
                if _chosen(row, label, wanted, codes):
                    name = label if len(projects) == 1 else f"{project}/{label}"
                    # As NrgXnat's own scripts ask, below the person; a label begins with the person's.
                    person = row.text_or_none("subject_label") or label.partition("_")[0]
                    below = f"experiments/{quote(label)}/scans/ALL/files?format=zip"
                    yield RemoteFile(
                        url=f"{base}/subjects/{quote(person)}/{below}",
                        path=f"{name}.zip",
                        into=name,
                        mirrors=(f"{base}/{below}",),
                    )

    def sign_in(self, dataset: Dataset, client: httpx.Client) -> None:
        """Open a session; its cookie goes with the transfers. Raises `AccessError` for refused credentials."""
        asked = f"{_host(dataset)}data/JSESSION"
        if not _SESSION.fullmatch(client.get(asked).text.strip()):
            raise json_answers.faulty(asked, "no session but something else; a page of the site, perhaps")

    def sign_out(self, dataset: Dataset, client: httpx.Client) -> None:
        """Close the session; a place that does not answer will forget it by itself."""
        with suppress(TransferError):
            client.delete(f"{_host(dataset)}data/JSESSION")


def _chosen(row: Fields, label: str, wanted: Selection, codes: Sequence[str]) -> bool:
    """Labels are PERSON_KIND_dDAYS; sessions of a type without a code (freesurfer, assessments) have no scans."""
    kind = row.text("xsiType").removeprefix("xnat:").removesuffix("SessionData").lower()
    if kind not in _TYPES:
        return False
    if wanted.patients and not any(label == person or label.startswith(f"{person}_") for person in wanted.patients):
        return False
    return not codes or not set(codes).isdisjoint(_TYPES[kind])


def _host(dataset: Dataset) -> str:
    host = dataset.options.get("host")
    if not isinstance(host, str) or not host.startswith(("https://", "http://")):
        raise CatalogueError(
            f"{dataset.address}: options.host should be the address of an XNAT and is {host!r}",
            hint=f'[datasets.{dataset.name}.options] host = "https://xnat.example.org/"',
        )
    return host.rstrip("/") + "/"


def _projects(dataset: Dataset) -> list[str]:
    projects = dataset.options.get("projects")
    if not isinstance(projects, (list, tuple)) or not projects or not all(isinstance(one, str) for one in projects):
        raise CatalogueError(
            f"{dataset.address}: options.projects should be a list of names and is {projects!r}",
            hint=f'[datasets.{dataset.name}.options] projects = ["NAME"]',
        )
    return list(projects)
