"""Describe a corpus as the metadata of an RO-Crate 1.1. Values in, JSON out.

https://www.researchobject.org/ro-crate/specification/1.1/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fetchers.reports.corpus_entries import (
    as_json,
    described,
    duo_terms,
    identifier,
    media_type,
    terms_address,
    without_none,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fetchers.reports.corpus_entries import Entry, TermItem


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
            "description": described(entries),
            "datePublished": max(entry.day for entry in entries),
            "license": [{"@id": address} for address in sorted({terms_address(entry) for entry in entries})],
            "hasPart": [{"@id": name} for name in files]
            + [{"@id": remote.url} for entry in entries for remote in entry.remotes if remote.url],
            "mentions": [{"@id": f"#{identifier(entry.address)}"} for entry in entries],
        },
    ]
    graph += [
        {"@id": name, "@type": "File", "name": what, "contentSize": str(size), "encodingFormat": kind}
        for name, (size, kind, what) in files.items()
    ]
    for entry in entries:
        graph.append(without_none(_crate_dataset(entry)))
        graph += [
            {
                "@id": remote.url,
                "@type": "File",
                "name": remote.path,
                "contentSize": str(remote.size),
                "sha256": remote.sha256,
                "encodingFormat": media_type(remote.path),
                "isPartOf": {"@id": f"#{identifier(entry.address)}"},
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
    return as_json({"@context": context, "@graph": list(unique.values())})


def _crate_dataset(entry: Entry) -> dict[str, Any]:
    return {
        "@id": f"#{identifier(entry.address)}",
        "@type": "Dataset",
        "name": entry.title,
        "identifier": entry.address,
        "version": entry.version,
        "url": entry.link,
        "license": {"@id": terms_address(entry)},
        "description": described([entry]),
        "citation": entry.citation,
        "usageInfo": duo_terms([entry]) or None,
    }


def _crate_terms(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    told = [
        {
            "@id": terms_address(entry),
            "@type": "CreativeWork",
            "name": entry.licence or "unknown terms",
            "description": "; ".join(
                f"{term.id}: text SHA-256 {term.text_sha256}; {_uses(term)}" for term in entry.terms
            )
            or "the terms are unknown",
        }
        for entry in entries
    ]
    return list({one["@id"]: one for one in told}.values())


def _uses(term: TermItem) -> str:
    return ", ".join(f"{use} {answer}" for use, answer in term.uses.items()) or "no use is described"
