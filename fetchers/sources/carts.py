"""Open the shared carts of NBIA: lists of series that somebody saved there under a name.

A page of the archive leads to one by https://nbia.cancerimagingarchive.net/nbia-search/?saved-cart=NAME, and a manifest
may name it so. `getContentsByName` never moved to version 4, so version 1 is asked, which wants no token. What a cart
names is fetched as series are, from the Imaging Data Commons first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from fetchers.errors import FetchError, NothingMatched
from fetchers.sources import json_answers

if TYPE_CHECKING:
    from collections.abc import Sequence

    import httpx

    from fetchers.dataset import Selection
    from fetchers.source import Refused

_ARCHIVE = "cancerimagingarchive.net"
_UID = ("SeriesInstanceUID", "seriesInstanceUID")


def opened(wanted: Selection, apis: Sequence[str], client: httpx.Client, refused: Refused) -> Selection:
    """Return a selection with the series of its carts in place of their addresses.

    A cart that cannot be opened costs itself alone.
    """
    carts = {url: name for url in wanted.urls if (name := _name(url.partition("\t")[0])) is not None}
    series = list(wanted.series)
    for url, name in carts.items():
        try:
            series += _contents(name, apis, client)
        except FetchError as error:
            refused.add(url.partition("\t")[0], error)
    return wanted._replace(
        series=tuple(dict.fromkeys(series)), urls=tuple(url for url in wanted.urls if url not in carts)
    )


def _name(url: str) -> str | None:
    """Return the name of the cart that an address leads to; None for any other address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    host = (parts.hostname or "").lower()
    if host != _ARCHIVE and not host.endswith(f".{_ARCHIVE}"):
        return None
    return next(iter(parse_qs(parts.query).get("saved-cart", ())), None)


def _contents(name: str, apis: Sequence[str], client: httpx.Client) -> list[str]:
    """Return the UIDs of a cart's series; where no interface answers, each is told with its own reason."""
    failed: list[FetchError] = []
    for api in apis:
        asked = json_answers.address_of(api, "v1/getContentsByName")
        try:
            found = [_uid(row) for row in json_answers.rows(client, asked, name=name)]
        except FetchError as error:
            failed.append(error)
            continue
        if found:
            return found
        raise NothingMatched(f"NBIA has no series in a shared cart {name!r}", hint="correct the cart's name")
    raise type(failed[-1])("; ".join(error.what for error in failed), hint=failed[-1].hint)


def _uid(row: json_answers.Fields) -> str:
    return next((uid for field in _UID if (uid := row.text_or_none(field)) is not None), None) or row.text(_UID[0])
