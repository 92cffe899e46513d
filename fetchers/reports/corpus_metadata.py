"""Describe a corpus to machines: Croissant 1.0, RO-Crate 1.1, SPDX 2.3. Values in, JSON out.

Croissant   https://docs.mlcommons.org/croissant/docs/croissant-spec.html, terms as DUO and ODRL
RO-Crate    https://www.researchobject.org/ro-crate/specification/1.1/
SPDX        https://spdx.github.io/spdx-spec/v2.3/, a package for each dataset and each remote file
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_UNFIT = re.compile(r"[^A-Za-z0-9.-]+")
_DUO = "http://purl.obolibrary.org/obo/DUO_"
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
_KINDS = {".zip": "application/zip", ".gz": "application/gzip", ".csv": "text/csv", ".dcm": "application/dicom",
          ".png": "image/png", ".json": "application/json", ".txt": "text/plain"}  # fmt: skip


class RemoteItem(NamedTuple):
    """One remote file as it came; `url` is None for what a person brought."""

    path: str
    url: str | None
    size: int
    sha256: str


class TermItem(NamedTuple):
    """One licence: its text with the hash that proves it, its uses and its DUO terms."""

    id: str
    name: str
    url: str | None
    text: str
    text_sha256: str
    duo: tuple[str, ...]
    uses: Mapping[str, str]


class Entry(NamedTuple):
    """One dataset or part."""

    address: str
    title: str
    version: str | None
    link: str | None
    licence: str | None
    day: str
    citation: str | None
    terms: tuple[TermItem, ...]
    remotes: tuple[RemoteItem, ...]
    files: int
    bytes: int
    modalities: Mapping[str, int]


def croissant(entries: Sequence[Entry]) -> str:
    """Return a Croissant description of the remote files, with the terms of use."""
    found: dict[str, Any] = {
        "@context": _CROISSANT,
        "@type": "sc:Dataset",
        "name": "-".join(_id(entry.address) for entry in entries)[:200],
        "description": _described(entries),
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "url": next((entry.link for entry in entries if entry.link), "https://www.cancerimagingarchive.net/"),
        "license": sorted({_address(entry) for entry in entries}),
        "version": _version(entries),
        "datePublished": max(entry.day for entry in entries),
        "citeAs": "\n".join(dict.fromkeys(entry.citation for entry in entries if entry.citation)) or None,
        "usageInfo": _duo(entries) or None,
        "odrl:hasPolicy": [_policy(term) for term in _each_term(entries)] or None,
        "distribution": [
            _without_none(
                {
                    "@type": "cr:FileObject",
                    "@id": f"{_id(entry.address)}/{_id(remote.path)}",
                    "name": remote.path,
                    "contentUrl": remote.url or f"{entry.address}/{remote.path}",
                    "contentSize": f"{remote.size} B",
                    "encodingFormat": _kind(remote.path),
                    "sha256": remote.sha256,
                }
            )
            for entry in entries
            for remote in entry.remotes
        ],
        "recordSet": [],
    }
    return _json(_without_none(found))


def ro_crate(entries: Sequence[Entry], files: Mapping[str, tuple[int, str, str]]) -> str:
    """Return `ro-crate-metadata.json`; `files` are those of the crate itself: bytes, media type, what they are."""
    graph: list[dict[str, Any]] = [
        {
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
            "about": {"@id": "./"},
        },
        {
            "@id": "./",
            "@type": "Dataset",
            "name": ", ".join(entry.title for entry in entries),
            "description": _described(entries),
            "datePublished": max(entry.day for entry in entries),
            "license": [{"@id": address} for address in sorted({_address(entry) for entry in entries})],
            "hasPart": [{"@id": name} for name in files]
            + [{"@id": remote.url} for entry in entries for remote in entry.remotes if remote.url],
            "mentions": [{"@id": f"#{_id(entry.address)}"} for entry in entries],
        },
    ]
    graph += [
        {"@id": name, "@type": "File", "name": what, "contentSize": str(size), "encodingFormat": kind}
        for name, (size, kind, what) in files.items()
    ]
    for entry in entries:
        graph.append(_without_none(_crate_dataset(entry)))
        graph += [
            {
                "@id": remote.url,
                "@type": "File",
                "name": remote.path,
                "contentSize": str(remote.size),
                "sha256": remote.sha256,
                "encodingFormat": _kind(remote.path),
                "isPartOf": {"@id": f"#{_id(entry.address)}"},
            }
            for remote in entry.remotes
            if remote.url
        ]
    graph += _crate_terms(entries)
    context: list[Any] = [
        "https://w3id.org/ro/crate/1.1/context",
        {"sha256": "https://w3id.org/ro/terms/workflow-run#sha256"},
    ]
    unique = {one["@id"]: one for one in graph}
    return _json({"@context": context, "@graph": list(unique.values())})


def spdx(entries: Sequence[Entry], created: str, namespace: str) -> str:
    """Return an SPDX 2.3 document; `created` is UTC with Z."""
    packages: list[dict[str, Any]] = []
    relations: list[dict[str, str]] = []
    for number, entry in enumerate(entries):
        dataset = f"SPDXRef-Dataset-{number}"
        packages.append(_package(dataset, entry.title, entry, entry.link, None))
        relations.append(_relation("SPDXRef-DOCUMENT", "DESCRIBES", dataset))
        for place, remote in enumerate(entry.remotes):
            identifier = f"{dataset}-File-{place}"
            packages.append(_package(identifier, remote.path, entry, remote.url, remote.sha256))
            relations.append(_relation(dataset, "CONTAINS", identifier))
    found = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": ", ".join(entry.address for entry in entries),
        "documentNamespace": namespace,
        "creationInfo": {"created": created, "creators": ["Tool: fetch-imaging"]},
        "packages": packages,
        "relationships": relations,
        "hasExtractedLicensingInfos": [
            _without_none(
                {
                    "licenseId": term.id,
                    "extractedText": term.text or term.name,
                    "name": term.name,
                    "seeAlsos": [term.url] if term.url else None,
                    "comment": f"SHA-256 of the text: {term.text_sha256}" if term.text_sha256 else None,
                }
            )
            for term in _each_term(entries)
            if term.id.startswith("LicenseRef-")
        ],
    }
    return _json(found)


def _package(identifier: str, name: str, entry: Entry, url: str | None, sha256: str | None) -> dict[str, Any]:
    return _without_none(
        {
            "SPDXID": identifier,
            "name": name,
            "versionInfo": entry.version,
            "downloadLocation": url if url and url.startswith(("http://", "https://")) else "NOASSERTION",
            "filesAnalyzed": False,
            "licenseConcluded": "NOASSERTION",
            "licenseDeclared": entry.licence or "NOASSERTION",
            "copyrightText": "NOASSERTION",
            "checksums": [{"algorithm": "SHA256", "checksumValue": sha256}] if sha256 else None,
            "primaryPackagePurpose": "ARCHIVE" if sha256 else "OTHER",
        }
    )


def _relation(one: str, kind: str, other: str) -> dict[str, str]:
    return {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}


def _crate_dataset(entry: Entry) -> dict[str, Any]:
    return {
        "@id": f"#{_id(entry.address)}",
        "@type": "Dataset",
        "name": entry.title,
        "identifier": entry.address,
        "version": entry.version,
        "url": entry.link,
        "license": {"@id": _address(entry)},
        "description": _described([entry]),
        "citation": entry.citation,
        "usageInfo": _duo([entry]) or None,
    }


def _crate_terms(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    told = [
        {
            "@id": _address(entry),
            "@type": "CreativeWork",
            "name": entry.licence or "unknown terms",
            "description": "; ".join(
                f"{term.id}: text SHA-256 {term.text_sha256}; {_uses(term)}" for term in entry.terms
            )
            or "nobody has stated the terms",
        }
        for entry in entries
    ]
    return list({one["@id"]: one for one in told}.values())


def _uses(term: TermItem) -> str:
    return ", ".join(f"{use} {answer}" for use, answer in term.uses.items()) or "no use is described"


def _policy(term: TermItem) -> dict[str, Any]:
    """Return the uses of a licence as an ODRL policy; an unknown use is in none of its rules."""
    rules: dict[str, list[dict[str, str]]] = {}
    for use, answer in term.uses.items():
        if answer in _ODRL:
            rules.setdefault(f"odrl:{_ODRL[answer]}", []).append({"odrl:action": use})
    return {"@type": "odrl:Policy", "odrl:uid": term.url or term.id, **rules}


def _each_term(entries: Iterable[Entry]) -> list[TermItem]:
    return list({term.id: term for entry in entries for term in entry.terms}.values())


def _duo(entries: Iterable[Entry]) -> list[str]:
    codes = {code for term in _each_term(entries) for code in term.duo}
    return [f"{_DUO}{code.partition(':')[2]}" for code in sorted(codes)]


def _address(entry: Entry) -> str:
    """Return where the terms of a dataset are: a page of SPDX's, the owner's, else a name."""
    if len(entry.terms) == 1:
        term = entry.terms[0]
        if term.url:
            return term.url
        if not term.id.startswith("LicenseRef-"):
            return f"https://spdx.org/licenses/{term.id}"
    return f"#terms-of-{_id(entry.address)}"


def _described(entries: Sequence[Entry]) -> str:
    told = []
    for entry in entries:
        kinds = ", ".join(f"{count:,} {code}" for code, count in entry.modalities.items())
        counts = ", ".join(filter(None, (f"{entry.files:,} files", f"{entry.bytes:,} bytes", kinds)))
        told.append(f"{entry.title} ({entry.address}): {counts}")
    return "; ".join(told)


def _version(entries: Sequence[Entry]) -> str:
    versions = {entry.version for entry in entries if entry.version}
    found = versions.pop() if len(versions) == 1 else ""
    if re.fullmatch(r"\d+(\.\d+){0,2}", found):
        return found
    return max(entry.day for entry in entries).replace("-0", "-").replace("-", ".")


def _kind(path: str) -> str:
    lower = path.lower()
    return next((kind for ending, kind in _KINDS.items() if lower.endswith(ending)), "application/octet-stream")


def _id(text: str) -> str:
    return _UNFIT.sub("-", text).strip("-") or "x"


def _without_none(table: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if value is not None}


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
