"""Describe a corpus as SPDX 2.3: a package for each dataset and each remote file. Values in, JSON out.

https://spdx.github.io/spdx-spec/v2.3/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fetchers.reports.corpus_entries import (
    as_json,
    each_term,
    without_none,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fetchers.reports.corpus_entries import Entry


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
            without_none(
                {
                    "licenseId": term.id,
                    "extractedText": term.text or term.name,
                    "name": term.name,
                    "seeAlsos": [term.url] if term.url else None,
                    "comment": f"SHA-256 of the text: {term.text_sha256}" if term.text_sha256 else None,
                }
            )
            for term in each_term(entries)
            if term.id.startswith("LicenseRef-")
        ],
    }
    return as_json(found)


def _package(identifier: str, name: str, entry: Entry, url: str | None, sha256: str | None) -> dict[str, Any]:
    return without_none(
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
