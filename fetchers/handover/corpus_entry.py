"""Describe one dataset of a corpus as its papers do: terms, files with their addresses and hashes, counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.reports.corpus_entries import Entry, RemoteItem, TermItem

if TYPE_CHECKING:
    from fetchers.handover.corpus_facts import Facts
    from fetchers.inspection.stores import Stores
    from fetchers.records import Arrival


def corpus_entry(stores: Stores, one: Facts) -> Entry:
    """Return the entry of one dataset or part; what several stores hold counts once."""
    dataset = one.dataset
    arrivals: dict[str, Arrival] = {}
    for _, manifest in reversed(stores.holding(one.held)):
        arrivals |= manifest.arrivals(dataset.name, dataset.part)
    return Entry(
        address=dataset.address,
        title=dataset.title or dataset.address,
        version=dataset.version,
        link=dataset.link,
        licence=one.licence,
        day=one.numbers.last_acquired_on,
        citation=next((text for each in dataset.citations if (text := each.bibtex or each.text or each.doi)), None),
        terms=tuple(TermItem(*term[:7]) for term in one.terms),
        remotes=tuple(
            RemoteItem(path, arrivals[path].url or None, arrivals[path].size, arrivals[path].sha256)
            for path in sorted(arrivals)
        ),
        files=one.numbers.files,
        bytes=one.numbers.bytes,
        modalities=one.numbers.modalities,
    )
