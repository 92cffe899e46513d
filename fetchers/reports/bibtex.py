"""Make the BibTeX entries of datasets.

An entry that the catalogue has is handed on as it stands, but for commands of TeX that do more than set signs. Of a
DOI or a sentence alone an entry is made, and of a dataset without a citation one that names its page. What no entry
has room for stands above it as a comment: a remark on the citation, and the words that the owner wants to read in a
paper.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from fetchers.reports.escape import bibtex
from fetchers.reports.tex_commands import harmless_tex

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fetchers.dataset import Citation, Dataset

_KEY = re.compile(r"\s*@\w+\s*[{(]\s*([^,\s]+)\s*,")
_UNFIT = re.compile(r"[^A-Za-z0-9:._-]+")


def bibliography(datasets: Iterable[Dataset]) -> str:
    """Return the entries of `datasets`, each once, with a comment that says for which datasets it stands."""
    entries: dict[str, list[str]] = {}
    remarks: dict[str, list[str]] = {}
    wanted: dict[tuple[str, ...], list[str]] = {}
    for dataset in datasets:
        for entry, remark in _entries(dataset):
            entries.setdefault(entry, []).append(dataset.address)
            remarks.setdefault(entry, []).extend([f"{dataset.address}: {remark}"] if remark else [])
        if dataset.acknowledge:
            wanted.setdefault(dataset.acknowledge, []).append(dataset.address)
    taken: set[str] = set()
    said = [
        f"{_comment(f'the owner of {_of(names)} requires in a paper:')}{_comment(*texts)}"
        for texts, names in wanted.items()
    ]
    said += [
        f"{_comment(_of(names))}{_comment(*dict.fromkeys(remarks[entry]))}{_with_own_key(entry, taken)}\n"
        for entry, names in entries.items()
    ]
    return "\n".join(said)


def _of(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names))


def _comment(*texts: str) -> str:
    """Write texts outside of any entry; an `@` would begin one there."""
    return "".join(f"% {line}\n" for text in texts for line in text.replace("@", "(at)").splitlines())


def _entries(dataset: Dataset) -> list[tuple[str, str | None]]:
    """Make (entry, the remark on it that the entry itself does not hold) of each citation."""
    made = [
        (_entry(dataset, citation, number), citation.text if citation.bibtex else _whole(citation.doi))
        for number, citation in enumerate(dataset.citations, 1)
    ]
    return made or [(_misc(dataset, _key(dataset.address), url=dataset.link), None)]


def _whole(doi: str | None) -> str | None:
    """Return a note with the address of the whole entry, if only the DOI is known."""
    if doi is None:
        return None
    address = f"https://doi.org/{quote(doi, safe='/:;().-_')}"  # it will be typed into a shell
    return f"made of the DOI alone; the whole: curl -LH 'Accept: application/x-bibtex' '{address}'"


def _entry(dataset: Dataset, citation: Citation, number: int) -> str:
    if citation.bibtex:
        return harmless_tex(citation.bibtex.strip())
    key = _key(f"{dataset.address}-{number}" if number > 1 else dataset.address)
    url = f"https://doi.org/{citation.doi}" if citation.doi else dataset.link
    return _misc(dataset, key, doi=citation.doi, url=url, note=citation.text)


def _misc(dataset: Dataset, key: str, **fields: str | None) -> str:
    lines = [f"@misc{{{key},", f"  title = {{{{{bibtex(dataset.title or dataset.address)}}}}},"]
    lines += [f"  {name} = {{{_field(name, value)}}}," for name, value in fields.items() if value]
    return "\n".join([*lines, "}"])


def _field(name: str, value: str) -> str:
    """Escape a text; an address is set as it is, so what would end its field is written as in an address."""
    if name not in ("doi", "url"):
        return bibtex(value)
    return "".join(sign if sign.isprintable() and sign not in "{}\\ " else quote(sign) for sign in value)


def _key(name: str) -> str:
    return _UNFIT.sub("-", name).strip("-") or "dataset"


def _with_own_key(entry: str, taken: set[str]) -> str:
    """Return an entry with a key of its own if another entry has it already: BibTeX would drop the second one."""
    found = _KEY.match(entry)
    if found is None:
        return entry
    key, number = found[1], 1
    while key in taken:
        number += 1
        key = f"{found[1]}-{number}"
    taken.add(key)
    return entry[: found.start(1)] + key + entry[found.end(1) :]
