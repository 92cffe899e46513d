"""Describe a corpus as Croissant 1.0, its terms as DUO and ODRL. Values in, JSON out.

https://docs.mlcommons.org/croissant/docs/croissant-spec.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from fetchers.reports.corpus_entries import (
    as_json,
    described,
    duo_terms,
    each_term,
    identifier,
    media_type,
    terms_address,
    without_none,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fetchers.reports.corpus_entries import Entry, TermItem

_ODRL = {"yes": "permission", "no": "prohibition", "ask": "obligation"}
_CROISSANT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "odrl": "http://www.w3.org/ns/odrl/2/",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


def croissant(entries: Sequence[Entry]) -> str:
    """Return a Croissant description of the remote files, with the terms of use."""
    found: dict[str, Any] = {
        "@context": _CROISSANT,
        "@type": "sc:Dataset",
        "name": "-".join(identifier(entry.address) for entry in entries)[:200],
        "description": described(entries),
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "url": next((entry.link for entry in entries if entry.link), "https://www.cancerimagingarchive.net/"),
        "license": sorted({terms_address(entry) for entry in entries}),
        "version": _version(entries),
        "datePublished": max(entry.day for entry in entries),
        "citeAs": "\n".join(dict.fromkeys(entry.citation for entry in entries if entry.citation)) or None,
        "usageInfo": duo_terms(entries) or None,
        "odrl:hasPolicy": [_policy(term) for term in each_term(entries)] or None,
        "distribution": [
            without_none(
                {
                    "@type": "cr:FileObject",
                    "@id": f"{identifier(entry.address)}/{identifier(remote.path)}",
                    "name": remote.path,
                    "contentUrl": remote.url or f"{entry.address}/{remote.path}",
                    "contentSize": f"{remote.size} B",
                    "encodingFormat": media_type(remote.path),
                    "sha256": remote.sha256,
                }
            )
            for entry in entries
            for remote in entry.remotes
        ],
        "recordSet": [],
    }
    return as_json(without_none(found))


def _policy(term: TermItem) -> dict[str, Any]:
    """Return the uses of a licence as an ODRL policy; an unknown use is in none of its rules."""
    rules: dict[str, list[dict[str, str]]] = {}
    for use, answer in term.uses.items():
        if answer in _ODRL:
            rules.setdefault(f"odrl:{_ODRL[answer]}", []).append({"odrl:action": use})
    return {"@type": "odrl:Policy", "odrl:uid": term.url or term.id, **rules}


def _version(entries: Sequence[Entry]) -> str:
    versions = {entry.version for entry in entries if entry.version}
    found = versions.pop() if len(versions) == 1 else ""
    if re.fullmatch(r"\d+(\.\d+){0,2}", found):
        return found
    return max(entry.day for entry in entries).replace("-0", "-").replace("-", ".")
