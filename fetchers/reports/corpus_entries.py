"""Say what each dataset of a corpus is to those who describe it to machines. Values in, texts out."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_UNFIT = re.compile(r"[^A-Za-z0-9.-]+")
_DUO = "http://purl.obolibrary.org/obo/DUO_"
_KINDS = {".zip": "application/zip", ".gz": "application/gzip", ".csv": "text/csv", ".dcm": "application/dicom",
          ".png": "image/png", ".json": "application/json", ".txt": "text/plain"}  # fmt: skip


class RemoteItem(NamedTuple):
    """One remote file as it arrived; `url` is None for what a person brought."""

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


def each_term(entries: Iterable[Entry]) -> list[TermItem]:
    """Return each licence once."""
    return list({term.id: term for entry in entries for term in entry.terms}.values())


def duo_terms(entries: Iterable[Entry]) -> list[str]:
    """Return the addresses of the terms of the Data Use Ontology."""
    codes = {code for term in each_term(entries) for code in term.duo}
    return [f"{_DUO}{code.partition(':')[2]}" for code in sorted(codes)]


def terms_address(entry: Entry) -> str:
    """Return where the terms of a dataset are: a page of SPDX's, the owner's, else a name."""
    if len(entry.terms) == 1:
        term = entry.terms[0]
        if term.url:
            return term.url
        if not term.id.startswith("LicenseRef-"):
            return f"https://spdx.org/licenses/{term.id}"
    return f"#terms-of-{identifier(entry.address)}"


def described(entries: Sequence[Entry]) -> str:
    """Return a sentence with the counts of each dataset."""
    told = []
    for entry in entries:
        kinds = ", ".join(f"{count:,} {code}" for code, count in entry.modalities.items())
        counts = ", ".join(filter(None, (f"{entry.files:,} files", f"{entry.bytes:,} bytes", kinds)))
        told.append(f"{entry.title} ({entry.address}): {counts}")
    return "; ".join(told)


def media_type(path: str) -> str:
    """Return the media type that a name's ending stands for."""
    lower = path.lower()
    return next((kind for ending, kind in _KINDS.items() if lower.endswith(ending)), "application/octet-stream")


def identifier(text: str) -> str:
    """Return a text as an identifier: letters, digits, dots and dashes."""
    return _UNFIT.sub("-", text).strip("-") or "x"


def without_none(table: dict[str, Any]) -> dict[str, Any]:
    """Return a table without what is not known."""
    return {key: value for key, value in table.items() if value is not None}


def as_json(value: object) -> str:
    """Return a value as JSON for people, too."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
