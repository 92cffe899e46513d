"""List an open bucket by ListObjectsV2, without a signature.

    https://ENDPOINT/BUCKET?list-type=2&prefix=...        path style, for any endpoint
    https://BUCKET.ENDPOINT/?list-type=2&prefix=...       virtual host style: the endpoint's host begins with the bucket

The listing goes through the client that it is handed and not through an S3 library: then one policy holds for it, with
its retries, redirects, mirrors, proxies, authorities and `--offline`. What that costs, by `benchmarks/listing.py`:
10,000 keys in ten pages from loopback take 0.12 to 0.14 s here and 0.05 to 0.06 s by obstore 0.12. That is
14 ms for a page, less than the way to most places takes: not worth a second road past the policy.

Keys are asked for url-encoded, since XML 1.0 cannot hold every sign that a key can. The ETag of an upload in one piece
is its MD5; that of several pieces has a dash in it and is none. With a key of the owner's it is none either, but such
an object is not to be had without a signature, so without one the MD5 is a promise.

A bucket of another region answers 301 without a Location; the region that it names is asked then.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote_plus, urlencode, urlsplit

from fetchers.errors import SourceError
from fetchers.sources import json_answers
from fetchers.sources.reading import bounded_xml
from fetchers.sources.reading.paging import Paging

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    import httpx

    from fetchers.source import Refused


_MD5 = re.compile(r"[0-9a-f]{32}", re.IGNORECASE)
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d")


class Object(NamedTuple):
    """One object of a bucket: `size` is bytes, `checksum` as a remote file has it."""

    key: str
    url: str
    size: int
    checksum: str | None = None


class _Row(NamedTuple):
    key: str
    size: int
    checksum: str | None


class _Page(NamedTuple):
    objects: list[_Row]
    following: str | None


class Bucket:
    """One bucket at one endpoint."""

    def __init__(self, endpoint: str, name: str, client: httpx.Client) -> None:
        host = urlsplit(endpoint).hostname or ""
        self._base = endpoint.rstrip("/") if host.startswith(f"{name}.") else f"{endpoint.rstrip('/')}/{quote(name)}"
        self._name = name
        self._client = client

    def url(self, key: str) -> str:
        """Return the address of an object. A slash stays one; every other sign that means something is quoted."""
        return f"{self._base}/{quote(key)}"

    def objects(self, prefix: str, refused: Refused | None = None) -> Iterator[Object]:
        """Yield the objects whose keys begin with `prefix`, page by page to the end; no folder markers.

        A row that names no object is put into `refused`; without that it ends the listing.
        """
        token: str | None = None
        paging = Paging()
        while True:
            query = {"list-type": "2", "prefix": prefix, "encoding-type": "url"}
            if token is not None:
                query["continuation-token"] = token
            asked, body = self._asked(urlencode(query))
            page = _page(asked, body, refused)
            new = paging.turn(asked, [row.key for row in page.objects], page.following)
            for key, size, checksum in page.objects if new else ():
                if not key.endswith("/"):
                    yield Object(key=key, url=self.url(key), size=size, checksum=checksum)
            if page.following is None:
                return
            token = page.following

    def _asked(self, query: str) -> tuple[str, bytes]:
        """Ask for one page, in the bucket's own region where the place names it."""
        # The slash belongs to the address of a bucket; without it some places redirect.
        asked = f"{self._base}/?{query}"
        response = self._client.get(asked)
        region = response.headers.get("x-amz-bucket-region", "")
        if response.status_code in (301, 307, 400) and _REGION.fullmatch(region):
            self._base = f"https://s3.{region}.amazonaws.com/{quote(self._name)}"
            asked = f"{self._base}/?{query}"
            response = self._client.get(asked)
        return asked, response.content


def _page(asked: str, body: bytes, refused: Refused | None) -> _Page:
    """Read one page. Raises `SourceError` for what is no listing, or one that breaks off."""
    try:
        root = bounded_xml.tree(body)
    except ValueError as error:
        raise json_answers.faulty(asked, f"no listing of a bucket: {error}") from error
    if _plain(root) != "ListBucketResult":
        raise json_answers.faulty(asked, f"no listing of a bucket but <{_plain(root)[:40]}>")
    objects: list[_Row] = []
    rows = [child for child in root if _plain(child) == "Contents"]
    for number, row in enumerate(rows):
        objects += _object_or_none(asked, row, number, refused)
    said = {_plain(child): child.text for child in root if child.text is not None}
    if said.get("EncodingType") == "url":
        objects = [row._replace(key=unquote_plus(row.key)) for row in objects]
    return _Page(objects=objects, following=_following(asked, said))


def _following(asked: str, said: dict[str, str]) -> str | None:
    truncated = said.get("IsTruncated")
    if truncated not in ("true", "false"):
        raise json_answers.faulty(asked, f"field IsTruncated should be true or false and is {truncated!r}")
    if truncated == "false":
        return None
    if not said.get("NextContinuationToken"):
        raise json_answers.faulty(asked, "field NextContinuationToken is missing, though IsTruncated is true")
    return said["NextContinuationToken"]


def _object_or_none(asked: str, element: Element, number: int, refused: Refused | None) -> list[_Row]:
    try:
        return [_object(asked, element, number)]
    except SourceError as error:
        if refused is None:
            raise
        refused.add(f"Contents[{number}]", error)
        return []


def _object(asked: str, element: Element, number: int) -> _Row:
    found = {_plain(child): child.text or "" for child in element}
    if not found.get("Key"):
        raise json_answers.faulty(asked, f"field Contents[{number}].Key is missing")
    size = found.get("Size", "")
    if not (size.isascii() and size.isdecimal()):
        raise json_answers.faulty(asked, f"field Contents[{number}].Size should be a count and is {size[:40]!r}")
    tag = found.get("ETag", "").strip('"')
    return _Row(found["Key"], int(size), f"md5:{tag.lower()}" if _MD5.fullmatch(tag) else None)


def _plain(element: Element) -> str:
    return element.tag.rpartition("}")[2]
