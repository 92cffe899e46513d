"""List the tables of NIAID's TB Portals: https://analytic.tbportals.niaid.nih.gov/index.html

    GET api/Token?emailAddress=&secret=      a token for a while; the secret comes by e-mail, after the agreement
    GET api/TABLE?returnCsv=true&cohortId=   one table, with the token as Bearer

As the client that its makers publish asks (niaid/tbportals.depot.api). The address and the secret are a user and a
password that are kept as for any place; they go into the query of the one request that wants them there, and into no
address that is shown or recorded. Images do not come by this interface: a person downloads them, `fetch adopt` takes
them in.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from fetchers.dataset import Dataset, RemoteFile, Selection
from fetchers.errors import AccessError
from fetchers.source import Source
from fetchers.sources import json_answers
from fetchers.transport.extensions import SIGN_IN

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

HOST = "https://analytic.tbportals.niaid.nih.gov"
_TABLES = (
    "Patient-Case", "CT", "CXR", "CT-Annotation", "CXR-Manual-Annotation", "CXR-Qure-Annotation", "Biochemistry",
    "DST", "Genomics", "Specimen", "Treatment-Regimen",
)  # fmt: skip
_TOKEN = re.compile(r"[\x21-\x7e]{8,16384}")


class TbPortals(Source):
    """The tables; the images come by hand."""

    connections = 2

    def files(self, dataset: Dataset, wanted: Selection, client: httpx.Client) -> Iterator[RemoteFile]:
        """Yield the tables as CSV; the interface has no list of them, and says neither size nor checksum."""
        del wanted, client
        self.remarks.append(
            f"these are the tables; the images come from {dataset.link} by a browser, then: "
            f"fetch adopt {dataset.address} PATH..."
        )
        for table in _TABLES:
            yield RemoteFile(url=f"{_host(dataset)}/api/{table}?returnCsv=true&cohortId=", path=f"{table}.csv")

    def sign_in(self, dataset: Dataset, client: httpx.Client) -> None:
        """Ask for a token, which goes with the transfers. Raises `AccessError` where no secret is kept, or it fails."""
        from fetchers.transport.http_client import keep_token

        asked = f"{_host(dataset)}/api/Token"
        try:
            response = client.get(asked, extensions={SIGN_IN: ("emailAddress", "secret")})
        except AccessError as error:
            raise AccessError(
                f"{dataset.address}: {error.what}. What opens the tables: 1. ask TB Portals for access to the "
                f"interface ({HOST}/index.html); 2. keep the secret that comes by e-mail, your address as user. "
                f"The images come from {dataset.link} by a browser, then: fetch adopt {dataset.address} PATH...",
                hint=f"fetch login {_host(dataset)}/ --user YOUR-E-MAIL   (and then: fetch get {dataset.address})",
            ) from error
        keep_token(client, f"{_host(dataset)}/api/", _token(asked, response.content))


def _host(dataset: Dataset) -> str:
    return str(dataset.options.get("host") or HOST).rstrip("/")


def _token(asked: str, body: bytes) -> str:
    """Return the token, which comes as it is or as a JSON text; what came instead is not shown."""
    text = json_answers.without_page(asked, body).decode("ascii", errors="replace").strip()
    if text.startswith('"'):
        try:
            text = json.loads(text)
        except ValueError:
            text = ""
    if not _TOKEN.fullmatch(text) or text.startswith(("{", "[")):
        raise json_answers.faulty(asked, "no token but something else")
    return text
