"""Recognise addresses of archives, and the dataset that each means.

A scheme is a source's name (`zenodo:N`); of an address with `https://` every source is asked whether it knows it, and
one file is what is left. A DOI is known by its prefix, or DataCite tells to which page it leads.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fetchers.errors import AbsentError, CatalogueError, NothingMatched
from fetchers.sources.loading import load, others, places
from fetchers.sources.reading.citations import DOI, doi_of
from fetchers.transport.redaction import redact_written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fetchers.dataset import Dataset
    from fetchers.source import Asker, Source

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_LAST = "web"  # what is left where no other place knows the address
_LONGEST = 4096
_SECRETIVE = frozenset({"http", "https", "ftp", "ftps", "doi"})


def is_address(written: str) -> bool:
    """Return True for what is an address, whether or not a place knows it; the names of datasets have no colon."""
    return bool(_SCHEME.match(written)) or bool(DOI.fullmatch(written))


def dataset_at(written: str, client: Asker) -> Dataset:
    """Return the dataset that an address means; `client()` opens the client where only the place can tell.

    Raises `CatalogueError` for an address that no place understands.
    """
    if len(written) > _LONGEST or not written.isprintable():
        raise CatalogueError("an address of no use: too long, or with control characters", hint="correct the address")
    doi = doi_of(written)
    address = written if doi is None else f"doi:{doi}"
    scheme = _SCHEME.match(address)
    found = _understood(address, (scheme[1] if scheme else "").lower(), client)
    if found is None and doi is not None:
        found = _by_datacite(doi, client)
    if found is None:
        raise CatalogueError(
            f"{written}: no place is known that understands this address",
            hint="zenodo:N, figshare:N, hf:OWNER/NAME, kaggle:OWNER/SLUG, openneuro:dsN, physionet:NAME, s3://BUCKET/ "
            "and others are; or give the address of one file",
        )
    return found._replace(origin=redact_written(written))


def _understood(address: str, scheme: str, client: Asker) -> Dataset | None:
    for source in _asked(scheme):
        found = source.at(address, client)
        if found is not None:
            return found
    return None


def _asked(scheme: str) -> Iterator[Source]:
    names = places()
    if scheme in names:
        yield load(scheme)
        return
    if scheme in _SECRETIVE:
        yield from (load(name) for name in names if name != _LAST)
    yield from (load(name) for name in others())
    if scheme in _SECRETIVE and scheme != "doi":
        yield load(_LAST)


def _by_datacite(doi: str, client: Asker) -> Dataset | None:
    """Ask DataCite to which page a DOI leads, and understand that; a page that nobody knows is named."""
    from fetchers.sources import datacite

    try:
        said = datacite.attributes(doi, client())
    except AbsentError as error:
        raise NothingMatched(
            f"doi:{doi}: DataCite has no such DOI", hint=f"open https://doi.org/{doi} and give what it leads to"
        ) from error
    page = said.address("url")
    found = next((one for name in places() if name != _LAST and (one := load(name).at(page, client)) is not None), None)
    if found is not None:
        return found
    raise CatalogueError(
        f"doi:{doi} leads to {page}, and no place is known that understands that page",
        hint="download it there by hand, then: fetch adopt NAME PATH... ; or give the address of one file",
    )
