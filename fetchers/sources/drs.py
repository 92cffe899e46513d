"""Files that a manifest names by address, or by a name of the GA4GH Data Repository Service (DRS 1.2).

drs://HOST/ID               https://HOST/ga4gh/drs/v1/objects/ID
drs://dg.4DFC:UUID          the same at the Cancer Research Data Commons, where the Imaging Data Commons keep theirs
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from fetchers.dataset import RemoteFile
from fetchers.errors import SourceError
from fetchers.sources import json_answers

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from fetchers.source import Refused
    from fetchers.sources.json_answers import Fields

_COMMONS = "nci-crdc.datacommons.io"
_DEEPEST = 4


def named_files(urls: tuple[str, ...], client: httpx.Client, refused: Refused) -> Iterator[RemoteFile]:
    """Yield the files of the addresses; a DRS name that leads to nothing costs itself alone."""
    for one in urls:
        url, _, called = one.partition("\t")
        if not url.startswith("drs://"):
            name = called or unquote(urlsplit(url).path).strip("/").rpartition("/")[2] or "file"
            yield RemoteFile(url=url, path=name.replace("\\", "/"))
            continue
        host, identifier = _place(url)
        try:
            yield from _objects(host, identifier, "", client)
        except SourceError as error:
            refused.add(url, error)


def _place(name: str) -> tuple[str, str]:
    """Return the host that answers for a DRS name, and the object's identifier there."""
    rest = name.removeprefix("drs://")
    host, slash, identifier = rest.partition("/")
    if slash and "." in host and ":" not in host:
        return host, identifier
    prefix, _, local = rest.partition(":")
    return _COMMONS, f"{prefix}/{local}" if local else rest


def _objects(host: str, identifier: str, folder: str, client: httpx.Client, depth: int = 0) -> Iterator[RemoteFile]:
    address = f"https://{host}/ga4gh/drs/v1/objects/{quote(identifier)}"
    if depth > _DEEPEST:
        raise json_answers.faulty(address, f"more than {_DEEPEST} bundles in one another")
    found = json_answers.one(client, address)
    name = found.text_or_none("name") or identifier.rpartition("/")[2]
    if "contents" in found:
        for row in found.rows("contents"):
            yield from _objects(host, row.text("id"), f"{folder}{name}/", client, depth + 1)
        return
    yield RemoteFile(
        url=_address(found, address),
        path=folder + name.rpartition("/")[2],
        size=found.count_or_none("size"),
        checksum=_md5(found),
    )


def _address(found: Fields, address: str) -> str:
    for method in found.rows("access_methods"):
        told = method.fields_or_none("access_url")
        url = told.text_or_none("url") if told is not None else None
        if url is not None and url.startswith("s3://"):
            bucket, _, key = url.removeprefix("s3://").partition("/")
            return f"https://{bucket}.s3.amazonaws.com/{quote(unquote(key))}"
        if url is not None and url.startswith("https://"):
            return json_answers.within(address, url, url)
    raise found.fault("access_methods", "names no address that can be asked")


def _md5(found: Fields) -> str | None:
    rows = found.rows("checksums") if "checksums" in found else []
    return next((f"md5:{row.text('checksum').lower()}" for row in rows if row.text("type").lower() == "md5"), None)
